"""False alarms counted on the series themselves: their calm days in another order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from canyu.listen.bursts.counts import HOUR_S, CountMatrix
from canyu.listen.bursts.detector import Burst
from canyu.listen.bursts.workdays import load_calendar
from canyu.listen.kernels.bursts import UNKNOWN

DAY_HOURS = 24
REACH_DAYS = 28
"""A day is drawn from those so near: what changes slowly stays as it was."""


@dataclass(frozen=True)
class Days:
    """The whole days of a matrix in a time zone: the row at which the first begins, how many, which are days of rest.

    A day has 24 hours here, also where clocks are changed.
    """

    offset: int
    rest: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many whole days there are."""
        return len(self.rest)


def list_days(matrix: CountMatrix, time_zone: str) -> Days:
    """Return the whole days of the matrix."""
    zone, calendar = ZoneInfo(time_zone), load_calendar()
    local = datetime.fromtimestamp(matrix.first_hour * HOUR_S, UTC).astimezone(zone)
    offset = -local.hour % DAY_HOURS
    count = max(0, len(matrix.counts) - offset) // DAY_HOURS
    noons = [(matrix.first_hour + offset + DAY_HOURS * day + 12) * HOUR_S for day in range(count)]
    rest = [calendar.classify_day(datetime.fromtimestamp(noon, UTC).astimezone(zone).date())[1] for noon in noons]
    return Days(offset, np.array(rest, np.bool_))


def find_busy_days(matrix: CountMatrix, days: Days, bursts: list[Burst]) -> NDArray[np.bool_]:
    """Say of each day and series, (D, S), whether one of the bursts lay in it, from begin to closing."""
    busy = np.zeros((len(days), len(matrix.series)), np.bool_)
    last = matrix.first_hour + len(matrix.counts) - 1
    for burst in bursts:
        end = last if burst.closed_at is None else burst.closed_at
        first, stop = ((hour - matrix.first_hour - days.offset) // DAY_HOURS for hour in (burst.begin, end))
        busy[max(0, first) : stop + 1, burst.series] = True
    return busy


def draw_calm(matrix: CountMatrix, days: Days, busy: NDArray[np.bool_], random: np.random.Generator) -> CountMatrix:
    """Return the matrix with each series' days drawn anew from its own days that are not busy.

    A day is replaced by one of the same kind (of work, of rest) at most 28 days away, whole, so that what happens
    within a day stays as it was. Unknown days stay unknown, and so do those without a calm day near.
    """
    shape = (len(days), DAY_HOURS, len(matrix.series))
    rows = slice(days.offset, days.offset + DAY_HOURS * len(days))
    counts, raw = matrix.counts[rows].reshape(shape), matrix.raw[rows].reshape(shape)
    known = (counts != UNKNOWN).all(axis=1)
    calm, every = known & ~busy, np.arange(len(matrix.series))
    drawn = np.full_like(matrix.counts, UNKNOWN)
    drawn_raw = np.zeros_like(matrix.raw)
    for day in range(len(days)):
        near = np.arange(max(0, day - REACH_DAYS), min(len(days), day + REACH_DAYS + 1))
        near = near[days.rest[near] == days.rest[day]]
        keys = np.where(calm[near], random.random((len(near), len(every))), -1.0)
        chosen = near[keys.argmax(axis=0)]
        usable = known[day] & (keys.max(axis=0) >= 0.0)
        at = slice(days.offset + DAY_HOURS * day, days.offset + DAY_HOURS * (day + 1))
        drawn[at] = np.where(usable, counts[chosen, :, every].T, UNKNOWN)
        drawn_raw[at] = np.where(usable, raw[chosen, :, every].T, 0)
    return replace(matrix, counts=drawn, raw=drawn_raw)
