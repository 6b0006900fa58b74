"""Where the components work: one part of the year, with everything they may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from canyu.events import Verb
from canyu.rehearse.arrays import Flags, Floats, Ints, Serials
from canyu.rehearse.blocks import Block, Seed
from canyu.rehearse.grammar import Phrasebook, load_phrasebook
from canyu.rehearse.kols.audience import build_audience
from canyu.rehearse.kols.authors import Kols
from canyu.rehearse.kols.cast import build_cast
from canyu.rehearse.market import Market, load_market
from canyu.rehearse.people import People
from canyu.rehearse.plan import MarketPlan
from canyu.rehearse.seasons import Seasons
from canyu.rehearse.streams import get_first_serial, make_stream
from canyu.rehearse.tally import Tally


@dataclass(frozen=True)
class World:
    """What stays the same through the year."""

    plan: MarketPlan
    tally: Tally = field(default_factory=Tally)

    @cached_property
    def market(self) -> Market:
        """The market."""
        return load_market()

    @cached_property
    def seasons(self) -> Seasons:
        """The year's calendar."""
        return Seasons(self.plan.year, self.market)

    @cached_property
    def people(self) -> People:
        """Everybody."""
        return People(self.market, self.plan.scale)

    @cached_property
    def kols(self) -> Kols:
        """The KOL accounts and their audiences."""
        cast = build_cast(self.plan, self.market)
        return Kols(cast, build_audience(self.plan, cast, self.people))

    @cached_property
    def phrases(self) -> Phrasebook:
        """The grammar."""
        return load_phrasebook()


@dataclass(frozen=True, slots=True)
class Span:
    """One part of the year: its number and its days, ``last`` included."""

    part: int
    name: str
    first: int
    last: int

    def holds(self, day: int) -> bool:
        """Tell whether a day is in this part."""
        return self.first <= day <= self.last


def list_spans(world: World) -> list[Span]:
    """Return the parts of the year: months, each cut in equal spans of days where a month would be too large."""
    spans: list[Span] = []
    for month in range(1, 13):
        days = np.array([n for n, day in enumerate(world.seasons.days) if day.month == month])
        pieces = np.array_split(days, world.plan.parts_per_month)
        for number, piece in enumerate(pieces):
            name = f"{world.plan.year}-{month:02d}" + (f"-{number + 1:02d}" if len(pieces) > 1 else "")
            spans.append(Span(len(spans), name, int(piece[0]), int(piece[-1])))
    return spans


class Stage:
    """One component at work on one part: its own random stream, its own serial numbers."""

    def __init__(self, world: World, span: Span, component: str) -> None:
        self.world = world
        self.span = span
        self.component = component
        self.random = make_stream((world.plan.seed, world.plan.year), component, span.part)
        self.aside = make_stream((world.plan.seed, world.plan.year), f"{component}-kols", span.part)
        """Chance for what KOLs do, apart from ``random``: with or without them the rest is the same."""
        self._next = get_first_serial(component, span.part)

    @property
    def tally(self) -> Tally:
        """Where it counts what it plants."""
        return self.world.tally

    def number(self, count: int) -> Serials:
        """Return ``count`` serial numbers never given before."""
        first = self._next
        self._next += count
        return np.arange(first, first + count, dtype=np.uint64)

    def make(self, verb: Verb, seed: Seed) -> Block:
        """Return a block of events of one verb, without those after the year's end (counted as cut off)."""
        if len(seed.time) and seed.time.max() >= self.world.seasons.end_ms:
            inside = seed.time < self.world.seasons.end_ms
            self.tally.add("counts/cut_off_at_year_end", int((~inside).sum()))
            seed = seed.take(inside)
        count = len(seed.time)
        parent = seed.parent if len(seed.parent) else np.zeros(count, np.uint64)
        return Block(
            verb,
            self.number(count),
            seed.time,
            seed.market,
            seed.channel,
            seed.actor,
            parent,
            seed.product,
            seed.tone,
        )

    def delay(self, count: int, median_minutes: float | Floats, sigma: float) -> Ints:
        """Return log-normal delays in milliseconds, never under a second."""
        drawn = np.exp(self.random.normal(0.0, sigma, count)) * median_minutes * 60_000.0
        return np.maximum(drawn, 1_000.0).astype(np.int64)

    def happens(self, odds: float | Floats, count: int) -> Flags:
        """Return for each row whether something of the given odds happens."""
        drawn: Flags = self.random.random(count) < odds
        return drawn


def follow(block: Block, rows: Ints | Flags, time: Ints, actor: Ints) -> Seed:
    """Return what answers some events of a block: same market, channel and product, with them as parents."""
    return Seed(
        time,
        block.market[rows],
        block.channel[rows],
        actor,
        block.product[rows],
        block.tone[rows],
        block.serial[rows],
    )
