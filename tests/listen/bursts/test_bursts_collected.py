"""Hours in which nothing was collected are unknown, and quiet ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from canyu.listen.bursts import CountMatrix, find_unknown_hours
from canyu.listen.kernels.bursts import UNKNOWN

DAY = 24


def spread(days: list[int]) -> np.ndarray:
    """Posts of each hour: a day's posts, evenly."""
    return np.concatenate([np.full(DAY, posts // DAY, np.int64) for posts in days])


def test_days_before_the_collecting_began_are_unknown() -> None:
    unknown = find_unknown_hours(spread([24] * 30 + [2_400, 4_800, 7_200, 7_200]), 480_000)
    assert np.flatnonzero(~unknown).tolist() == list(range(30 * DAY, 34 * DAY))


def test_a_thin_past_that_grows_is_still_the_past() -> None:
    unknown = find_unknown_hours(spread([0] * 40 + [48, 72, 96, 96, 120] + [7_200] * 9), 480_000)
    assert int(unknown.sum()) == 45 * DAY


@pytest.mark.parametrize("days", [[24] * 30 + [24_000, 48_000] + [24] * 5, [0, 24, 0, 48, 24, 0, 24], [], [4_800] * 9])
def test_a_launch_a_small_lake_and_an_even_one_have_no_unknown_hours(days: list[int]) -> None:
    totals = spread(days) if days else np.zeros(0, np.int64)
    assert int(find_unknown_hours(totals, 480_000).sum()) == 0


def test_hours_without_any_post_where_many_are_usual_are_an_outage() -> None:
    totals = np.tile(np.array([2] * 6 + [200] * 18, np.int64), 12)
    totals[100:103], totals[120:126] = 0, 0  # 04:00 to 06:00 of the fifth day, and a quiet night
    assert np.flatnonzero(find_unknown_hours(totals, 480_000)).tolist() == [102]


def test_hidden_hours_are_unknown_and_a_matrix_does_not_begin_with_one() -> None:
    counts = np.arange(1, 13, dtype=np.int64).reshape(6, 2)
    matrix = CountMatrix(("a", "b"), 100, counts, counts, np.ones((6, 2), np.bool_))
    shown = matrix.hide(np.array([True, True, False, True, False, False]))
    assert (shown.first_hour, shown.counts.tolist()) == (102, [[5, 6], [UNKNOWN, UNKNOWN], [9, 10], [11, 12]])
    assert shown.raw.tolist()[1] == [0, 0]
