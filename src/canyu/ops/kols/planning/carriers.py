"""Who carries a message, read from the lake: whoever posted it, and everybody who reposted below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from canyu.events import Lake, Verb

MOST_LEVELS = 60
SPREADING = (str(Verb.POST), str(Verb.REPOST))
Spreaders = dict[str, datetime]
"""Actor -> when it first posted or reposted."""


def list_spreaders(lake: Lake, post_ids: Sequence[str], since: datetime | None = None) -> Spreaders:
    """Return who spread these posts, level by level down to the last repost, and when first.

    ``since``: nothing before it is read, where it is known; then only the days from it on.
    """
    events = lake.scan("events")
    events = events.filter(events.type.isin(SPREADING))
    if since is not None:
        events = events.filter(events.day >= ibis.literal(since.date()))
    found: Spreaders = {}
    seen: set[str] = set()
    rows = _read(lake, events, "id", list(post_ids))
    for _level in range(MOST_LEVELS):
        fresh = [row for row in rows if row.id not in seen]
        seen |= {row.id for row in fresh}
        for row in fresh:
            if row.actor and (row.actor not in found or row.time < found[row.actor]):
                found[row.actor] = row.time
        if not fresh:
            break
        rows = _read(lake, events, "parent", [row.id for row in fresh])
    return found


def find_newest(lake: Lake) -> datetime | None:
    """Return the time of the newest event, up to which the lake knows anything."""
    events = lake.scan("events")
    found: datetime | None = lake.engine.run(events.aggregate(last=events.time.max()))["last"][0].as_py()
    return found


class _Row(NamedTuple):
    id: str
    actor: str | None
    time: datetime


def _read(lake: Lake, events: ir.Table, column: str, names: list[str]) -> list[_Row]:
    if not names:
        return []
    wanted = ibis.memtable(pa.table({"wanted": pa.array(names, pa.string())}))
    rows = events.semi_join(wanted, events[column] == wanted.wanted).select("id", "actor", "time")
    return [_Row(**row) for row in lake.engine.run(rows).to_pylist()]
