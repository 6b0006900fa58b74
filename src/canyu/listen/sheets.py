"""Any table file as a stream of Arrow tables with one schema: what ``canyu score`` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.events.importers.block import Block, Refusal
from canyu.events.importers.jsonlines import JsonLinesReader
from canyu.events.importers.readers import FileFormat, open_reader
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words
from canyu.listen.plain_json import PlainJson, find_plain_json

JSON_TEXT = {b"canyu": b"json"}  # a field so marked holds JSON text as it stood in the file
PARQUET_ROWS = 8192
PIECE_ROWS = 16_384
HELD_BYTES = 512 << 20
PARQUET_BUFFER_BYTES = 1 << 20
# What a JSON cell is, told by its text. An integer of more than 18 digits fits no column but text.
JSON_KINDS = {
    "bool": "^(true|false)$",
    "int": r"^-?[0-9]{1,18}$",
    "float": r"^-?[0-9]+(\.[0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)$",
    "text": '^"',
}
JSON_TYPES = {
    frozenset[str](): pa.string(),
    frozenset({"bool"}): pa.bool_(),
    frozenset({"int"}): pa.int64(),
    frozenset({"float"}): pa.float64(),
    frozenset({"int", "float"}): pa.float64(),
    frozenset({"text"}): pa.string(),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file, in order; a row that could not be read is all null and named in ``refusals``."""

    table: pa.Table
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file with known columns; ``read_pieces`` yields every row once, in order, in bounded memory."""

    schema: pa.Schema
    read_pieces: Callable[[], Iterator[Piece]]


def open_sheet(path: Path, stated: FileFormat, *, keep_json: bool = False) -> Sheet:
    """Open CSV, TSV, JSON Lines, XLSX or Parquet; raises NotFound or BadInput where it is none of these.

    With ``keep_json`` the cells of JSON Lines stay the JSON text they are (fields marked ``JSON_TEXT``); otherwise
    each column gets the narrowest type that holds all its cells, which takes one more pass over the file.
    """
    if not path.is_file():
        raise NotFound(
            Words(f"没有文件 {path}。", f"there is no file {path}."),
            mend=Words("请检查路径；要给一个文件，而不是文件夹。", "Check the path; give one file, not a folder."),
        )
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return _open_parquet(path)
    if isinstance(open_reader(path, stated), JsonLinesReader):
        plain = None if keep_json else find_plain_json(path, stated.encoding)
        return (plain and _open_plain_json(plain)) or _open_json(path, stated, keep_json)
    first = next(iter(open_reader(path, stated).read_blocks()), None)
    if first is None:
        raise BadInput(
            Words(f"{path.name} 只有表头，没有数据行。", f"{path.name} has a header but no rows."),
            mend=Words("请给至少有一行数据的文件。", "Give a file with at least one row."),
        )
    schema = first.columns.schema
    return Sheet(schema, lambda: (_align(block, schema) for block in open_reader(path, stated).read_blocks()))


def read_texts(column: pa.ChunkedArray, mark: pa.Field) -> pa.ChunkedArray:
    """Return a column as texts: JSON strings are unquoted, any other JSON value is taken as it is written."""
    if mark.metadata != JSON_TEXT:
        return column
    return pa.chunked_array([_parse_column(chunk, pa.string()) for chunk in column.chunks], pa.string())


def _open_parquet(path: Path) -> Sheet:
    def read() -> Iterator[Piece]:
        try:
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=PARQUET_BUFFER_BYTES) as file:
                for batch in file.iter_batches(PARQUET_ROWS):
                    yield Piece(pa.Table.from_batches([batch]))
        except (pa.ArrowException, OSError) as error:
            raise _tell_broken(path, error) from error

    try:
        schema = pq.read_schema(path).remove_metadata()
    except (pa.ArrowException, OSError) as error:
        raise _tell_broken(path, error) from error
    return Sheet(schema, read)


def _tell_broken(path: Path, error: Exception) -> BadInput:
    reason = str(error).splitlines()[0][:200]
    return BadInput(
        Words(
            f"{path.name} 不是完整的 Parquet 文件（{reason}）。", f"{path.name} is not a whole Parquet file ({reason})."
        ),
        mend=Words("请重新复制或导出。", "Copy or export it again."),
    )


def _open_plain_json(plain: PlainJson) -> Sheet | None:
    """Read the whole file once; None where a record is not plain. What memory should not hold goes to disk."""
    batches: list[pa.RecordBatch] = []
    rest = plain.read()
    size = 0
    try:
        for batch in rest:
            batches.append(batch)
            size += batch.nbytes
            if size > HELD_BYTES:
                return _spill(plain.schema, chain(batches, rest))
    except pa.ArrowInvalid:
        return None
    return Sheet(plain.schema, lambda: _cut(batches))


def _spill(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Sheet:
    """Keep the rows in a file of their own: reading them again costs next to nothing."""
    copy = NamedTemporaryFile(suffix=".arrow")  # noqa: SIM115 - it is there as long as the sheet that reads it
    with pa.ipc.new_file(copy, schema) as out:
        for batch in batches:
            out.write_batch(batch)
    copy.flush()

    def read() -> Iterator[Piece]:
        with pa.memory_map(copy.name) as source, pa.ipc.open_file(source) as kept:
            yield from _cut(kept.get_batch(number) for number in range(kept.num_record_batches))

    return Sheet(schema, read)


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[Piece]:
    for batch in batches:
        whole = pa.Table.from_batches([batch])
        for start in range(0, whole.num_rows, PIECE_ROWS):
            yield Piece(whole.slice(start, PIECE_ROWS))


def _open_json(path: Path, stated: FileFormat, keep_json: bool) -> Sheet:
    kinds: dict[str, set[str]] = {}
    for block in open_reader(path, stated).read_blocks():
        for name, cells in zip(block.columns.column_names, block.columns.columns, strict=True):
            kinds.setdefault(name, set()).update({"json"} if keep_json else _list_kinds(cells))
    schema = pa.schema([_name_type(name, frozenset(found)) for name, found in kinds.items()])
    as_text = pa.schema([pa.field(name, pa.string()) for name in schema.names])

    def read() -> Iterator[Piece]:
        for block in open_reader(path, stated).read_blocks():
            piece = _align(block, as_text)
            columns = [_type_cells(column, mark) for column, mark in zip(piece.table.columns, schema, strict=True)]
            yield Piece(pa.table(columns, schema=schema), piece.refusals)

    return Sheet(schema, read)


def _name_type(name: str, kinds: frozenset[str]) -> pa.Field:
    kind = JSON_TYPES.get(kinds)
    return pa.field(name, pa.string(), metadata=JSON_TEXT) if kind is None else pa.field(name, kind)


def _list_kinds(cells: pa.ChunkedArray) -> set[str]:
    present = pc.filter(cells, pc.not_equal(cells, "null"))
    found: set[str] = set()
    for kind, pattern in JSON_KINDS.items():
        matches = pc.match_substring_regex(present, pattern)
        if pc.any(matches).as_py():
            found.add(kind)
            present = pc.filter(present, pc.invert(matches))
    return found | {"json"} if len(present) else found


def _type_cells(cells: pa.ChunkedArray, mark: pa.Field) -> pa.ChunkedArray:
    if mark.metadata == JSON_TEXT:
        return cells
    return pa.chunked_array([_parse_column(chunk, mark.type) for chunk in cells.chunks], mark.type)


def _parse_column(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    texts = ["null" if cell is None else cell for cell in cells.to_pylist()]
    values = parse_json(f"[{','.join(texts)}]")
    if pa.types.is_string(kind):
        values = [
            value if isinstance(value, str) else None if value is None else text
            for value, text in zip(values, texts, strict=True)
        ]
    return pa.array(values, kind)


def _align(block: Block, schema: pa.Schema) -> Piece:
    """Return a block's rows with the columns of ``schema``, its refused rows among them as rows of nulls."""
    table = block.columns
    columns = [
        table[mark.name].cast(mark.type) if mark.name in table.column_names else pa.nulls(len(table), mark.type)
        for mark in schema
    ]
    whole = pa.table(columns, schema=schema)
    if not block.refusals:
        return Piece(whole)
    refused = np.array([refusal.row for refusal in block.refusals], np.int64)
    order = np.argsort(np.concatenate([block.rows, refused]), kind="stable")
    places = pa.array(order, mask=order >= len(block.rows))
    return Piece(whole.take(places), block.refusals)
