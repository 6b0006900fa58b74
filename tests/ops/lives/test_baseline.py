"""What is usual: the interval holds one more such day as often as it says, and odd days make it wider."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from canyu.ops.campaigns.lives.baseline import estimate_usual, list_before
from canyu.ops.campaigns.lives.rules import Span


@pytest.mark.parametrize("mean", [0.3, 4.0, 40.0, 400.0])
def test_the_interval_holds_a_day_like_those_before_it(mean: float) -> None:
    days = np.random.default_rng(7).poisson(mean, (1_000, 9))
    found = [(estimate_usual(row[:8].tolist()), int(row[8])) for row in days]
    held = sum(usual.low <= count <= usual.high for usual, count in found if usual is not None)
    assert 0.94 < held / len(found) <= 1.0


def test_days_that_differ_by_more_than_chance_make_it_wider() -> None:
    even, odd = estimate_usual([100, 103, 97, 100]), estimate_usual([20, 180, 60, 140])
    assert even is not None
    assert odd is not None
    assert (even.mean, odd.mean) == (100.0, 100.0)
    assert odd.high - odd.low > 3 * (even.high - even.low)


def test_fewer_than_two_days_say_nothing() -> None:
    assert (estimate_usual([]), estimate_usual([7])) == (None, None)


def test_a_change_to_summer_time_moves_no_clock_time() -> None:
    evening = [datetime.fromisoformat(f"2026-04-05T{hour}:00+02:00") for hour in ("20", "21")]
    before = list_before(Span(*evening), "Europe/Berlin", 21)
    assert [one.start.isoformat() for one in before] == [
        "2026-03-29T20:00:00+02:00",
        "2026-03-22T20:00:00+01:00",
        "2026-03-15T20:00:00+01:00",
    ]
    assert [str(one.end.time()) for one in before] == ["21:00:00"] * 3
