"""Pull-through: how much of what people say of a brand carries its storylines, where, since when and who began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.evaluation import compute_interval
from canyu.listen.storylines.definitions import Stance, Storyline, Storylines, get_stance, get_storyline

FIRST_CARRIERS = 10
NEEDED = ("event_id", "time", "links", "storylines")
CUTS = ("all", "market", "channel", "week")

PULL_THROUGH_SCHEMA = pa.schema(
    [
        pa.field("storyline", pa.string(), nullable=False),
        pa.field("cut", pa.string(), nullable=False),  # all | market | channel | week
        pa.field("value", pa.string()),  # of the cut: the market, the channel, the week's Monday; null is not stated
        pa.field("posts", pa.int64(), nullable=False),  # of the brand, its own posts left out
        pa.field("carrying", pa.int64(), nullable=False),
        pa.field("share", pa.float64()),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("unique_posts", pa.int64(), nullable=False),  # copies counted once
        pa.field("unique_carrying", pa.int64(), nullable=False),
        pa.field("unique_share", pa.float64()),
        pa.field("unique_low", pa.float64(), nullable=False),
        pa.field("unique_high", pa.float64(), nullable=False),
        pa.field("countering", pa.int64(), nullable=False),
        pa.field("unique_countering", pa.int64(), nullable=False),
    ]
)

CARRIERS_SCHEMA = pa.schema(
    [
        pa.field("storyline", pa.string(), nullable=False),
        pa.field("place", pa.int64(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("channel", pa.string()),
        pa.field("reach", pa.float64()),  # as the caller measures it: followers, reactions
    ]
)

GROWTH_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # a storyline, or a message against it
        pa.field("storyline", pa.string(), nullable=False),
        pa.field("stance", pa.string(), nullable=False),
        pa.field("week", pa.date32(), nullable=False),  # its Monday
        pa.field("unique_posts", pa.int64(), nullable=False),
        pa.field("unique_share", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("growth", pa.float64()),  # of the share on the week before; null where there was none
        pa.field("is_clear", pa.bool_(), nullable=False),  # the two weeks' intervals do not overlap
    ]
)

OWN_SCHEMA = pa.schema(
    [
        pa.field("storyline", pa.string(), nullable=False),
        pa.field("posts", pa.int64(), nullable=False),  # of official accounts, naming one of its brands
        pa.field("carrying", pa.int64(), nullable=False),
        pa.field("first_time", pa.timestamp("us", tz="UTC")),  # of those that carry it; null where none does
        pa.field("first_event_id", pa.string()),
    ]
)

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PullThroughSettings:
    """Whose posts are the brand's own, and where its weeks begin. Raises BadInput for a zone that is none."""

    official_actors: frozenset[str] = frozenset()
    time_zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, KeyError):
            raise BadInput(
                Words(f"没有时区 {self.time_zone!r}。", f"There is no time zone {self.time_zone!r}."),
                mend=Words("请给时区名，例如 Asia/Shanghai。", "Name one, for example Asia/Shanghai."),
            ) from None


@dataclass(frozen=True, slots=True)
class _Posts:
    """The posts that people wrote, the brand's own left out, or these only; copies share a ``cluster``."""

    table: pa.Table
    cluster: Numbers
    week: pa.Array

    def find(self, column: str, ids: list[str]) -> Bools:
        """Return which posts list one of ``ids`` in ``column``."""
        lists = self.table[column].combine_chunks()
        has = np.zeros(len(lists), bool)
        hits = pc.is_in(pc.list_flatten(lists), pa.array(ids, pa.string()))
        has[pc.list_parent_indices(lists).filter(hits).to_numpy(zero_copy_only=False)] = True
        return has


def compute_pull_through(posts: pa.Table, definitions: Storylines, settings: PullThroughSettings) -> pa.Table:
    """Return the share of a brand's posts that carry each storyline, by cut, as ``PULL_THROUGH_SCHEMA``.

    ``posts``: event_id, time (aware), links and storylines (list<string>), and where known market, channel, actor,
    cluster_id. A post counts under a storyline when it links to one of the storyline's brands. Intervals: Wilson,
    95 %; those without copies (one count per cluster) are the ones to trust, copies are no second opinion.
    Raises BadInput where a column is missing.
    """
    people = _keep_people(posts, settings)
    rows: list[dict[str, Any]] = []
    for entry in definitions.entries:
        about = people.find("links", list(entry.brands))
        carries = people.find("storylines", [entry.id])
        counters = people.find("storylines", _list_against(people, entry))
        for cut in CUTS:
            values, codes = _list_values(people, cut)
            for number, value in enumerate(values):
                inside = np.flatnonzero(about & (codes == number))
                if len(inside):
                    found = {"storyline": entry.id, "cut": cut, "value": value}
                    rows.append(found | _count(people.cluster[inside], carries[inside], counters[inside]))
    return pa.Table.from_pylist(rows, PULL_THROUGH_SCHEMA)


def compute_carrying(posts: pa.Table, definitions: Storylines, settings: PullThroughSettings) -> dict[str, Any] | None:
    """Return how many posts about the storylines' brands carry any of them, with the columns of one row of a cut.

    ``posts`` as in :func:`compute_pull_through`. None where there is no post.
    """
    people = _keep_people(posts, settings)
    about, carries = (np.zeros(len(people.cluster), bool) for _ in range(2))
    for entry in definitions.entries:
        mine = people.find("links", list(entry.brands))
        about |= mine
        carries |= mine & people.find("storylines", [entry.id])
    inside = np.flatnonzero(about)
    return _count(people.cluster[inside], carries[inside], np.zeros(len(inside), bool)) if len(inside) else None


def find_first_carriers(posts: pa.Table, definitions: Storylines, settings: PullThroughSettings) -> pa.Table:
    """Return the first ten authors of each storyline, by the time of their first post, as ``CARRIERS_SCHEMA``.

    ``posts`` as in :func:`compute_pull_through`, with an optional number ``reach`` per post.
    """
    people = _keep_people(posts, settings)
    rows: list[dict[str, Any]] = []
    for entry in definitions.entries:
        carries = people.find("links", list(entry.brands)) & people.find("storylines", [entry.id])
        named = pc.and_(pa.array(carries), pc.is_valid(people.table["actor"]))
        mine = people.table.filter(named).sort_by([("time", "ascending"), ("event_id", "ascending")])
        seen: set[str] = set()
        for post in mine.select(["actor", "event_id", "time", "channel", "reach"]).to_pylist():
            if post["actor"] not in seen and len(seen) < FIRST_CARRIERS:
                seen.add(post["actor"])
                rows.append({"storyline": entry.id, "place": len(seen), **post})
    return pa.Table.from_pylist(rows, CARRIERS_SCHEMA)


def compute_own(posts: pa.Table, definitions: Storylines, settings: PullThroughSettings) -> pa.Table:
    """Return what the official accounts themselves say of each storyline, as ``OWN_SCHEMA``; ``posts`` as above."""
    own = _keep_people(posts, settings, is_official=True)
    rows: list[dict[str, Any]] = []
    for entry in definitions.entries:
        about = own.find("links", list(entry.brands))
        carries = about & own.find("storylines", [entry.id])
        mine = own.table.filter(pa.array(carries)).sort_by([("time", "ascending"), ("event_id", "ascending")])
        first = mine.slice(0, 1).select(["time", "event_id"]).to_pylist()
        found = {"storyline": entry.id, "posts": int(about.sum()), "carrying": mine.num_rows}
        rows.append(found | {f"first_{name}": value for one in first for name, value in one.items()})
    return pa.Table.from_pylist(rows, OWN_SCHEMA)


def compute_growth(posts: pa.Table, definitions: Storylines, settings: PullThroughSettings) -> pa.Table:
    """Return each message's and counter-message's share of the brand's posts by week, as ``GROWTH_SCHEMA``.

    Copies count once. A week without posts of the brand has no row; growth is against the calendar week before.
    """
    people = _keep_people(posts, settings)
    weeks, codes = _list_values(people, "week")
    rows: list[dict[str, Any]] = []
    for entry in definitions.entries:
        about = people.find("links", list(entry.brands))
        for found_id in [entry.id, *_list_against(people, entry)]:
            has = people.find("storylines", [found_id])
            before: dict[str, Any] = {}
            for number, week in enumerate(weeks):
                inside = np.flatnonzero(about & (codes == number))
                if len(inside) == 0:
                    continue
                row = _describe_week(found_id, week, people.cluster[inside], has[inside])
                _compare_weeks(row, before)
                rows.append(row)
                before = row
    return pa.Table.from_pylist(rows, GROWTH_SCHEMA)


def _describe_week(found_id: str, week: str | None, cluster: Numbers, has: Bools) -> dict[str, Any]:
    total, part = len(np.unique(cluster)), len(np.unique(cluster[has]))
    low, high = compute_interval(part, total)
    return {
        "id": found_id,
        "storyline": get_storyline(found_id),
        "stance": str(get_stance(found_id)),
        "week": np.datetime64(week).astype(object),
        "unique_posts": part,
        "unique_share": part / total,
        "low": low,
        "high": high,
        "growth": None,
        "is_clear": False,
    }


def _compare_weeks(row: dict[str, Any], before: dict[str, Any]) -> None:
    if not before or row["week"] - before["week"] != timedelta(days=7):
        return
    if before["unique_share"]:
        row["growth"] = row["unique_share"] / before["unique_share"] - 1
    row["is_clear"] = row["low"] > before["high"] or row["high"] < before["low"]


def _keep_people(posts: pa.Table, settings: PullThroughSettings, *, is_official: bool = False) -> _Posts:
    """Return what people wrote, or what official accounts did."""
    missing = [name for name in NEEDED if name not in posts.column_names]
    if missing:
        raise BadInput(
            Words(f"缺少列：{'、'.join(missing)}。", f"These columns are missing: {', '.join(missing)}."),
            mend=Words("请先给帖子评分。", "Score the posts first."),
        )
    for name, kind in (
        ("market", pa.string()), ("channel", pa.string()), ("actor", pa.string()), ("reach", pa.float64())
    ):  # fmt: skip
        if name not in posts.column_names:
            posts = posts.append_column(name, pa.nulls(len(posts), kind))
    official = pc.is_in(posts["actor"], pa.array(sorted(settings.official_actors), pa.string()))
    chosen = official if is_official else pc.invert(official)
    table = posts.filter(pc.and_(chosen, pc.is_valid(posts["time"]))).combine_chunks()
    local = pc.local_timestamp(table["time"].cast(pa.timestamp("us", tz=settings.time_zone)))
    week = pc.floor_temporal(local, unit="week").cast(pa.date32()).cast(pa.string())
    return _Posts(table, _number_clusters(table), week)


def _number_clusters(table: pa.Table) -> Numbers:
    own = np.arange(len(table))
    if "cluster_id" not in table.column_names:
        return own
    codes = pc.dictionary_encode(table["cluster_id"]).combine_chunks().indices
    found = codes.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(found < 0, own + len(table), found)  # a post that is in no cluster is no copy


def _list_values(people: _Posts, cut: str) -> tuple[list[str | None], Numbers]:
    if cut == "all":
        return [None], np.zeros(len(people.table), np.int64)
    column = people.week if cut == "week" else people.table[cut]
    values = sorted({*column.to_pylist()}, key=lambda value: (value is None, value or ""))
    if len(values) == 0:
        return [], np.zeros(0, np.int64)
    places = pc.index_in(column, pa.array(values, pa.string()))
    return values, places.to_numpy(zero_copy_only=False).astype(np.int64)


def _list_against(people: _Posts, entry: Storyline) -> list[str]:
    """Return the ids of what is said against a storyline, those of the file and the denials, as far as found."""
    found = pc.unique(pc.list_flatten(people.table["storylines"])).to_pylist()
    return sorted(
        found_id
        for found_id in found
        if found_id and get_storyline(found_id) == entry.id and get_stance(found_id) is Stance.COUNTERS
    )


def _count(cluster: Numbers, carries: Bools, counters: Bools) -> dict[str, Any]:
    posts, carrying = len(cluster), int(carries.sum())
    unique, unique_carrying = len(np.unique(cluster)), len(np.unique(cluster[carries]))
    low, high = compute_interval(carrying, posts)
    unique_low, unique_high = compute_interval(unique_carrying, unique)
    return {
        "posts": posts,
        "carrying": carrying,
        "share": carrying / posts,
        "low": low,
        "high": high,
        "unique_posts": unique,
        "unique_carrying": unique_carrying,
        "unique_share": unique_carrying / unique,
        "unique_low": unique_low,
        "unique_high": unique_high,
        "countering": int(counters.sum()),
        "unique_countering": len(np.unique(cluster[counters])),
    }
