"""Keeps the table of topics: of each day and week, of all posts and of those that name a brand, linked in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.listen.findings import (
    Book,
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
from canyu.listen.periods import UNITS
from canyu.listen.topics import TopicSettings
from canyu.listen.topics.finder import PeriodTopics, find_period_topics, name_topics, split_periods
from canyu.listen.topics.grouping import Rows
from canyu.listen.topics.links import NO_ROWS, Lineage, State, link_topics

MOST_UNIQUE = 100_000
"""Posts, copies counted once, that the topics of one day or week are found among; of more a draw, always the same."""
DRAW_LETTERS = 12
KIND = "topics"
WAY = "1"
"""Raised with the way topics are found, so that kept ones become stale."""
COLUMNS = ("event_id", "time", "actor", "cluster_id", "sentiment", "links", "is_copy")


def update_topics(lake: Lake, model_version: str, zone: str, present: str = "") -> int:
    """Find the topics of every day and week whose posts have changed, and link them; return how many periods.

    Safe to stop at any moment and to repeat. ``present``: the model version that readers take still.
    """
    book = open_book(lake, KIND, model_version, zone, present or model_version)
    volumes = list_volumes(lake, model_version, zone)
    stale, gone = book.find_stale(volumes)
    if not stale and not gone:
        return 0
    chains = Chains(lake, book, volumes)
    stale = chains.add_heirs(stale, gone)
    wanted = {volume.key for volume in stale}
    for chunk in pack_volumes(stale, volumes, "week"):
        posts = read_posts(lake, model_version, chunk, volumes)
        found = list(find_chunk(chunk, posts, zone))
        book.keep([*chains.link(found, wanted)], gone)
        gone = []
    book.keep([], gone)
    return len(stale)


def find_again(lake: Lake, model_version: str, entries: list[Row]) -> list[Row]:
    """Return the topics of the periods that these entries of the book name, found anew and not linked.

    For a proof: the same posts give the same rows as the table has.
    """
    wanted = {Key(row["unit"], row["brand"], row["period_start"]) for row in entries}
    zone = entries[0]["zone"]
    volumes = list_volumes(lake, model_version, zone)
    rows: list[Row] = []
    for chunk in pack_volumes([volumes[key] for key in volumes if key in wanted], volumes, "week"):
        posts = read_posts(lake, model_version, chunk, volumes)
        for volume, topics, _ in find_chunk(chunk, posts, zone):
            for number, (row, own_id) in enumerate(zip(topics.rows, topics.own_ids, strict=True)):
                rows.append({**row, "own_id": own_id, "number": number, "period_start": volume.key.start})
    return rows


def list_volumes(lake: Lake, model_version: str, zone: str) -> dict[Key, Volume]:
    """Return the posts of each day and week there are, of all and of each brand that they name."""
    scores = lake.scan("scores")
    rows = scores.filter(scores.model_version == model_version)
    brands = rows.links.filter(lambda link: ~link.contains("/"))
    rows = rows.select(
        quarter=bin_quarters(rows),
        once=~rows.is_copy.fill_null(False),
        print=rows.event_id.hash() ^ rows.cluster_id.fill_null("").hash(),
        brand=ibis.array([""]).concat(ibis.coalesce(brands, ibis.literal([], type="array<string>"))).unnest(),
    )
    quarters = lake.engine.run(
        rows.group_by("brand", "quarter").aggregate(
            posts=rows.count(), unique=rows.once.cast("int64").sum(), print=rows.print.bit_xor()
        )
    )
    settings = TopicSettings()
    digest = f"{WAY}/{zone}/{settings.least_posts}/{settings.least_like}/{settings.same_topic}/{settings.goes_on}"
    digest += f"/{MOST_UNIQUE}"
    return {key: one for unit in UNITS for key, one in gather_volumes(quarters, unit, zone, digest).items()}


def read_posts(lake: Lake, model_version: str, chunk: list[Volume], volumes: Mapping[Key, Volume]) -> pa.Table:
    """Return the scored posts of the time that a chunk spans, of a day with too many a draw."""
    start, end = min(one.key.start for one in chunk), max(one.end for one in chunk)
    scores = lake.scan("scores")
    rows = cut_days(scores.filter(scores.model_version == model_version), start, end)
    for key, volume in volumes.items():
        if key.unit == "day" and not key.brand and volume.unique > MOST_UNIQUE and start <= key.start < end:
            inside = (rows.time >= ibis.literal(key.start)) & (rows.time < ibis.literal(volume.end))
            few = rows.filter(inside).semi_join(_draw(rows.filter(inside)), [("cluster_id", "drawn")])
            rows = ibis.union(rows.filter(~inside), few.select(*rows.columns))
    events = cut_days(lake.scan("events"), start, end)
    texts = events.filter(events.text.notnull(), events.text != "").select(text_id="id", text="text")
    rows = rows.select(*COLUMNS).inner_join(texts, [("event_id", "text_id")])
    return lake.engine.run(rows.select(*COLUMNS, "text"))


def _draw(rows: ir.Table) -> ir.Table:
    """Choose clusters by the end of their ids, which are hashes: the same ones every time, and like any others."""
    rows = rows.filter(~rows.is_copy.fill_null(False), rows.cluster_id.notnull())
    first = rows.select("cluster_id").distinct()
    drawn = first.order_by(first.cluster_id.right(DRAW_LETTERS), first.cluster_id).limit(MOST_UNIQUE)
    return drawn.select(drawn="cluster_id")


def draw_posts(posts: pa.Table) -> pa.Table:
    """Return a draw of the posts of a period by the same rule: of the clusters that begin in it."""
    first = posts["cluster_id"].filter(pc.invert(pc.fill_null(posts["is_copy"], False))).drop_null().unique()
    ends = pc.utf8_slice_codeunits(first, -DRAW_LETTERS)
    order = pc.sort_indices(pa.table({"end": ends, "id": first}), [("end", "ascending"), ("id", "ascending")])
    return posts.filter(pc.is_in(posts["cluster_id"], value_set=first.take(order[:MOST_UNIQUE])))


def find_chunk(chunk: list[Volume], posts: pa.Table, zone: str) -> Iterator[tuple[Volume, PeriodTopics, int]]:
    """Yield the topics of each period of a chunk, not linked yet, with the posts they were found among."""
    posts = posts.sort_by([("time", "ascending"), ("event_id", "ascending")]).combine_chunks()
    links = posts["links"].combine_chunks()
    owners, brands = pc.list_parent_indices(links), pc.list_flatten(links)
    times = posts["time"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    for volume in chunk:
        settings = TopicSettings(period=volume.key.unit, time_zone=zone)
        edges = [pa.scalar(one, pa.timestamp("us", tz="UTC")).cast(pa.int64()).as_py() for one in _span(volume)]
        low, high = np.searchsorted(times, edges)
        part = posts.slice(low, high - low)
        if volume.key.brand:
            mine = owners.filter(pc.equal(brands, volume.key.brand)).to_numpy()
            mine = mine[(mine >= low) & (mine < high)]
            part = posts.take(pa.array(mine))
        if volume.unique > MOST_UNIQUE:
            part = draw_posts(part)
        topics = PeriodTopics(volume.key.start, volume.end, [], (), NO_ROWS)
        for period in split_periods(part, settings):
            topics = find_period_topics(period, settings)
        yield volume, topics, part.num_rows


def _span(volume: Volume) -> tuple[object, object]:
    return volume.key.start, volume.end


@dataclass(slots=True)
class Chains:
    """The topics of each unit and brand in the order of time, and what the next period of each is linked to."""

    lake: Lake
    book: Book
    volumes: Mapping[Key, Volume]
    starts: dict[tuple[str, str], list[Key]] = field(init=False)
    states: dict[Key, State] = field(init=False)

    def __post_init__(self) -> None:
        self.states = {}
        self.starts = {}
        for key in sorted(self.volumes):
            self.starts.setdefault((key.unit, key.brand), []).append(key)

    def add_heirs(self, stale: list[Volume], gone: list[Key]) -> list[Volume]:
        """Return what is stale, and the periods that come after one that is gone."""
        after = {one.key: one for one in stale}
        for key in gone:
            chain = self.starts.get((key.unit, key.brand), [])
            place = bisect_left(chain, key)
            if place < len(chain):
                after.setdefault(chain[place], self.volumes[chain[place]])
        return sorted(after.values(), key=lambda volume: volume.key.start)

    def link(self, found: list[tuple[Volume, PeriodTopics, int]], wanted: set[Key]) -> Iterator[Found]:
        """Yield the periods with their topics linked, and those after them whose links change by that.

        ``wanted``: the periods that are found in this listening: none of them is linked on from here.
        """
        for volume, topics, posts in sorted(found, key=lambda one: one[0].key):
            lineage = link_topics(
                self._find_before(volume.key), topics.centroids, topics.own_ids, TopicSettings().goes_on
            )
            self._remember(volume.key, lineage, topics.centroids)
            rows = [
                {**row, "own_id": own_id, "number": number, **_pack_centroid(topics.centroids, number)}
                for number, (row, own_id) in enumerate(zip(name_topics(topics, lineage), topics.own_ids, strict=True))
            ]
            read = {"posts": posts, "unique_posts": volume.unique, "total": volume.posts}
            yield Found(volume, rows, read)
            yield from self._link_on(volume.key, wanted)

    def _link_on(self, key: Key, wanted: set[Key]) -> Iterator[Found]:
        """Link what comes after, period by period, as long as it changes anything."""
        chain = self.starts[key.unit, key.brand]
        for after in chain[bisect_left(chain, key) + 1 :]:
            if after in wanted or after not in self.book.entries:
                return
            rows = self._read_rows(after)
            if not rows:
                return
            centroids = _unpack_centroids(rows)
            own_ids = [row["own_id"] for row in rows]
            lineage = link_topics(self._find_before(after), centroids, own_ids, TopicSettings().goes_on)
            links = list(zip(lineage.ids, lineage.statuses, map(list, lineage.parents), strict=True))
            if links == [(row["topic_id"], row["status"], row["parents"]) for row in rows]:
                return
            self._remember(after, lineage, centroids)
            entry = self.book.entries[after]
            named = [
                {**row, "topic_id": name, "status": status, "parents": parents}
                for row, (name, status, parents) in zip(rows, links, strict=True)
            ]
            read = {name: entry[name] for name in ("posts", "unique_posts", "total")}
            yield Found(self.volumes[after], named, read)

    def _find_before(self, key: Key) -> State:
        chain = self.starts[key.unit, key.brand]
        place = bisect_left(chain, key)
        if place == 0:
            return State()
        before = chain[place - 1]
        if before not in self.states and before in self.book.entries:
            rows = self._read_rows(before)
            names = tuple(row["topic_id"] for row in rows)
            self.states[before] = State(names, tuple(row["label"] for row in rows), _unpack_centroids(rows))
        return self.states.get(before, State())

    def _remember(self, key: Key, lineage: Lineage, centroids: Rows) -> None:
        chain = self.starts[key.unit, key.brand]
        place = bisect_left(chain, key)
        if place:
            self.states.pop(chain[place - 1], None)
        self.states[key] = State(lineage.ids, ("",) * len(lineage.ids), centroids)

    def _read_rows(self, key: Key) -> list[Row]:
        rows = self.lake.scan(KIND)
        rows = rows.filter(
            rows.day == self.volumes[key].day,
            rows.unit == key.unit,
            rows.brand == key.brand,
            rows.model_version == self.book.model_version,
        )
        found: list[Row] = self.lake.engine.run(rows.order_by("number")).to_pylist()
        return found


def _pack_centroid(centroids: Rows, number: int) -> Row:
    low, high = centroids.starts[number], centroids.starts[number + 1]
    buckets, weights = centroids.buckets[low:high], centroids.weights[low:high]
    return {"buckets": buckets.astype("<i4").tobytes(), "bucket_weights": weights.astype("<f4").tobytes()}


def _unpack_centroids(rows: list[Row]) -> Rows:
    buckets = [np.frombuffer(row["buckets"], "<i4") for row in rows]
    weights = [np.frombuffer(row["bucket_weights"], "<f4") for row in rows]
    starts = np.cumsum([0, *(len(one) for one in buckets)]).astype(np.int64)
    return Rows(
        starts,
        np.concatenate([np.zeros(0, np.int32), *buckets]).astype(np.int32),
        np.concatenate([np.zeros(0, np.float32), *weights]).astype(np.float32),
    )
