"""The public Weibo cascades (CED) in the shape that ``read_cascades`` takes: what influence is judged on."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.spread.held_out import is_held_out

NAME = "ced_rumour_cascades"


def load_public_cascades(data: Path) -> pa.Table:
    """Return cascade, user, time and parent of CED below the folder of public data sets; raises NotFound without it.

    The post's author begins each cascade; who answers the post directly states the author as parent. Posts that have
    no time or belong to the set's hold-out, and reactions without a time, are left out.
    """
    files = [data / NAME / name for name in ("posts.parquet", "reposts.parquet")]
    for path in files:
        if not path.is_file():
            raise NotFound(
                Words(f"{path} 不存在。", f"{path} is not there."),
                mend=Words("请指向公开数据集所在的文件夹。", "Point at the folder that holds the public sets."),
            )
    posts = pq.read_table(files[0], columns=["post_id", "user_key", "time", "text"])
    usable = pa.array([not is_held_out(text) for text in posts["text"].to_pylist()])
    posts = posts.filter(pc.and_(usable, pc.is_valid(posts["time"])))
    reposts = pq.read_table(files[1], columns=["post_id", "mid", "parent_mid", "user_key", "time"])
    reposts = reposts.filter(pc.and_(pc.is_in(reposts["post_id"], posts["post_id"]), pc.is_valid(reposts["time"])))
    authors = posts["user_key"].take(pc.index_in(reposts["post_id"], posts["post_id"].combine_chunks()))
    own = _name(reposts, "mid").combine_chunks()
    answered = reposts["user_key"].take(pc.index_in(_name(reposts, "parent_mid"), own))
    parents = pc.if_else(pc.is_null(reposts["parent_mid"]), authors, answered)
    begins = [posts["post_id"], posts["user_key"], posts["time"], pa.chunked_array([pa.nulls(len(posts), pa.string())])]
    answers = [reposts["post_id"], reposts["user_key"], reposts["time"], parents]
    columns = [pa.chunked_array([*a.chunks, *b.chunks]) for a, b in zip(begins, answers, strict=True)]
    return pa.table(columns, names=["cascade", "user", "time", "parent"])


def _name(reposts: pa.Table, column: str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(reposts["post_id"].cast(pa.string()), reposts[column], "/")
