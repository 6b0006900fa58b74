"""Reads steps from a table: rows that say from when to when, or rows that say when a case came into a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.care.steps.table import NOT_ENDED, Ints, Spans
from canyu.kit.errors import BadInput
from canyu.kit.words import Words


@dataclass(frozen=True, slots=True)
class StepColumns:
    """Which columns hold what: ``start`` and ``end`` of each step, or ``time`` at which a case came into it.

    ``done``: the steps that end a case. A case is solved when it last came into them; without any it is solved at the
    end of its last row, or is open where that row has no end. ``order``: a column that orders rows of one time.
    """

    case: str = "case"
    step: str = "step"
    start: str = "start"
    end: str = "end"
    time: str = ""
    order: str = ""
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table by case, in order of time."""

    cases: tuple[str, ...]
    steps: tuple[str, ...]
    case: Ints
    step: Ints
    start: Ints
    end: Ints


def read_spans(rows: pa.Table, columns: StepColumns) -> Spans:
    """Return the steps of a table. Raises BadInput for a column that is missing, holds no times, or has an empty cell.

    Times without a zone are read as UTC. A case that came into a step is in it until it comes into another one; rows
    between that name the same step are news of the same visit. The last step of a case that is not done has not ended.
    """
    names = [columns.case, columns.step, *([columns.time] if columns.time else [columns.start, columns.end])]
    missing = [name for name in (*names, *([columns.order] if columns.order else [])) if name not in rows.column_names]
    if missing:
        raise BadInput(
            Words(f"表中没有列 {'、'.join(missing)}。", f"The table has no column {', '.join(missing)}."),
            mend=Words(f"可用的列：{'、'.join(rows.column_names)}。", f"There are: {', '.join(rows.column_names)}."),
        )
    _refuse_empty(rows, [name for name in names if name != columns.end or columns.time])
    case, cases = _code(rows[columns.case])
    step, steps = _code(rows[columns.step])
    start = _read_times(rows[columns.time or columns.start], columns.time or columns.start)
    order = _rank(rows[columns.order]) if columns.order else np.arange(len(start))
    by_time = np.lexsort((order, start, case))
    case, step, start = case[by_time], step[by_time], start[by_time]
    if columns.time:  # a row that says the same step again is news of the same visit
        is_new = np.concatenate(([True], (case[1:] != case[:-1]) | (step[1:] != step[:-1])))[: len(case)]
        case, step, start = case[is_new], step[is_new], start[is_new]
    end = _end_at_next(case, start) if columns.time else _read_times(rows[columns.end], columns.end)[by_time]
    found = _Rows(cases, steps, case, step, start, end)
    return Spans(cases, steps, case, step, start, end, _find_solved(found, columns.done))


def _find_solved(rows: _Rows, done: Iterable[str]) -> Ints:
    """Return when each case was solved: as it came into the run of done steps that it ends with, or by its last end."""
    solved = np.full(len(rows.cases), NOT_ENDED)
    wanted = list(done)
    unknown = [name for name in wanted if name not in rows.steps]
    if unknown:
        raise BadInput(
            Words(f"没有步骤 {'、'.join(unknown)}。", f"There is no step {', '.join(unknown)}."),
            mend=Words(f"可用：{'、'.join(rows.steps)}。", f"There are: {', '.join(rows.steps)}."),
        )
    if not wanted:
        last = np.full(len(rows.cases), np.iinfo(np.int64).min + 1)
        np.maximum.at(last, rows.case, rows.end)
        is_open = np.zeros(len(rows.cases), np.bool_)
        is_open[rows.case[rows.end == NOT_ENDED]] = True
        return np.where(is_open, NOT_ENDED, last)
    is_done = np.isin(rows.step, [rows.steps.index(name) for name in wanted])
    # the last row of a case that is not done: the case is solved with the row after it, if there is one
    places = np.arange(len(rows.case))
    last_other = np.full(len(rows.cases), -1)
    np.maximum.at(last_other, rows.case[~is_done], places[~is_done])
    first_place = np.full(len(rows.cases), len(places))
    np.minimum.at(first_place, rows.case, places)
    last_place = np.full(len(rows.cases), -1)
    np.maximum.at(last_place, rows.case, places)
    entered = np.where(last_other >= 0, last_other + 1, first_place)
    is_solved = (last_place >= 0) & (entered <= last_place)
    solved[is_solved] = rows.start[entered[is_solved]]
    return solved


def _end_at_next(case: Ints, start: Ints) -> Ints:
    """Return the start of the same case's next row; not ended for its last one."""
    end = np.full(len(start), NOT_ENDED)
    follows = case[1:] == case[:-1]
    end[:-1][follows] = start[1:][follows]
    return end


def _code(column: pa.ChunkedArray) -> tuple[Ints, tuple[str, ...]]:
    """Return each cell's place among the sorted names, and the names."""
    texts = pc.cast(column, pa.string()).combine_chunks()
    names = pc.unique(texts).sort()
    return pc.index_in(texts, names).to_numpy(zero_copy_only=False).astype(np.int64), tuple(names.to_pylist())


def _rank(column: pa.ChunkedArray) -> Ints:
    ranks: Ints = pc.rank(column.combine_chunks(), tiebreaker="dense").to_numpy().astype(np.int64)
    return ranks


def _read_times(column: pa.ChunkedArray, name: str) -> Ints:
    """Return times as microseconds since 1970; an empty cell has not ended."""
    try:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = _parse_times(pc.if_else(pc.equal(column, ""), None, column))
        times = pc.cast(pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None))), pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadInput(
            Words(f"列 {name} 里有不是时间的内容。", f"The column {name} holds something that is no time."),
            mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write 2026-02-14T17:30:00+08:00."),
        ) from error
    filled: Ints = pc.fill_null(times, int(NOT_ENDED)).to_numpy()
    return filled


def _parse_times(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times written with an offset, or all of them without one."""
    try:
        return pc.cast(texts, pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return pc.cast(texts, pa.timestamp("us"))


def _refuse_empty(rows: pa.Table, names: Iterable[str]) -> None:
    for name in names:
        if rows[name].null_count:
            place = int(pc.index(pc.is_null(rows[name]), True).as_py()) + 1
            raise BadInput(
                Words(
                    f"列 {name} 有 {rows[name].null_count} 个空格，第一个在第 {place} 行。",
                    f"The column {name} has {rows[name].null_count} empty cells, the first in row {place}.",
                ),
                mend=Words("请补上，或去掉这些行。", "Fill them, or leave these rows out."),
            )
