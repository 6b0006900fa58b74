"""A calendar laid out as instants: openings in order with the open time before each, so that a due time is a search.

Times are whole microseconds since 1970 in UTC (int64), as NumPy's ``datetime64[us]`` keeps them. Openings are half
open: the instant of opening is in, that of closing is not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from canyu.care.calendars import DAY_MINUTES, Calendar, find_wall_instant, make_calendar
from canyu.kit.clock import YEARS
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Micros = NDArray[np.int64]

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = DAY_MINUTES * MINUTE_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_US = timedelta(microseconds=1)
LAST_YEAR = YEARS.stop - 2
"""Openings are laid out up to the end of this year."""
FIRST_YEAR = YEARS.start + 1
MOST_YEARS = 100
"""A target that is not used up so many years after its start never is."""


def count_us(instant: datetime) -> int:
    """Return an aware time as microseconds since 1970."""
    return (instant - EPOCH) // ONE_US


def tell_instant(us: int) -> datetime:
    """Return microseconds since 1970 as an aware time in UTC."""
    return EPOCH + timedelta(microseconds=us)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The openings of a run of years."""

    first: int
    last: int
    starts: Micros
    ends: Micros
    before: Micros
    """Open time before each opening."""
    until: Micros
    """Open time up to the end of each opening."""
    lists: tuple[list[int], list[int], list[int], list[int]]
    """The same four as lists: a single look-up is several times as fast in them."""


class OpenHours:
    """The openings of one calendar, laid out year by year as far as they are asked for.

    Several threads may share one: a longer layout replaces a shorter one whole.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = make_calendar(calendar)
        self.zone = ZoneInfo(calendar.zone)
        self._layout: _Layout | None = None

    def count_open(self, instants: Micros) -> Micros:
        """Return the open time before each instant, from an origin that any one call shares: use its differences."""
        if not len(instants):
            return np.zeros(0, np.int64)
        return _count_before(self._cover(int(instants.min()), int(instants.max())), instants)

    def find_dues(self, starts: Micros, targets: Micros) -> Micros:
        """Return the earliest instants at which the open time since ``starts`` reaches ``targets``.

        A target used up exactly at closing is due at closing; a target of nothing is due at the next open instant.
        Raises BadInput where a target is negative, or is never used up.
        """
        if not len(starts):
            return np.zeros(0, np.int64)
        if targets.min() < 0:
            raise BadInput(
                Words("目标时长不能为负。", "A target cannot be negative."),
                mend=Words("请写 1h 这样的时长。", "Write a length of time, such as 1h."),
            )
        layout = self._cover(int(starts.min()), int(starts.max()))
        wanted = _count_before(layout, starts) + targets
        places = _find_places(layout, wanted, targets)
        while places.max() >= len(layout.starts):
            layout = self._lengthen(layout, starts)
            wanted = _count_before(layout, starts) + targets
            places = _find_places(layout, wanted, targets)
        dues: Micros = layout.starts[places] + (wanted - layout.before[places])
        return dues

    def count_between(self, start: int, end: int) -> int:
        """Return the open time from one instant to a later one."""
        layout = self._cover(start, end)
        return _count_one(layout, end) - _count_one(layout, start)

    def find_due(self, start: int, target: int) -> int:
        """Return what ``find_dues`` returns of one start."""
        layout = self._cover(start, start)
        opened, _, before, until = layout.lists
        wanted = _count_one(layout, start) + target
        place = bisect_left(until, wanted) if target else bisect_right(until, wanted)
        if target < 0 or place >= len(opened):
            return int(self.find_dues(np.array([start]), np.array([target]))[0])
        return opened[place] + wanted - before[place]

    def list_openings(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the openings within [start, end), cut at both."""
        if end <= start:
            return []
        layout = self._cover(start, end)
        starts, ends, _, _ = layout.lists
        first, last = bisect_right(ends, start), bisect_left(starts, end)
        pairs = zip(starts[first:last], ends[first:last], strict=True)
        return [(max(opened, start), min(closed, end)) for opened, closed in pairs]

    def find_provisional(self, starts: Micros, ends: Micros) -> NDArray[np.bool_]:
        """Say of each span whether a local day of it lies in a year whose days off are not announced."""
        calendar = self.calendar
        if calendar.is_always or calendar.workdays is None or not len(starts):
            return np.zeros(len(starts), np.bool_)
        low, high = (self._find_year(int(each)) for each in (starts.min(), ends.max()))
        edges = np.array([self._find_new_year(year) for year in range(low, high + 2)], np.int64)
        doubtful = [calendar.is_provisional(year) for year in range(low, high + 1)]
        count = np.concatenate(([0], np.cumsum(doubtful)))
        # the last instant of a span is not in it, unless the span is one instant
        last = np.maximum(ends - 1, starts)
        first_year = np.searchsorted(edges, starts, "right") - 1
        last_year = np.searchsorted(edges, last, "right") - 1
        found: NDArray[np.bool_] = count[last_year + 1] > count[first_year]
        return found

    def list_provisional_years(self, start: int, end: int) -> list[int]:
        """Return the years in a span whose days off are not announced."""
        low, high = self._find_year(start), self._find_year(max(end - 1, start))
        return [year for year in range(low, high + 1) if self.calendar.is_provisional(year)]

    def _find_year(self, us: int) -> int:
        return tell_instant(us).astimezone(self.zone).year

    def _find_new_year(self, year: int) -> int:
        return count_us(find_wall_instant(date(year, 1, 1), 0, self.zone))

    def _cover(self, low: int, high: int) -> _Layout:
        """Return a layout that holds both instants, whatever their local year."""
        try:
            first, last = tell_instant(low - DAY_US).year, tell_instant(high + DAY_US).year
        except OverflowError:
            first, last = FIRST_YEAR - 1, LAST_YEAR + 1
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise BadInput(
                Words("时间超出了日历的范围。", "A time is outside the years of calendars."),
                mend=Words(
                    f"请给 {FIRST_YEAR + 1} 到 {LAST_YEAR - 1} 年之间的时间。",
                    f"Give times from {FIRST_YEAR + 1} to {LAST_YEAR - 1}.",
                ),
            )
        found = self._layout
        if found is None:
            return self._keep(first, last)
        if first < found.first or last > found.last:
            return self._keep(min(first, found.first), max(last, found.last))
        return found

    def _lengthen(self, layout: _Layout, starts: Micros) -> _Layout:
        """Return a layout twice as long; refuse where there is nothing left to lay out."""
        calendar, begun = self.calendar, tell_instant(int(starts.max()))
        has_more = calendar.is_always or any(calendar.hours)
        has_more = has_more or any(spans and day.year > layout.last for day, spans in calendar.dates)
        last = min(LAST_YEAR, begun.year + MOST_YEARS)
        if layout.last >= last or not has_more:
            told = f"{begun.astimezone(self.zone):%Y-%m-%d %H:%M}"
            raise BadInput(
                Words(
                    f"日历在 {told} 之后没有足够的营业时间，目标永远用不完。",
                    f"The calendar is not open long enough after {told}: the target is never used up.",
                ),
                mend=Words("请给日历加上营业时间。", "Give the calendar more opening hours."),
            )
        return self._keep(layout.first, min(last, layout.last + (layout.last - layout.first + 1)))

    def _keep(self, first: int, last: int) -> _Layout:
        """Lay out the years that are missing, and keep them beside those that are there."""
        found = self._layout
        if found is None:
            parts = [self._lay_out(year) for year in range(first, last + 1)]
        else:
            parts = [self._lay_out(year) for year in range(first, found.first)]
            parts.append((found.starts, found.ends))
            parts += [self._lay_out(year) for year in range(found.last + 1, last + 1)]
            first, last = min(first, found.first), max(last, found.last)
        starts, ends = _join(*(np.concatenate(side) for side in zip(*parts, strict=True)))
        lengths = ends - starts
        until = np.cumsum(lengths)
        columns = (starts, ends, until - lengths, until)
        opened, closed, before, after = (each.tolist() for each in columns)
        self._layout = _Layout(first, last, *columns, (opened, closed, before, after))
        return self._layout

    def _lay_out(self, year: int) -> tuple[Micros, Micros]:
        """Return the openings of a year by local day; at a clock change some may touch, overlap or be empty."""
        midnights = _find_midnights(self.calendar.zone, year)
        if self.calendar.is_always:
            return midnights[:1], midnights[-1:]
        first_day = date(year, 1, 1)
        lengths = np.diff(midnights)
        is_plain = lengths == DAY_US
        is_plain[[(day - first_day).days for day in self.calendar.list_special_days(year)]] = False
        weekdays = (first_day.weekday() + np.arange(len(lengths))) % 7
        found: list[tuple[Micros, Micros]] = []
        for weekday, spans in enumerate(self.calendar.hours):
            days = midnights[:-1][is_plain & (weekdays == weekday)]
            found += [(days + span.start * MINUTE_US, days + span.end * MINUTE_US) for span in spans]
        for place in np.flatnonzero(~is_plain).tolist():
            day = first_day + timedelta(place)
            for span in self.calendar.list_spans(day):
                opened, closed = (np.array([count_us(find_wall_instant(day, edge, self.zone))]) for edge in span)
                found.append((opened, closed))
        nothing = np.zeros(0, np.int64)
        return (
            np.concatenate([nothing, *(opened for opened, _ in found)]),
            np.concatenate([nothing, *(closed for _, closed in found)]),
        )


@lru_cache(maxsize=512)
def _find_midnights(zone: str, year: int) -> Micros:
    """Return when each local day of a year begins, and the next year's first; a clock change makes a day longer."""
    here, first = ZoneInfo(zone), date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    found = [count_us(find_wall_instant(first + timedelta(day), 0, here)) for day in range(days + 1)]
    return np.array(found, np.int64)


@lru_cache(maxsize=256)
def open_hours(calendar: Calendar) -> OpenHours:
    """Return the laid-out openings of a calendar, made once. Raises BadInput where it could never be open."""
    return OpenHours(calendar)


def _count_one(layout: _Layout, instant: int) -> int:
    opened, closed, before, _ = layout.lists
    place = bisect_right(opened, instant) - 1
    return before[place] + min(instant, closed[place]) - opened[place] if place >= 0 else 0


def _count_before(layout: _Layout, instants: Micros) -> Micros:
    if not len(layout.starts):
        return np.zeros(len(instants), np.int64)
    places = np.searchsorted(layout.starts, instants, "right") - 1
    inside = np.minimum(instants, layout.ends[places]) - layout.starts[places]
    found: Micros = np.where(places >= 0, layout.before[places] + inside, 0)
    return found


def _find_places(layout: _Layout, wanted: Micros, targets: Micros) -> NDArray[np.int64]:
    """Return the opening in which each wanted open time is reached; their number where none is long enough."""
    places: NDArray[np.int64] = np.searchsorted(layout.until, wanted, "left")
    if targets.min() == 0:
        places = np.where(targets == 0, np.searchsorted(layout.until, wanted, "right"), places)
    return places


def _join(starts: Micros, ends: Micros) -> tuple[Micros, Micros]:
    """Return openings in order without those that are empty, those that touch or overlap joined."""
    kept = starts < ends
    starts, ends = starts[kept], ends[kept]
    if not len(starts):
        return starts, ends
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    is_new = np.concatenate(([True], starts[1:] > ends[:-1]))
    is_last = np.concatenate((is_new[1:], [True]))
    return starts[is_new], ends[is_last]
