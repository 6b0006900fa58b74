"""Keeps the table of coordinated posting: groups of accounts that post as one, found week by week."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake, Verb
from canyu.listen.copies import CoordinationRules, find_coordination
from canyu.listen.findings import (
    POSTS_PER_CHUNK,
    Found,
    Key,
    Row,
    Volume,
    bin_quarters,
    cut_days,
    gather_volumes,
    open_book,
    pack_volumes,
)

MOST_POSTS = 500_000
"""Read at once of one week, the newest where there are more: the times of all are shuffled against one another."""
COLUMNS = ("event_id", "time", "text", "actor", "channel", "type", "parent", "props", "cluster_id")
SEED = 20_251_122
KIND = "coordination"
UNIT = "week"
WAY = "1"
"""Raised with the way groups are found, so that kept ones become stale."""


def update_coordination(lake: Lake, model_version: str, zone: str, present: str = "") -> int:
    """Find the groups of every week whose posts have changed; return how many weeks.

    Safe to stop at any moment and to repeat. ``present``: the model version that readers take still.
    """
    book = open_book(lake, KIND, model_version, zone, present or model_version)
    volumes = list_volumes(lake, model_version, zone)
    stale, gone = book.find_stale(volumes)
    for chunk in pack_volumes(stale, volumes, UNIT, min(POSTS_PER_CHUNK, MOST_POSTS)):
        start, end = chunk[0].key.start, chunk[-1].end
        posts = read_posts(lake, model_version, start, end)
        left = count_posts(lake, start, end) - posts.num_rows if posts.num_rows == MOST_POSTS else 0
        book.keep([find_week(volume, posts, left, zone) for volume in chunk], gone)
        gone = []
    book.keep([], gone)
    return len(stale)


def list_volumes(lake: Lake, model_version: str, zone: str) -> dict[Key, Volume]:
    """Return what happened in each week there is: with or without a text, since reading all texts takes seconds."""
    events = lake.scan("events")
    events = events.filter(events.type != Verb.OBSERVE)
    scores = lake.scan("scores")
    scores = scores.filter(scores.model_version == model_version, scores.cluster_id.notnull())
    said = events.select(quarter=bin_quarters(events), posts=ibis.literal(1), print=events.id.hash())
    mark = scores.event_id.hash() ^ scores.cluster_id.hash() ^ 1
    clusters = scores.select(quarter=bin_quarters(scores), posts=ibis.literal(0), print=mark)
    rows = ibis.union(said, clusters)
    grouped = rows.group_by("quarter").aggregate(posts=rows.posts.sum(), print=rows.print.bit_xor())
    grouped = grouped.filter(grouped.posts > 0).mutate(brand=ibis.literal(""), unique=ibis.literal(0))
    quarters = lake.engine.run(grouped.select("brand", "quarter", "posts", "unique", "print"))
    return gather_volumes(quarters, UNIT, zone, f"{WAY}/{CoordinationRules(zone=zone)}/{MOST_POSTS}/{SEED}")


def choose_posts(events: ir.Table) -> ir.Table:
    """Return what is looked at: everything said, and reposts without a word."""
    said = events.text.notnull() & (events.text != "") & (events.type != Verb.OBSERVE)
    rows = events.filter(said | (events.type == Verb.REPOST))
    return rows.select("day", "time", "text", "actor", "channel", "type", "parent", "props", event_id="id")


def read_posts(lake: Lake, model_version: str, start: datetime, end: datetime) -> pa.Table:
    """Return the posts from ``start`` to before ``end`` with their clusters, the newest where a week has too many."""
    scores = lake.scan("scores")
    scores = cut_days(scores.filter(scores.model_version == model_version), start, end)
    chosen = cut_days(choose_posts(lake.scan("events")), start, end)
    chosen = chosen.order_by([chosen.time.desc(), chosen.event_id]).limit(MOST_POSTS)
    chosen = chosen.left_join(
        scores.select(scored=scores.event_id, cluster_id=scores.cluster_id), [("event_id", "scored")]
    )
    return _own_clusters(lake.engine.run(chosen.select(*COLUMNS).order_by("time", "event_id")))


def count_posts(lake: Lake, start: datetime, end: datetime) -> int:
    """Return how many posts there are from ``start`` to before ``end``."""
    rows = cut_days(choose_posts(lake.scan("events")), start, end)
    return int(lake.engine.run(rows.aggregate(n=rows.count()))["n"][0].as_py())


def find_week(volume: Volume, posts: pa.Table, left: int, zone: str) -> Found:
    """Return the groups of one week; ``left``: posts that are not among those given, since they were too many."""
    edges = [pa.scalar(one, pa.timestamp("us", tz="UTC")) for one in (volume.key.start, volume.end)]
    mine = posts.filter(pc.and_(pc.greater_equal(posts["time"], edges[0]), pc.less(posts["time"], edges[1])))
    groups = find_coordination(mine, seed=SEED, rules=CoordinationRules(zone=zone))
    rows: list[Row] = []
    for group in groups:
        row = asdict(group)
        traces = row.pop("traces")
        row |= {"group_kind": row.pop("kind"), "traces": [*traces], "trace_counts": [*traces.values()]}
        rows.append(row)
    accounts = len(mine["actor"].drop_null().unique())
    return Found(volume, rows, {"posts": mine.num_rows, "total": mine.num_rows + left, "accounts": accounts})


def _own_clusters(posts: pa.Table) -> pa.Table:
    """Give a post that was not compared a cluster of its own; where none was, leave the comparing to the engine."""
    clusters = posts["cluster_id"]
    if clusters.null_count == len(clusters):
        return posts.drop_columns(["cluster_id"])
    place = posts.column_names.index("cluster_id")
    return posts.set_column(place, "cluster_id", pc.coalesce(clusters, posts["event_id"]))
