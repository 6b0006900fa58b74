"""The columns that come in: checked once, brought to plain arrays, hostile rows and all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.rumours.cues import BLANK, match_cue, unpack_texts
from canyu.listen.text import PackedTexts, pack_texts

NO_TIME = np.iinfo(np.int64).min
PROFILE = ("followers", "friends", "messages", "is_verified", "has_description")
EXTRAS = ("has_url", "pictures")


@dataclass(frozen=True, slots=True)
class Posts:
    """Source posts, one row each: ``times`` in microseconds (NO_TIME where unknown), ``numbers`` NaN where unknown."""

    ids: list[str]
    texts: list[str]
    packed: PackedTexts
    times: NDArray[np.int64]
    actors: list[str | None]
    numbers: dict[str, NDArray[np.float64]]
    sizes: NDArray[np.int64]
    clusters: NDArray[np.int64] | None = None
    """A number that copies share; None where nobody told which posts are copies."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Reactions:
    """What answered the posts up to now, ordered by post and time.

    ``post``: row of the post; ``folded``: the texts; ``minutes`` after the post; ``rows``: in the table that came.
    """

    post: NDArray[np.int64]
    rows: NDArray[np.int64]
    folded: pa.Array
    minutes: NDArray[np.float64]
    times: NDArray[np.int64]
    actors: NDArray[np.int64]
    direct: NDArray[np.float64]
    is_blank: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.post)

    def select(self, keep: NDArray[np.bool_]) -> Reactions:
        """Return only the reactions kept, in the same order."""
        return Reactions(
            post=self.post[keep],
            rows=self.rows[keep],
            folded=self.folded.filter(pa.array(keep)),
            minutes=self.minutes[keep],
            times=self.times[keep],
            actors=self.actors[keep],
            direct=self.direct[keep],
            is_blank=self.is_blank[keep],
        )


def read_posts(posts: pa.Table) -> Posts:
    """Read ``event_id``, ``time``, ``text`` and what else is there; of posts with one id the first counts.

    Raises BadInput where a column is missing or of the wrong type, or a time has no time zone.
    """
    _need(posts, ("event_id", "time", "text"), Words("帖子表", "the table of posts"))
    ids = posts["event_id"].cast(pa.string()).fill_null("").to_pylist()
    first: dict[str, int] = {}
    for row, key in enumerate(ids):
        first.setdefault(key, row)
    if len(first) < len(ids):
        posts = posts.take(pa.array(sorted(first.values())))
        ids = list(first)
    packed = pack_texts(posts["text"])
    names = set(posts.column_names)
    numbers = {name: _read_numbers(posts, name) for name in (*PROFILE, *EXTRAS)}
    actors = posts["actor"].cast(pa.string()).to_pylist() if "actor" in names else [None] * len(ids)
    sizes = np.nan_to_num(_read_numbers(posts, "cluster_size"), nan=1.0).clip(1, 1e15).astype(np.int64)
    texts = [text or "" for text in posts["text"].cast(pa.large_string()).to_pylist()]
    clusters = _number_clusters(posts) if "cluster_id" in names else None
    return Posts(ids, texts, packed, read_times(posts["time"]), actors, numbers, sizes, clusters)


def read_reactions(reactions: pa.Table, posts: Posts, now: datetime) -> Reactions:
    """Read the reactions to ``posts`` not later than ``now``; those without a time or before their post are left out.

    A post without a time begins with its first reaction. Raises BadInput as :func:`read_posts` does.
    """
    _need(reactions, ("parent", "time"), Words("反应表", "the table of reactions"))
    places = {key: row for row, key in enumerate(posts.ids)}
    parents = reactions["parent"].cast(pa.string()).to_pylist()
    post = np.fromiter((places.get(key, -1) for key in parents), np.int64, len(parents))
    times = read_times(reactions["time"])
    keep = np.flatnonzero((post >= 0) & (times != NO_TIME) & (times <= to_microseconds(now)))
    order = keep[np.lexsort((keep, times[keep], post[keep]))]
    post, times = post[order], times[order]
    begin = posts.times.copy()
    firsts = np.unique(post, return_index=True)
    unknown = begin[firsts[0]] == NO_TIME
    begin[firsts[0][unknown]] = times[firsts[1][unknown]]
    minutes = (times - begin[post]) / 60e6
    chosen = reactions.take(pa.array(order))
    text = chosen["text"] if "text" in chosen.column_names else pa.nulls(len(order), pa.string())
    folded = pa.array(unpack_texts(pack_texts(text)), pa.large_string())
    direct = _read_numbers(chosen, "is_direct")
    read = Reactions(post, order, folded, minutes, times, _number_actors(chosen), direct, match_cue(folded, BLANK))
    return read.select(minutes >= 0)


def _number_clusters(posts: pa.Table) -> NDArray[np.int64]:
    """Return a number per post that its copies share; a post without a cluster is one of its own."""
    codes = posts["cluster_id"].cast(pa.string()).combine_chunks().dictionary_encode().indices
    known = codes.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(known < 0, len(known) + np.arange(len(known)), known)


def read_times(times: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return microseconds since 1970, NO_TIME where null; raises BadInput where the column has no time zone."""
    if not (pa.types.is_timestamp(times.type) and times.type.tz):
        raise BadInput(
            Words(
                f"时间列的类型是 {times.type}，没有时区。", f"the column of times holds {times.type}, without a zone."
            ),
            mend=Words("请给出带时区的时间。", "Give times with a time zone."),
        )
    whole = times.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(whole, NO_TIME).to_numpy(), np.int64)


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since 1970; raises BadInput where the moment has no time zone."""
    if moment.tzinfo is None:
        raise BadInput(
            Words("now 没有时区。", "now has no time zone."), mend=Words("请传入带时区的时间。", "Pass an aware time.")
        )
    return int(moment.timestamp() * 1e6)


def _need(table: pa.Table, names: tuple[str, ...], what: Words) -> None:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        listed = ", ".join(missing)
        raise BadInput(
            Words(f"{what.zh}缺少列：{listed}。", f"{what.en} lacks: {listed}."),
            mend=Words("请补上这些列。", "Add these columns."),
        )


def _read_numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return the column as float64; NaN where null, not finite, negative, or where there is no such column."""
    if name not in table.column_names:
        return np.full(len(table), np.nan)
    column = table[name]
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)):
        if not pa.types.is_null(column.type):
            raise BadInput(
                Words(
                    f"列 {name} 的类型是 {column.type}，不是数字。", f"column {name} holds {column.type}, no number."
                ),
                mend=Words("请给出数字。", "Give numbers."),
            )
        return np.full(len(table), np.nan)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    values[~(np.isfinite(values) & (values >= 0))] = np.nan
    return values


def _number_actors(reactions: pa.Table) -> NDArray[np.int64]:
    """Return a number per author, -1 where unknown."""
    if "actor" not in reactions.column_names:
        return np.full(len(reactions), -1, np.int64)
    codes = reactions["actor"].cast(pa.string()).combine_chunks().dictionary_encode()
    codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    return np.asarray(pc.fill_null(codes.indices, -1).to_numpy(zero_copy_only=False), np.int64)
