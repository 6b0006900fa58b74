"""Finds the topics of posts, period by period, and follows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.periods import find_ends, list_starts
from canyu.listen.text import pack_texts
from canyu.listen.topics.grouping import Groups, Rows, group_posts
from canyu.listen.topics.labels import choose_label, find_phrases, find_tags
from canyu.listen.topics.links import NO_ROWS, Lineage, State, link_topics, make_id
from canyu.listen.topics.settings import TopicSettings

TIME = pa.timestamp("us", tz="UTC")
STANDING = 3
"""Posts that stand for a topic: those nearest to its centroid, one per cluster of copies."""
NEEDED = ("event_id", "time", "text")
OPTIONAL = ("actor", "cluster_id", "sentiment")

TOPICS_SCHEMA = pa.schema(
    [
        pa.field("topic_id", pa.string(), nullable=False),  # stays while the topic goes on
        pa.field("period_start", TIME, nullable=False),
        pa.field("period_end", TIME, nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("phrases", pa.list_(pa.string()), nullable=False),
        pa.field("posts", pa.int64(), nullable=False),
        pa.field("unique_posts", pa.int64(), nullable=False),
        pa.field("authors", pa.int64(), nullable=False),
        pa.field("positive", pa.float64()),  # shares of the posts with a sentiment; null where there are none
        pa.field("neutral", pa.float64()),
        pa.field("negative", pa.float64()),
        pa.field("status", pa.string(), nullable=False),  # new | continued | split | merged | ended
        pa.field("parents", pa.list_(pa.string()), nullable=False),
        pa.field("standing", pa.list_(pa.string()), nullable=False),  # event ids
    ]
)

MEMBERS_SCHEMA = pa.schema(
    [
        pa.field("topic_id", pa.string(), nullable=False),
        pa.field("period_start", TIME, nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("weight", pa.float32(), nullable=False),  # cosine to the topic's centroid
    ]
)


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of some periods, their posts, and what the next period is linked to."""

    topics: pa.Table
    members: pa.Table
    state: State


@dataclass(frozen=True, slots=True)
class Period:
    """The posts of one day or week, by time and event id; ``cluster`` numbers their copies, ``firsts`` one of each."""

    start: datetime
    end: datetime
    posts: pa.Table
    cluster: NDArray[np.int64]
    firsts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeriodTopics:
    """The topics of one period before they are linked, the largest first.

    ``rows``: what ``TOPICS_SCHEMA`` tells of each but its id, status and parents, and of its posts ``event_ids`` and
    ``weights``, those most like it first. ``own_ids``: what each is called where it comes from none before.
    """

    start: datetime
    end: datetime
    rows: list[dict[str, Any]]
    own_ids: tuple[str, ...]
    centroids: Rows


def find_topics(posts: pa.Table, settings: TopicSettings | None = None, *, previous: Topics | None = None) -> Topics:
    """Return the topics of each day or week that ``posts`` span, linked in time and to the last of ``previous``.

    ``posts``: event_id, time (aware), text, and where known actor, cluster_id (copies), sentiment. Deterministic, and
    the order of the posts does not matter. Raises BadInput where a column is missing.

    >>> from datetime import UTC
    >>> texts = [f"#小米发布会# 今晚的小米发布会第{sign}个看点" for sign in "一二三四五六"]
    >>> table = pa.table({"event_id": list("abcdef"), "time": [datetime(2026, 6, 1, 4, tzinfo=UTC)] * 6, "text": texts})
    >>> find_topics(table).topics.select(["label", "unique_posts", "status"]).to_pylist()
    [{'label': '小米发布会', 'unique_posts': 6, 'status': 'new'}]
    """
    settings = settings or TopicSettings()
    state = previous.state if previous else State()
    topics: list[dict[str, Any]] = []
    for period in split_periods(posts, settings):
        found = find_period_topics(period, settings)
        lineage = link_topics(state, found.centroids, found.own_ids, settings.goes_on)
        told = list(name_topics(found, lineage))
        topics += told + _describe_ended(found, state, lineage)
        state = State(lineage.ids, tuple(row["label"] for row in told), found.centroids)
    return Topics(pa.Table.from_pylist(topics, TOPICS_SCHEMA), _list_members(topics), state)


def name_topics(found: PeriodTopics, lineage: Lineage) -> Iterator[dict[str, Any]]:
    """Yield the rows of a period's topics with their ids, statuses and parents."""
    for row, name, status, parents in zip(found.rows, lineage.ids, lineage.statuses, lineage.parents, strict=True):
        period = {"period_start": found.start, "period_end": found.end}
        yield {**row, **period, "topic_id": name, "status": status, "parents": list(parents)}


def split_periods(posts: pa.Table, settings: TopicSettings) -> Iterator[Period]:
    """Yield the posts of each day or week there are any of; raises BadInput where a column is missing."""
    missing = [name for name in NEEDED if name not in posts.column_names]
    if missing:
        raise BadInput(
            Words(f"缺少列：{'、'.join(missing)}。", f"These columns are missing: {', '.join(missing)}."),
            mend=Words("请给出帖子的编号、时间和正文。", "Give the posts' ids, times and texts."),
        )
    for name in OPTIONAL:
        if name not in posts.column_names:
            posts = posts.append_column(name, pa.nulls(len(posts), pa.string()))
    posts = posts.select([*NEEDED, *OPTIONAL]).filter(pc.is_valid(posts["time"]))
    posts = posts.sort_by([("time", "ascending"), ("event_id", "ascending")]).combine_chunks()
    starts = list_starts(posts["time"], settings.period, settings.time_zone)
    for start in sorted({*starts.unique().to_pylist()}):
        part = posts.filter(pc.equal(starts, start)).combine_chunks()
        begin, end = find_ends(start, settings.period, settings.time_zone)
        yield Period(begin, end, part, *_number_clusters(part))


def _number_clusters(posts: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a number per post that its copies share, and the first post of each number."""
    own = np.arange(len(posts)) + len(posts)
    codes = pc.dictionary_encode(posts["cluster_id"].cast(pa.string())).combine_chunks().indices
    known = codes.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    _, firsts, numbers = np.unique(np.where(known < 0, own, known), return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")  # clusters in the order of their first posts
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[numbers], firsts[order].astype(np.int64)


def _list_topic_posts(topic: NDArray[np.int32], count: int) -> list[NDArray[np.int64]]:
    order = np.argsort(topic, kind="stable")
    edges = np.searchsorted(topic[order], np.arange(count + 1))
    return [order[edges[number] : edges[number + 1]] for number in range(count)]


def find_period_topics(period: Period, settings: TopicSettings) -> PeriodTopics:
    """Return the topics of one period, not linked to others yet."""
    if len(period.firsts) < settings.least_posts:
        return PeriodTopics(period.start, period.end, [], (), NO_ROWS)
    texts = period.posts["text"].combine_chunks()
    groups = group_posts(pack_texts(texts.take(pa.array(period.firsts))), settings)
    rows = _describe_topics(period, groups, texts)
    return PeriodTopics(period.start, period.end, rows, _list_own_ids(period, groups), groups.centroids)


def _list_own_ids(period: Period, groups: Groups) -> tuple[str, ...]:
    """Return an id for each topic by its period and first post, which tell it from all others."""
    ids = period.posts["event_id"]
    first = [posts[0] for posts in _list_topic_posts(groups.topic, len(groups.centroids))]
    return tuple(make_id(f"{period.start.isoformat()} {ids[int(period.firsts[post])].as_py()}") for post in first)


def _describe_topics(period: Period, groups: Groups, texts: pa.Array) -> list[dict[str, Any]]:
    unique = texts.take(pa.array(period.firsts)).to_pylist()
    tags = [find_tags(text or "") for text in unique]
    all_tags = Counter(tag for found in tags for tag in found)
    ids, actors = period.posts["event_id"].to_pylist(), period.posts["actor"].to_pylist()
    sentiments = period.posts["sentiment"].to_pylist()
    weights = groups.cosine[period.cluster].clip(0, 1)
    every = _list_topic_posts(groups.topic[period.cluster], len(groups.centroids))
    rows = []
    for posts, members in zip(_list_topic_posts(groups.topic, len(groups.centroids)), every, strict=True):
        near = posts[np.argsort(-groups.cosine[posts], kind="stable")]
        phrases = find_phrases([unique[post] or "" for post in near])
        own_tags = Counter(tag for post in posts for tag in tags[post])
        said = Counter(sentiments[post] for post in members if sentiments[post])
        shares = {tone: said[tone] / said.total() if said else None for tone in ("positive", "neutral", "negative")}
        like = members[np.argsort(-weights[members], kind="stable")]
        rows.append(
            {
                "label": choose_label(own_tags, all_tags, len(posts), phrases),
                "phrases": phrases,
                "posts": len(members),
                "unique_posts": len(posts),
                "authors": len({actors[post] for post in members} - {None}),
                "standing": [ids[period.firsts[post]] for post in near[:STANDING]],
                "event_ids": [ids[post] for post in like],
                "weights": weights[like].tolist(),
                **shares,
            }
        )
    return rows


def _describe_ended(found: PeriodTopics, state: State, lineage: Lineage) -> list[dict[str, Any]]:
    nothing = {"phrases": [], "posts": 0, "unique_posts": 0, "authors": 0, "parents": [], "standing": []}
    nothing |= {"status": "ended", "period_start": found.start, "period_end": found.end}
    return [{"topic_id": state.ids[number], "label": state.labels[number]} | nothing for number in lineage.ended]


def _list_members(topics: list[dict[str, Any]]) -> pa.Table:
    rows = [
        {"topic_id": row["topic_id"], "period_start": row["period_start"], "event_id": name, "weight": weight}
        for row in topics
        for name, weight in zip(row.get("event_ids", ()), row.get("weights", ()), strict=True)
    ]
    return pa.Table.from_pylist(rows, MEMBERS_SCHEMA)
