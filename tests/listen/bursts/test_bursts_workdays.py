"""The working calendar, against the days that the State Council announced."""

from __future__ import annotations

from datetime import date

import pytest

from canyu.listen.bursts import load_calendar


@pytest.mark.parametrize(("year", "holidays", "made_up"), [(2024, 30, 8), (2025, 28, 5), (2026, 33, 6)])
def test_each_year_has_its_announced_days(year: int, holidays: int, made_up: int) -> None:
    calendar = load_calendar()
    assert sum(day.year == year for day in calendar.rest) == holidays
    assert sum(day.year == year for day in calendar.work) == made_up


def test_made_up_days_are_weekend_days_and_never_holidays() -> None:
    calendar = load_calendar()
    assert all(day.weekday() >= 5 for day in calendar.work)
    assert not calendar.work & set(calendar.rest)


def test_a_day_behaves_as_announced() -> None:
    calendar = load_calendar()
    assert calendar.classify_day(date(2026, 2, 17)) == (6, True)  # Tuesday, Spring Festival
    assert calendar.classify_day(date(2025, 9, 28)) == (2, False)  # Sunday, worked
    assert calendar.classify_day(date(2026, 7, 11)) == (5, True)  # a Saturday
    assert calendar.classify_day(date(2026, 7, 10)) == (4, False)


def test_an_unannounced_year_counts_by_weekday_and_is_said() -> None:
    calendar = load_calendar()
    assert calendar.classify_day(date(2031, 10, 1)) == (2, False)
    note = calendar.describe_gap(date(2026, 12, 1), date(2027, 1, 5))
    assert note is not None
    assert "2027" in note.en
    assert calendar.describe_gap(date(2024, 1, 1), date(2026, 12, 31)) is None
