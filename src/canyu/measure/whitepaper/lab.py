"""The measurements of a lab, as a sheet of rows: every good row, and every bad one with its field and mend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from canyu.events.importers.block import Refusal
from canyu.events.importers.readers import open_reader
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

COLUMNS = ("device", "test", "run", "value", "unit", "method", "instrument")
DAY = "day"
"""The one column that may be left out: the day of a run."""
LONGEST = 80
"""Letters of a name, a method or an instrument."""
MOST_ROWS = 100_000
LEAST_SIZE, MOST_SIZE = 1e-12, 1e12
"""Between these a reading keeps its digits through squares and sums; 0 does, too."""

EMPTY = Words("请填写；不知道就不能用这一行。", "Fill it in; without it the row cannot be used.")
TOO_LONG = Words(f"请写得短于 {LONGEST} 个字。", f"Write it in fewer than {LONGEST} letters.")
NO_RUN = Words("请写从 1 起的整数。", "Write a whole number from 1 on.")
RUN_TWICE = Words(
    "同一设备同一测试的次序号用过了：请改成自己的号，或删去重复的一行。",
    "The device has this run in this test already: give it its own number, or remove the copy.",
)
NO_NUMBER = Words("请写一个有限的数，例如 12.5。", "Write a finite number, such as 12.5.")
NO_SIZE = Words(
    "数太大或太小：请换一个合适的单位。", "It is too large or too small a number: use a unit of handier size."
)
NEGATIVE = Words(
    "请改正；这个量确实可以小于零（如 °C）时，在设计里写 signed: true。",
    "Correct it; where the measure may truly be below zero (as °C), write signed: true in the design.",
)
NO_DAY = Words("请写 2025-01-31，或留空。", "Write 2025-01-31, or leave it empty.")


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement. ``day`` is None where the file does not tell it."""

    device: str
    test: str
    run: int
    value: float
    unit: str
    method: str
    instrument: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class LabSheet:
    """A lab file as read: the runs in the file's order, the refused rows, and the file's SHA-256."""

    runs: tuple[Run, ...]
    refusals: tuple[Refusal, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Fault(Exception):
    """One cell that cannot be used."""

    field: str
    reason: str
    mend: Words


def read_lab_file(path: Path, signed: frozenset[str] = frozenset()) -> LabSheet:
    """Return the measurements in a CSV, XLSX or Parquet file; ``signed``: tests whose values may be below zero.

    A bad row is told with its field and mend, and the others are kept. Raises NotFound or BadInput where the file
    itself cannot be used.
    """
    runs: list[Run] = []
    refusals: list[Refusal] = []
    taken: set[tuple[str, str, int]] = set()
    for number, cells in _list_rows(path, refusals):
        try:
            run = _read_run(cells, signed)
            if (run.device, run.test, run.run) in taken:
                raise _Fault("run", "given_twice", RUN_TWICE)
        except _Fault as fault:
            refusals.append(
                Refusal(number, fault.field, fault.reason, fault.mend, cells.get(fault.field, "")[:LONGEST])
            )
            continue
        taken.add((run.device, run.test, run.run))
        runs.append(run)
    refusals.sort(key=lambda refusal: refusal.row)
    return LabSheet(tuple(runs), tuple(refusals), sha256(path.read_bytes()).hexdigest())


def _list_rows(path: Path, refusals: list[Refusal]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows as texts by column; those that the reader itself refuses are added to ``refusals``."""
    rows = 0
    for block in open_reader(path).read_blocks():
        refusals += block.refusals
        _check_columns(path, block.columns.column_names)
        names = [name.strip().lower() for name in block.columns.column_names]
        columns = [[_show(cell) for cell in column.to_pylist()] for column in block.columns.columns]
        rows += len(block.rows)
        if rows > MOST_ROWS:
            raise BadInput(
                Words(f"{path.name} 超过 {MOST_ROWS:,} 行。", f"{path.name} has more than {MOST_ROWS:,} rows."),
                mend=Words("实验室文件一次测量一行；请分成几份白皮书。", "Make several papers of it."),
            )
        for number, row in zip(block.rows.tolist(), zip(*columns, strict=True), strict=True):
            yield number, dict(zip(names, row, strict=True))


def _check_columns(path: Path, given: list[str]) -> None:
    names = {name.strip().lower() for name in given}
    lacking = [name for name in COLUMNS if name not in names]
    if lacking:
        told = ", ".join(lacking)
        raise BadInput(
            Words(f"{path.name} 缺少列：{told}。", f"{path.name} lacks the columns: {told}."),
            mend=Words(
                f"首行要有 {', '.join(COLUMNS)}，可加 {DAY}。",
                f"Its first row must name {', '.join(COLUMNS)}, and may name {DAY}.",
            ),
        )


def _show(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _read_run(cells: Mapping[str, str], signed: frozenset[str]) -> Run:
    texts = {name: _read_text(cells, name) for name in ("device", "test", "unit", "method", "instrument")}
    run = cells["run"]
    if not (run.isdecimal() and run.isascii() and len(run) < 10 and int(run)):
        raise _Fault("run", "no_run", NO_RUN)
    value = _read_value(cells["value"])
    if value < 0 and texts["test"] not in signed:
        raise _Fault("value", "negative", NEGATIVE)
    return Run(**texts, run=int(run), value=value, day=_read_day(cells.get(DAY, "")))


def _read_text(cells: Mapping[str, str], name: str) -> str:
    if not cells[name]:
        raise _Fault(name, "missing", EMPTY)
    if len(cells[name]) > LONGEST:
        raise _Fault(name, "too_long", TOO_LONG)
    return cells[name]


def _read_value(text: str) -> float:
    if not text:
        raise _Fault("value", "missing", EMPTY)
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _Fault("value", "no_number", NO_NUMBER)
    if value and not LEAST_SIZE <= abs(value) <= MOST_SIZE:
        raise _Fault("value", "no_size", NO_SIZE)
    return value


def _read_day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise _Fault(DAY, "no_day", NO_DAY) from None
