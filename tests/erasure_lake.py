"""Rows of computed tables, and a search in the bytes of a lake, for the tests of erasures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import canyu
from canyu.events import TABLES

TIME = pa.scalar(0, pa.timestamp("us", tz="UTC")).as_py()


def count(lake: canyu.Lake, name: str = "events") -> int:
    return int(lake.scan(name).count().to_pyarrow().as_py())


def fill(name: str, *rows: dict[str, Any]) -> pa.Table:
    schema = TABLES[name].schema
    blank = {field.name: None if field.nullable else _zero(field.type) for field in schema}
    return pa.Table.from_pylist([blank | row for row in rows], schema)


def _zero(kind: pa.DataType) -> Any:
    if pa.types.is_timestamp(kind):
        return TIME
    if pa.types.is_date(kind):
        return TIME.date()
    if pa.types.is_binary(kind):
        return b""
    return "" if pa.types.is_string(kind) else pa.scalar(0).cast(kind).as_py()


def find_bytes(lake: canyu.Lake, word: str) -> list[str]:
    """Look for a word in every cell of every file, and in the bytes of everything else."""
    found = []
    for path in Path(lake.path).rglob("*"):
        if path.suffix == ".parquet":
            cells = str(pq.ParquetFile(path).read().to_pylist()) + str(pq.ParquetFile(path).metadata.to_dict())
            found += [str(path)] if word in cells else []
        elif path.is_file() and word.encode() in path.read_bytes():
            found.append(str(path))
    return found
