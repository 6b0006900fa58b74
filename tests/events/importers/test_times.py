"""Written times: read to the instant or refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.events.importers.times import MENDS, read_times

ZONE = "Asia/Shanghai"
CAPTURED = datetime(2026, 8, 12, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai


def read_one(text: str, zone: str = ZONE, captured: datetime | None = None) -> tuple[str | None, str]:
    instants, reasons = read_times(pa.chunked_array([[text]]), zone=zone, captured=captured)
    moment = instants[0].as_py()
    return (None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")), reasons[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-12 10:00:00",
        "2026/8/12 10:00",
        "2026.08.12 10:00",
        "2026年8月12日 10:00",
        "2026年08月12日10时00分00秒",
        "20260812 1000",
        "20260812T100000",
        "2026-08-12T10:00:00.000",
        "2026-08-12T10:00:00+08:00",
        "2026-08-12T02:00:00Z",
        "2026-08-12 02:00:00 UTC",
        "2026-08-11T21:00:00-0500",
        " 2026-08-12 10:00 ",
        "1786500000",
        "1786500000000",
        "Wed Aug 12 10:00:00 +0800 2026",
        "Wed, 12 Aug 2026 10:00:00 +0800",
    ],
)
def test_one_instant_in_many_hands(text: str) -> None:
    assert read_one(text) == ("2026-08-12 02:00:00", "")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-08-12 24:00", "2026-08-12 16:00:00"),
        ("2026-08-12", "2026-08-11 16:00:00"),
        ("2026-08", "2026-07-31 16:00:00"),
        ("2026年8月", "2026-07-31 16:00:00"),
        ("2024-02-29", "2024-02-28 16:00:00"),
    ],
)
def test_midnights_days_and_months(text: str, instant: str) -> None:
    assert read_one(text) == (instant, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_time"),
        ("昨天下午", "unreadable_time"),
        ("2026-02-29", "unreadable_time"),
        ("2026-13-01", "unreadable_time"),
        ("2026-08-12 25:00", "unreadable_time"),
        ("2026-08-12 24:01", "unreadable_time"),
        ("12/08/2026", "unreadable_time"),
        ("2026-08-12 10:00 abc", "unreadable_time"),
        ("2026-08-12 10:00+99:00", "unreadable_time"),
        ("45881.4", "unreadable_time"),
        ("3分钟前", "relative_time"),
        ("刚刚", "relative_time"),
        ("昨天 10:00", "relative_time"),
        ("8月12日 10:00", "relative_time"),
        ("08-12", "relative_time"),
    ],
)
def test_what_is_no_time_says_why(text: str, reason: str) -> None:
    assert read_one(text) == (None, reason)
    assert MENDS[reason].zh


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("3分钟前", "2026-08-12 02:27:00"),
        ("2小时前", "2026-08-12 00:30:00"),
        ("刚刚", "2026-08-12 02:30:00"),
        ("5 minutes ago", "2026-08-12 02:25:00"),
        ("今天 09:15", "2026-08-12 01:15:00"),
        ("昨天 23:59", "2026-08-11 15:59:00"),
        ("08-01 12:00", "2026-08-01 04:00:00"),
        ("12月31日 12:00", "2025-12-31 04:00:00"),
    ],
)
def test_relative_times_are_read_from_when_the_file_was_captured(text: str, instant: str) -> None:
    assert read_one(text, captured=CAPTURED) == (instant, "")


def test_a_clock_without_a_zone_is_refused_and_an_instant_is_not() -> None:
    assert read_one("2026-08-12 10:00", zone="") == (None, "no_zone")
    assert read_one("2026-08-12T10:00+08:00", zone="") == ("2026-08-12 02:00:00", "")


def test_typed_times_and_dates() -> None:
    stamps = pa.chunked_array([[datetime(2026, 8, 12, 10, tzinfo=UTC), None]])
    instants, reasons = read_times(stamps)
    assert (instants[0].as_py(), reasons) == (datetime(2026, 8, 12, 10, tzinfo=UTC), ["", "no_time"])
    instants, reasons = read_times(pa.chunked_array([[date(2026, 8, 12)]]), zone=ZONE)
    assert (instants[0].as_py(), reasons) == (datetime(2026, 8, 11, 16, tzinfo=UTC), [""])
    assert read_times(pa.chunked_array([[date(2026, 8, 12)]]))[1] == ["no_zone"]


def test_hours_that_a_clock_change_repeats_or_leaves_out() -> None:
    assert read_one("2025-10-26 01:30", "Europe/London") == ("2025-10-26 00:30:00", "")
    assert read_one("2025-03-30 01:30", "Europe/London") == ("2025-03-30 01:00:00", "")


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - clocks
def test_every_clock_time_is_read_as_python_reads_it(moment: datetime) -> None:
    instants, reasons = read_times(pa.chunked_array([[moment.isoformat(sep=" ")]]), zone="UTC")
    assert (instants[0].as_py(), reasons) == (moment.replace(tzinfo=UTC), [""])


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    instants, reasons = read_times(
        pa.chunked_array([[text.encode("utf-8", "ignore").decode()]]), zone="UTC", captured=CAPTURED
    )
    assert (instants[0].as_py() is None) == (reasons[0] != "")
