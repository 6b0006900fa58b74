"""What a metric is asked for: period, dimensions, filters and windows; checked before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate


class Versus(StrEnum):
    """What a value is compared with."""

    NOTHING = ""
    PREVIOUS = "previous"
    YEAR = "year"


class Asked(TypedDict, total=False):
    """What may be said of a metric beside its name and period; the fields of ``MetricQuery``."""

    zone: str
    brand: str
    channel: str
    market: str
    campaign: str
    object: str
    segment: str
    title: str
    message: str
    against: str
    home: str
    currency: str
    rivals: tuple[str, ...]
    without: tuple[str, ...]
    is_once: bool
    window_days: int
    minutes: int
    hours: int
    since: datetime
    as_of: datetime
    incremental: Estimate
    target: float
    versus: Versus | str


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """A metric over days (both included, in ``zone``); an empty filter means all.

    ``by`` are its dimensions; ``title`` what the titles on a list contain, in any case; ``against`` the channel
    compared with; ``home`` the market that is not overseas; ``rivals`` the brands it is held against; ``without``
    actors left out (a brand's own accounts); ``is_once`` leaves copies out. ``window_days``, ``minutes`` and
    ``hours`` are lengths of windows, ``since`` the instant at which one opens. ``as_of`` is when we look: by
    default the last event of the lake, so that what is open then is told apart. ``incremental`` is what a lift
    design found.
    """

    name: str
    start: date
    end: date
    by: tuple[str, ...] = ()
    zone: str = "Asia/Shanghai"
    brand: str = ""
    channel: str = ""
    market: str = ""
    campaign: str = ""
    object: str = ""
    segment: str = ""
    title: str = ""
    message: str = ""
    against: str = ""
    home: str = "cn"
    currency: str = "CNY"
    rivals: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    is_once: bool = False
    window_days: int | None = None
    minutes: int = 10
    hours: int = 24
    since: datetime | None = None
    as_of: datetime | None = None
    incremental: Estimate | None = None
    target: float | None = None
    versus: Versus = Versus.NOTHING


def make_query(name: str, start: date, end: date, by: Iterable[str], asked: Asked) -> MetricQuery:
    """Return the query of what was asked. Raises BadInput for a word that no metric knows."""
    if isinstance(by, str):
        by = by.split(",")
    known = {field.name for field in fields(MetricQuery)}
    unknown = [word for word in asked if word not in known]
    if unknown:
        raise BadInput(
            Words(f"指标没有 {unknown[0]} 这一项。", f"No metric takes {unknown[0]}."),
            mend=Words("见 MetricQuery 的各项。", "See the fields of MetricQuery."),
        )
    told = {**asked, "rivals": tuple(asked.get("rivals", ())), "without": tuple(asked.get("without", ()))}
    versus = asked.get("versus", "")
    if versus not in list(Versus):
        raise BadInput(
            Words(f"versus={versus!r} 不是一种比较。", f"versus={versus!r} is no comparison."),
            mend=Words("请用 previous 或 year。", "Use previous or year."),
        )
    told |= {"versus": Versus(versus)}
    return MetricQuery(name, start, end, tuple(part for part in by if part), **told)  # type: ignore[arg-type]
