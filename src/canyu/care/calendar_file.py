"""Reads a calendar from YAML, and says everything that is wrong with it: line, field and mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from canyu.care.calendars import (
    WEEKDAYS,
    Calendar,
    DaysOff,
    Span,
    Spans,
    find_span,
    join_spans,
    make_calendar,
    parse_hours,
    quote_fault,
)
from canyu.care.workdays import COUNTRIES, describe_workdays, load_workdays, parse_workdays
from canyu.events.catalogue_problems import NO_FLAG, NO_MAPPING, Fault, Pattern, tell_unknown_choice
from canyu.events.located_yaml import MAX_BYTES, NodeReader, refuse_problems
from canyu.kit.words import Words
from canyu.kit.written import read_written

Read = TypeVar("Read")
FIELDS = {"format", "zone", "always", "hours", "workdays", "holidays", "dates"}
A_LEAP_YEAR = 2024

NO_ZONE = Pattern(
    Words("没有 {0} 这个时区。", "there is no time zone {0}."),
    Words("请写 Asia/Shanghai 这样的名称。", "Write a name such as Asia/Shanghai."),
)
NO_DAY = Pattern(
    Words("{0!r} 不是日期。", "{0!r} is no date."),
    Words("请写 2026-10-08。", "Write it as 2026-10-08."),
)
NO_DAYS_OFF = Pattern(
    Words("{0!r} 不是假日。", "{0!r} is no holiday."),
    Words(
        "请写 2026-10-08，一段写 2026-10-01/2026-10-07，每年同一天写 05-01。",
        "Write 2026-10-08, a range as 2026-10-01/2026-10-07, the same day of each year as 05-01.",
    ),
)
NO_HOURS = Fault(
    Words("没有任何营业时间。", "has no opening hour at all."),
    Words(
        "请至少给一天写上时段；全天候请写 always: true。",
        "Give at least one day its hours, or write always: true for a clock that never stops.",
    ),
)
PROBLEMS = Words("日历文件有 {} 处问题：", "The calendar file has {} problem(s):")
LINE_BY_LINE = Words("请按行改正。", "Mend them line by line.")


def load_calendar(path: str) -> Calendar:
    """Return the checked calendar at ``path``. Raises NotFound where there is no file, BadInput with what is wrong."""
    absent = Words(f"没有日历文件 {path}。", f"There is no calendar file {path}.")
    too_long = Words("日历只需几十行。", "A calendar needs some dozens of lines.")
    return parse_calendar(read_written(path, absent=absent, too_long=too_long, most_bytes=MAX_BYTES))


def parse_calendar(text: str) -> Calendar:
    r"""Return the calendar that a YAML text holds. Raises BadInput that tells the first problems.

    >>> found = parse_calendar('zone: Asia/Shanghai\nhours: {mon: ["09:00-12:00", "13:30-18:00"]}\nworkdays: CN')
    >>> [str(span) for span in found.hours[0]]
    ['09:00-12:00', '13:30-18:00']
    """
    reader = _CalendarReader()
    root = reader.compose(text, "calendar")
    found = reader.read_calendar(root) if root is not None else None
    if reader.problems or found is None:
        raise refuse_problems(reader.problems, PROBLEMS, LINE_BY_LINE)
    return make_calendar(found)


def describe_calendar(calendar: Calendar) -> dict[str, Any]:
    """Return a calendar as plain values that JSON can hold, its official days with it: the copy that a case keeps."""
    return {
        "zone": calendar.zone,
        "always": calendar.is_always,
        "hours": {day: _tell_spans(spans) for day, spans in zip(WEEKDAYS, calendar.hours, strict=True) if spans},
        "workdays": None if calendar.workdays is None else describe_workdays(calendar.workdays),
        "holidays": [_tell_days_off(each) for each in calendar.holidays if each.first and each.last],
        "dates": {day.isoformat(): _tell_spans(spans) for day, spans in calendar.dates},
    }


def read_calendar(kept: dict[str, Any]) -> Calendar:
    """Return the calendar of a copy that ``describe_calendar`` made, official days as they were then."""
    hours = kept["hours"]
    return make_calendar(
        Calendar(
            kept["zone"],
            tuple(_read_spans(hours.get(day, ())) for day in WEEKDAYS),
            kept["always"],
            None if kept["workdays"] is None else parse_workdays(kept["workdays"]),
            tuple(parse_days_off(each) for each in kept["holidays"]),
            tuple((date.fromisoformat(day), _read_spans(spans)) for day, spans in kept["dates"].items()),
        )
    )


def parse_days_off(text: str) -> DaysOff:
    """Return a holiday as people write it: a day, a range with a slash, a day of each year. ValueError for none.

    >>> parse_days_off("2026-10-01/2026-10-07").covers(date(2026, 10, 7)), parse_days_off("05-01").is_yearly
    (True, True)
    """
    first, is_range, last = (part.strip() for part in text.partition("/"))
    if len(first) == len("05-01") and not is_range:
        day = date.fromisoformat(f"{A_LEAP_YEAR}-{first}")
        return DaysOff(day, day, is_yearly=True)
    found = DaysOff(date.fromisoformat(first), date.fromisoformat(last if is_range else first))
    if found.first is None or found.last is None or found.last < found.first:
        raise ValueError(text)
    return found


class _CalendarReader(NodeReader):
    """Walks a calendar's nodes."""

    def read_calendar(self, root: yaml.Node) -> Calendar | None:
        """Return the calendar; what cannot be read is told and left out."""
        top = self.read_map(root, "calendar", FIELDS)
        if not top:
            return None
        zone, is_always = self.read_zone(top.get("zone"), root), self.read_flag(top.get("always"))
        hours = self.read_week(top.get("hours"))
        dates = self.read_dates(top.get("dates"))
        if not (is_always or any(hours) or any(spans for _, spans in dates) or self.problems):
            self.tell(top.get("hours", root), "hours", NO_HOURS)
        workdays = self.read_country(top.get("workdays"))
        holidays = tuple(
            found for each in self.read_list(top.get("holidays"), "holidays") if (found := self.read_days_off(each))
        )
        table = load_workdays(workdays) if workdays else None
        return Calendar(zone, hours, is_always, table, holidays, dates)

    def read_zone(self, node: yaml.Node | None, root: yaml.Node) -> str:
        """Return the name of a time zone that there is."""
        zone = self.read_text(node, "zone", root)
        try:
            return ZoneInfo(zone).key if zone else "UTC"
        except (LookupError, OSError, ValueError):  # a folder of zones is one of the OSErrors
            self.tell(node, "zone", NO_ZONE.tell(zone))
            return "UTC"

    def read_flag(self, node: yaml.Node | None) -> bool:
        """Return whether the clock never stops."""
        text = "false" if node is None else self.read_text(node, "always").lower()
        if text not in {"true", "false"}:
            self.tell(node, "always", NO_FLAG.tell(text))
        return text == "true"

    def read_country(self, node: yaml.Node | None) -> str:
        """Return the country of the official days off."""
        text = "" if node is None else self.read_text(node, "workdays")
        if text and text not in COUNTRIES:
            self.tell(node, "workdays", tell_unknown_choice(text, COUNTRIES))
            return ""
        return text

    def read_week(self, node: yaml.Node | None) -> tuple[Spans, ...]:
        """Return the hours of the seven weekdays."""
        days = {} if node is None else self.read_map(node, "hours", set(WEEKDAYS))
        return tuple(self.read_spans(days.get(day), f"hours.{day}") for day in WEEKDAYS)

    def read_dates(self, node: yaml.Node | None) -> tuple[tuple[date, Spans], ...]:
        """Return the hours of single days."""
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            self.tell(node, "dates", NO_MAPPING)
            return ()
        found = []
        for key, spans in self.read_map(node, "dates").items():
            day: date | None = self._read(spans, f"dates.{key}", key, date.fromisoformat, NO_DAY)
            if day is not None:
                found.append((day, self.read_spans(spans, f"dates.{key}")))
        return tuple(found)

    def read_days_off(self, node: yaml.Node) -> DaysOff | None:
        """Return a holiday; None, and a problem, where it is none."""
        return self._read(node, "holidays", self.read_text(node, "holidays"), parse_days_off, NO_DAYS_OFF)

    def read_spans(self, node: yaml.Node | None, name: str) -> Spans:
        """Return the spans of a day; each that is none is told in its own words."""
        found: list[Span] = []
        for each in self.read_list(node, name):
            text = self.read_text(each, name)
            span = find_span(text)
            if isinstance(span, Span):
                found.append(span)
            elif text:
                self.tell(each, name, Fault(quote_fault(text, span), span.mend))
        return tuple(found)

    def _read(self, node: yaml.Node, name: str, text: str, parse: Callable[[str], Read], fault: Pattern) -> Read | None:
        try:
            return parse(text) if text else None
        except ValueError:
            self.tell(node, name, fault.tell(text))
            return None


def _tell_spans(spans: Spans) -> list[str]:
    return [str(span) for span in spans]


def _read_spans(texts: Iterable[str]) -> Spans:
    return join_spans(parse_hours(text) for text in texts)


def _tell_days_off(days: DaysOff) -> str:
    if days.is_yearly:
        return f"{days.first:%m-%d}"
    return f"{days.first}/{days.last}" if days.first != days.last else str(days.first)
