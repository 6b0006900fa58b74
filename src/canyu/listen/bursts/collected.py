"""Which hours a lake knows: an hour in which nothing was collected is not an hour in which nobody wrote."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DAY_HOURS = 24
LEAST_A_DAY = 100
"""Posts on a usual day from which on a begin of the collecting can be told from a quiet time."""
LEAST_AN_HOUR = 20
"""Posts that are usual at an hour of the day where none at all means that nothing was collected."""
STEP = 50
"""Times as many posts on the usual day after as on the usual day before: the collecting began there."""
FIRST_DAY_SHARE = 0.05
"""Of the usual day after: so much the first day of the collecting holds at least."""


def find_unknown_hours(totals: NDArray[np.int64], first_hour: int) -> NDArray[np.bool_]:
    """Say of each hour whether nothing was collected in it, from the posts of the whole lake.

    Unknown are the days before the collecting began (what lies there came along with later pages) and hours without
    any post where 20 are usual at that time of the day. A lake with few posts has no unknown hours.

    Parameters
    ----------
    totals
        (H,) posts of each hour, those that name no product too.
    first_hour
        Hours since 1970 (UTC).

    >>> days = np.repeat([1, 0, 1, 0, 50, 60, 55, 50], 24)
    >>> int(find_unknown_hours(days, 0).sum())
    96

    """
    days = (first_hour + np.arange(len(totals))) // DAY_HOURS
    days -= days[0] if len(days) else 0
    unknown = days < find_first_day(totals, days)
    known = ~unknown
    clock = (first_hour + np.arange(len(totals))) % DAY_HOURS
    posts = np.bincount(clock[known], weights=totals[known], minlength=DAY_HOURS)
    usual = posts / np.maximum(1, np.bincount(clock[known], minlength=DAY_HOURS))
    found: NDArray[np.bool_] = unknown | ((totals == 0) & (usual[clock] >= LEAST_AN_HOUR))
    return found


def find_first_day(totals: NDArray[np.int64], days: NDArray[np.int64]) -> int:
    """Return the day (0 is the first) on which the collecting began; 0 where no begin can be told."""
    if not len(days):
        return 0
    hours = np.bincount(days)
    per_day = np.bincount(days, weights=totals) * DAY_HOURS / np.maximum(1, hours)
    begins: dict[int, float] = {}
    for day in range(1, len(per_day)):
        before, after = np.median(per_day[:day]), np.median(per_day[day:])
        if after >= max(LEAST_A_DAY, STEP * before) and per_day[day] >= FIRST_DAY_SHARE * after:
            begins[day] = float(after)
    # Halfway through a thin past the median is that past's own: the day after which all is large is the begin.
    return next((day for day, after in begins.items() if after >= max(begins.values()) / 2), 0)
