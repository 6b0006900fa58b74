"""Intervals hold what they promise."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.measure.intervals import compute_exact_share_interval, compute_net_interval, compute_share_interval

COUNTS = st.integers(0, 400)
NEWCOMBE = (  # examples of R. Newcombe (1998), Statistics in Medicine 17: part, whole, Wilson's interval, the exact one
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
)


@pytest.mark.parametrize(("part", "whole", "wilson", "exact"), NEWCOMBE)
def test_shares_have_the_published_intervals(
    part: int, whole: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    assert compute_share_interval(part, whole) == pytest.approx(wilson, abs=5e-5)
    assert compute_exact_share_interval(part, whole) == pytest.approx(exact, abs=5e-5)


def test_the_exact_interval_has_every_printed_digit() -> None:
    """7 of 50, as SciPy's manual prints it for its binomial test."""
    found = compute_exact_share_interval(7, 50)
    assert found == pytest.approx((0.05819170033997342, 0.26739600249700846), abs=1e-12)
    assert compute_exact_share_interval(0, 0) == (0.0, 1.0)
    assert compute_exact_share_interval(5, 5)[1] == 1.0


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
