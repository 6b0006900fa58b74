"""What the posts of a lake talk about, day by day or week by week, read from the topics that a listening found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.listen.findings import Row, cut_days
from canyu.listen.slices import Slice, SliceReader
from canyu.listen.topic_table import KIND, find_again
from canyu.listen.topics import TOPICS_SCHEMA

ENDED = "ended"
STANDING = 3
TONES = ("positive", "neutral", "negative")


@dataclass(frozen=True, slots=True)
class TopicReport:
    """The topics of whole days or weeks, with the texts of the posts that stand for them, and what was read for them.

    ``told``: how many of the posts belong to a topic, ``told_unique`` without copies. ``own``: which of the posts are
    of the brands' own accounts; None where no account is registered.

    ``topics``: rows of ``TOPICS_SCHEMA`` by period, the largest first. ``members``: topic_id, period_start, event_id
    and weight, those most like a topic first. ``unique`` posts were there without copies; where ``is_drawn``, of a
    period with more than ``MOST_UNIQUE`` a draw was read. ``zone``: whose days these are.
    """

    topics: pa.Table
    members: pa.Table
    texts: dict[str, str]
    posts: int
    unique: int
    told: int
    told_unique: int
    own: frozenset[str] | None
    is_drawn: bool
    zone: str
    sql: str
    versions: dict[str, int]
    model_version: str
    engine: str


def report_topics(lake: Lake, part: Slice, unit: str, brand: str = "", own: Collection[str] = ()) -> TopicReport:
    """Return the topics of every day or week that the slice touches, of the posts that name a brand (empty: of all).

    Where the slice is of one channel or market these are the topics of all its places, counted there: those that have
    a post there, with the posts, authors and sentiment of that place. ``own``: the actors that are brands' accounts.
    """
    reader = SliceReader.open(lake)

    def choose(rows: ir.Table) -> ir.Table:
        return _choose(rows, part, unit, brand)

    found = reader.run(choose, KIND).to_pylist()
    book = reader.run(lambda rows: _choose_book(rows, part, unit, brand), "findings").to_pylist()
    rows = sorted(found, key=lambda row: (row["period_start"], row["number"]))
    members = _list_members(rows)
    posts, unique = (sum(row[name] or 0 for row in book) for name in ("posts", "unique_posts"))
    if part.channel or part.market:
        rows, members = _count_there(reader, part, brand, rows, members)
        posts, unique = _count_posts(reader, part, brand, book)
    told, told_unique = _count_told(reader, book, members)
    by_own = _find_own(reader, part, brand, book, own) if own else None
    rows = _add_ended(rows, found, book)
    return TopicReport(
        topics=pa.Table.from_pylist(rows, TOPICS_SCHEMA),
        members=members,
        texts=_read_texts(reader, rows),
        posts=posts,
        unique=unique,
        told=told,
        told_unique=told_unique,
        own=by_own,
        is_drawn=any(row["posts"] < row["total"] for row in book),
        zone=book[0]["zone"] if book else "",
        sql=reader.tell_sql(choose, KIND),
        versions=reader.list_versions("events", "scores", "topics", "findings", "listenings"),
        model_version=reader.model,
        engine=lake.engine.name,
    )


def count_own(report: TopicReport) -> Counter[tuple[datetime, str]]:
    """Return how many posts of each topic (its period's start and id) are of the brands' own accounts."""
    if not report.own:
        return Counter()
    mine = report.members.filter(pc.is_in(report.members["event_id"], value_set=pa.array(sorted(report.own))))
    return Counter(zip(mine["period_start"].to_pylist(), mine["topic_id"].to_pylist(), strict=True))


def is_found_again(lake: Lake, part: Slice, unit: str, brand: str = "") -> bool:
    """Find the topics of the slice again from the posts, and say whether the table has exactly these."""
    reader = SliceReader.open(lake)
    kept = reader.run(lambda rows: _choose(rows, part, unit, brand), KIND).to_pylist()
    book = reader.run(lambda rows: _choose_book(rows, part, unit, brand), "findings").to_pylist()
    if not book:
        return not kept
    again = find_again(lake, reader.model, book)
    key = ("period_start", "number")
    names = ("label", "phrases", "posts", "unique_posts", "authors", *TONES, "standing", "event_ids", "own_id")

    def tell(rows: list[Row]) -> list[tuple[Any, ...]]:
        return sorted((*(row[name] for name in key), *(row[name] for name in names)) for row in rows)

    return tell(kept) == tell(again)


def _choose(rows: ir.Table, part: Slice, unit: str, brand: str) -> ir.Table:
    """Return the rows of every period that the slice touches; files of other days are not opened."""
    first = ibis.literal(part.start.date()) - ibis.interval(days=8 if unit == "week" else 1)
    rows = rows.filter(rows.day >= first, rows.day <= ibis.literal(part.end.date()))
    return _choose_book(rows, part, unit, brand)


def _choose_book(rows: ir.Table, part: Slice, unit: str, brand: str) -> ir.Table:
    if "kind" in rows.columns:
        rows = rows.filter(rows.kind == KIND)
    touched = (rows.period_end > ibis.literal(part.start)) & (rows.period_start < ibis.literal(part.end))
    return rows.filter(rows.unit == unit, rows.brand == brand, touched)


def _list_members(rows: list[Row]) -> pa.Table:
    """Return the posts of the topics, row by row."""
    columns: dict[str, list[Any]] = {"topic_id": [], "period_start": [], "event_id": [], "weight": []}
    for row in rows:
        columns["topic_id"] += [row["topic_id"]] * len(row["event_ids"])
        columns["period_start"] += [row["period_start"]] * len(row["event_ids"])
        columns["event_id"] += row["event_ids"]
        columns["weight"] += row["weights"]
    kinds = (pa.string(), pa.timestamp("us", tz="UTC"), pa.string(), pa.float32())
    return pa.table([pa.array(column, kind) for column, kind in zip(columns.values(), kinds, strict=True)], [*columns])


def _count_there(
    reader: SliceReader, part: Slice, brand: str, rows: list[Row], members: pa.Table
) -> tuple[list[Row], pa.Table]:
    """Return the topics that have posts in the slice's place, counted there, and these posts."""
    if not rows:
        return rows, members
    span = Slice(rows[0]["period_start"], rows[-1]["period_end"], part.channel, part.market)
    names = ("event_id", "actor", "cluster_id", "sentiment")

    def choose(scores: ir.Table) -> ir.Table:
        scores = span.keep(scores)
        return (scores.filter(scores.links.contains(brand)) if brand else scores).select(*names)

    there = {row["event_id"]: row for row in reader.run(choose, "scores").to_pylist()}
    kept = members.filter(pc.is_in(members["event_id"], value_set=pa.array([*there], pa.string())))
    posts: dict[tuple[datetime, str], list[Row]] = defaultdict(list)
    for one in kept.to_pylist():
        posts[one["period_start"], one["topic_id"]].append(there[one["event_id"]])
    counted = [
        {**row, **_count(mine)} for row in rows if (mine := posts.get((row["period_start"], row["topic_id"]), []))
    ]
    return sorted(counted, key=lambda row: (row["period_start"], -row["unique_posts"], row["number"])), kept


def _count(posts: list[Row]) -> Row:
    said = Counter(post["sentiment"] for post in posts if post["sentiment"])
    firsts = {post["cluster_id"] or post["event_id"]: post["event_id"] for post in reversed(posts)}
    shares = {tone: said[tone] / said.total() if said else None for tone in TONES}
    standing = sorted(firsts.values(), key=[post["event_id"] for post in posts].index)[:STANDING]
    counts = {"posts": len(posts), "unique_posts": len(firsts), "standing": standing}
    return {**counts, "authors": len({post["actor"] for post in posts} - {None}), **shares}


def _count_told(reader: SliceReader, book: list[Row], members: pa.Table) -> tuple[int, int]:
    """Return how many posts belong to a topic, with copies and without."""
    if not members.num_rows:
        return 0, 0
    span = Slice(min(row["period_start"] for row in book), max(row["period_end"] for row in book))
    wanted = ibis.memtable(pa.table({"wanted": members["event_id"].unique()}))

    def count(rows: ir.Table) -> ir.Table:
        rows = span.keep(rows).semi_join(wanted, [("event_id", "wanted")])
        return rows.aggregate(told=rows.count(), unique=(~rows.is_copy.fill_null(False)).cast("int64").sum())

    counted = reader.run(count, "scores").to_pylist()[0]
    return counted["told"], counted["unique"] or 0


def _find_own(reader: SliceReader, part: Slice, brand: str, book: list[Row], own: Collection[str]) -> frozenset[str]:
    """Return which of the posts read these actors wrote."""
    if not book:
        return frozenset()
    span = Slice(
        min(row["period_start"] for row in book), max(row["period_end"] for row in book), part.channel, part.market
    )

    def choose(rows: ir.Table) -> ir.Table:
        rows = span.keep(rows)
        rows = rows.filter(rows.links.contains(brand)) if brand else rows
        return rows.filter(rows.actor.isin(sorted(own))).select("event_id")

    return frozenset(reader.run(choose, "scores")["event_id"].to_pylist())


def _count_posts(reader: SliceReader, part: Slice, brand: str, book: list[Row]) -> tuple[int, int]:
    if not book:
        return 0, 0
    span = Slice(
        min(row["period_start"] for row in book), max(row["period_end"] for row in book), part.channel, part.market
    )

    def choose(rows: ir.Table) -> ir.Table:
        rows = span.keep(rows)
        rows = rows.filter(rows.links.contains(brand)) if brand else rows
        return rows.aggregate(posts=rows.count(), unique=(~rows.is_copy.fill_null(False)).cast("int64").sum())

    found = reader.run(choose, "scores").to_pylist()[0]
    return found["posts"], found["unique"] or 0


def _add_ended(rows: list[Row], found: list[Row], book: list[Row]) -> list[Row]:
    """Return the topics with those of each period before that have no heir, told as ended in the one after."""
    periods = sorted({(row["period_start"], row["period_end"]) for row in book})
    by_start: dict[datetime, list[Row]] = defaultdict(list)
    for row in found:
        by_start[row["period_start"]].append(row)
    shown: dict[datetime, list[Row]] = defaultdict(list)
    for row in rows:
        shown[row["period_start"]].append(row)
    nothing = {"phrases": [], "posts": 0, "unique_posts": 0, "authors": 0, "parents": [], "standing": []}
    nothing |= dict.fromkeys(TONES) | {"status": ENDED}
    told: list[Row] = []
    before: list[Row] = []
    for start, end in periods:
        heirs = {name for row in by_start[start] for name in row["parents"]}
        told += shown[start]
        for row in sorted(before, key=lambda row: row["number"]):
            if row["topic_id"] not in heirs:
                period = {"period_start": start, "period_end": end}
                told.append({"topic_id": row["topic_id"], "label": row["label"], **nothing, **period})
        before = shown[start]
    return told


def _read_texts(reader: SliceReader, rows: list[Row]) -> dict[str, str]:
    """Return the texts of the posts that stand for the topics."""
    ids = sorted({one for row in rows for one in row["standing"]})
    if not ids:
        return {}
    start, end = min(row["period_start"] for row in rows), max(row["period_end"] for row in rows)
    wanted = ibis.memtable(pa.table({"wanted": ids}))

    def choose(events: ir.Table) -> ir.Table:
        return cut_days(events, start, end).semi_join(wanted, [("id", "wanted")]).select("id", "text")

    found = reader.run(choose, "events")
    return dict(zip(found["id"].to_pylist(), (text or "" for text in found["text"].to_pylist()), strict=True))
