"""Tables written row after row to CSV, TSV, JSON Lines or Parquet; the file appears only when it is whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from canyu.kit.errors import BadInput, StorageFailure
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.listen.sheets import JSON_TEXT

DELIMITERS = {".csv": ",", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = ".parquet"
SUFFIXES = (*DELIMITERS, *JSON_LINES, PARQUET)


class TableWriter(Protocol):
    """Something that takes tables of one schema, one after another."""

    def write(self, table: pa.Table) -> None:
        """Write the rows of one table."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


def check_suffix(path: Path) -> str:
    """Return the extension that tells the form to write; raises BadInput where it is none we write."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        listed = ", ".join(SUFFIXES)
        raise BadInput(
            Words(f"从“{path.name}”看不出要写成什么格式。", f"“{path.name}” does not say what to write."),
            mend=Words(f"文件名请以其中之一结尾：{listed}。", f"End it in one of: {listed}."),
        )
    return suffix


@contextmanager
def open_table(path: Path, schema: pa.Schema, *, repeated: Collection[str] = ()) -> Iterator[TableWriter]:
    """Open a file to write tables to; it takes its name when all went well, otherwise nothing is left behind.

    ``repeated``: the columns whose few values come again and again. Parquet gets a dictionary for these alone: for the
    others it takes half a second per million rows and more room (measured 2026-11-22).
    """
    suffix = check_suffix(path)
    part = path.with_name(f".{path.name}.part")
    try:
        writer = _open_writer(part, suffix, schema, repeated)
        try:
            yield writer
        finally:
            writer.close()
        part.replace(path)
    except OSError as error:
        raise StorageFailure(
            Words(
                f"无法写入 {path}（{error.strerror or error}）。",
                f"{path} cannot be written ({error.strerror or error}).",
            ),
            mend=Words("请检查文件夹和磁盘空间。", "Check folder and space."),
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _open_writer(path: Path, suffix: str, schema: pa.Schema, repeated: Collection[str]) -> TableWriter:
    if suffix == PARQUET:
        known = [mark.name for mark in schema if pa.types.is_dictionary(mark.type)]
        parquet: TableWriter = pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=[*repeated, *known])
        return parquet
    if suffix in JSON_LINES:
        return JsonLinesWriter(path)
    return DelimitedWriter(path, DELIMITERS[suffix], schema)


class DelimitedWriter:
    """Writes CSV or TSV in UTF-8: empty cells for null, JSON text for lists and records."""

    def __init__(self, path: Path, delimiter: str, schema: pa.Schema) -> None:
        options = pa_csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
        self._schema = pa.schema([pa.field(mark.name, _get_flat_type(mark.type)) for mark in schema])
        self._writer = pa_csv.CSVWriter(path, self._schema, write_options=options)

    def write(self, table: pa.Table) -> None:
        """Write the rows of one table."""
        columns = [_flatten(column, kind) for column, kind in zip(table.columns, self._schema.types, strict=True)]
        self._writer.write(pa.table(columns, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class JsonLinesWriter:
    """Writes one JSON object per row, its keys in the order of the columns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, table: pa.Table) -> None:
        """Write the rows of one table."""
        keys = [f"{dump_json(name)}:" for name in table.column_names]
        columns = [_dump_cells(column, mark) for column, mark in zip(table.columns, table.schema, strict=True)]
        for cells in zip(*columns, strict=True):
            self._file.write("{" + ",".join(map(str.__add__, keys, cells)) + "}\n")

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _get_flat_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _get_flat_type(kind.value_type)
    is_odd = pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return pa.string() if is_odd or pa.types.is_string(kind) or pa.types.is_large_string(kind) else kind


def _flatten(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if column.type != kind and not pa.types.is_dictionary(column.type):
        cells = [None if cell is None else _dump_cell(cell) for cell in column.to_pylist()]
        return pa.chunked_array([pa.array(cells, kind)])
    column = column.cast(kind)
    if pa.types.is_string(kind):  # an empty text is an empty cell, as in every other CSV, not a quoted nothing
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, kind), column)
    return column


def _dump_cells(column: pa.ChunkedArray, mark: pa.Field) -> list[str]:
    if mark.metadata == JSON_TEXT:
        return ["null" if cell is None else cell for cell in column.to_pylist()]
    return [_dump_cell(cell) for cell in column.to_pylist()]


def _dump_cell(cell: Any) -> str:
    try:
        return dump_json(cell)
    except TypeError:  # bytes, decimals and the like have no JSON of their own
        return dump_json(cell.decode("utf-8", "backslashreplace") if isinstance(cell, bytes) else str(cell))
