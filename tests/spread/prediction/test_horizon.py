"""What is likely by a horizon: the forecast of least expected loss, quantiles spread out, ranks of the truth."""

from __future__ import annotations

import numpy as np
import pytest

from canyu.spread.kernels.prediction import choose_points
from canyu.spread.prediction.horizon import AGES_H, BETWEEN, PLACES, find_at_age, rank_truth, spread_quantiles


def test_the_forecast_is_of_least_expected_loss_by_brute_force() -> None:
    random = np.random.default_rng(4)
    logs, seen = np.sort(random.exponential(3.0, (6, 40)), axis=1), random.integers(10, 300, 6).astype(float)
    found = choose_points(logs, seen, 0.3, 0.1)
    for row in range(6):
        sizes = seen[row] + np.exp2(logs[row]) - 1
        shares = np.abs(sizes[:, None] / sizes[None, :] - 1)
        loss = shares / (shares + 0.3) + 0.1 * (logs[row][:, None] - logs[row][None, :]) ** 2
        assert found[row] == logs[row][np.argmin(loss.sum(axis=1))]


def test_weight_on_the_log_draws_to_the_mean_and_none_to_the_middle() -> None:
    logs = np.array([[0.0, 1.0, 2.0, 3.0, 9.0]])  # mean 3, middle 2
    assert choose_points(logs, np.array([50.0]), 0.3, 1e9).tolist() == [3.0]
    assert choose_points(logs, np.array([1e6]), 1e9, 0.0).tolist() == [2.0]  # shares alone


def test_told_quantiles_are_met_and_the_tail_goes_on() -> None:
    spread = spread_quantiles(np.array([[0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0]]))[0]
    assert np.interp([0.2, 0.5, 0.8], PLACES, spread) == pytest.approx([1.0, 2.0, 3.0], abs=0.02)
    assert (np.diff(spread) > 0).all()
    assert (spread[0], spread[-1]) == (pytest.approx(0.05), pytest.approx(4.0 + np.log(10) / np.log(4)))


def test_the_truth_ranks_from_none_to_all() -> None:
    likely = np.tile(np.arange(200.0), (3, 1))
    assert rank_truth(likely, np.array([-1.0, 99.5, 300.0])) == pytest.approx([0.0, 0.5, 1.0])
    assert rank_truth(likely[:1], np.array([20.0]))[0] == BETWEEN[20]


def test_between_two_ages_a_table_is_read_in_line() -> None:
    table = np.arange(len(AGES_H), dtype=float)[:, None]
    half_way = (np.log2(AGES_H[4]) + np.log2(AGES_H[5])) / 2
    assert find_at_age(table, half_way)[0] == pytest.approx(4.5)
    assert (find_at_age(table, -9.0)[0], find_at_age(table, 9.0)[0]) == (0.0, 11.0)
