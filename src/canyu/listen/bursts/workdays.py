"""Which days people work and rest in mainland China, because a holiday is not a burst."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from canyu.kit.words import Words

TABLE_FILE = Path(__file__).with_name("workdays.yaml")
SUNDAY, WEDNESDAY, SATURDAY = 6, 2, 5


@dataclass(frozen=True)
class Calendar:
    """The reviewed years, their holidays (day to name) and the weekend days worked to make up for them."""

    years: frozenset[int]
    rest: dict[date, str]
    work: frozenset[date]

    def classify_day(self, day: date) -> tuple[int, bool]:
        """Return the weekday (0 Monday to 6 Sunday) that a day behaves like, and whether people rest on it.

        A holiday behaves like a Sunday, a made-up working day like a Wednesday.

        >>> load_calendar().classify_day(date(2026, 10, 10)), load_calendar().classify_day(date(2026, 10, 1))
        ((2, False), (6, True))
        """
        if day in self.rest:
            return SUNDAY, True
        if day in self.work:
            return WEDNESDAY, False
        return day.weekday(), day.weekday() >= SATURDAY

    def describe_gap(self, first: date, last: date) -> Words | None:
        """Return a note about the years between two days that are not in the table, or none."""
        missing = [year for year in range(first.year, last.year + 1) if year not in self.years]
        if not missing:
            return None
        zh, en = "、".join(map(str, missing)), ", ".join(map(str, missing))
        return Words(
            f"{zh} 年的放假安排未收录，按星期几计算。", f"holidays of {en} are not known: weekdays alone count."
        )


@cache
def load_calendar(path: Path = TABLE_FILE) -> Calendar:
    """Read the reviewed table of holidays and made-up working days."""
    listed = yaml.safe_load(path.read_text("utf-8"))
    rest = {
        holiday["first"] + timedelta(days=offset): holiday["name"]
        for year in listed.values()
        for holiday in year["rest"]
        for offset in range((holiday["last"] - holiday["first"]).days + 1)
    }
    work = frozenset(day for year in listed.values() for day in year["work"])
    return Calendar(years=frozenset(listed), rest=rest, work=work)
