"""A figure that can be opened: value, interval, definition, query, data version. None is shown without these."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from canyu.kit.words import Words


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """What an overview is asked for: days (both included, in ``zone``) and filters; empty means all."""

    start: date
    end: date
    zone: str = "Asia/Shanghai"
    brand: str = ""
    channel: str = ""
    market: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """How a figure came to be, enough to compute it again and get the same digits."""

    definition: Words
    sql: str
    versions: dict[str, int]
    rows: int
    engine: str
    caveats: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number for people. ``value`` is None where it is missing, and ``missing`` says why.

    ``once`` is the same with each text counted once, copies of earlier ones left out; None where that means nothing.
    """

    name: str
    label: Words
    value: float | int | None
    unit: Words
    proof: Proof
    interval: tuple[float, float] | None = None
    previous: float | int | None = None
    missing: Words | None = None
    once: float | int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: a Vega-Lite spec that says what is seen (title) and what is plotted (subtitle), and its table."""

    name: str
    title: Words
    subtitle: Words
    table: pa.Table
    proof: Proof


@dataclass(frozen=True, slots=True)
class Overview:
    """The word-of-mouth overview of one period: what the Pulse page, the report and the PDF all show."""

    query: OverviewQuery
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    simulated: bool = False
    notes: tuple[Words, ...] = field(default=())
