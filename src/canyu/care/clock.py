"""When a target is due and how much of it was used: open time of a calendar, less what was paused.

The rules, where other help desks differ: seconds are kept; a target used up exactly at closing is due at closing; a
pause never brings a due time forward; a change of the clock by an hour moves local times, never the time worked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from canyu.care.calendars import Calendar, find_wall_instant
from canyu.care.opening import SECOND_US, Micros, OpenHours, count_us, open_hours, tell_instant
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Instants = NDArray[np.datetime64]
_TARGET = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,7})(?:min|m))?(?:(\d{1,9})s)?")
_US = "datetime64[us]"


class Pause(NamedTuple):
    """A time in which a clock stood still; without an end it stands still yet."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A time that counted, in the calendar's zone; the end is not in it."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Its length; whole where it is."""
        return _tell_seconds(count_us(self.end) - count_us(self.start))


@dataclass(frozen=True, slots=True)
class DueTime:
    """When a target is used up, and why: the intervals that used it.

    ``due`` is None while a pause has no end. ``provisional_years``: years it lies in whose days off are not announced.
    """

    due: datetime | None
    used: tuple[Interval, ...]
    provisional_years: tuple[int, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether the due time may still change with an announcement."""
        return bool(self.provisional_years)


@dataclass(frozen=True, slots=True)
class Worked:
    """How much open time lies in a span, and which."""

    seconds: float
    used: tuple[Interval, ...]
    provisional_years: tuple[int, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether the time may still change with an announcement."""
        return bool(self.provisional_years)


def due_time(calendar: Calendar, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()) -> DueTime:
    """Return when a target is due, with the intervals it used: the earliest instant at which it is used up.

    ``start`` and the pauses are aware. Raises BadInput for a negative target, a calendar that is never open, or one
    that is not open long enough.

    >>> from datetime import timezone
    >>> from canyu.care.calendars import Calendar, make_week
    >>> from canyu.care.workdays import load_workdays
    >>> here = Calendar(hours=make_week("09:00-18:00"), workdays=load_workdays("CN"))
    >>> found = due_time(here, datetime.fromisoformat("2026-02-14T17:30:00+08:00"), timedelta(hours=1))
    >>> str(found.due), [str(each.start)[:16] for each in found.used]
    ('2026-02-24 09:30:00+08:00', ['2026-02-14 17:30', '2026-02-24 09:00'])
    """
    laid, begun = open_hours(calendar), count_us(start)
    spans = _join_pauses(begun, pauses)
    due = _find_due(laid, begun, target // timedelta(microseconds=1), spans)
    until = begun if due is None else due
    if due is None and spans:  # stands still: what was used until then is still told
        until = spans[-1][0]
    years = tuple(laid.list_provisional_years(begun, max(until, begun)))
    used = _list_used(laid, begun, until, spans)
    return DueTime(None if due is None else _tell_local(due, laid), used, years)


def find_due(calendar: Calendar, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()) -> datetime | None:
    """Return the due time of ``due_time`` without its intervals, several times as fast."""
    laid, begun = open_hours(calendar), count_us(start)
    due = _find_due(laid, begun, target // timedelta(microseconds=1), _join_pauses(begun, pauses))
    return None if due is None else _tell_local(due, laid)


def count_worked(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> float:
    """Return the seconds of ``worked_time`` without its intervals, several times as fast."""
    laid, begun, ended = open_hours(calendar), count_us(start), count_us(end)
    if ended <= begun:
        return 0
    total, at = 0, begun
    for paused, resumed in _join_pauses(begun, pauses):
        total += laid.count_between(at, max(at, min(paused, ended)))
        at = ended if resumed is None else min(resumed, ended)
    return _tell_seconds(total + laid.count_between(at, ended))


def is_provisional(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Say whether a span touches a year whose days off are not announced."""
    return bool(open_hours(calendar).list_provisional_years(count_us(start), count_us(end)))


def worked_time(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> Worked:
    """Return the open time between two aware times less the pauses; nothing where the end is not after the start."""
    laid, begun, ended = open_hours(calendar), count_us(start), count_us(end)
    if ended <= begun:
        return Worked(0, ())
    used = _list_used(laid, begun, ended, _join_pauses(begun, pauses))
    total = sum(count_us(each.end) - count_us(each.start) for each in used)
    return Worked(_tell_seconds(total), used, tuple(laid.list_provisional_years(begun, ended)))


def find_opening(calendar: Calendar, at: datetime) -> datetime:
    """Return the first open instant from a time on: itself where the calendar is open. Raises BadInput as due_time."""
    found = due_time(calendar, at, timedelta(0)).due
    if found is None:  # cannot be: only a pause without an end has no due time
        raise AssertionError(at)
    return found


def list_openings(calendar: Calendar, start: datetime, end: datetime) -> list[Interval]:
    """Return the openings between two aware times, cut at both."""
    laid = open_hours(calendar)
    return _tell_intervals(laid.list_openings(count_us(start), count_us(end)), laid)


def due_times(calendar: Calendar, starts: Instants, targets_s: NDArray[np.int64] | int) -> Instants:
    """Return the due times of many starts (UTC, ``datetime64``), of one target in seconds or of one each, in UTC.

    The same answers as ``due_time`` without pauses, some hundred thousand times as fast. Raises BadInput as it does.
    """
    micros = starts.astype(_US).astype(np.int64)
    targets = np.broadcast_to(np.asarray(targets_s, np.int64) * SECOND_US, micros.shape)
    return open_hours(calendar).find_dues(micros, targets).astype(_US)


def worked_seconds(calendar: Calendar, starts: Instants, ends: Instants) -> NDArray[np.float64]:
    """Return the open seconds between many starts and ends (UTC, ``datetime64``); 0 where an end comes first."""
    both: Micros = np.concatenate((starts, ends)).astype(_US).astype(np.int64)
    opened = open_hours(calendar).count_open(both)
    found: NDArray[np.float64] = np.maximum(opened[len(starts) :] - opened[: len(starts)], 0) / SECOND_US
    return found


def find_provisional(calendar: Calendar, starts: Instants, ends: Instants) -> NDArray[np.bool_]:
    """Say of each span whether it touches a year whose days off are not announced."""
    pair = (each.astype(_US).astype(np.int64) for each in (starts, ends))
    return open_hours(calendar).find_provisional(*pair)


def split_by_day(start: datetime, end: datetime, zone: str) -> list[Interval]:
    """Return a span cut at the local midnights within it, as a person reads it day by day.

    >>> first = datetime.fromisoformat("2026-03-04T23:45+08:00")
    >>> days = split_by_day(first, first + timedelta(hours=1), "Asia/Shanghai")
    >>> [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in days]
    ['23:45-00:00', '00:00-00:45']
    """
    # compared as instants: two local times of one zone compare by what its clock shows
    here, at, last = ZoneInfo(zone), count_us(start), count_us(end)
    found = []
    while at < last:
        following = tell_instant(at).astimezone(here).date() + timedelta(1)
        until = min(last, count_us(find_wall_instant(following, 0, here)))
        found.append(Interval(tell_instant(at).astimezone(here), tell_instant(until).astimezone(here)))
        at = until
    return found


def parse_target(text: str) -> timedelta:
    """Return a target as people write it: 30s, 45min, 1h, 1h30m. Raises BadInput for days, which are 24 h to some.

    >>> parse_target("1h30m") == timedelta(minutes=90), parse_target("45min") == timedelta(minutes=45)
    (True, True)
    """
    found = _TARGET.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise BadInput(
            Words(f"{text!r} 不是目标时长。", f"{text!r} is no target."),
            mend=Words(
                "请写 45min、1h、1h30m 或 24h；一天可以指 24 小时，也可以指一个工作日，请写小时数。",
                "Write 45min, 1h, 1h30m or 24h; a day can be 24 hours or one working day: write its hours.",
            ),
        )
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _find_due(laid: OpenHours, start: int, target: int, pauses: Sequence[tuple[int, int | None]]) -> int | None:
    """Return the due time in microseconds, piece by piece between the pauses; None where one of them has no end."""
    left, at = target, start
    for begun, ended in pauses:
        if begun > at:
            due = laid.find_due(at, left)
            # on the pause's first instant nothing can be wanted any more, unless nothing was wanted at all
            if due < begun or (due == begun and left):
                return due
            left -= laid.count_between(at, begun)
        if ended is None:
            return None
        at = ended
    return laid.find_due(at, left)


def _list_used(laid: OpenHours, start: int, end: int, pauses: Sequence[tuple[int, int | None]]) -> tuple[Interval, ...]:
    """Return the openings from start to end without the pauses, in local time."""
    found: list[tuple[int, int]] = []
    at = start
    for begun, ended in pauses:
        found += laid.list_openings(at, min(begun, end))
        at = end if ended is None else ended
    found += laid.list_openings(at, end)
    return tuple(_tell_intervals(found, laid))


def _join_pauses(start: int, pauses: Iterable[Pause]) -> list[tuple[int, int | None]]:
    """Return pauses from ``start`` on in order, joined; those that end before they begin are left out.

    An open one ends the list: what comes after it is in it.
    """
    given = sorted(
        ((count_us(each.start), None if each.end is None else count_us(each.end)) for each in pauses),
        key=lambda pair: pair[0],
    )
    found: list[tuple[int, int | None]] = []
    for begun, ended in given:
        if ended is not None and ended <= max(begun, start):
            continue
        if found:
            last = found[-1]
            if last[1] is None:
                break
            if begun <= last[1]:
                found[-1] = (last[0], None if ended is None else max(ended, last[1]))
                continue
        found.append((max(begun, start), ended))
    return found


def _tell_intervals(pairs: Iterable[tuple[int, int]], laid: OpenHours) -> list[Interval]:
    return [Interval(_tell_local(opened, laid), _tell_local(closed, laid)) for opened, closed in pairs]


def _tell_local(us: int, laid: OpenHours) -> datetime:
    return tell_instant(us).astimezone(laid.zone)


def _tell_seconds(us: int) -> float:
    return us // SECOND_US if us % SECOND_US == 0 else us / SECOND_US
