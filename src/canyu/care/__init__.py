"""Care: clocks that keep opening hours, cases rebuilt from their events, and which step costs the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care.calendar_file import describe_calendar, load_calendar, parse_calendar, read_calendar
    from canyu.care.calendars import ALWAYS, Calendar, DayKind, DaysOff, Span, make_calendar, make_week, parse_hours
    from canyu.care.clock import (
        DueTime,
        Interval,
        Pause,
        Worked,
        due_time,
        due_times,
        find_opening,
        find_provisional,
        list_openings,
        parse_target,
        split_by_day,
        worked_seconds,
        worked_time,
    )
    from canyu.care.workdays import WorkdayTable, WorkdayYear, YearState, load_workdays, tell_missing_year

HOMES = {
    "canyu.care.calendar_file": "describe_calendar load_calendar parse_calendar read_calendar",
    "canyu.care.calendars": "ALWAYS Calendar DayKind DaysOff Span make_calendar make_week parse_hours",
    "canyu.care.clock": "DueTime Interval Pause Worked due_time due_times find_opening find_provisional list_openings "
    "parse_target split_by_day worked_seconds worked_time",
    "canyu.care.workdays": "WorkdayTable WorkdayYear YearState load_workdays tell_missing_year",
}

__all__ = [
    "ALWAYS",
    "Calendar",
    "DayKind",
    "DaysOff",
    "DueTime",
    "Interval",
    "Pause",
    "Span",
    "WorkdayTable",
    "WorkdayYear",
    "Worked",
    "YearState",
    "describe_calendar",
    "due_time",
    "due_times",
    "find_opening",
    "find_provisional",
    "list_openings",
    "load_calendar",
    "load_workdays",
    "make_calendar",
    "make_week",
    "parse_calendar",
    "parse_hours",
    "parse_target",
    "read_calendar",
    "split_by_day",
    "tell_missing_year",
    "worked_seconds",
    "worked_time",
]

__getattr__ = load_lazily(__name__, HOMES)
