"""Intervals hold what they promise."""

from __future__ import annotations

from math import comb

from hypothesis import given
from hypothesis import strategies as st

from canyu.measure.intervals import compute_net_interval, compute_share_interval

COUNTS = st.integers(0, 400)


@given(COUNTS, COUNTS, COUNTS)
def test_the_net_interval_holds_the_estimate_and_stays_in_range(positive: int, neutral: int, negative: int) -> None:
    total = positive + neutral + negative
    low, high = compute_net_interval(positive, negative, total)
    assert -1 <= low <= high <= 1
    assert total == 0 or low <= (positive - negative) / total <= high


@given(COUNTS, COUNTS, COUNTS)
def test_the_net_interval_is_mirrored_when_sides_are_exchanged(positive: int, neutral: int, negative: int) -> None:
    total = positive + neutral + negative
    low, high = compute_net_interval(positive, negative, total)
    other = compute_net_interval(negative, positive, total)
    assert abs(low + other[1]) < 1e-9
    assert abs(high + other[0]) < 1e-9


@given(st.integers(0, 400), st.integers(0, 400))
def test_with_two_classes_it_is_wilsons_interval(positive: int, negative: int) -> None:
    total = positive + negative
    if total == 0:
        return
    low, high = compute_share_interval(positive, total)
    net = compute_net_interval(positive, negative, total)
    if 0 < positive < total:  # at the very edge Tango's restricted estimate may use the third class
        assert abs(net[0] - (2 * low - 1)) < 0.12
        assert abs(net[1] - (2 * high - 1)) < 0.12


def test_the_net_interval_covers_the_truth_about_95_times_in_100() -> None:
    """Exactly, over every outcome of 30 posts that are positive, neutral, negative with 0.3, 0.5 and 0.2."""
    n, up, level, down = 30, 0.3, 0.5, 0.2
    covered = 0.0
    for positive in range(n + 1):
        for negative in range(n - positive + 1):
            low, high = compute_net_interval(positive, negative, n)
            if low <= up - down <= high:
                rest = n - positive - negative
                ways = comb(n, positive) * comb(n - positive, negative)
                covered += ways * up**positive * down**negative * level**rest
    assert 0.94 < covered < 0.96
