"""The public set of Weibo rumours (CED) in the shape that callers pass: a table of posts and one of reactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.listen.kernels.copies import find_copies
from canyu.listen.rumours.features import WINDOW_MINUTES, Features, compute_features
from canyu.listen.rumours.fields import NO_TIME, Posts, Reactions, read_posts, read_reactions, to_microseconds

NAME = "ced_rumour_cascades"
AFTER = datetime(2016, 1, 1, tzinfo=UTC)  # when all of it was over
FOLDS = 5
RENAMED = {
    "pics": "pictures",
    "user_followers": "followers",
    "user_friends": "friends",
    "user_messages": "messages",
    "user_verified": "is_verified",
    "user_has_description": "has_description",
    "user_key": "actor",
}


@dataclass(frozen=True, slots=True)
class LabelledPosts:
    """Posts with their truth: ``y`` is 1 for a rumour; ``groups`` of near-copies are dealt out to ``folds`` whole."""

    posts: Posts
    reactions: Reactions
    features: Features
    y: NDArray[np.float64]
    groups: NDArray[np.int64]
    folds: NDArray[np.int64]

    def split_by_time(self, share: float = 0.8) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the earliest ``share`` and of the rest; posts without a time are in neither."""
        timed = np.flatnonzero(self.posts.times != NO_TIME)
        order = timed[np.argsort(self.posts.times[timed], kind="stable")]
        cut = int(share * len(order))
        return np.sort(order[:cut]), np.sort(order[cut:])


def read_tables(folder: Path) -> tuple[pa.Table, pa.Table, NDArray[np.float64]]:
    """Return posts, the reactions of their first hour, and labels; raises NotFound where the files are missing."""
    files = [folder / NAME / name for name in ("posts.parquet", "reposts.parquet")]
    for path in files:
        if not path.is_file():
            raise NotFound(
                Words(f"{path} 不存在。", f"{path} is not there."),
                mend=Words("请指向公开数据集所在的文件夹。", "Point at the folder that holds the public sets."),
            )
    posts, reposts = pq.read_table(files[0]), pq.read_table(files[1])
    labels = posts["label"].to_numpy().astype(np.float64)
    posts = posts.append_column("event_id", posts["post_id"].cast(pa.string()))
    posts = posts.rename_columns([RENAMED.get(name, name) for name in posts.column_names])
    once = reposts.append_column("row", pa.array(np.arange(len(reposts))))
    kept = once.group_by(["post_id", "mid"]).aggregate([("row", "min")])["row_min"]
    reposts = reposts.take(pa.array(np.sort(kept.to_numpy())))
    reactions = pa.table(
        {
            "event_id": reposts["mid"],
            "parent": reposts["post_id"].cast(pa.string()),
            "time": reposts["time"],
            "text": reposts["text"],
            "actor": reposts["user_key"],
            "is_direct": pc.is_null(reposts["parent_mid"]),
        }
    )
    return posts, reactions, labels


def load_labelled(folder: Path) -> LabelledPosts:
    """Read the set below ``folder`` with the features of the first hour of each post."""
    table, answers, y = read_tables(folder)
    posts = read_posts(table)
    reactions = read_reactions(answers, posts, AFTER)
    reactions = reactions.select(reactions.minutes <= WINDOW_MINUTES)
    features = compute_features(posts, reactions, to_microseconds(AFTER))
    groups = find_copies(posts.packed.codes, posts.packed.offsets)
    return LabelledPosts(posts, reactions, features, y, groups, deal_folds(groups))


def deal_folds(groups: NDArray[np.int64], folds: int = FOLDS) -> NDArray[np.int64]:
    """Return a fold per row: whole groups, the largest first, each to the fold with the fewest rows so far.

    >>> deal_folds(np.array([0, 0, 0, 3, 4, 5]), 2).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    names, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    filled = np.zeros(folds, np.int64)
    fold_of = np.zeros(len(names), np.int64)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of[group] = int(filled.argmin())
        filled[fold_of[group]] += sizes[group]
    return fold_of[places]
