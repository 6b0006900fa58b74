"""When campaigns began: marks on the time axes of spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.axes import Mark
from canyu.measure.facts import Reader, identify_lake
from canyu.ops.evidence.once import Once

MOST_MARKS = 6


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as the lake knows it: its name, its first and last event, and how many it has."""

    name: str
    first: datetime
    last: datetime
    events: int


def list_campaigns(lake: Lake) -> tuple[Campaign, ...]:
    """Return the campaigns of a lake by their first event; read once per data version."""

    def read() -> tuple[Campaign, ...]:
        rows = Reader(lake).ask(sum_campaigns, "events").table.to_pylist()
        return tuple(Campaign(**row) for row in sorted(rows, key=lambda row: (row["first"], row["name"])))

    return _CAMPAIGNS.get((identify_lake(lake), lake.version("events")), read)


def sum_campaigns(events: ir.Table) -> ir.Table:
    """Return name, first and last moment and number of events of every campaign."""
    rows = events.filter(events.campaign.notnull(), events.campaign != "")
    return rows.group_by(name=rows.campaign).aggregate(
        first=ibis._.time.min(), last=ibis._.time.max(), events=ibis._.count()
    )


def choose_campaigns(campaigns: Sequence[Campaign], begin: datetime, end: datetime) -> tuple[Campaign, ...]:
    """Return the campaigns that began in a stretch of time, in order; of many the ``MOST_MARKS`` largest."""
    began = [one for one in campaigns if begin <= one.first < end]
    kept = sorted(began, key=lambda one: (-one.events, one.name))[:MOST_MARKS]
    return tuple(sorted(kept, key=lambda one: (one.first, one.name)))


def make_marks(campaigns: Sequence[Campaign], zone: str) -> tuple[Mark, ...]:
    """Return each campaign as a mark on the day that it began."""
    place = ZoneInfo(zone)
    return tuple(Mark(one.first.astimezone(place).date(), Words(one.name, one.name)) for one in campaigns)


_CAMPAIGNS = Once(4)
