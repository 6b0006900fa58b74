"""Units by times: the one form in which every lift design takes its data, with what is missing left missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.figure import Proof

Array = npt.NDArray[np.float64]
Time = date | datetime | float
"""A day, an aware moment, or a number such as a year or 2012.25; one panel holds one kind."""

MAX_PERIODS = 20_000
UNEVEN = Words(
    "时间间隔不等，空缺的时段无法逐一列出。",
    "The times are not evenly spaced, so that periods that are left out cannot be told.",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """An outcome by unit and time: ``values`` has a row per unit and a column per time; NaN is not known, never 0."""

    units: tuple[str, ...]
    times: tuple[Time, ...]
    values: Array
    proof: Proof | None = None
    notes: tuple[Words, ...] = ()

    def find_place(self, time: Time) -> int:
        """Return the place of the first time that is not before ``time``. Raises BadInput for another kind of time."""
        if self.times and _find_kind(time) is not _find_kind(self.times[0]):
            raise BadInput(
                Words(
                    f"时间 {time} 与数据的时间（如 {self.times[0]}）不是同一种写法。",
                    f"The time {time} is not written as those of the data, such as {self.times[0]}.",
                ),
                mend=Words("请按数据的写法填写。", "Write it as the data do."),
            )
        return sum(known < time for known in self.times)  # type: ignore[operator]  # of one kind, as just checked

    def find_unit(self, unit: str) -> int:
        """Return the row of a unit. Raises BadInput where there is none."""
        if unit not in self.units:
            few = ", ".join(self.units[:8])
            raise BadInput(
                Words(f"数据里没有单元 {unit!r}。", f"The data have no unit {unit!r}."),
                mend=Words(f"数据里有：{few}。", f"They have: {few}."),
            )
        return self.units.index(unit)

    def hide(self, spans: Iterable[tuple[Time, Time]]) -> Panel:
        """Return the panel with these spans, both ends included, not known: crawl gaps, outages."""
        values = self.values.copy()
        for first, last in spans:
            start = self.find_place(first)
            stop = start + sum(time <= last for time in self.times[start:])  # type: ignore[operator]  # of one kind
            values[:, start:stop] = np.nan
        return replace(self, values=values)


def make_panel(rows: Iterable[tuple[str, Time, float | None]], proof: Proof | None = None) -> Panel:
    """Return the panel of (unit, time, value) rows; a cell without a row, or with None, is not known.

    Times that all units lack are put in where the others are evenly spaced. Raises BadInput where a cell is given
    twice, times are of several kinds, or nothing is given.

    >>> panel = make_panel([("a", 1.0, 5.0), ("b", 1.0, 2.0), ("a", 3.0, 7.0), ("a", 4.0, 7.0)])
    >>> panel.units, panel.times, panel.values[0].tolist()
    (('a', 'b'), (1.0, 2.0, 3.0, 4.0), [5.0, nan, 7.0, 7.0])
    """
    cells = list(rows)
    if not cells:
        raise BadInput(
            Words("没有任何数据。", "There are no data."),
            mend=Words("请检查期间与筛选。", "Check the period and filters."),
        )
    twice = [key for key, count in Counter((unit, time) for unit, time, _ in cells).items() if count > 1]
    if twice:
        unit, time = twice[0]
        raise BadInput(
            Words(f"单元 {unit!r} 在 {time} 有不止一行。", f"The unit {unit!r} has more than one row at {time}."),
            mend=Words("请先合并成一行。", "Make them one row."),
        )
    if len({_find_kind(time) for _, time, _ in cells}) > 1:
        raise BadInput(
            Words("时间的写法不一。", "The times are written in more than one way."),
            mend=Words("请统一为日期、时刻或数字。", "Write days, moments or numbers throughout."),
        )
    units = tuple(dict.fromkeys(unit for unit, _, _ in cells))
    times, is_even = fill_times(sorted({time for _, time, _ in cells}))
    rows_of, columns_of = _number(units), _number(times)
    values = np.full((len(units), len(times)), np.nan)
    for unit, time, value in cells:
        values[rows_of[unit], columns_of[time]] = np.nan if value is None else value
    return Panel(units, times, values, proof, () if is_even else (UNEVEN,))


def fill_times(times: Sequence[Any]) -> tuple[tuple[Time, ...], bool]:
    """Return the sorted times with those put in that are left out, and whether they are evenly spaced at all.

    >>> fill_times([date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 4)])[0][2]
    datetime.date(2025, 1, 3)
    >>> fill_times([1.0, 2.0, 2.5, 4.2])[1]
    False
    """
    if len(times) < 3:
        return tuple(times), True
    step = min(later - earlier for earlier, later in pairwise(times))
    counts = [(time - times[0]) / step for time in times]
    if any(abs(count - round(count)) > 1e-6 for count in counts) or counts[-1] > MAX_PERIODS:
        return tuple(times), _are_calendar_months(times)
    known = {round(count): time for count, time in zip(counts, times, strict=True)}
    return tuple(known.get(place, times[0] + place * step) for place in range(round(counts[-1]) + 1)), True


def find_cycle(panel: Panel) -> int:
    """Return how many periods make the natural cycle: 7 days, 24 hours; 1 where there is none."""
    if len(panel.times) < 2 or isinstance(panel.times[0], float):
        return 1
    step: Any = panel.times[1] - panel.times[0]  # type: ignore[operator]  # of one kind
    if step == timedelta(days=1):
        return 7
    return 24 if step == timedelta(hours=1) else 1


def _find_kind(time: Time) -> type:
    return datetime if isinstance(time, datetime) else date if isinstance(time, date) else float


def _number(names: Sequence[Any]) -> dict[Any, int]:
    return {name: number for number, name in enumerate(names)}


def _are_calendar_months(times: Sequence[Any]) -> bool:
    if not isinstance(times[0], date):
        return False
    months = [time.year * 12 + time.month for time in times]
    is_unbroken = all(later - earlier == 1 for earlier, later in pairwise(months))
    return is_unbroken and len({time.day for time in times}) == 1
