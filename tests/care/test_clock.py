"""Due times and worked time: every row with a known answer, by its id, and what must hold of any calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.care import (
    Calendar,
    DaysOff,
    Pause,
    Span,
    describe_calendar,
    describe_workdays,
    due_time,
    due_times,
    find_opening,
    find_provisional,
    list_openings,
    load_workdays,
    make_calendar,
    make_week,
    parse_calendar,
    parse_target,
    parse_workdays,
    read_calendar,
    split_by_day,
    tell_missing_year,
    worked_seconds,
    worked_time,
)
from canyu.care.calendars import find_wall_instant, parse_hours
from canyu.kit.errors import BadInput, NotFound

DATA = yaml.safe_load((Path(__file__).parent.parent / "data" / "care" / "clock_rows.yaml").read_text("utf-8"))
CALENDARS = {name: parse_calendar(yaml.safe_dump(each)) for name, each in DATA["calendars"].items()}
CHINA = CALENDARS["china"]


def read_time(text: Any) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else text


def read_pauses(texts: list[str]) -> list[Pause]:
    ends = (text.split("/") for text in texts)
    return [Pause(read_time(start), read_time(end) if end else None) for start, end in ends]


def name_row(row: list[Any]) -> str:
    return f"{row[0]}-{row[1]}-{row[3]}"


@pytest.mark.parametrize("row", DATA["due"], ids=name_row)
def test_due_time_of(row: list[Any]) -> None:
    _, calendar, start, target, due, *pauses = row
    found = due_time(
        CALENDARS[calendar], read_time(start), parse_target(target), read_pauses(pauses[0]) if pauses else []
    )
    assert found.due == (None if due == "never" else read_time(due))
    assert not found.is_provisional
    if found.due is not None:
        assert sum(each.seconds for each in found.used) == parse_target(target).total_seconds()


@pytest.mark.parametrize("row", DATA["worked"], ids=name_row)
def test_worked_time_of(row: list[Any]) -> None:
    _, calendar, start, end, seconds, *pauses = row
    found = worked_time(CALENDARS[calendar], read_time(start), read_time(end), read_pauses(pauses[0]) if pauses else [])
    assert found.seconds == seconds == sum(each.seconds for each in found.used)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_z17_and_z18_a_pause_is_told_day_by_day() -> None:
    night = split_by_day(at("2026-03-04T23:45+08:00"), at("2026-03-05T00:45+08:00"), "Asia/Shanghai")
    assert [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in night] == ["23:45-00:00", "00:00-00:45"]
    long = split_by_day(at("2026-03-02T12:00+08:00"), at("2026-03-07T12:00+08:00"), "Asia/Shanghai")
    assert [each.seconds / 3600 for each in long] == [12, 24, 24, 24, 24, 12]
    autumn = split_by_day(at("2025-10-25T12:00+02:00"), at("2025-10-27T12:00+01:00"), "Europe/Berlin")
    assert [each.seconds / 3600 for each in autumn] == [12, 25, 12]


@pytest.mark.parametrize("hours", ["09:00-00:00", "10:00-10:00", "18:00-09:00", "09:00-24:30", "9-18", ""])
def test_z19_hours_that_do_not_end_after_they_start_are_refused(hours: str) -> None:
    with pytest.raises(BadInput):
        parse_hours(hours)


@pytest.mark.parametrize("hours", ["{}", "{mon: []}"])
def test_z19_a_calendar_without_any_open_hour_is_refused(hours: str) -> None:
    with pytest.raises(BadInput, match="line 2, hours: has no opening hour at all"):
        parse_calendar(f"zone: UTC\nhours: {hours}\n")
    with pytest.raises(BadInput, match="no opening hour at all"):
        due_time(Calendar("UTC"), at("2026-03-04T10:00Z"), timedelta(hours=1))


def test_g5_yearly_and_ranged_holidays_and_one_that_lacks_an_end() -> None:
    yearly, ranged = (
        DaysOff(date(2019, 5, 1), date(2019, 5, 1), is_yearly=True),
        DaysOff(date(2019, 7, 8), date(2019, 9, 1)),
    )
    assert [yearly.covers(date(year, 5, 1)) for year in (2018, 2019, 2026)] == [True] * 3
    assert [ranged.covers(day) for day in (date(2019, 7, 8), date(2019, 8, 1), date(2019, 9, 1))] == [True] * 3
    assert not ranged.covers(date(2019, 9, 2))
    assert not DaysOff(None, date(2019, 9, 1)).covers(date(2019, 9, 1))
    assert not DaysOff(date(2019, 9, 1), None).covers(date(2019, 9, 1))


@pytest.mark.parametrize(
    ("day", "minute", "zone", "instant"),
    [
        pytest.param(date(2014, 3, 9), 150, "America/Los_Angeles", "2014-03-09T03:30-07:00", id="B4"),
        pytest.param(date(2014, 11, 2), 90, "America/Los_Angeles", "2014-11-02T01:30-07:00", id="B5"),
        pytest.param(date(2015, 10, 17), 1440, "America/Sao_Paulo", "2015-10-18T01:00-02:00", id="B7"),
    ],
)
def test_wall_times_that_are_skipped_or_come_twice(day: date, minute: int, zone: str, instant: str) -> None:
    assert find_wall_instant(day, minute, ZoneInfo(zone)) == at(instant)


def test_b8_holidays_leave_their_days_out() -> None:
    biz = replace(CALENDARS["biz"], holidays=tuple(DaysOff(day, day) for day in (date(2006, 1, 16), date(2006, 1, 18))))
    found = list_openings(biz, at("2006-01-14T00:00Z"), at("2006-01-20T00:00Z"))
    assert [each.start.day for each in found] == [14, 17, 19]


def test_b9_hours_of_a_date_replace_those_of_its_weekday() -> None:
    shift = replace(CALENDARS["biz"], dates=((date(2006, 1, 4), (Span(8 * 60, 12 * 60),)),))
    found = list_openings(shift, at("2006-01-04T00:00Z"), at("2006-01-05T00:00Z"))
    assert [(each.start.hour, each.end.hour) for each in found] == [(8, 12)]


def test_b10_breaks_cut_a_day_in_three() -> None:
    breaks = read_pauses(["2006-01-04T10:00Z/2006-01-04T11:30Z", "2006-01-04T13:00Z/2006-01-04T14:00Z"])
    found = worked_time(CALENDARS["biz"], at("2006-01-04T00:00Z"), at("2006-01-05T00:00Z"), breaks)
    told = [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in found.used]
    assert told == ["09:00-10:00", "11:30-13:00", "14:00-17:00"]


def test_n13_a_year_that_is_not_announced_makes_the_answer_provisional() -> None:
    found = due_time(CHINA, at("2026-12-31T17:30+08:00"), timedelta(hours=1))
    assert (found.is_provisional, found.provisional_years) == (True, (2027,))
    assert not due_time(CHINA, at("2026-12-31T17:30+08:00"), timedelta(minutes=30)).is_provisional
    assert worked_time(CHINA, at("2027-03-01T00:00+08:00"), at("2027-03-02T00:00+08:00")).is_provisional
    assert not due_time(CALENDARS["plain"], at("2027-03-01T10:00+08:00"), timedelta(hours=1)).is_provisional
    starts = np.array(["2026-12-31T09:30", "2026-06-01T00:00", "2031-01-01T00:00"], "datetime64[us]")
    dues = due_times(CHINA, starts, np.array([3600, 3600, 3600]))
    assert find_provisional(CHINA, starts, dues).tolist() == [True, False, True]


def test_n12_the_workdays_of_each_year() -> None:
    table = load_workdays("CN")
    days_off = {
        year: sum(not table.is_workday(date(year, 1, 1) + timedelta(day)) for day in range(365))
        for year in (2024, 2025, 2026)
    }
    assert days_off == {2024: 115, 2025: 117, 2026: 117}
    assert [f"{day:%m-%d}" for day in table.years[2].makeup] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert [len(year.makeup) for year in table.years] == [8, 5, 6, 0]


def test_29_february_is_a_day_like_others_and_a_yearly_holiday_in_leap_years_only() -> None:
    always_open = make_calendar(Calendar("UTC", make_week("00:00-24:00", "mon-sun")))
    assert due_time(always_open, at("2024-02-28T12:00Z"), timedelta(hours=36)).due == at("2024-03-01T00:00Z")
    closed = parse_calendar("zone: UTC\nhours: {thu: ['09:00-17:00'], fri: ['09:00-17:00']}\nholidays: ['02-29']")
    assert find_opening(closed, at("2024-02-29T10:00Z")) == at("2024-03-01T09:00Z")
    assert find_opening(closed, at("2023-03-02T08:00Z")) == at("2023-03-02T09:00Z")


def test_a_calendar_whose_last_hours_are_over_says_so() -> None:
    once = parse_calendar("zone: UTC\ndates: {2026-03-07: ['10:00-16:00']}")
    assert due_time(once, at("2026-03-01T00:00Z"), timedelta(hours=6)).due == at("2026-03-07T16:00Z")
    with pytest.raises(BadInput, match="never used up"):
        due_time(once, at("2026-03-01T00:00Z"), timedelta(hours=7))
    forever = parse_calendar("zone: UTC\nhours: {mon: ['09:00-10:00']}\nholidays: ['2026-01-01/2998-12-31']")
    with pytest.raises(BadInput, match="never used up"):
        due_time(forever, at("2026-03-01T00:00Z"), timedelta(hours=1))


def test_hours_through_a_clock_change_count_what_passed() -> None:
    nights = Calendar("Europe/Berlin", make_week("00:00-06:00", "sun"))
    spring, autumn = (at(f"2025-{day}T00:00Z") for day in ("03-29", "10-25"))
    assert worked_time(nights, spring, spring + timedelta(days=2)).seconds == 5 * 3600
    assert worked_time(nights, autumn, autumn + timedelta(days=2)).seconds == 7 * 3600


def test_a_pause_without_an_end_has_no_due_time_but_tells_what_was_used() -> None:
    found = due_time(CHINA, at("2026-03-04T10:00+08:00"), timedelta(hours=4), [Pause(at("2026-03-04T11:00+08:00"))])
    assert (found.due, sum(each.seconds for each in found.used)) == (None, 3600)


def test_a_copy_of_a_calendar_is_the_calendar() -> None:
    every = [*CALENDARS.values(), parse_calendar("zone: UTC\nholidays: ['05-01', 2026-10-01/2026-10-07]\nalways: true")]
    assert [read_calendar(describe_calendar(each)) for each in every] == every


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("zone: Asia/Shangai", "line 1, zone: there is no time zone Asia/Shangai"),
        ("zone: UTC\nhours: {mon: [9-18]}", "line 2, hours.mon: '9-18' is no span of hours"),
        ("zone: UTC\nhours: {monday: ['09:00-18:00']}", "line 2, hours.monday: is not a known field"),
        ("zone: UTC\nalways: true\nworkdays: DE", "line 3, workdays: 'DE' is not known"),
        ("zone: UTC\nalways: true\nholidays: [2026-02-29]", "line 3, holidays: '2026-02-29' is no holiday"),
        ("zone: UTC\nalways: true\nholidays: [2026-03-02/2026-03-01]", "is no holiday"),
        ("zone: UTC\nalways: true\ndates: {2026-3-7: []}", "line 3, dates.2026-3-7: '2026-3-7' is no date"),
        ("zone: UTC\nalways: maybe", "line 2, always: 'maybe' is neither true nor false"),
        ("always: true", "line 1, zone: is missing"),
        ("zone: America\nalways: true", "there is no time zone America"),
    ],
)
def test_a_calendar_file_says_where_it_is_wrong(line: str, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_calendar(line)
    assert told in str(refused.value)


@pytest.mark.parametrize("text", ["", "h", "1d", "1.5h", "-1h", "one hour"])
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no target"):
        parse_target(text)


# What must hold of any calendar

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
minutes = st.integers(0, 1439)
spans = st.lists(
    st.tuples(minutes, st.integers(1, 600)).map(lambda pair: Span(pair[0], min(pair[0] + pair[1], 1440))), max_size=3
).map(tuple)
days = st.dates(date(2024, 12, 1), date(2026, 3, 1))
calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES),
    st.lists(spans, min_size=7, max_size=7).map(lambda week: (*week[:6], (*week[6], Span(600, 1020)))),
    workdays=st.sampled_from([None, load_workdays("CN")]),
    holidays=st.lists(days.map(lambda day: DaysOff(day, day)), max_size=4).map(tuple),
    dates=st.dictionaries(days, spans, max_size=3).map(lambda found: tuple(found.items())),
).map(make_calendar)
moments = st.integers(0, 365 * 86400).map(lambda seconds: at("2025-01-01T00:00Z") + timedelta(seconds=seconds))
targets = st.integers(0, 300 * 3600).map(lambda seconds: timedelta(seconds=seconds))
pauses = st.lists(
    st.tuples(moments, st.integers(0, 20 * 86400)).map(
        lambda pair: Pause(pair[0], pair[0] + timedelta(seconds=pair[1]))
    ),
    max_size=4,
)
few = settings(max_examples=25)


def find(
    calendar: Calendar, start: datetime, target: timedelta, taken: list[Pause] | tuple[Pause, ...] = ()
) -> datetime:
    found = due_time(calendar, start, target, taken).due
    assert found is not None
    return found.astimezone(ZoneInfo("UTC"))


@few
@given(calendars, moments, targets, pauses, st.tuples(moments, st.integers(0, 10 * 86400)))
def test_a_pause_never_brings_a_due_time_forward(
    calendar: Calendar, start: datetime, target: timedelta, taken: list[Pause], more: tuple[datetime, int]
) -> None:
    longer = [*taken, Pause(more[0], more[0] + timedelta(seconds=more[1]))]
    assert (
        find(calendar, start, target, longer) >= find(calendar, start, target, taken) >= find(calendar, start, target)
    )


@few
@given(calendars, moments, targets, st.data())
def test_splitting_an_interval_changes_nothing(
    calendar: Calendar, start: datetime, target: timedelta, data: st.DataObject
) -> None:
    def split(found: tuple[Span, ...]) -> tuple[Span, ...]:
        cuts = [data.draw(st.integers(span.start, span.end)) for span in found]
        halves = [
            half for span, cut in zip(found, cuts, strict=True) for half in (Span(span.start, cut), Span(cut, span.end))
        ]
        return tuple(half for half in halves if half.start < half.end)

    parts = replace(calendar, hours=tuple(split(day) for day in calendar.hours))
    assert find(parts, start, target) == find(calendar, start, target)


@few
@given(calendars, moments, targets, days)
def test_adding_a_holiday_never_brings_a_due_time_forward(
    calendar: Calendar, start: datetime, target: timedelta, day: date
) -> None:
    more = replace(calendar, holidays=(*calendar.holidays, DaysOff(day, day)))
    assert find(more, start, target) >= find(calendar, start, target)


@few
@given(calendars, moments, targets, pauses)
def test_a_due_time_is_the_first_at_which_the_target_is_worked(
    calendar: Calendar, start: datetime, target: timedelta, taken: list[Pause]
) -> None:
    due = find(calendar, start, target, taken)
    assert worked_time(calendar, start, due, taken).seconds == target.total_seconds()
    if target:
        before = worked_time(calendar, start, due - timedelta(microseconds=1), taken)
        assert before.seconds < target.total_seconds()


@few
@given(calendars, st.lists(st.tuples(moments, targets), min_size=1, max_size=20))
def test_many_at_once_are_what_one_by_one_are(calendar: Calendar, asked: list[tuple[datetime, timedelta]]) -> None:
    starts = np.array([start.replace(tzinfo=None) for start, _ in asked], "datetime64[us]")
    wanted = np.array([target.total_seconds() for _, target in asked]).astype(np.int64)
    dues = due_times(calendar, starts, wanted)
    one_by_one = [find(calendar, start, target) for start, target in asked]
    assert dues.tolist() == [due.replace(tzinfo=None) for due in one_by_one]
    assert worked_seconds(calendar, starts, dues).tolist() == wanted.tolist()
    assert worked_seconds(calendar, dues, starts).max() == 0 or wanted.min() < 0
    flags = [due_time(calendar, start, target).is_provisional for start, target in asked]
    assert find_provisional(calendar, starts, dues).tolist() == flags


def test_next_years_notice_is_missed_from_november_on() -> None:
    table = load_workdays("CN")
    assert tell_missing_year(table, date(2026, 10, 31)) is None
    missing = tell_missing_year(table, date(2026, 11, 1))
    assert missing is not None
    assert "2027" in missing.en
    assert parse_workdays(describe_workdays(table)) == table
    with pytest.raises(NotFound, match="no workday table of DE"):
        load_workdays("DE")


@pytest.mark.parametrize(
    ("holiday", "makeup"),
    [
        ("2025-10-01", []),  # of another year
        ("2026-10-01", ["2026-09-21"]),  # a Monday is worked anyway
        ("2026-10-01", ["2026-10-10", "2026-10-10"]),  # twice
        ("2026-10-10", ["2026-10-10"]),  # off and worked
    ],
)
def test_a_table_with_a_day_on_the_wrong_side_is_refused(holiday: str, makeup: list[str]) -> None:
    year = {"state": "announced", "notice": "n", "published": "2025-11-04", "makeup": makeup}
    year |= {"holidays": [{"zh": "假", "en": "day", "first": holiday, "last": holiday}]}
    with pytest.raises(BadInput, match="workday table of 2026 is wrong"):
        parse_workdays({"country": "CN", "years": {"2026": year}})


@pytest.mark.real
def test_every_row_of_the_shared_scenarios_is_tested(shared_data: Path) -> None:
    scenarios = (shared_data.parent / "scenarios" / "sla.md").read_text("utf-8")
    rows = re.findall(r"^\| ([ZCFGBN]\d+) \|", scenarios, re.MULTILINE)
    own = [path for name in ("", "../data/care") for path in (Path(__file__).parent / name).glob("*.*")]
    text = "\n".join(path.read_text("utf-8") for path in own)
    tested = re.sub(r"#.*", "", text).upper().replace("_", " ")
    assert len(rows) > 60
    assert [row for row in rows if not re.search(rf"\b{row}\b", tested)] == []
