"""When people speak and buy: hours, weekdays and the festivals of one year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import numpy as np

from canyu.rehearse.arrays import Codes, Floats, Ints
from canyu.rehearse.market import Market
from canyu.rehearse.settings import load_settings

SHANGHAI = timezone(timedelta(hours=8))
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def list_known_years() -> list[int]:
    """Return the years whose lunar festivals are known."""
    return sorted(load_settings("seasons")["lunar"])


def to_ms(moment: datetime) -> int:
    """Return milliseconds since 1970 (UTC) of an aware moment.

    >>> to_ms(datetime(1970, 1, 2, tzinfo=UTC))
    86400000
    """
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival of the year: its days, and what it does to speaking and buying in which markets."""

    id: str
    name: str
    first: date
    last: date
    talk: float
    trade: float
    where: str


def list_festivals(year: int) -> list[Festival]:
    """Return the festivals of a year, in the order of the file.

    >>> next(str(f.first) for f in list_festivals(2025) if f.id == "spring_festival")
    '2025-01-28'
    """
    settings = load_settings("seasons")
    lunar = settings["lunar"][year]
    found = []
    for row in settings["festivals"]:
        day = date.fromisoformat(f"{year}-{lunar.get(row['day'], row['day'])}")
        first, last = (day + timedelta(days=row[edge]) for edge in ("from", "to"))
        found.append(Festival(row["id"], row["zh"], first, last, row["talk"], row["trade"], row["where"]))
    return found


class Seasons:
    """The calendar of one year in the brand's zone (Shanghai): its days, and factors per day and market."""

    def __init__(self, year: int, market: Market) -> None:
        self.year = year
        self.market = market
        self.start = datetime(year, 1, 1, tzinfo=SHANGHAI)
        self.end = datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
        self.start_ms, self.end_ms = to_ms(self.start), to_ms(self.end)
        self.festivals = list_festivals(year)

    @cached_property
    def days(self) -> list[date]:
        """Every day of the year."""
        return [self.start.date() + timedelta(days=n) for n in range((self.end - self.start).days)]

    @cached_property
    def talk(self) -> Floats:
        """How much is spoken, per day and market, against a plain day."""
        return self._build_factors("talk")

    @cached_property
    def trade(self) -> Floats:
        """How much is bought, per day and market, against a plain day."""
        return self._build_factors("trade")

    def find_moment(self, text: str) -> int:
        """Return the milliseconds of a month-day and Shanghai time as ``02-27 19:00`` in this year."""
        return to_ms(datetime.fromisoformat(f"{self.year}-{text}").replace(tzinfo=SHANGHAI))

    def find_day(self, text: str) -> int:
        """Return the number (0 is January the 1st) of the day of a month-day, with or without a time."""
        return (date.fromisoformat(f"{self.year}-{text[:5]}") - self.days[0]).days

    def draw_times(self, random: np.random.Generator, days: Ints, markets: Codes, kind: str) -> Ints:
        """Return a time in milliseconds for each row, on its Shanghai day, by its market's own waking hours."""
        weights = np.array(load_settings("seasons")["hours"][kind], float)
        edges = np.cumsum(weights / weights.sum())
        hours = np.minimum(np.searchsorted(edges, random.random(len(days)), side="right"), 23)
        local = hours * HOUR_MS + random.integers(0, HOUR_MS, len(days))
        shift = (8 - self.market.utc_offset_h[markets]) * HOUR_MS
        within: Ints = (local + shift.astype(np.int64)) % DAY_MS
        return self.start_ms + days.astype(np.int64) * DAY_MS + within

    def _build_factors(self, kind: str) -> Floats:
        weekday = load_settings("seasons")["weekdays"][kind]
        base = np.array([weekday[day.weekday()] for day in self.days])
        factors = np.repeat(base[:, None], len(self.market.markets), axis=1)
        for festival in self.festivals:
            held = np.array([festival.first <= day <= festival.last for day in self.days])
            there = np.array([_is_there(festival, row) for row in self.market.markets])
            factors[np.ix_(held, there)] *= festival.talk if kind == "talk" else festival.trade
        return factors


def _is_there(festival: Festival, market: dict[str, Any]) -> bool:
    return festival.where == "all" or market["id"] in festival.where.split()
