from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from canyu.listen.corpora import NEGATIVE, NOT_NEGATIVE, POSITIVE
from canyu.listen.evaluation import compute_interval, compute_macro_f1, judge_polarity, judge_sentiment

PROBABILITIES = np.array([[0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.1, 0.6, 0.3], [0.6, 0.1, 0.3]], np.float32)


def test_polarity_sets_neutral_aside() -> None:
    labels = np.array([NEGATIVE, POSITIVE, NOT_NEGATIVE, POSITIVE], np.int8)
    found = judge_polarity("mine", PROBABILITIES, labels)
    assert (found.texts, found.accuracy) == (4, 0.75)
    assert found.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_sentiment_takes_the_likeliest_of_three() -> None:
    found = judge_sentiment("mine", PROBABILITIES, np.array([1, 2, 1, 2], np.int8))
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((1.0 + 2 / 3 + 0.0) / 3)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_macro_f1_is_the_known_one(pairs: list[tuple[int, int]]) -> None:
    truth, answers = (np.array(side) for side in zip(*pairs, strict=True))
    expected = f1_score(truth, answers, average="macro", zero_division=0.0)
    assert compute_macro_f1(truth, answers) == pytest.approx(expected)


def test_the_interval_of_nothing_is_everything() -> None:
    assert compute_interval(0, 0) == (0.0, 1.0)


def test_the_interval_holds_the_share_and_stays_within_bounds() -> None:
    assert compute_interval(5, 5) == (pytest.approx(0.5655, abs=1e-4), pytest.approx(1.0))
    assert compute_interval(0, 5) == (pytest.approx(0.0), pytest.approx(0.4345, abs=1e-4))
