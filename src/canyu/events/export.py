"""Rows of a lake as files for other programs, part by part: the memory does not grow with the lake."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from canyu.events.activity import CONTEXT, build_activity
from canyu.events.failures import Doing, tell_failure
from canyu.events.lake import Lake
from canyu.events.store import Store
from canyu.events.tables import find_spec
from canyu.events.writing import fit_part, read_folder
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json_bytes, wrap_json
from canyu.kit.words import Words

ROWS_AT_ONCE = 32_768
# A spreadsheet runs a cell that begins so (OWASP, "CSV injection"); a quote before it makes it text.
FORMULA = r"^[=+\-@\t\r]"


class ExportKind(StrEnum):
    """The formats an export can have."""

    JSON_LINES = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    ACTIVITY = "activity"
    ACTIVITY_LINES = "activity-lines"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows: of which table, at which version (now, where None), of which days (UTC, both ends included)."""

    table: str = "events"
    version: int | None = None
    first: date | None = None
    last: date | None = None


def export_rows(lake: Lake, out: str | Path, kind: ExportKind, choice: Choice | None = None) -> int:
    """Write the chosen rows to ``out``, ordered by day; returns how many. The file appears whole or not at all.

    JSON Lines and Parquet are exact and can be imported again. CSV is for spreadsheets: UTF-8 with a byte order mark,
    lists joined by ``|``, and a quote before cells that a spreadsheet would run as a formula.
    """
    choice = choice or Choice()
    schema = find_spec(choice.table).schema
    if kind in {ExportKind.ACTIVITY, ExportKind.ACTIVITY_LINES} and choice.table != "events":
        raise BadInput(
            Words("只有事件能导出为 Activity Streams 活动。", "Only events are activities."),
            mend=Words("其他表请导出为 jsonl、csv 或 parquet。", "Export other tables as jsonl, csv or parquet."),
        )
    if choice.table == "events":
        schema = schema.remove(schema.get_field_index("day"))
    target = Path(out)
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    try:
        with tell_failure(Doing.WRITE, target):
            with draft.open("wb") as file:
                rows = WRITERS[kind](_read_parts(lake.store, choice, schema), schema, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _read_parts(store: Store, choice: Choice, schema: pa.Schema) -> Iterator[pa.Table]:
    name = choice.table
    table = store.find(name) if choice.version is None else store.find_at(name, choice.version)
    paths = [] if table is None else sorted(store.list_files(table))
    files = store.open_files(name)
    for path in paths:
        day = read_folder(path)
        if day and not (str(choice.first or "") <= day <= str(choice.last or "9999-12-31")):
            continue
        with tell_failure(Doing.READ, f"{store.locate(name)}/{path}"), files.open_input_file(path) as source:
            for batch in pq.ParquetFile(source).iter_batches(ROWS_AT_ONCE, use_threads=False):
                part = pa.Table.from_batches([batch])
                if day:
                    part = part.append_column("day", pa.array([date.fromisoformat(day)] * part.num_rows, pa.date32()))
                yield fit_part(part, schema)


def _write_json_lines(parts: Iterator[pa.Table], schema: pa.Schema, out: BinaryIO) -> int:  # noqa: ARG001 - one shape
    rows = 0
    for part in parts:
        lines = [dump_json_bytes(_tidy(row)) for row in part.to_pylist()]
        out.write(b"\n".join([*lines, b""]))
        rows += len(lines)
    return rows


def _tidy(row: dict[str, Any]) -> dict[str, Any]:
    tidy = {key: value for key, value in row.items() if value is not None}
    if "props" in tidy:
        tidy["props"] = wrap_json(tidy["props"])
    return tidy


def _write_csv(parts: Iterator[pa.Table], schema: pa.Schema, out: BinaryIO) -> int:
    out.write(b"\xef\xbb\xbf")
    flat = pa.schema([pa.field(f.name, pa.string() if pa.types.is_list(f.type) else f.type) for f in schema])
    rows = 0
    with pacsv.CSVWriter(out, flat) as writer:
        for part in parts:
            columns = [_defuse(column) for column in part.columns]
            writer.write_table(pa.table(columns, schema=flat))
            rows += part.num_rows
    return rows


def _defuse(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "|")
    if not pa.types.is_string(column.type):
        return column
    runs = pc.match_substring_regex(column, FORMULA).fill_null(False)
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column) if pc.any(runs).as_py() else column


def _write_parquet(parts: Iterator[pa.Table], schema: pa.Schema, out: BinaryIO) -> int:
    rows = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(part)
            rows += part.num_rows
    return rows


def _write_collection(parts: Iterator[pa.Table], schema: pa.Schema, out: BinaryIO) -> int:  # noqa: ARG001 - one shape
    out.write(b'{"@context":' + dump_json_bytes(CONTEXT) + b',"type":"Collection","items":[')
    rows = 0
    for part in parts:
        items = [dump_json_bytes(build_activity(row)) for row in part.to_pylist()]
        if items:
            out.write((b",\n" if rows else b"\n") + b",\n".join(items))
        rows += len(items)
    out.write(b'\n],"totalItems":' + str(rows).encode() + b"}\n")
    return rows


def _write_activity_lines(parts: Iterator[pa.Table], schema: pa.Schema, out: BinaryIO) -> int:  # noqa: ARG001 - one shape
    rows = 0
    for part in parts:
        for row in part.to_pylist():
            activity = {"@context": CONTEXT} | build_activity(row)
            out.write(dump_json_bytes(activity) + b"\n")
            rows += 1
    return rows


WRITERS: dict[ExportKind, Callable[[Iterator[pa.Table], pa.Schema, BinaryIO], int]] = {
    ExportKind.JSON_LINES: _write_json_lines,
    ExportKind.CSV: _write_csv,
    ExportKind.PARQUET: _write_parquet,
    ExportKind.ACTIVITY: _write_collection,
    ExportKind.ACTIVITY_LINES: _write_activity_lines,
}
