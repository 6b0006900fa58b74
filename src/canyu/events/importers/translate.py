"""Blocks of a file to events, by a mapping: one query per block, every row an event or a refusal."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from canyu.events.importers import expressions as sql
from canyu.events.importers.actors import hash_actors
from canyu.events.importers.block import RAW_CHARACTERS, Block, Refusal
from canyu.events.importers.deletions import split_deletions
from canyu.events.importers.expressions import Columns, compile_cell
from canyu.events.importers.mapping import Cell, Mapping, open_zone
from canyu.events.importers.times import MENDS as TIME_MENDS
from canyu.events.importers.times import read_times
from canyu.events.vocabulary import find_verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Text, Words

MENDS: dict[str, Words] = {
    "missing_key": Words("补上编号，或在映射里去掉 key。", "Fill in the id, or leave key out of the mapping."),
    "rounded_id": Words(
        "编号超过 15 位，被表格软件取整：把该列设为文本后重新导出。",
        "The spreadsheet rounded this id: make its column text and export again.",
    ),
    "unreadable_number": Words("把数字写成 1299.00 这样的格式。", "Write numbers as 1299.00."),
}
COUNTS = ("reposts", "comments", "likes", "views")
"""Numbers a source states of a post: they change, so they are no part of what a row is recognised by."""

Fault = tuple[str, str, Text]
"""What is wrong with a row: the column, the reason's code and the mend."""

TEXT_FIELDS = ("type", "market", "channel", "actor", "object", "campaign", "currency")


@dataclass(frozen=True, slots=True)
class Translated:
    """What one block became: events (``key`` and ``parent_key`` in place of ids), their rows, and refusals."""

    events: pa.Table
    rows: np.ndarray[Any, np.dtype[np.int64]]
    refusals: list[Refusal]
    block: Block
    places: np.ndarray[Any, np.dtype[np.int64]]

    def refuse(self, at: int, name: str, reason: str, mend: Text) -> Refusal:
        """Return a refusal of the event at ``at`` for a fault found later."""
        place = int(self.places[at])
        return Refusal(int(self.block.rows[place]), name, reason, mend, self.block.read_raw(place)[:RAW_CHARACTERS])


class Translator:
    """Applies one mapping to the blocks of one file; may be used by several threads at once."""

    def __init__(self, mapping: Mapping, *, salt: str = "", folder: Path | None = None) -> None:
        self.mapping = mapping
        self._salt = salt
        self._captured = _parse_captured(mapping)
        self._database = _open_database(mapping, folder or Path())
        self._local = threading.local()

    def translate(self, block: Block) -> Translated:
        """Return the block's events and refusals. Raises BadInput where the mapping does not fit the file."""
        block = split_deletions(block, self.mapping)
        block = replace(block, columns=self._read_counts(block))
        columns = Columns(block.columns.schema, is_json=block.is_json)
        instants, reasons = self._read_times(block, columns)
        table = block.columns.append_column("__time", instants).append_column(
            "__at", pa.array(range(len(block.rows)), pa.int64())
        )
        query, faults = self._write_query(columns)
        found = self._run(query, table)
        if found.num_rows != len(block.rows):
            raise BadInput(
                Words("映射里的 join 让一行出现了多次。", "The mapping's join gives a row more than once."),
                mend=Words("用对方表里取值唯一的列来连接。", "Join on a column that is unique there."),
            )
        return self._split(block, found.append_column("time", instants), reasons, faults)

    def _read_counts(self, block: Block) -> pa.Table:
        """Make columns of plain counts numbers at once: a tenth of the cost of reading them as "1.2万" might be."""
        columns = block.columns
        for cell in self.mapping.props.values():
            if cell.kind == "count" and cell.column in columns.column_names and not block.is_json:
                with suppress(pa.ArrowInvalid):
                    place = columns.column_names.index(cell.column)
                    columns = columns.set_column(place, cell.column, columns[cell.column].cast(pa.int64()))
        return columns

    def _read_times(self, block: Block, columns: Columns) -> tuple[pa.Array, list[str]]:
        cell = self.mapping.cells.get("time")
        if cell is None:
            raise BadInput(
                Words("认不出哪一列是时间。", "No column was recognised as the time."),
                mend=Words("在映射里写明：time: 列名。", "Name it in a mapping: time: COLUMN."),
            )
        plain = cell.column and not cell.table and not columns.is_json
        if plain:
            columns.quote(cell.column)
            found = block.columns[cell.column]
        else:
            found = self._run(f"SELECT {compile_cell(cell, columns)} AS time FROM block", block.columns)["time"]  # noqa: S608 - values are quoted, the connection is closed off
        if pa.types.is_null(found.type):
            found = found.cast(pa.string())
        return read_times(found, zone=self.mapping.zone, captured=self._captured)

    def _write_query(self, columns: Columns) -> tuple[str, list[Fault]]:
        mapping = self.mapping
        picked = {name: f"CAST({self._write_field(name, columns)} AS VARCHAR)" for name in TEXT_FIELDS}
        value, value_fault = self._write_value(columns)
        picked["value"] = value
        if not mapping.key or not self._is_plain(columns):
            picked["text"] = self._write_field("text", columns)
        picked["parent_key"] = (
            sql.compile_key(mapping.parent_key, columns) if mapping.parent_key else "CAST(NULL AS VARCHAR)"
        )
        rest = self._write_props(columns)
        picked["props"] = sql.compile_object(rest)
        if mapping.key:
            picked["key"] = sql.compile_key(mapping.key, columns)
        else:
            lasting = sql.compile_object({key: text for key, text in rest.items() if key not in COUNTS})
            parts = ", ".join(f"coalesce(CAST({picked[name]} AS VARCHAR), chr(30))" for name in CONTENT)
            picked["key"] = f"md5(concat_ws(chr(31), CAST(__time AS VARCHAR), {parts}, coalesce({lasting}, '')))"
        faults = self._list_faults(columns, picked, value_fault)
        cases = " ".join(f"WHEN {when} THEN {code}" for code, (_, _, _, when) in enumerate(faults, start=1))
        picked["fault"] = f"CASE {cases} ELSE 0 END" if cases else "0"
        columns_sql = ", ".join(f'{text} AS "{name}"' for name, text in picked.items())
        order = " ORDER BY __at" if mapping.join else ""
        return f"SELECT {columns_sql} FROM block {mapping.join}{order}", [fault[:3] for fault in faults]  # noqa: S608 - values are quoted, the connection is closed off

    def _write_field(self, name: str, columns: Columns) -> str:
        cell = self.mapping.cells.get("verb" if name == "type" else name)
        if cell is None:
            return "CAST(NULL AS VARCHAR)"
        return compile_cell(cell, columns)

    def _is_plain(self, columns: Columns) -> bool:
        """Say whether the text is a column as it stands, which then need not go through the query."""
        cell = self.mapping.cells.get("text", Cell())
        is_text = cell.column in columns and not cell.table and not columns.is_json and not self.mapping.join
        return is_text and pa.types.is_string(columns.schema.field(cell.column).type)

    def _write_value(self, columns: Columns) -> tuple[str, str]:
        """Return SQL for the value and for whether a value stands there that cannot be read."""
        cell = self.mapping.cells.get("value")
        if cell is None:
            return "CAST(NULL AS BIGINT)", ""
        given = compile_cell(Cell(cell.column, "text", {}, "", cell.constant, cell.template, cell.sql), columns)
        found = compile_cell(cell, columns)
        if cell.kind == "money":
            found = sql.compile_minor(found, self._write_field("currency", columns))
        elif cell.kind in ("number", "text"):
            found = f"try_cast({found} AS BIGINT)"
        return found, f"({given}) IS NOT NULL AND ({found}) IS NULL"

    def _write_props(self, columns: Columns) -> dict[str, str]:
        """Return, per key of props, SQL for its JSON text."""
        mapping = self.mapping
        entries: dict[str, str] = {}
        used = {*mapping.key, *mapping.parent_key, *mapping.drop}
        for cell in (*mapping.cells.values(), *mapping.props.values()):
            used |= {cell.column, *sql.PLACE.findall(cell.template)}
        for key, cell in mapping.props.items():
            found = compile_cell(cell, columns)
            entries[key] = _write_json(cell.kind, found)
            if cell.kind in ("count", "integer", "number") and cell.column:
                given = columns.read_text(cell.column)
                if pa.types.is_string(columns.schema.field(cell.column).type):
                    entries[f"{key}_as_given"] = (
                        f"CASE WHEN ({found}) IS NULL THEN CAST(to_json({given}) AS VARCHAR) END"
                    )
        if mapping.rest == "keep":
            for name in columns.schema.names:
                if name not in used:
                    entries[f"{name}_as_given" if name in entries else name] = columns.read_json(name)
        return entries

    def _list_faults(
        self, columns: Columns, picked: dict[str, str], value_fault: str
    ) -> list[tuple[str, str, Text, str]]:
        mapping = self.mapping
        faults: list[tuple[str, str, Text, str]] = [
            (rule.field, rule.reason, rule.mend, f"({rule.when})") for rule in mapping.refuse
        ]
        if mapping.key:
            faults.append((mapping.key[0], "missing_key", MENDS["missing_key"], f"{picked['key']} IS NULL"))
        actor = mapping.cells.get("actor", Cell()).column
        for name in dict.fromkeys((*mapping.key, *mapping.parent_key, actor)):
            if name and pa.types.is_string(columns.schema.field(name).type):
                text = columns.read_text(name)
                when = f"contains({text}, '+') AND regexp_matches({text}, '{sql.ROUNDED_ID}')"
                faults.append((name, "rounded_id", MENDS["rounded_id"], when))
        if value_fault:
            name = mapping.cells["value"].column or "value"
            faults.append((name, "unreadable_number", MENDS["unreadable_number"], value_fault))
        return faults

    def _run(self, query: str, table: pa.Table) -> pa.Table:
        connection = self._open_connection()
        connection.register("block", table)
        try:
            return connection.execute(query).to_arrow_table()
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise BadInput(
                Words(f"映射无法套用：{said}", f"The mapping cannot be applied: {said}"),
                mend=Words("改正其中的 SQL 或列名。", "Correct its SQL or column names."),
            ) from error
        finally:
            connection.unregister("block")

    def _open_connection(self) -> duckdb.DuckDBPyConnection:
        """Return this thread's own connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self._database.cursor()
        found: duckdb.DuckDBPyConnection = self._local.connection
        return found

    def _split(self, block: Block, found: pa.Table, reasons: list[str], faults: list[Fault]) -> Translated:
        codes = found["fault"].to_numpy()
        late = np.array([reason != "" for reason in reasons], bool) if any(reasons) else np.zeros(len(codes), bool)
        refusals: list[Refusal] = []
        time_name = self.mapping.cells["time"].column or "time"
        for at in np.flatnonzero((codes != 0) | late):
            name, reason, mend = (
                faults[codes[at] - 1] if codes[at] else (time_name, reasons[at], TIME_MENDS[reasons[at]])
            )
            refusals.append(Refusal(int(block.rows[at]), name, reason, mend, block.read_raw(int(at))[:RAW_CHARACTERS]))
        kept = (codes == 0) & ~late
        places = np.flatnonzero(kept)
        events = found.drop_columns("fault")
        if "text" not in events.column_names:
            events = events.append_column("text", block.columns[self.mapping.cells["text"].column])
        if refusals:
            events = events.filter(pa.array(kept))
        events = events.set_column(events.column_names.index("type"), "type", _read_verbs(events["type"]))
        if self.mapping.actor == "hash" and "actor" in self.mapping.cells:
            hashed = hash_actors(self._salt, self.mapping.source, events["actor"])
            events = events.set_column(events.column_names.index("actor"), "actor", hashed)
        source = pa.array([self.mapping.source]).take(pa.array(np.zeros(events.num_rows, np.int8)))
        return Translated(events.append_column("source", source), block.rows[places], refusals, block, places)


def _open_database(mapping: Mapping, folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory, shut off from files and network: a mapping's SQL comes from outside."""
    database = duckdb.connect(config={"threads": 1, "memory_limit": "500MB"})
    for name, file in mapping.beside.items():
        if not (folder / file).is_file():
            raise BadInput(
                Words(f"数据文件旁边没有 {file}。", f"There is no {file} beside the file."),
                mend=Words("把同一数据集的文件放在一个文件夹里。", "Keep the data set's files in one folder."),
            )
        database.register("beside", pq.read_table(folder / file))
        database.execute(f"CREATE TABLE {sql.quote_name(name)} AS FROM beside")
        database.unregister("beside")
    database.execute("SET TimeZone = 'UTC'")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


CONTENT = ("type", "channel", "actor", "object", "text", "value", "currency", "parent_key")
"""What a row without an id is recognised by, beside its time and its lasting props."""


def _write_json(kind: str, found: str) -> str:
    if kind in ("json", "count", "integer", "boolean"):
        return f"CAST({found} AS VARCHAR)"
    if kind in ("number", "money"):
        return f"CAST(to_json(CAST({found} AS DOUBLE)) AS VARCHAR)"
    return f"CASE WHEN ({found}) IS NOT NULL THEN CAST(to_json({found}) AS VARCHAR) END"


def _read_verbs(words: pa.ChunkedArray) -> pa.Array:
    """Return our verbs for the words of a column; an unknown word stays, and is refused by name later."""
    codes = words.combine_chunks().dictionary_encode()
    verbs = [str(find_verb(word) or word) for word in codes.dictionary.to_pylist()]
    if not verbs:
        return pa.nulls(len(words), pa.string())
    return pa.array(verbs, pa.string()).take(codes.indices)


def _parse_captured(mapping: Mapping) -> datetime | None:
    if not mapping.captured:
        return None
    try:
        moment = datetime.fromisoformat(mapping.captured)
    except ValueError as error:
        raise BadInput(
            Words(f"captured 不是时间：“{mapping.captured}”。", f"captured is not a time: “{mapping.captured}”."),
            mend=Words("写成 2026-08-12T10:00+08:00 这样。", "Write it as 2026-08-12T10:00+08:00."),
        ) from error
    if moment.tzinfo is not None:
        return moment
    if not mapping.zone:
        raise BadInput(
            Words("captured 没有时区。", "captured has no zone."),
            mend=Words(
                "写成 2026-08-12T10:00+08:00 这样，或另外写明时区。",
                "Write it as 2026-08-12T10:00+08:00, or state a zone.",
            ),
        )
    return moment.replace(tzinfo=open_zone(mapping.zone))
