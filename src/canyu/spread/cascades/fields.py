"""The table of reposts as arrays of codes: checked once, so that all that follows counts integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.kernels.cascades import NO_TIME

REPOST_SCHEMA = pa.schema(
    [
        pa.field("root", pa.string(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("parent", pa.string()),
        pa.field("author", pa.string()),
        pa.field("name", pa.string()),
        pa.field("text", pa.string()),
        pa.field("time", pa.timestamp("us", tz="UTC")),
    ]
)
"""One row per repost, and per post where known (``id`` equals ``root``). ``name`` and ``text`` may be left out."""

NEEDED = ("root", "id", "parent", "author", "time")


@dataclass(frozen=True, slots=True)
class Fields:
    """Rows as codes: of ids in ``vocabulary``, of accounts in ``accounts``; -1 where null."""

    roots: pa.Array
    """Ids of the posts, in order of first appearance."""
    vocabulary: pa.Array
    accounts: pa.Array
    cascade: NDArray[np.int32]
    root_codes: NDArray[np.int32]
    """Per cascade, its root's code in ``vocabulary``."""
    ids: NDArray[np.int32]
    parents: NDArray[np.int32]
    authors: NDArray[np.int32]
    times: NDArray[np.int64]
    """Microseconds since 1970 in UTC; NO_TIME where null."""
    names: pa.Array | None
    texts: pa.Array | None


def read_fields(table: pa.Table) -> Fields:
    """Return the columns of ``table`` as codes.

    Raises BadInput where a column is missing, a row has no root, or times are not aware.
    """
    for name in NEEDED:
        if name not in table.column_names:
            raise BadInput(
                Words(f"转发表缺少 {name} 列。", f"The table of reposts has no column {name}."),
                mend=Words(f"需要的列：{'、'.join(NEEDED)}。", f"It needs the columns {', '.join(NEEDED)}."),
            )
    root = take_strings(table, "root")
    if root.null_count:
        row = int(pc.index(pc.is_null(root), True).as_py())
        raise BadInput(
            Words(f"第 {row + 1} 行没有 root。", f"Row {row + 1} has no root."),
            mend=Words(
                "请填上原帖的编号；湖里的事件可用 read_reposts 求出。",
                "State the id of the post that it spreads; read_reposts finds it for events of a lake.",
            ),
        )
    posts, authors = root.dictionary_encode(), take_strings(table, "author").dictionary_encode()
    # one dictionary for all ids: to look the parents up in that of the ids took twice as long (2026-11-23)
    joined = pa.concat_arrays([posts.dictionary, take_strings(table, "id"), take_strings(table, "parent")])
    words = joined.dictionary_encode()
    codes = to_codes(words.indices, -1)
    root_codes, ids, parents = np.split(codes, [len(posts.dictionary), len(posts.dictionary) + len(table)])
    return Fields(
        roots=posts.dictionary,
        vocabulary=words.dictionary,
        accounts=authors.dictionary,
        cascade=to_codes(posts.indices, -1),
        root_codes=root_codes,
        ids=ids,
        parents=parents,
        authors=to_codes(authors.indices, -1),
        times=take_times(table),
        names=take_strings(table, "name") if "name" in table.column_names else None,
        texts=take_strings(table, "text") if "text" in table.column_names else None,
    )


def take_strings(table: pa.Table, name: str) -> pa.Array:
    """Return a column as one array of strings; raises BadInput for what is neither text nor a whole number."""
    column = table[name]
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    is_text = any(is_kind(kind) for is_kind in kinds)
    if not (is_text or pa.types.is_integer(kind)):
        raise BadInput(
            Words(f"{name} 列的类型是 {kind}。", f"Column {name} is of type {kind}."),
            mend=Words("请给文本或整数。", "Give text or whole numbers."),
        )
    found = column.cast(pa.large_string()).combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def take_times(table: pa.Table) -> NDArray[np.int64]:
    """Return the times as microseconds in UTC; raises BadInput for naive ones."""
    column = table["time"]
    if pa.types.is_null(column.type):
        return np.full(len(table), NO_TIME, np.int64)
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        raise BadInput(
            Words(
                f"time 列的类型是 {column.type}，没有时区。",
                f"Column time is of type {column.type}, without a time zone.",
            ),
            mend=Words("请给带时区的时间。", "Give aware timestamps."),
        )
    moments = pc.cast(column, pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64())
    return np.array(pc.fill_null(moments, NO_TIME), np.int64)


def to_codes(column: pa.Array, missing: int) -> NDArray[np.int32]:
    """Return an array of codes, ``missing`` where null; writable."""
    return np.array(pc.fill_null(column, missing), np.int32)
