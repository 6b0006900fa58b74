"""All reads of the lake for campaigns: what came since a reader stopped, orders before what answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir

from canyu.events import Lake, Verb
from canyu.measure.catalogue.rows import ORDER_NUMBER
from canyu.measure.props import read_prop
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.reading.models import Bookmark
from canyu.ops.campaigns.rules import CampaignState
from canyu.ops.lakes import name_lake

AFTER_CLOSE = timedelta(days=60)
"""Refunds come late: a closed campaign is followed for so long."""
AT_ONCE = 1_000
MEMBER = r'"member"\s*:\s*"([A-Za-z0-9_-]{1,32})"'
COLUMNS = ("id", "type", "time", "source", "actor", "object", "parent", "campaign", "value", "currency")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the lake as campaigns need it.

    ``number`` is the shop's own number of an order and ``member`` the share code of who ordered, where they are told.
    """

    id: str
    type: str
    time: datetime
    source: str
    actor: str | None
    object: str | None
    parent: str | None
    campaign: str | None
    value: int | None
    currency: str | None
    number: str
    member: str

    @property
    def order(self) -> str:
        """What an order is known by however often it is told: the shop's number, else the event's own id."""
        return self.number or self.id


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, under a name of its own: which verb counts, and which of its events are this campaign's."""

    name: str
    verb: Verb
    is_ours: Callable[[Told], bool]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one reader of one campaign has not read yet: from one version of the lake (None: all of it) to another."""

    campaign: Campaign
    reader: str
    lake: str
    since: int | None
    until: int


@dataclass(frozen=True, slots=True)
class News:
    """What one reader of one campaign has not taken in yet, and where in the lake it was."""

    stretch: Stretch
    rows: list[Told]


def list_followed(now: datetime) -> list[Campaign]:
    """Return the campaigns whose events still count: live ones, and those closed not too long ago."""
    live = Campaign.objects.filter(state=CampaignState.LIVE)
    closed = Campaign.objects.filter(state=CampaignState.CLOSED, state_at__gt=now - AFTER_CLOSE).exclude(released_by="")
    return list((live | closed).order_by("pk"))


def find_stretch(lake: Lake, campaign: Campaign, reader: str) -> Stretch | None:
    """Return what a reader has not read yet, everything on another lake than before; None where no version came."""
    version, identity = lake.version(), name_lake(lake)
    kept = Bookmark.objects.filter(campaign=campaign, reader=reader, lake=identity).first()
    since = kept.version if kept else None
    return None if version is None or version == since else Stretch(campaign, reader, identity, since, version)


def read_news(lake: Lake, campaign: Campaign, reader: Reader) -> News | None:
    """Return what the lake has of a campaign since the reader's bookmark; None where no version came.

    What the reader counts comes first by time, then (of orders) every refund; a refund that came before its order is
    found again when the order comes. After a compaction, or on another lake, rows come more than once.
    """
    stretch = find_stretch(lake, campaign, reader.name)
    if stretch is None:
        return None
    begins = campaign.starts_at or campaign.made_at
    added = lake.scan_news(stretch.since, stretch.until)
    first = [one for one in _read(lake, added, begins, reader.verb) if reader.is_ours(one)]
    refunds = _read(lake, added, begins, Verb.REFUND) if reader.verb == Verb.ORDER else []
    if stretch.since is not None and reader.verb == Verb.ORDER:
        known = {one.id for one in refunds}
        refunds += [one for one in _read_earlier(lake, first, stretch.until) if one.id not in known]
    rows = [*first, *sorted(refunds, key=lambda one: (one.time, one.id))]
    return News(stretch, rows)


def find_number(events: ir.Table) -> ir.StringColumn:
    """Return the shop's own number of each order or refund, empty where its event tells none."""
    return read_prop(events.props, ORDER_NUMBER)


def _read_earlier(lake: Lake, orders: Sequence[Told], version: int) -> Iterator[Told]:
    """Yield the refunds of new orders that came before them."""
    events = lake.scan(version=version)
    for start in range(0, len(orders), AT_ONCE):
        some = orders[start : start + AT_ONCE]
        ids, numbers = [one.id for one in some], [one.number for one in some if one.number]
        is_answer = events.parent.isin(ids)
        is_answer = is_answer | find_number(events).isin(numbers) if numbers else is_answer
        yield from _read(lake, events.filter(is_answer), min(one.time for one in some), Verb.REFUND)


def _read(lake: Lake, events: ir.Table, begins: datetime, verb: Verb) -> list[Told]:
    day = ibis.literal(begins.astimezone(UTC).date())
    rows = events.filter(events.day >= day, events.type == str(verb))
    rows = rows.select(*COLUMNS, number=find_number(rows), member=_find(rows, MEMBER)).order_by("time", "id")
    return [Told(**row | {"time": row["time"].astimezone(UTC)}) for row in lake.engine.run(rows).to_pylist()]


def _find(events: ir.Table, pattern: str) -> ir.StringColumn:
    found: ir.StringColumn = events.props.re_extract(pattern, 1).fill_null("")
    return found
