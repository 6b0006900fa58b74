"""Official days off and make-up workdays, as a reviewed table per year that says whether its notice is out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.kit.yamlio import load_yaml

COUNTRIES = ("CN",)
SATURDAY = 5
ALARM_MONTH = 11
"""The notice of the next year is published in late October or in November; it is looked for from here on."""


class YearState(StrEnum):
    """How far a year's arrangement is known."""

    ANNOUNCED = "announced"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class NamedHoliday:
    """An official holiday and all of its days off, both included."""

    name: Words
    first: date
    last: date

    def list_days(self) -> list[date]:
        """Return its days."""
        return [self.first + timedelta(days) for days in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class WorkdayYear:
    """One year of a table: the days off, the weekends that are worked, and the notice that says so."""

    year: int
    state: YearState
    notice: str
    published: date
    holidays: tuple[NamedHoliday, ...]
    makeup: tuple[date, ...]


@dataclass(frozen=True)
class WorkdayTable:
    """A country's years; a value, so that a calendar can be copied with it and stays as it was."""

    country: str
    years: tuple[WorkdayYear, ...] = field(default=())

    @cached_property
    def days_off(self) -> frozenset[date]:
        """Every official day off, those on weekends too."""
        return frozenset(day for year in self.years for each in year.holidays for day in each.list_days())

    @cached_property
    def makeup_days(self) -> frozenset[date]:
        """Every Saturday and Sunday that is worked."""
        return frozenset(day for year in self.years for day in year.makeup)

    @cached_property
    def announced_years(self) -> frozenset[int]:
        """The years whose notice is out."""
        return frozenset(year.year for year in self.years if year.state is YearState.ANNOUNCED)

    def is_provisional(self, year: int) -> bool:
        """Say whether what is reckoned with a year may still change, for its notice is not in the table."""
        return year not in self.announced_years

    def is_workday(self, day: date) -> bool:
        """Say whether a day is worked: Monday to Friday but days off, and make-up days.

        >>> table = load_workdays("CN")
        >>> [table.is_workday(date(2026, 2, day)) for day in (13, 14, 15, 16)]
        [True, True, False, False]
        """
        if day in self.makeup_days:
            return True
        return day not in self.days_off and day.weekday() < SATURDAY

    def find_holiday(self, day: date) -> NamedHoliday | None:
        """Return the holiday that a day off belongs to, or None."""
        return next((each for year in self.years for each in year.holidays if each.first <= day <= each.last), None)


@lru_cache
def load_workdays(country: str = "CN") -> WorkdayTable:
    """Return the reviewed table of a country. Raises NotFound for one that has none."""
    if country not in COUNTRIES:
        raise NotFound(
            Words(f"没有 {country} 的工作日表。", f"There is no workday table of {country}."),
            mend=Words(f"可用：{'、'.join(COUNTRIES)}。", f"There are: {', '.join(COUNTRIES)}."),
        )
    text = Path(__file__).with_name(f"workdays_{country.lower()}.yaml").read_text("utf-8")
    return parse_workdays(load_yaml(text))


def parse_workdays(found: Mapping[str, Any]) -> WorkdayTable:
    """Return the table that a file's content holds. Raises BadInput where a day is on the wrong side or twice."""
    years = tuple(_parse_year(int(number), each) for number, each in sorted(found["years"].items()))
    return WorkdayTable(str(found["country"]), years)


def describe_workdays(table: WorkdayTable) -> dict[str, Any]:
    """Return a table as plain values that JSON can hold, and ``parse_workdays`` reads."""
    return {
        "country": table.country,
        "years": {
            str(year.year): {
                "state": year.state.value,
                "notice": year.notice,
                "published": year.published.isoformat(),
                "holidays": [
                    {**each.name._asdict(), "first": each.first.isoformat(), "last": each.last.isoformat()}
                    for each in year.holidays
                ],
                "makeup": [day.isoformat() for day in year.makeup],
            }
            for year in table.years
        },
    }


def tell_missing_year(table: WorkdayTable, today: date) -> Words | None:
    """Return what is to be done while next year's notice is not in the table, from 1 November on; else None.

    >>> tell_missing_year(load_workdays("CN"), date(2025, 11, 1)) is None
    True
    """
    wanted = today.year + (today.month >= ALARM_MONTH)
    if not table.is_provisional(wanted):
        return None
    return Words(
        f"{wanted} 年的放假安排还没有确认：所有落在该年的到期时间都是暂定的。请在通知发布后核对并补上。",
        f"The days off of {wanted} are not confirmed: every due time in it is provisional. "
        "Add the notice once it is published.",
    )


def _parse_year(number: int, found: Mapping[str, Any]) -> WorkdayYear:
    holidays = tuple(
        NamedHoliday(Words(each["zh"], each["en"]), _read_day(each["first"]), _read_day(each["last"]))
        for each in found["holidays"]
    )
    makeup = tuple(_read_day(day) for day in found["makeup"])
    days = [day for each in holidays for day in each.list_days()]
    _check_days(number, days, makeup)
    published = _read_day(found["published"])
    return WorkdayYear(number, YearState(found["state"]), str(found["notice"]), published, holidays, makeup)


def _read_day(found: date | str) -> date:
    """Return a day: YAML reads it as one, JSON as a text."""
    return date.fromisoformat(found) if isinstance(found, str) else found


def _check_days(year: int, days_off: list[date], makeup: Iterable[date]) -> None:
    """Refuse days of another year, days that are both, twice or backwards, and make-up days that are no weekend."""
    worked = list(makeup)
    every = [*days_off, *worked]
    wrong = [day for day in every if day.year != year]
    wrong += [day for day in worked if day.weekday() < SATURDAY]
    wrong += [day for day in set(every) if every.count(day) > 1]
    if wrong or not days_off:
        told = ", ".join(str(day) for day in sorted(set(wrong)))
        raise BadInput(
            Words(f"{year} 年的工作日表有误：{told}。", f"The workday table of {year} is wrong: {told}."),
            mend=Words(
                "休息日和补班日须在当年、不重复，补班日须是周末。",
                "Days off and make-up days are of the year, each once, and a make-up day is a Saturday or Sunday.",
            ),
        )
