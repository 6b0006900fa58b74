"""A file of reposts as cascades: one row per reaction, and one for the post itself where it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from canyu.events.importers.block import Block
from canyu.events.importers.readers import open_reader
from canyu.events.importers.times import read_times
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.spread.prediction.features import Root
from canyu.spread.prediction.seen import SeenCascade

TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class RepostColumns:
    """What the columns of a file of reposts are called; ``parent`` and ``id`` may be absent from the file."""

    root: str = "root"
    time: str = "time"
    parent: str = "parent"
    id: str = "id"


@dataclass(frozen=True)
class RepostRow:
    """One row of the file: a reaction, or the post itself where its id is the root's."""

    root: str
    time: datetime
    id: str
    parent: str
    followers: int | None
    verified: bool | None
    text: str | None


@dataclass(frozen=True)
class FiledCascade:
    """One cascade of a file; ``is_dated`` says whether its post's own row gave the time, not the first reaction."""

    root: str
    seen: SeenCascade
    is_dated: bool


@dataclass(frozen=True)
class RepostFile:
    """The cascades of a file in order of their posts, its last moment, and how many of its rows were refused."""

    cascades: list[FiledCascade]
    last: datetime
    refused: int


def read_repost_file(path: Path, columns: RepostColumns = RepostColumns(), zone: str = "Asia/Shanghai") -> RepostFile:
    """Read Parquet, CSV, JSON Lines or XLSX; ``zone`` is that of times that state none.

    The row whose id is its root is the post: its time, and columns called followers, verified and text, describe it.
    Where the post has no row, its first reaction stands for its time. Raises NotFound without a file, BadInput
    without its columns or any row that can be read.
    """
    rows: list[RepostRow] = []
    refused, has_parents = 0, True
    for block in open_reader(path).read_blocks():
        names = block.columns.column_names
        absent = [name for name in (columns.root, columns.time) if name not in names]
        if absent:
            raise BadInput(
                Words(f"{path.name} 中没有列 {absent[0]}。", f"{path.name} has no column {absent[0]}."),
                mend=Words(f"现有的列：{', '.join(names)}。", f"It has: {', '.join(names)}."),
            )
        has_parents &= columns.parent in names and columns.id in names
        found = list(read_block(block, columns, zone))
        refused += block.columns.num_rows - len(found) + len(block.refusals)
        rows += found
    if not rows:
        raise BadInput(
            Words(f"{path.name} 中没有可读的转发。", f"{path.name} has no reposts that can be read."),
            mend=Words("每行要有根帖和时间。", "Each row needs a root and a time."),
        )
    groups: dict[str, list[RepostRow]] = {}
    for row in rows:
        groups.setdefault(row.root, []).append(row)
    cascades = [build_cascade(root, group, has_parents=has_parents) for root, group in groups.items()]
    cascades.sort(key=lambda one: (one.seen.root.time, one.root))
    return RepostFile(cascades, max(row.time for row in rows), refused)


def read_block(block: Block, columns: RepostColumns, zone: str) -> Iterator[RepostRow]:
    """Yield the rows that have a root and a readable time."""
    cells = {name: read_cells(block, name) for name in (columns.root, columns.parent, columns.id)}
    told = {name: read_cells(block, name) for name in ("followers", "verified", "text")}
    column = block.columns[columns.time]
    moments, _ = read_times(
        pa.chunked_array([pa.array(read_cells(block, columns.time))]) if block.is_json else column, zone=zone
    )
    for at, moment in enumerate(moments.to_pylist()):
        root = cells[columns.root][at]
        if root and moment is not None:
            followers = told["followers"][at].removesuffix(".0")
            yield RepostRow(
                root,
                moment,
                cells[columns.id][at],
                cells[columns.parent][at],
                int(followers) if followers.isascii() and followers.isdigit() else None,
                TRUTHS.get(told["verified"][at].lower()),
                told["text"][at] or None,
            )


def read_cells(block: Block, name: str) -> list[str]:
    """Return a column as texts, empty where it, or a cell, is not there."""
    if name not in block.columns.column_names:
        return [""] * block.columns.num_rows
    cells = ["" if cell is None else str(cell) for cell in block.columns[name].to_pylist()]
    if not block.is_json:
        return cells
    parsed = [parse_json(cell) if cell else None for cell in cells]
    return ["" if cell is None else str(cell) for cell in parsed]


def build_cascade(root: str, rows: list[RepostRow], *, has_parents: bool) -> FiledCascade:
    """Return one cascade from all of its rows."""
    own = [row for row in rows if row.id == root]
    first = min(rows, key=lambda row: row.time)
    post = own[0] if own else first
    known = (post.followers, post.verified, len(post.text) if post.text else None) if own else (None, None, None)
    seen = SeenCascade(Root(post.time, *known, id=root))
    reactions = [row for row in rows if row.id != root]
    ids = [row.id for row in reactions]
    parents = [row.parent for row in reactions]
    seen.add([row.time for row in reactions], ids if any(ids) else None, parents if has_parents and any(ids) else None)
    return FiledCascade(root, seen, bool(own))
