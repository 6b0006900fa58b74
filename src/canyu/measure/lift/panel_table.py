"""A panel from a table of one row per unit and time: CSV, Parquet, or Arrow; a bad row is named, never guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.measure.figure import Proof
from canyu.measure.lift.panel import Panel, Time, make_panel

ENDINGS = (".csv", ".parquet")
AS_CSV = Words("请用 UTF-8 的 CSV，首行为列名。", "Use CSV in UTF-8 with names in its first row.")
EMPTY = {"", "na", "nan", "null", "none", "n/a"}


@dataclass(frozen=True, slots=True)
class PanelColumns:
    """Which columns of a table hold what; without ``unit`` and ``value`` every column but the time is a unit."""

    unit: str = "unit"
    time: str = "time"
    value: str = "value"


def read_panel_file(path: Path, columns: PanelColumns) -> Panel:
    """Return the panel in a CSV or Parquet file. Raises NotFound or BadInput, naming row and column."""
    if not path.is_file():
        raise NotFound(Words(f"没有文件 {path}。", f"There is no file {path}."))
    if path.suffix.lower() not in ENDINGS:
        raise BadInput(
            Words(f"不认识 {path.name} 的格式。", f"The form of {path.name} is not known."),
            mend=Words("请用 .csv 或 .parquet。", "Use .csv or .parquet."),
        )
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else _read_texts(path.read_bytes())
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(
            Words(f"读不了 {path.name}：{error}", f"{path.name} cannot be read: {error}"),
            mend=AS_CSV,
        ) from error
    return read_panel_table(table, columns)


def read_panel_table(table: pa.Table, columns: PanelColumns) -> Panel:
    """Return the panel of an Arrow table. An empty value is not known; anything else that is no number is refused.

    >>> table = pa.table({"unit": ["a", "a"], "time": ["2025-01-01", "2025-01-02"], "value": ["1", ""]})
    >>> read_panel_table(table, PanelColumns()).values.tolist()
    [[1.0, nan]]
    """
    if not columns.unit:
        table, columns = _stack(table, columns.time), PanelColumns(time=columns.time)
    for name in (columns.unit, columns.time, columns.value):
        if name not in table.column_names:
            have = ", ".join(table.column_names)
            raise BadInput(
                Words(f"表里没有列 {name!r}。", f"The table has no column {name!r}."),
                mend=Words(f"它有：{have}。", f"It has: {have}."),
            )
    units, times, values = (table[name].to_pylist() for name in (columns.unit, columns.time, columns.value))
    rows = [
        (_read_unit(units[row], row, columns.unit), *_read_cell(times[row], values[row], row, columns))
        for row in range(table.num_rows)
    ]
    definition = Words(f"表中的 {columns.value}。", f"{columns.value} of a table.")
    return make_panel(rows, Proof(definition, "", {}, table.num_rows, "table"))


def parse_time(text: str) -> Time | None:
    """Return a day, an aware moment (UTC where no offset is given) or a number; None where a text is none of them.

    >>> parse_time("2025-01-01"), parse_time("1989"), parse_time("2025-01-01T20:00+08:00").isoformat()
    (datetime.date(2025, 1, 1), 1989.0, '2025-01-01T20:00:00+08:00')
    """
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return number if math.isfinite(number) else None
    try:
        return date.fromisoformat(text) if len(text) == len("2025-01-01") else _make_aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _stack(table: pa.Table, time: str) -> pa.Table:
    """Return a table with a column per unit as one with a row per unit and time."""
    units = [name for name in table.column_names if name != time]
    if time not in table.column_names or not units:
        return table
    times = table[time].to_pylist()
    columns = {
        "unit": [unit for _ in times for unit in units],
        time: [each for each in times for _ in units],
        "value": [
            str(value) for row in zip(*(table[unit].to_pylist() for unit in units), strict=True) for value in row
        ],
    }
    return pa.table(columns)


def parse_csv(data: bytes) -> pa.Table:
    """Return a CSV's columns as texts, named after its first row. Raises BadInput where it is none."""
    try:
        return _read_texts(data)
    except pa.ArrowInvalid as error:
        raise BadInput(Words(f"读不了这个表：{error}", f"The table cannot be read: {error}"), mend=AS_CSV) from error


def _read_texts(data: bytes) -> pa.Table:
    names = pa_csv.open_csv(pa.BufferReader(data)).schema.names
    options = pa_csv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False)
    return pa_csv.read_csv(pa.BufferReader(data), convert_options=options)


def _read_unit(unit: Any, row: int, column: str) -> str:
    text = "" if unit is None else str(unit).strip()
    if not text:
        raise _refuse(row, column, unit, Words("请填写单元。", "Name the unit."))
    return text


def _read_cell(time: Any, value: Any, row: int, columns: PanelColumns) -> tuple[Time, float | None]:
    moment = _find_time(time)
    if moment is None:
        mend = Words("请写 2025-01-31、带时区的时刻或数字。", "Write 2025-01-31, a moment with its zone, or a number.")
        raise _refuse(row, columns.time, time, mend)
    if value is None or str(value).strip().lower() in EMPTY:
        return moment, None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if not math.isfinite(number):
        raise _refuse(row, columns.value, value, Words("请写数字，未知则留空。", "Write a number, or nothing."))
    return moment, number


def _find_time(time: Any) -> Time | None:
    if isinstance(time, datetime):
        return _make_aware(time)
    if isinstance(time, date):
        return time
    return None if time is None else parse_time(str(time).strip())


def _make_aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _refuse(row: int, column: str, found: Any, mend: Words) -> BadInput:
    return BadInput(
        Words(f"第 {row + 1} 行，{column}：{found!r} 不能用。", f"row {row + 1}, {column}: {found!r} cannot be used."),
        mend=mend,
    )
