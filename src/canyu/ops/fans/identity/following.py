"""Identify and alias events of the lake, told to identity; reading again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from canyu.events import Lake, Verb
from canyu.events.segment import ACCOUNT
from canyu.ops.fans.identity.actions import Saying, keep_place, link_identifiers
from canyu.ops.fans.identity.grouping import Rule
from canyu.ops.fans.models import Turn
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.lakes import find_lake, name_lake

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
    version = lake.version() if lake is not None else None
    if lake is None or version is None:
        return Followed(0, 0, 0)
    name, turn = name_lake(lake), Turn.objects.filter(pk=1).first()
    since = turn.version if turn is not None and turn.lake == name and not is_whole else None
    if since == version:
        return Followed(0, 0, 0)
    told = _read(lake, since, version)
    links = merges = 0
    for start in range(0, told.num_rows, AT_ONCE):
        rows = told.slice(start, AT_ONCE).to_pylist()
        done = link_identifiers([_describe(row) for row in rows if _is_ours(row)], now)
        links, merges = links + done.links, merges + done.merges
    keep_place(name, version)
    return Followed(told.num_rows, links, merges)


def _read(lake: Lake, since: int | None, version: int) -> pa.Table:
    events = lake.scan_news(since, version)
    said = events.filter(events.type == str(Verb.JOIN), events.object == ACCOUNT, events.parent.notnull())
    said = said.filter(said.actor.notnull())
    return lake.engine.run(said.select("id", "time", "received", "actor", "parent").order_by("received", "id"))


def _is_ours(row: Mapping[str, Any]) -> bool:
    return bool(ACTOR.fullmatch(row["parent"]) and ACTOR.fullmatch(row["actor"]))


def _describe(row: Mapping[str, Any]) -> Saying:
    before, after = Named(IdKind.ACTOR, row["parent"]), Named(IdKind.ACTOR, row["actor"])
    return Saying(before, after, Rule.IDENTIFY, row["id"], "canyu fans link", row["time"].astimezone(UTC))
