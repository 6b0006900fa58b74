"""Coordinated posting in a lake: groups of accounts of a period that post as one, with the evidence of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake, Verb
from canyu.events.listenings import find_model_version
from canyu.listen.copies import CoordinationRules, Group, find_coordination

MOST_POSTS = 200_000
"""Read at once, the newest where there are more: the times of all are shuffled against one another."""
COLUMNS = ("event_id", "time", "text", "actor", "channel", "type", "parent", "props", "cluster_id")
SEED = 20_251_122


@dataclass(frozen=True, slots=True)
class Coordination:
    """Groups of ``posts`` read (``total`` there are); ``since``: the oldest post that was read, None without posts.

    ``accounts``: the known ones. ``rules``: what counted as coordinated.
    """

    groups: tuple[Group, ...]
    posts: int
    total: int
    accounts: int
    since: datetime | None
    rules: CoordinationRules
    model_version: str


def read_coordination(
    lake: Lake, begin: datetime, end: datetime, *, zone: str, versions: dict[str, int] | None = None
) -> Coordination:
    """Return the groups among the posts, reposts and answers from ``begin`` to before ``end`` (aware), largest first.

    The same data versions give the same groups. ``zone``: whose days the times are shuffled within.
    """
    at = lake.versions() if versions is None else versions
    model = find_model_version(lake, at)
    rules = CoordinationRules(zone=zone)
    rows = _match(lake.scan("events", version=at.get("events")), begin, end)
    scores = lake.scan("scores", version=at.get("scores"))
    scores = _cut(scores.filter(scores.model_version == model), begin, end)
    total = lake.engine.run(rows.aggregate(n=rows.count()))["n"][0].as_py()
    chosen = rows.order_by([rows.time.desc(), rows.event_id]).limit(MOST_POSTS)
    chosen = chosen.left_join(
        scores.select(scored=scores.event_id, cluster_id=scores.cluster_id), [("event_id", "scored")]
    )
    posts = _own_clusters(lake.engine.run(chosen.select(*COLUMNS).order_by("time", "event_id")))
    return Coordination(
        groups=tuple(find_coordination(posts, seed=SEED, rules=rules)),
        posts=posts.num_rows,
        total=total,
        accounts=len(posts["actor"].drop_null().unique()),
        since=posts["time"][0].as_py() if posts.num_rows else None,
        rules=rules,
        model_version=model,
    )


def _match(events: ir.Table, begin: datetime, end: datetime) -> ir.Table:
    rows = _cut(events, begin, end)
    said = rows.text.notnull() & (rows.text != "") & (rows.type != Verb.OBSERVE)
    rows = rows.filter(said | (rows.type == Verb.REPOST))
    return rows.select("time", "text", "actor", "channel", "type", "parent", "props", event_id="id")


def _cut(rows: ir.Table, begin: datetime, end: datetime) -> ir.Table:
    first, last = begin.astimezone(UTC).date(), end.astimezone(UTC).date()
    days = rows.day.between(ibis.literal(first), ibis.literal(last))
    return rows.filter(days, rows.time >= ibis.literal(begin), rows.time < ibis.literal(end))


def _own_clusters(posts: pa.Table) -> pa.Table:
    """Give a post that was not compared a cluster of its own; where none was, leave the comparing to the engine."""
    clusters = posts["cluster_id"]
    if clusters.null_count == len(clusters):
        return posts.drop_columns(["cluster_id"])
    place = posts.column_names.index("cluster_id")
    return posts.set_column(place, "cluster_id", pc.coalesce(clusters, posts["event_id"]))
