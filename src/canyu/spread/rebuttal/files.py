"""A file of reposts with its accounts, as the table that cascades are built from."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.importers.block import Block
from canyu.events.importers.readers import open_reader
from canyu.events.importers.times import read_times
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.prediction.repost_file import read_cells

NAMES = ("root", "id", "parent", "author", "time")
NEEDED = ("root", "author", "time")


def read_repost_table(path: Path, zone: str = "Asia/Shanghai") -> pa.Table:
    """Return the columns of NAMES from Parquet, CSV, JSON Lines or XLSX, texts and times; ``zone``: of bare times.

    Rows without a root are left out; empty cells are null. Raises BadInput where root, author or time is missing.
    """
    tables = [read_block(path.name, block, zone) for block in open_reader(path).read_blocks()]
    table = pa.concat_tables(tables) if tables else pa.table({name: pa.array([], pa.string()) for name in NAMES})
    return table.filter(pc.is_valid(table["root"]))


def read_block(file: str, block: Block, zone: str) -> pa.Table:
    """Return one block of the file."""
    names = block.columns.column_names
    absent = [name for name in NEEDED if name not in names]
    if absent:
        raise BadInput(
            Words(f"{file} 中没有列 {absent[0]}。", f"{file} has no column {absent[0]}."),
            mend=Words(f"现有的列：{', '.join(names)}。", f"It has: {', '.join(names)}."),
        )
    texts = [pa.array([cell or None for cell in read_cells(block, name)], pa.string()) for name in NAMES[:-1]]
    given = pa.chunked_array([pa.array(read_cells(block, "time"))]) if block.is_json else block.columns["time"]
    moments, _ = read_times(given, zone=zone)
    return pa.table([*texts, moments.cast(pa.timestamp("us", "UTC"))], names=list(NAMES))
