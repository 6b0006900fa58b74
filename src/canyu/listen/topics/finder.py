"""Finds the topics of posts, period by period, and follows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.text import pack_texts
from canyu.listen.topics.grouping import Groups, group_posts
from canyu.listen.topics.labels import choose_label, find_phrases, find_tags
from canyu.listen.topics.links import Lineage, State, link_topics
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
class _Period:
    start: datetime
    end: datetime
    posts: pa.Table  # by time and event id
    cluster: NDArray[np.int64]
    firsts: NDArray[np.int64]  # one post per cluster of copies

    def describe(self) -> dict[str, Any]:
        return {"period_start": self.start, "period_end": self.end}


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
    members: list[pa.Table] = []
    for period in _list_periods(posts, settings):
        texts = period.posts["text"].combine_chunks()
        groups = group_posts(pack_texts(texts.take(pa.array(period.firsts))), settings)
        seeds = _list_seeds(period, groups)
        lineage = link_topics(state, groups.centroids, seeds, settings.goes_on)
        told = _describe_topics(period, groups, lineage, texts)
        topics += told + _describe_ended(period, state, lineage)
        members.append(_list_members(period, groups, lineage))
        state = State(lineage.ids, tuple(row["label"] for row in told), groups.centroids)
    found = pa.concat_tables(members) if members else MEMBERS_SCHEMA.empty_table()
    return Topics(pa.Table.from_pylist(topics, TOPICS_SCHEMA), found, state)


def _list_periods(posts: pa.Table, settings: TopicSettings) -> list[_Period]:
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
    local = pc.local_timestamp(posts["time"].cast(pa.timestamp("us", tz=settings.time_zone)))
    starts = pc.floor_temporal(local, unit=settings.period)
    found = []
    for start in sorted({*starts.to_pylist()}):
        part = posts.filter(pc.equal(starts, start)).combine_chunks()
        cluster, firsts = _number_clusters(part)
        begin = start.replace(tzinfo=ZoneInfo(settings.time_zone))
        end = begin + timedelta(days=7 if settings.period == "week" else 1)
        found.append(_Period(begin, end, part, cluster, firsts))
    return found


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


def _list_seeds(period: _Period, groups: Groups) -> list[str]:
    ids = period.posts["event_id"]
    first = [posts[0] for posts in _list_topic_posts(groups.topic, len(groups.centroids))]
    return [f"{period.start.isoformat()} {ids[int(period.firsts[post])].as_py()}" for post in first]


def _describe_topics(period: _Period, groups: Groups, lineage: Lineage, texts: pa.Array) -> list[dict[str, Any]]:
    unique = texts.take(pa.array(period.firsts)).to_pylist()
    tags = [find_tags(text or "") for text in unique]
    all_tags = Counter(tag for found in tags for tag in found)
    ids, actors = period.posts["event_id"].to_pylist(), period.posts["actor"].to_pylist()
    sentiments = period.posts["sentiment"].to_pylist()
    every = _list_topic_posts(groups.topic[period.cluster], len(groups.centroids))
    rows = []
    for number, posts in enumerate(_list_topic_posts(groups.topic, len(groups.centroids))):
        near = posts[np.argsort(-groups.cosine[posts], kind="stable")]
        phrases = find_phrases([unique[post] or "" for post in near])
        own_tags = Counter(tag for post in posts for tag in tags[post])
        said = Counter(sentiments[post] for post in every[number] if sentiments[post])
        shares = {tone: said[tone] / said.total() if said else None for tone in ("positive", "neutral", "negative")}
        rows.append(
            {
                "topic_id": lineage.ids[number],
                "label": choose_label(own_tags, all_tags, len(posts), phrases),
                "phrases": phrases,
                "posts": len(every[number]),
                "unique_posts": len(posts),
                "authors": len({actors[post] for post in every[number]} - {None}),
                "status": lineage.statuses[number],
                "parents": list(lineage.parents[number]),
                "standing": [ids[period.firsts[post]] for post in near[:STANDING]],
                **period.describe(),
                **shares,
            }
        )
    return rows


def _describe_ended(period: _Period, state: State, lineage: Lineage) -> list[dict[str, Any]]:
    nothing = {"phrases": [], "posts": 0, "unique_posts": 0, "authors": 0, "parents": [], "standing": []}
    return [
        {"topic_id": state.ids[number], "label": state.labels[number], "status": "ended"} | nothing | period.describe()
        for number in lineage.ended
    ]


def _list_members(period: _Period, groups: Groups, lineage: Lineage) -> pa.Table:
    topic = groups.topic[period.cluster]
    rows = np.flatnonzero(topic >= 0)
    ids = pa.array(lineage.ids, pa.string()).take(pa.array(topic[rows]))
    start = pa.repeat(pa.scalar(period.start, TIME), len(rows))
    events = period.posts["event_id"].combine_chunks().take(pa.array(rows))
    weights = pa.array(groups.cosine[period.cluster][rows].clip(0, 1), pa.float32())
    return pa.Table.from_arrays([ids, start, events, weights], schema=MEMBERS_SCHEMA)
