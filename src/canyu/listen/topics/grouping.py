"""Groups the posts of one period: hashtags and shared rare words begin a topic, likeness to its centroid decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from canyu.listen.kernels.topics import (
    BUCKETS,
    LEVELS,
    TAGS,
    count_features,
    find_nearest,
    gather_centroids,
    index_centroids,
    select_features,
)
from canyu.listen.text import PackedTexts
from canyu.listen.topics.settings import TopicSettings

FEATURES, CENTROID_FEATURES = 48, 96
COMMON_SHARE = 0.1
"""A feature that more posts have says nothing of a topic; so does one that fewer than two have."""
SPECIFIC = 0.035
"""Mean cosine, hashtags left out, from which the posts of a hashtag speak of one thing; below it is a campaign's."""
ROUNDS = 3

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows of unit length: row i has ``buckets[starts[i]:starts[i + 1]]`` and the same of ``weights``.

    Of the ``size`` buckets those from ``first_tag`` on are hashtags. See ``renumber`` for fewer than there are.
    """

    starts: Places
    buckets: Ints
    weights: Floats
    size: int = BUCKETS
    first_tag: int = TAGS

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: Places) -> Rows:
        """Return some of the rows."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(starts[-1])
        return replace(self, starts=starts, buckets=self.buckets[places], weights=self.weights[places])


@dataclass(frozen=True, slots=True)
class Groups:
    """The topics of a period: per post its topic (-1: none) and how like it is; and the topics' centroids."""

    topic: Ints
    cosine: Floats
    centroids: Rows


def group_posts(packed: PackedTexts, settings: TopicSettings) -> Groups:
    """Return the topics of the posts, the largest first. The same posts always give the same topics."""
    rows, buckets = read_rows(packed, settings)
    groups = begin_groups(rows, settings)
    for turn in range(ROUNDS):
        centroids = gather(rows, *groups)[0]
        nearest, cosine = find_near(rows, centroids)
        nearest[cosine < settings.least_like] = -1
        if turn == 0:
            nearest = begin_rest(rows, nearest, settings.least_posts)
        else:
            nearest = join_same(rows, nearest, settings.same_topic)
        groups = list_groups(nearest, settings.least_posts)
    centroids = gather(rows, *groups)[0]
    nearest, cosine = find_near(rows, centroids)
    nearest[cosine < settings.least_like] = -1
    kept, posts = list_groups(nearest, settings.least_posts)
    topic = np.full(len(rows), -1, np.int32)
    topic[posts] = np.repeat(np.arange(len(kept) - 1), np.diff(kept))
    last = gather(rows, kept, posts)[0]
    return Groups(topic, cosine, Rows(last.starts, buckets[last.buckets], last.weights))


def read_rows(packed: PackedTexts, settings: TopicSettings) -> tuple[Rows, Ints]:
    """Return the posts as rows of their rarest features, renumbered; and the bucket of each number.

    The hashtags of campaigns say nothing of a topic.
    """
    held, counts = count_features(packed.codes, packed.offsets)
    most = max(COMMON_SHARE * len(packed), 2.0 * settings.least_posts)
    possible = np.arange(int(counts.max(initial=0)) + 1)
    floor = np.maximum(possible, settings.least_posts)  # rarer than a topic is no more telling than as rare as one
    rarity = np.log(1 + len(packed) / floor) / np.log(1 + len(packed) / settings.least_posts)
    steps = np.maximum(np.round(rarity * (LEVELS - 1)), 1).astype(np.uint8)
    steps[(possible < 2) | (possible > most)] = 0
    (rows,), buckets = renumber(Rows(*select_features(packed.codes, packed.offsets, held, steps[counts], FEATURES)))
    tags, tag_start, tag_posts = list_tags(rows, settings.least_posts)
    alike = gather(rows, tag_start, tag_posts)[1]
    is_loose = np.zeros(rows.size, bool)
    is_loose[tags[alike < SPECIFIC]] = True
    weights = np.where(is_loose[rows.buckets], np.float32(0), rows.weights)
    squares = np.concatenate([[0.0], np.cumsum(weights.astype(np.float64) ** 2)])
    norms = np.sqrt(np.maximum(squares[rows.starts[1:]] - squares[rows.starts[:-1]], 1e-12))
    scaled = (weights / np.repeat(norms, np.diff(rows.starts))).astype(np.float32, copy=False)
    return replace(rows, weights=scaled), buckets


def renumber(*parts: Rows) -> tuple[list[Rows], Ints]:
    """Return rows with the buckets that they have counted from 0, in their order; and the bucket of each number.

    Tables over all buckets cost more than the few posts of a usual day.
    """
    together = np.concatenate([part.buckets for part in parts])
    if len(together) < BUCKETS // 16:
        buckets = np.unique(together)
        numbers = np.searchsorted(buckets, together).astype(np.int32)
    else:
        table = np.zeros(BUCKETS, np.int32)
        table[together] = 1
        buckets = np.flatnonzero(table).astype(np.int32)
        table[buckets] = np.arange(len(buckets), dtype=np.int32)
        numbers = table[together]
    ends = np.cumsum([len(part.buckets) for part in parts])
    size, first_tag = len(buckets), int(np.searchsorted(buckets, TAGS))
    own = np.split(numbers, ends[:-1])
    return [
        Rows(part.starts, mine, part.weights, size, first_tag) for part, mine in zip(parts, own, strict=True)
    ], buckets


def list_tags(rows: Rows, least: int) -> tuple[Places, Places, Places]:
    """Return the hashtags of ``least`` posts or more: their buckets, and their posts as starts and rows."""
    places = np.flatnonzero((rows.buckets >= rows.first_tag) & (rows.weights > 0))
    posts = np.searchsorted(rows.starts, places, "right") - 1
    order = np.argsort(rows.buckets[places], kind="stable")
    tags, counts = np.unique(rows.buckets[places], return_counts=True)
    is_kept = counts >= least
    starts = np.concatenate([[0], np.cumsum(counts[is_kept])]).astype(np.int64)
    return tags[is_kept].astype(np.int64), starts, posts[order][np.repeat(is_kept, counts)].astype(np.int64)


def begin_groups(rows: Rows, settings: TopicSettings) -> tuple[Places, Places]:
    """Return the groups that hashtags begin."""
    _, starts, posts = list_tags(rows, settings.least_posts)
    return starts, posts


def begin_rest(rows: Rows, nearest: Ints, least: int) -> Ints:
    """Return the groups with new ones for posts that are like none: each goes by its most shared rare feature."""
    rest = np.flatnonzero(nearest < 0)
    part = rows.take(rest)
    if len(part.buckets) == 0:
        return nearest
    shared = np.bincount(part.buckets, minlength=rows.size)
    score = part.weights * np.sqrt(shared[part.buckets])
    score[shared[part.buckets] < least] = 0
    owner = np.repeat(np.arange(len(rest)), np.diff(part.starts))
    order = np.lexsort((part.buckets, -score, owner))
    first = order[np.searchsorted(owner[order], np.arange(len(rest))).clip(max=len(order) - 1)]
    has = (np.diff(part.starts) > 0) & (score[first] > 0)
    _, numbers = np.unique(part.buckets[first[has]], return_inverse=True)
    found = nearest.copy()
    found[rest[has]] = numbers + nearest.max(initial=-1) + 1
    return found


def join_same(rows: Rows, nearest: Ints, same: float) -> Ints:
    """Return the posts' groups with those of alike centroids joined to the larger one."""
    starts, posts = list_groups(nearest, 1)
    centroids, _ = gather(rows, starts, posts)
    if len(centroids) == 0:
        return nearest
    larger, cosine = find_near(centroids, centroids, only_earlier=True)
    roots = np.arange(len(centroids))
    for group in range(len(centroids)):  # the larger one has the smaller number, and its root already
        if cosine[group] >= same:
            roots[group] = roots[larger[group]]
    joined = np.full(len(nearest), -1, np.int32)
    joined[posts] = np.repeat(roots, np.diff(starts))
    return joined


def list_groups(nearest: Ints, least: int) -> tuple[Places, Places]:
    """Return the groups of ``least`` posts or more, the largest first, as starts and posts."""
    posts = np.flatnonzero(nearest >= 0)
    if len(posts) == 0:
        return np.zeros(1, np.int64), posts.astype(np.int64)
    numbers, codes, counts = np.unique(nearest[posts], return_inverse=True, return_counts=True)
    rank = np.empty(len(numbers), np.int64)
    rank[np.lexsort((numbers, -counts))] = np.arange(len(numbers))
    order = np.argsort(rank[codes], kind="stable")
    kept = np.sort(counts[counts >= least])[::-1]
    starts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return starts, posts[order][: starts[-1]].astype(np.int64)


def gather(rows: Rows, starts: Places, posts: Places) -> tuple[Rows, Floats]:
    """Return the centroids of groups, and how alike the posts of each are."""
    found = gather_centroids(
        starts, posts, rows.starts, rows.buckets, rows.weights, rows.size, rows.first_tag, CENTROID_FEATURES
    )
    return Rows(*found[:3], rows.size, rows.first_tag), found[3]


def find_near(rows: Rows, centroids: Rows, *, only_earlier: bool = False) -> tuple[Ints, Floats]:
    """Return per row its nearest centroid (-1: none shares a feature) and the cosine to it.

    Both are of the same buckets, of the same numbers.
    """
    index = index_centroids(centroids.starts, centroids.buckets, centroids.weights, centroids.size)
    found: tuple[Ints, Floats] = find_nearest(
        rows.starts, rows.buckets, rows.weights, *index, len(centroids), only_earlier
    )
    return found
