"""A year before, day by day: what moves with the moon is aligned by the festival, everything else by its date.

11.11, 6.18 and the national holidays stand on fixed dates, so the same date is their peer. The Spring Festival moves by
up to a month: the days around it are compared with those around the festival of the year before.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

TABLE = Path(__file__).with_name("festivals.yaml")


class Spring(NamedTuple):
    """The reviewed table: first days of the Chinese year, and how many days around one belong to it."""

    first_days: dict[int, date]
    before: int
    after: int


class Stretch(NamedTuple):
    """Days of this year in a row, and how many days earlier their peers are."""

    first: date
    last: date
    days_back: int


@lru_cache(maxsize=1)
def load_spring() -> Spring:
    """Return the table of the Spring Festival."""
    told = yaml.safe_load(TABLE.read_text("utf-8"))["spring"]
    return Spring({day.year: day for day in told["first_days"]}, told["before"], told["after"])


def find_peer(day: date) -> date | None:
    """Return the day of the year before that is like this one; None where there is none.

    A plain day whose date fell into the festival a year before has no peer, nor has the 29th of February.

    >>> find_peer(date(2025, 1, 29)), find_peer(date(2025, 11, 11)), find_peer(date(2025, 2, 24))
    (datetime.date(2024, 2, 10), datetime.date(2024, 11, 11), None)
    """
    spring = load_spring()
    if day.year not in spring.first_days or day.year - 1 not in spring.first_days:
        raise BadInput(
            Words(
                f"没有 {day.year} 年与上一年的春节日期。", f"The Spring Festivals to compare {day.year} are not known."
            ),
            mend=Words("请在 festivals.yaml 中补上经核对的日期。", "Add reviewed dates to festivals.yaml."),
        )
    offset = (day - spring.first_days[day.year]).days
    if -spring.before <= offset <= spring.after:
        return spring.first_days[day.year - 1] + timedelta(days=offset)
    if (day.month, day.day) == (2, 29):
        return None
    peer = day.replace(year=day.year - 1)
    offset = (peer - spring.first_days[peer.year]).days
    return None if -spring.before <= offset <= spring.after else peer


def list_stretches(days: tuple[date, ...]) -> tuple[Stretch, ...]:
    """Return the days that have a peer, in rows of which all are equally far from theirs.

    >>> [stretch.days_back for stretch in list_stretches((date(2025, 3, 1), date(2025, 3, 2)))]
    [365]
    """
    found: list[Stretch] = []
    for day in days:
        peer = find_peer(day)
        if peer is None:
            continue
        back = (day - peer).days
        if found and found[-1].days_back == back and found[-1].last == day - timedelta(days=1):
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(Stretch(day, day, back))
    return tuple(found)
