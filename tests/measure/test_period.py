"""A brand's days through clock changes, and what cannot be a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from canyu.kit.errors import BadInput
from canyu.kit.words import speak
from canyu.measure.period import find_previous, list_offsets, make_period, to_day, to_micros


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"])
def test_every_hour_of_a_year_falls_on_its_local_day(zone: str) -> None:
    offsets = list_offsets(date(2025, 1, 1), date(2025, 12, 31), zone)
    moment = make_period(date(2025, 1, 1), date(2025, 12, 31), zone).start
    for hour in range(365 * 24 - 2):
        at = moment + timedelta(hours=hour)
        offset = [shift for since, shift in offsets if since <= to_micros(at)][-1]
        number = (to_micros(at) + offset) // 86_400_000_000
        assert to_day(number) == at.astimezone(ZoneInfo(zone)).date()


def test_a_day_of_a_clock_change_has_23_or_25_hours() -> None:
    day = make_period(date(2025, 3, 30), date(2025, 3, 30), "Europe/Berlin")
    assert day.end - day.start == timedelta(hours=23)
    assert make_period(date(2025, 10, 26), date(2025, 10, 26), "Europe/Berlin").end == datetime(
        2025, 10, 26, 23, tzinfo=UTC
    )


def test_the_period_before_has_as_many_days() -> None:
    before = find_previous(make_period(date(2025, 4, 1), date(2025, 4, 7), "Asia/Shanghai"))
    assert (before.first, before.last) == (date(2025, 3, 25), date(2025, 3, 31))


@pytest.mark.parametrize(
    ("first", "last", "zone", "words"),
    [
        (date(2025, 4, 2), date(2025, 4, 1), "UTC", "Exchange the two days"),
        (date(2025, 4, 1), date(2025, 4, 1), "Mars/Olympus", "There is no time zone"),
        (date(2025, 4, 1), date(2025, 4, 1), "../../etc/passwd", "There is no time zone"),
        (date(1900, 1, 1), date(2025, 4, 1), "UTC", "longer than ten years"),
        (date(1, 1, 1), date(1, 1, 2), "UTC", "Check the years"),
    ],
)
def test_what_is_no_period_is_refused_with_the_mend(first: date, last: date, zone: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        make_period(first, last, zone)


def test_a_period_is_refused_in_chinese() -> None:
    with pytest.raises(BadInput) as refused:
        make_period(date(2025, 4, 2), date(2025, 4, 1), "Asia/Shanghai")
    with speak("zh-hans"):
        assert str(refused.value) == "期间的结束日（2025-04-01）早于开始日（2025-04-02）。 请对调这两天。"
