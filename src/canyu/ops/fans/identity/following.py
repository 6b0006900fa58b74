"""Identify and alias events of the lake, told to identity; reading again changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis

from canyu.events import Verb
from canyu.events.segment import ACCOUNT
from canyu.ops.fans.identity.actions import Saying, keep_read_until, link_identifiers
from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.models import Turn
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.lakes import find_lake

OVERLAP = timedelta(days=2)
"""An event reaches the lake later than it was received: the inbox may wait, a refused one is mended."""
AT_ONCE = 5_000
ACTOR = re.compile(r"[0-9a-f]{32}")
"""What the collector makes of an id; what a page's script claims to have been, it cannot make of it."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What one look at the lake brought: events read, links that were new, people merged or parted."""

    events: int
    links: int
    merges: int


def follow_lake(now: datetime, *, is_whole: bool = False) -> Followed:
    """Link what the lake's identify and alias events say since the last time, or of all times; without a lake nothing.

    Safe to repeat, to kill and to run twice at once.
    """
    lake = find_lake()
    if lake is None or lake.version() is None:
        return Followed(0, 0, 0)
    turn = Turn.objects.filter(pk=1).first()
    since = None if is_whole or turn is None or turn.read_until is None else turn.read_until - OVERLAP
    events = lake.scan("events")
    said = events.filter(events.type == str(Verb.JOIN), events.object == ACCOUNT, events.parent.notnull())
    said = said.filter(said.actor.notnull())
    if since is not None:
        said = said.filter(said.received >= ibis.literal(since.astimezone(UTC)))
    names = ["id", "time", "received", "actor", "parent"]
    rows = lake.engine.run(said.select(*names).order_by("received", "id")).to_pylist()
    links = merges = 0
    for start in range(0, len(rows), AT_ONCE):
        sayings = [
            Saying(
                Named(IdKind.ACTOR, row["parent"]),
                Named(IdKind.ACTOR, row["actor"]),
                Rule.IDENTIFY,
                row["id"],
                "canyu fans link",
                row["time"].astimezone(UTC),
            )
            for row in rows[start : start + AT_ONCE]
            if ACTOR.fullmatch(row["parent"]) and ACTOR.fullmatch(row["actor"])
        ]
        done = link_identifiers(sayings, now)
        links, merges = links + done.links, merges + done.merges
    if rows:
        keep_read_until(max(row["received"] for row in rows).astimezone(UTC))
    return Followed(len(rows), links, merges)
