"""Opening hours: weekly hours, holidays, make-up workdays and dates of their own, in any time zone."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from canyu.care.workdays import WorkdayTable
from canyu.events.catalogue_problems import Fault
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = 0
DAY_MINUTES = 24 * 60
LAST_MINUTE = DAY_MINUTES - 1
_SPAN = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\s*[-–]\s*([01][0-9]|2[0-4]):([0-5][0-9])")

NO_SPAN = Fault(
    Words("不是营业时段。", "is no span of hours."), Words("请写成 09:00-18:00。", "Write it as 09:00-18:00.")
)
BACKWARDS = Fault(
    Words("的结束不在开始之后。", "does not end after it starts."),
    Words("到午夜请写 24:00；跨午夜请分成两天写。", "Write 24:00 for midnight; hours over midnight go on both days."),
)


class Span(NamedTuple):
    """Open from one minute of the local day to another, the second not included; 1440 is midnight at its end."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in self)


Spans = tuple[Span, ...]


class DayKind(StrEnum):
    """Why a day has the hours that it has."""

    ORDINARY = "ordinary"
    OFFICIAL_HOLIDAY = "official holiday"
    MAKEUP = "make-up workday"
    OWN_HOLIDAY = "own holiday"
    OWN_DATE = "own hours"
    ALWAYS = "always open"


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days off of one's own: a day, a range (both ends included), or a day of each year.

    A range that lacks one of its ends covers nothing, as an unfinished entry of a form should.
    """

    first: date | None
    last: date | None
    is_yearly: bool = False

    def covers(self, day: date) -> bool:
        """Say whether a day is one of them. 29 February of each year is one in leap years only."""
        if self.first is None or self.last is None:
            return False
        if self.is_yearly:
            return (day.month, day.day) == (self.first.month, self.first.day)
        return self.first <= day <= self.last

    def list_days(self, year: int) -> list[date]:
        """Return its days in a year."""
        if self.first is None or self.last is None:
            return []
        if self.is_yearly:
            is_there = (self.first.month, self.first.day) != (2, 29) or isleap(year)
            return [self.first.replace(year=year)] if is_there else []
        first, last = max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31))
        return [first + timedelta(days) for days in range((last - first).days + 1)]


@dataclass(frozen=True)
class Calendar:
    """Opening hours as a value: equal ones are equal, and a copy in a case stays as it was.

    ``hours``: the spans of Monday to Sunday. ``dates``: hours of single days, which go before everything else; then
    ``holidays``, then the official table ``workdays`` (a make-up day takes Monday's hours), then the weekday's hours.
    """

    zone: str = "Asia/Shanghai"
    hours: tuple[Spans, ...] = ((),) * 7
    is_always: bool = False
    workdays: WorkdayTable | None = None
    holidays: tuple[DaysOff, ...] = ()
    dates: tuple[tuple[date, Spans], ...] = ()

    @cached_property
    def own_dates(self) -> dict[date, Spans]:
        """The hours of single days by day."""
        return dict(self.dates)

    @cached_property
    def _hash(self) -> int:
        return hash((self.zone, self.hours, self.is_always, self.workdays, self.holidays, self.dates))

    def __hash__(self) -> int:
        return self._hash

    def find_kind(self, day: date) -> DayKind:
        """Return why a day has the hours that it has."""
        if self.is_always:
            return DayKind.ALWAYS
        if day in self.own_dates:
            return DayKind.OWN_DATE
        if any(each.covers(day) for each in self.holidays):
            return DayKind.OWN_HOLIDAY
        if self.workdays is not None and day in self.workdays.makeup_days:
            return DayKind.MAKEUP
        if self.workdays is not None and day in self.workdays.days_off:
            return DayKind.OFFICIAL_HOLIDAY
        return DayKind.ORDINARY

    def list_special_days(self, year: int) -> set[date]:
        """Return the days of a year whose hours are not their weekday's, or may not be."""
        found = {day for day in self.own_dates if day.year == year}
        found.update(day for each in self.holidays for day in each.list_days(year))
        if self.workdays is not None:
            official = (self.workdays.makeup_days, self.workdays.days_off)
            found.update(day for days in official for day in days if day.year == year)
        return found

    def list_spans(self, day: date) -> Spans:
        """Return the hours of a local day, in order.

        >>> from canyu.care.workdays import load_workdays
        >>> nine_to_six = (parse_hours("09:00-18:00"),)
        >>> here = Calendar(hours=(nine_to_six,) * 5 + ((),) * 2, workdays=load_workdays("CN"))
        >>> [len(here.list_spans(date(2026, 2, day))) for day in (13, 14, 16)]
        [1, 1, 0]
        """
        kind = self.find_kind(day)
        if kind is DayKind.ALWAYS:
            return (Span(0, DAY_MINUTES),)
        if kind is DayKind.OWN_DATE:
            return self.own_dates[day]
        if kind is DayKind.MAKEUP:
            return self.hours[MONDAY]
        return self.hours[day.weekday()] if kind is DayKind.ORDINARY else ()

    def is_provisional(self, year: int) -> bool:
        """Say whether the official days off of a year are not announced, where this calendar follows them."""
        return not self.is_always and self.workdays is not None and self.workdays.is_provisional(year)


ALWAYS = Calendar("UTC", is_always=True)
"""Open at every moment."""


def parse_hours(text: str) -> Span:
    """Return a span as people write it. Raises BadInput for one that is none, is empty or runs over midnight.

    23:59 at the end means that the last minute counts too, as forms that cannot say 24:00 mean it.

    >>> parse_hours("09:00-18:00"), str(parse_hours("00:00-23:59"))
    (Span(start=540, end=1080), '00:00-24:00')
    """
    found = find_span(text)
    if isinstance(found, Fault):
        raise BadInput(quote_fault(text, found), mend=found.mend)
    return found


def quote_fault(text: str, fault: Fault) -> Words:
    """Return what is wrong with a text, the text before it."""
    return Words(f"{text!r} {fault.message.zh}", f"{text!r} {fault.message.en}")


def find_span(text: str) -> Span | Fault:
    """Return the span that a text says, or what is wrong with it."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        return NO_SPAN
    start, end = (int(found[place]) * 60 + int(found[place + 1]) for place in (1, 3))
    if end == LAST_MINUTE:
        end = DAY_MINUTES
    return Span(start, end) if start < end <= DAY_MINUTES else BACKWARDS


def join_spans(spans: Iterable[Span]) -> Spans:
    """Return spans in order, those that touch or overlap joined: a split changes nothing."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def make_calendar(calendar: Calendar) -> Calendar:
    """Return a calendar with its spans joined and its dates in order. Raises BadInput where it could never be open."""
    made = replace(
        calendar,
        hours=tuple(join_spans(spans) for spans in calendar.hours),
        dates=tuple((day, join_spans(spans)) for day, spans in sorted(dict(calendar.dates).items())),
    )
    if not (made.is_always or any(made.hours) or any(spans for _, spans in made.dates)):
        raise BadInput(
            Words("日历里没有任何营业时间。", "The calendar has no opening hour at all."),
            mend=Words(
                "请至少给一天写上时段；全天候请写 always: true。",
                "Give at least one day its hours, or write always: true for a clock that never stops.",
            ),
        )
    return made


def find_wall_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which a local clock shows a minute of a day (1440: the next midnight).

    A time that the clock skips is as much later as the clock jumps; of one that comes twice, the first.

    >>> los_angeles = ZoneInfo("America/Los_Angeles")
    >>> str(find_wall_instant(date(2014, 3, 9), 150, los_angeles).astimezone(los_angeles))
    '2014-03-09 03:30:00-07:00'
    """
    told = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - the zone comes next
    return told.replace(tzinfo=zone).astimezone(UTC)


def make_week(spans: str, days: str = "mon-fri") -> tuple[Spans, ...]:
    """Return weekly hours: spans such as "09:00-12:00 13:30-18:00" on a run of weekdays.

    >>> [len(spans) for spans in make_week("09:00-12:00 13:30-18:00")]
    [2, 2, 2, 2, 2, 0, 0]
    """
    first, _, last = days.partition("-")
    open_days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    found = join_spans(parse_hours(each) for each in spans.split())
    return tuple(found if day in open_days else () for day in range(7))
