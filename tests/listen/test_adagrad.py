from __future__ import annotations

import math

import numpy as np
import pytest

from canyu.listen.kernels.adagrad import compute_leanings, compute_logistic, fit_logistic, shuffle_rows

# four texts over three buckets: 0 says yes, 1 says no, 2 says nothing
BUCKETS = np.array([0, 2, 1, 2, 0, 1], np.int32)
STARTS = np.array([0, 2, 4, 5, 6])
Y = np.array([1.0, 0.0, 1.0, 0.0])
ROWS = np.arange(4)


@pytest.mark.parametrize("x", [-39.0, -3.0, -1e-9, 0.0, 0.5, 7.25, 36.0])
def test_the_logistic_is_exact(x: float) -> None:
    assert compute_logistic(x) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-12)


def test_the_logistic_ends_at_forty() -> None:
    assert compute_logistic(1e300) == compute_logistic(40.0)
    assert compute_logistic(-math.inf) == compute_logistic(-40.0) > 0


def test_shuffling_keeps_every_row_and_repeats_with_its_seed() -> None:
    first, second, other = np.arange(50), np.arange(50), np.arange(50)
    shuffle_rows(first, np.uint64(1))
    shuffle_rows(second, np.uint64(1))
    shuffle_rows(other, np.uint64(2))
    assert sorted(first.tolist()) == list(range(50))
    assert first.tolist() == second.tolist() != other.tolist()


def test_leanings_are_high_where_one_side_owns_the_bucket() -> None:
    leanings = compute_leanings(BUCKETS, STARTS, ROWS, Y, np.ones(4), 3)
    assert leanings[0] == leanings[1] > 1.0
    assert leanings[2] == 0.0


def test_fitting_finds_the_side_of_each_bucket() -> None:
    weights, bias = fit_logistic(BUCKETS, STARTS, ROWS, Y, np.ones(4), np.ones(3), 20, 0.3, 1e-4, np.uint64(1))
    assert weights[0] > 0.5
    assert weights[1] < -0.5
    assert abs(weights[2]) < 0.5
    assert abs(bias) < 0.5


def test_rows_of_no_weight_change_nothing() -> None:
    weights, bias = fit_logistic(BUCKETS, STARTS, ROWS, Y, np.zeros(4), np.ones(3), 5, 0.3, 0.0, np.uint64(1))
    assert weights.tolist() == [0.0, 0.0, 0.0]
    assert bias == 0.0
