"""What is read from a cascade: exact for small ones, missing where not known."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from canyu.spread.kernels.prediction import describe_tree
from canyu.spread.prediction import Root
from canyu.spread.prediction.features import (
    NAMES,
    ROOT_NAMES,
    TREE_NAMES,
    compute_features,
    find_peak,
    measure_awake,
    spend_memory,
)

EVEN = np.full(24, 1 / 24)
POST = Root(datetime(2026, 3, 1, 4, 0, tzinfo=UTC), followers=1023, verified=True, text_length=139)  # noon at UTC+8


def read(times: list[float], parents: list[int] | None = None, root: Root = POST) -> dict[str, float]:
    rows = None if parents is None else np.array(parents, np.int64)
    return dict(zip(NAMES, compute_features(np.array(times), rows, root, 3600.0, EVEN).tolist(), strict=True))


def test_counts_and_gaps_of_a_small_cascade() -> None:
    found = read([60.0, 120.0, 3000.0])
    assert (found["age"], found["seen"]) == (0.0, 2.0)  # logarithms of one hour and of 1 + 3
    assert (found["first_5"], found["last_0.5"], found["end_15"]) == (np.log2(3), 1.0, 1.0)
    assert found["since_last"] == pytest.approx(np.log2(601))
    assert found["longest_gap"] == pytest.approx(0.8)
    assert found["late_to_early"] == pytest.approx(np.log2(2 / 3))


def test_the_hour_is_that_of_utc_plus_8() -> None:
    found = read([60.0])
    assert found["hour_sine"] == pytest.approx(np.sin(2 * np.pi * 13 / 24))
    assert found["weekend"] == 1.0  # 2026-03-01 is a Sunday
    assert found["awake_soon"] == pytest.approx(np.log2(2 / 24 + 0.01))


def test_an_even_day_is_awake_in_proportion_even_over_midnight() -> None:
    assert measure_awake(23 * 3600.0, 2 * 3600.0, EVEN) == pytest.approx(2 / 24)
    assert measure_awake(5 * 3600.0, 30 * 3600.0, EVEN) == pytest.approx(30 / 24)


def test_the_tree_of_four() -> None:
    found = read([60.0, 120.0, 180.0, 3000.0], [-1, 0, 1, -1])
    assert (found["deepest"], found["mean_depth"], found["direct_share"]) == (np.log2(3), 1.75, 0.5)
    assert (found["largest_subtree"], found["largest_share"]) == (np.log2(3), 0.75)


def test_a_parent_that_comes_later_counts_as_the_post() -> None:
    depths, sizes = describe_tree(np.array([1, 0, 1], np.int64))
    assert (depths.tolist(), sizes.tolist()) == ([1, 2, 3], [3, 2, 1])


def test_what_is_not_known_is_missing() -> None:
    found = read([60.0], None, Root(POST.time))
    assert {name for name in NAMES if np.isnan(found[name])} == {*TREE_NAMES, *ROOT_NAMES}
    assert (read([60.0])["followers"], read([60.0])["verified"]) == (10.0, 1.0)


def test_a_number_of_followers_below_nothing_is_nothing() -> None:
    assert read([60.0], None, Root(POST.time, followers=-1))["followers"] == 0.0


def test_the_busiest_hour_is_the_earliest_of_equals() -> None:
    assert find_peak(np.array([0.0, 100.0, 3600.0, 3700.0])) == (1800.0, 2)
    assert find_peak(np.array([0.0, 100.0, 3700.0, 3710.0, 3720.0])) == (5500.0, 3)


def test_memory_is_spent_from_nothing_to_all() -> None:
    spent = spend_memory(np.array([0.0, 300.0, 1e18]), 0.35)
    assert spent[0] == 0.0
    assert spent[1] == pytest.approx(0.35 / 1.35)
    assert spent[2] == pytest.approx(1.0, abs=1e-5)
