"""Reads from the lake who says the same: the clusters of near copies of a period, largest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.facts import identify_lake
from canyu.measure.intervals import compute_share_interval
from canyu.measure.kept import Kept
from canyu.measure.period import make_period
from canyu.ops.insight.posts import Reading, match_scores
from canyu.ops.insight.rules import PostsQuery

COPY_SHARE = Words(
    "期间内与此前 30 天内某帖相同或几乎相同的帖数 ÷ 期间内已判定雷同与否的帖数。区间为 Wilson 95% 区间。"
    "“几乎相同”指三字片段的重合（Jaccard）至少 0.44。",
    "Posts of the period that say the same, or nearly, as a post of the 30 days before ÷ posts of the period that were "
    "compared. Interval: Wilson's 95 % interval. Nearly: the 3-grams overlap by at least 0.44 (Jaccard index).",
)
FEWEST = 2
MOODS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Posts of the period that say the same; ``authors`` counts the known ones, None where none is."""

    cluster_id: str
    copies: int
    authors: int | None
    unknown: int
    first_time: datetime
    last_time: datetime
    channels: tuple[str, ...]
    moods: dict[str, int]
    example_id: str
    text: str

    @property
    def span_s(self) -> float:
        """Seconds from the first to the last."""
        return (self.last_time - self.first_time).total_seconds()

    @property
    def mood(self) -> str:
        """The commonest sentiment, empty where none was judged."""
        return max(self.moods, key=lambda name: self.moods[name]) if any(self.moods.values()) else ""


@dataclass(frozen=True, slots=True)
class CopiesPage:
    """One page of clusters and what they amount to; ``compared`` posts have been looked at for copies."""

    query: PostsQuery
    rows: tuple[Cluster, ...]
    total: int
    page_rows: int
    posts: int
    compared: int
    copies: int
    largest: int
    sql: str
    model: str
    versions: dict[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.page_rows))

    @property
    def share(self) -> float | None:
        """Copies among the posts compared, in per cent."""
        return 100 * self.copies / self.compared if self.compared else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The share's 95 % interval, in per cent."""
        if not self.compared:
            return None
        low, high = compute_share_interval(self.copies, self.compared)
        return 100 * low, 100 * high


def list_clusters(lake: Lake, query: PostsQuery, page_rows: int, own: Collection[str] = ()) -> CopiesPage:
    """Return one page of clusters, computed once per data version and kept."""
    reading = Reading(lake, own)
    key = (identify_lake(lake), tuple(sorted(reading.versions.items())), query, page_rows, reading.own)
    page: CopiesPage | None = _PAGES.find(key)
    if page is None:
        page = _read_page(reading, query, page_rows)
        _PAGES.keep(key, page)
    return page


_PAGES = Kept(64)


def _read_page(reading: Reading, query: PostsQuery, page_rows: int) -> CopiesPage:
    run = reading.lake.engine.run
    rows = match_scores(reading, query, make_period(query.start, query.end, query.zone))
    whole = run(
        rows.aggregate(
            posts=rows.count(),
            compared=rows.cluster_id.count(),
            copies=rows.is_copy.fill_null(False).cast("int64").sum(),
        )
    ).to_pylist()[0]
    grouped = _group(rows)
    sizes = run(grouped.aggregate(total=grouped.count(), largest=grouped.copies.max())).to_pylist()[0]
    order = (grouped.copies.desc(), grouped.first_time, grouped.cluster_id)
    chosen = grouped.order_by(*order).limit(page_rows, offset=(query.page - 1) * page_rows)
    return CopiesPage(
        query=query,
        rows=_read_clusters(reading, rows, run(chosen).to_pylist()),
        total=sizes["total"],
        page_rows=page_rows,
        posts=whole["posts"],
        compared=whole["compared"],
        copies=whole["copies"] or 0,
        largest=sizes["largest"] or 0,
        sql=reading.lake.engine.compile_sql(chosen),
        model=reading.find_model(),
        versions=reading.versions,
    )


def _group(rows: ir.Table) -> ir.Table:
    rows = rows.filter(rows.cluster_id.notnull())
    moods = {name: (rows.sentiment == name).fill_null(False).cast("int64").sum() for name in MOODS}
    grouped = rows.group_by("cluster_id").aggregate(
        copies=rows.count(),
        authors=rows.actor.nunique(),
        unknown=rows.actor.isnull().cast("int64").sum(),
        first_time=rows.time.min(),
        last_time=rows.time.max(),
        example_id=rows.event_id.argmin(rows.time),
        **moods,
    )
    return grouped.filter(grouped.copies >= FEWEST)


def _read_clusters(reading: Reading, rows: ir.Table, found: list[dict[str, Any]]) -> tuple[Cluster, ...]:
    if not found:
        return ()
    texts = _read_texts(reading, found)
    channels = _read_channels(reading, rows, [row["cluster_id"] for row in found])
    return tuple(
        Cluster(
            cluster_id=row["cluster_id"],
            copies=row["copies"],
            authors=row["authors"] or None,
            unknown=row["unknown"],
            first_time=row["first_time"],
            last_time=row["last_time"],
            channels=channels.get(row["cluster_id"], ()),
            moods={name: row[name] for name in MOODS},
            example_id=row["example_id"],
            text=texts.get(row["example_id"], ""),
        )
        for row in found
    )


def _read_texts(reading: Reading, found: list[dict[str, Any]]) -> dict[str, str]:
    events = reading.scan("events")
    days = sorted({row["first_time"].astimezone(UTC).date() for row in found})
    wanted = events.filter(events.day.isin(days), events.id.isin([row["example_id"] for row in found]))
    return {row["id"]: row["text"] or "" for row in reading.lake.engine.run(wanted.select("id", "text")).to_pylist()}


def _read_channels(reading: Reading, rows: ir.Table, clusters: list[str]) -> dict[str, tuple[str, ...]]:
    rows = rows.filter(rows.cluster_id.isin(clusters), rows.channel.notnull())
    counted = rows.group_by("cluster_id", "channel").aggregate(n=rows.count())
    found: dict[str, tuple[str, ...]] = {}
    for row in reading.lake.engine.run(counted.order_by(ibis.desc("n"), "channel")).to_pylist():
        found[row["cluster_id"]] = (*found.get(row["cluster_id"], ()), row["channel"])
    return found
