from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from canyu.listen.calibration import compute_ece, fit_calibration


def test_the_line_is_the_likeliest_one() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(size=5000)
    y = (rng.random(5000) < 1 / (1 + np.exp(-(2 * scores - 0.5)))).astype(float)
    line = fit_calibration(scores, y, np.ones(5000))
    other = LogisticRegression(C=1e9).fit(scores[:, None], y)
    assert line.slope == pytest.approx(other.coef_[0, 0], abs=0.01)  # Platt's targets are pulled in a little
    assert line.offset == pytest.approx(other.intercept_[0], abs=0.01)


def test_scores_that_separate_stay_finite() -> None:
    line = fit_calibration(np.array([-1.0, -1.0, 1.0, 1.0]), np.array([0.0, 0, 1, 1]), np.ones(4))
    assert 0.5 < line.slope < 3.0
    assert line.offset == pytest.approx(0.0, abs=1e-9)


def test_equal_scores_give_the_base_rate() -> None:
    y = np.repeat([1.0, 0.0], [300, 100])
    line = fit_calibration(np.zeros(400), y, np.ones(400))
    assert 1 / (1 + np.exp(-line.offset)) == pytest.approx(0.75, abs=0.01)


def test_a_row_of_no_weight_does_not_bend_the_line() -> None:
    scores, y = np.array([-1.0, 0.2, 0.1, 1.0, 9.0, -9.0]), np.array([0.0, 1, 0, 1, 0, 1])
    bent = fit_calibration(scores, y, np.ones(6))
    straight = fit_calibration(scores, y, np.array([1.0, 1, 1, 1, 0, 0]))
    assert bent.slope < 0 < straight.slope


def test_ece_is_the_gap_in_each_bin_by_its_size() -> None:
    confidence = np.array([0.9] * 10 + [0.6] * 10)
    right = np.array([True] * 8 + [False] * 2 + [True] * 9 + [False])
    assert compute_ece(confidence, right) == pytest.approx((0.1 + 0.3) / 2)


def test_ece_of_nothing_is_nothing() -> None:
    assert compute_ece(np.zeros(0), np.zeros(0, bool)) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_ece_is_between_zero_and_one(pairs: list[tuple[float, bool]]) -> None:
    confidence, right = (np.array(side) for side in zip(*pairs, strict=True))
    assert 0.0 <= compute_ece(confidence, right) <= 1.0
