"""The public Weibo cascades (CED) as arrays: what the predictor is fitted on and judged with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.spread.held_out import is_held_out
from canyu.spread.prediction.features import Root

SOURCE = "ced_rumour_cascades"
FIT_SHARE, CALIBRATE_SHARE = 0.70, 0.15
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Cascades:
    """Cascades in order of posting: ``roots``; the reactions of cascade c are rows ``offsets[c]:offsets[c + 1]``.

    ``times`` are seconds since the post, ascending in each cascade; ``parents`` are rows within the cascade, or -1
    for the post itself.
    """

    roots: list[Root]
    offsets: Whole
    times: NDArray[np.float64]
    parents: Whole

    def __len__(self) -> int:
        return len(self.roots)

    def get(self, cascade: int) -> tuple[NDArray[np.float64], Whole]:
        """Return the times and parents of one cascade."""
        rows = slice(self.offsets[cascade], self.offsets[cascade + 1])
        return self.times[rows], self.parents[rows]

    def split(self) -> tuple[Whole, Whole, Whole]:
        """Return the earliest 70 %, the next 15 % and the latest 15 % of the cascades by the time of their post."""
        first, second = int(FIT_SHARE * len(self)), int((FIT_SHARE + CALIBRATE_SHARE) * len(self))
        rows = np.arange(len(self), dtype=np.int64)
        return rows[:first], rows[first:second], rows[second:]


def load_cascades(data: Path) -> Cascades:
    """Read CED from the folder of the public data sets, without posts that have no time or belong to the hold-out.

    Raises NotFound where its files are missing.
    """
    files = [data / SOURCE / name for name in ("posts.parquet", "reposts.parquet")]
    for path in files:
        if not path.is_file():
            raise NotFound(
                Words(f"{path} 不存在。", f"{path} is not there."),
                mend=Words("请指向公开数据集所在的文件夹。", "Point at the folder that holds the public sets."),
            )
    posts = pq.read_table(files[0]).sort_by("post_id")
    usable = pa.array([not is_held_out(text) for text in posts["text"].to_pylist()])
    posts = posts.filter(pc.and_(usable, pc.is_valid(posts["time"])))
    posts = posts.sort_by([("time", "ascending"), ("post_id", "ascending")])
    starts = read_seconds(posts["time"])
    reactions = pq.read_table(files[1], columns=["post_id", "mid", "parent_mid", "time"])
    position = np.full(int(pc.max(reactions["post_id"]).as_py()) + 1, -1, dtype=np.int64)
    position[posts["post_id"].to_numpy()] = np.arange(len(posts))
    cascade = position[reactions["post_id"].to_numpy()]
    kept = (cascade >= 0) & reactions["time"].is_valid().to_numpy()
    reactions, cascade = reactions.filter(pa.array(kept)), cascade[kept]
    own, parent = name_messages(reactions)
    _, first = np.unique(np.stack([cascade, own]), axis=1, return_index=True)  # 724 reactions are listed twice
    cascade, own, parent = cascade[first], own[first], parent[first]
    times = read_seconds(reactions["time"])[first] - starts[cascade]
    order = np.lexsort((own, times, cascade))
    cascade, own, parent, times = cascade[order], own[order], parent[order], times[order]
    offsets = np.searchsorted(cascade, np.arange(len(posts) + 1)).astype(np.int64)
    return Cascades(
        [make_root(row) for row in posts.to_pylist()],
        offsets,
        np.maximum(times, 0.0),  # a clock may run some seconds behind
        find_parents(cascade, own, parent, offsets),
    )


def read_seconds(moments: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return seconds since 1970 in UTC."""
    return np.asarray(moments.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() / 1e6)


def name_messages(reactions: pa.Table) -> tuple[Whole, Whole]:
    """Return a number for each message and for its parent, -1 where it hangs on the post."""
    named = pc.unique(reactions["mid"])
    own = pc.index_in(reactions["mid"], named).to_numpy().astype(np.int64)
    parent = pc.fill_null(pc.index_in(reactions["parent_mid"], named), -1).to_numpy().astype(np.int64)
    return own, parent


def find_parents(cascade: Whole, own: Whole, parent: Whole, offsets: Whole) -> Whole:
    """Return the row of each reaction's parent within its cascade, -1 for the post or where it is not there."""
    width = int(own.max(initial=0)) + 1
    keys = cascade * width + own
    order = np.argsort(keys, kind="stable")
    wanted = cascade * width + parent
    at = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
    found = (parent >= 0) & (keys[order][at] == wanted)
    return np.where(found, order[at] - offsets[cascade], -1).astype(np.int64)


def make_root(row: dict[str, Any]) -> Root:
    """Return what is known of a post and its author; the author's numbers are those at the crawl."""
    return Root(row["time"], row["user_followers"], row["user_verified"], len(row["text"] or ""))
