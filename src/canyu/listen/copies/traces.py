"""The rare traces that tie accounts together: the same words, hashtags in one order, a link, a reposted post."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Verb
from canyu.kit.ahead import work_ahead
from canyu.listen.kernels.neardup import FEWEST, keep_letters
from canyu.listen.text import pack_texts

HASHTAG = re.compile(r"[#＃]([^#＃\s][^#＃\n]{0,30})[#＃]")
TWO_HASHTAGS = "(?s)[#＃].+[#＃].*[#＃].+[#＃]"  # what a text with two of them has, for the quick look
LINK = re.compile(r"https?://[!-~]{4,200}")
SEPARATOR = "\x1f"


class TraceKind(StrEnum):
    """What two accounts may share."""

    TEXT = "text"
    HASHTAGS = "hashtags"
    LINK = "link"
    REPOST = "repost"


@dataclass(frozen=True, slots=True)
class Traces:
    """Traces that enough accounts share; trace i is ``rows[starts[i]:starts[i + 1]]``, posts by row.

    ``weights``: how rare a trace is, the logarithm of accounts over accounts that share it (inverse document
    frequency, Sparck Jones 1972), float64, shape (traces,).
    """

    kinds: tuple[TraceKind, ...]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    weights: NDArray[np.float64]


def build_traces(posts: pa.Table, actors: NDArray[np.int64], fewest: int) -> Traces:
    """Return the traces of ``posts`` that at least ``fewest`` accounts share.

    ``actors``: each row's account by number, -1 where nobody is known.
    """
    accounts = max(int(np.count_nonzero(np.bincount(actors + 1))), 1)
    kinds: list[TraceKind] = []
    rows, sizes, sharing = [np.zeros(0, np.int64)], [np.zeros(1, np.int64)], [np.zeros(0, np.int64)]
    for kind, (places, keys) in _list_keys(posts, fewest):
        shared, size, actors_each = _group_shared(places, keys, actors, fewest)
        kinds += [kind] * len(size)
        rows.append(shared)
        sizes.append(size)
        sharing.append(actors_each)
    weights = np.log(accounts / np.concatenate(sharing))
    return Traces(tuple(kinds), np.concatenate(rows), np.cumsum(np.concatenate(sizes)), weights)


def _group_shared(
    places: NDArray[np.int64], keys: NDArray[np.int64], actors: NDArray[np.int64], fewest: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the keys that enough accounts share, key by key, and each such key's rows and accounts."""
    is_often = np.bincount(keys)[keys] >= fewest  # nearly all keys are seen once
    keys, places = keys[is_often], places[is_often]
    by_row = np.lexsort((places, keys))
    keys, places = keys[by_row], places[by_row]
    is_fresh = _differs(keys) | _differs(places)
    keys, places = keys[is_fresh], places[is_fresh]
    by_actor = np.lexsort((actors[places], keys))
    is_other = _differs(keys) | _differs(actors[places][by_actor])  # the keys stand in the same order
    accounts = np.bincount(keys[is_other])
    is_shared = accounts[keys] >= fewest
    rows_each = np.bincount(keys[is_shared])
    found = np.flatnonzero(rows_each)
    return places[is_shared], rows_each[found], accounts[found]


def _differs(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each value is another than the one before it; the first is."""
    differs: NDArray[np.bool_] = np.diff(values, prepend=values[:1] - 1) != 0
    return differs


Numbered = tuple[NDArray[np.int64], NDArray[np.int64]]


def _list_keys(posts: pa.Table, fewest: int) -> Iterator[tuple[TraceKind, Numbered]]:
    """Yield each kind's posts and the numbers of their keys; the kinds are looked for side by side."""
    finders: dict[TraceKind, Callable[[], Numbered]] = {
        TraceKind.TEXT: lambda: _find_copies(posts, fewest),
        TraceKind.HASHTAGS: lambda: _number(*_search(posts["text"], TWO_HASHTAGS, _order_hashtags)),
        TraceKind.LINK: lambda: _number(*_search(posts["text"], "https?://", _list_links)),
        TraceKind.REPOST: lambda: _find_reposts(posts),
    }
    yield from zip(finders, work_ahead(lambda find: find(), finders.values()), strict=True)


def _find_copies(posts: pa.Table, fewest: int) -> Numbered:
    places, clusters = _number(np.arange(len(posts)), posts["cluster_id"])
    copied = places[np.bincount(clusters)[clusters] >= fewest]
    packed = pack_texts(posts["text"].take(pa.array(copied)))
    is_rare = np.diff(keep_letters(packed.codes, packed.offsets)[1]) >= FEWEST  # many say "沙发" or "转发微博"
    telling = copied[is_rare]
    return _number(telling, posts["cluster_id"].take(pa.array(telling)))


def _find_reposts(posts: pa.Table) -> Numbered:
    is_repost = pc.fill_null(pc.equal(posts["type"], Verb.REPOST), False)
    reposted = np.flatnonzero(is_repost.to_numpy())
    return _number(reposted, posts["parent"].take(pa.array(reposted)))


def _order_hashtags(text: str) -> list[str]:
    found = HASHTAG.findall(text)
    return [SEPARATOR.join(found).lower()] if len(set(found)) >= 2 else []


def _list_links(text: str) -> list[str]:
    return sorted(set(LINK.findall(text)))


def _search(texts: pa.ChunkedArray, hint: str, find: Callable[[str], list[str]]) -> tuple[NDArray[np.int64], pa.Array]:
    likely = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts, hint), False).to_numpy())
    places: list[int] = []
    keys: list[str] = []
    for place, text in zip(likely.tolist(), texts.take(pa.array(likely)).to_pylist(), strict=True):
        for key in find(text):
            places.append(place)
            keys.append(key)
    return np.array(places, np.int64), pa.array(keys, pa.string())


def _number(places: NDArray[np.int64], keys: pa.Array | pa.ChunkedArray) -> Numbered:
    column = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    is_known = pc.is_valid(column).to_numpy(False)
    numbers = column.cast(pa.string()).dictionary_encode().indices.filter(pa.array(is_known)).to_numpy()
    return places[is_known], numbers.astype(np.int64)
