"""Cases by steps: how long each case was in each step, how often, and whether it is solved or still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from canyu.care.calendars import Calendar
from canyu.care.opening import MINUTE_US, open_hours
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR_US = 60 * MINUTE_US
NOT_ENDED = np.iinfo(np.int64).min
BETWEEN = "(between steps)"
"""Time of a case in which it was in no step."""
LEAST_GAP_H = 1e-6


class StepKind(StrEnum):
    """What is done in a step."""

    WORK = "work"
    WAITING = "waiting"
    UNKNOWN = "not stated"


@dataclass(frozen=True, slots=True)
class Spans:
    """Times that cases spent in steps, one element each, in any order.

    ``case`` and ``step`` are places in ``cases`` and ``steps``; ``start`` and ``end`` are microseconds since 1970, the
    end ``NOT_ENDED`` where the case is in the step yet. ``solved_at`` per case: when it was solved, or ``NOT_ENDED``.
    """

    cases: tuple[str, ...]
    steps: tuple[str, ...]
    case: Ints
    step: Ints
    start: Ints
    end: Ints
    solved_at: Ints


@dataclass(frozen=True, slots=True)
class StepTable:
    """Hours of each case (rows) in each step (columns); the hours of an open case are those so far.

    ``again_h``: of those, the hours in any visit after a case's first one of the step: rework. ``total_h``: from the
    beginning of a case to when it was solved, or to the moment of the table where it is open.
    """

    steps: tuple[str, ...]
    kinds: tuple[StepKind, ...]
    hours: Reals
    again_h: Reals
    visits: Ints
    total_h: Reals
    is_solved: NDArray[np.bool_]
    overlapping: int
    """Cases that were in two steps at once: their steps add up to more than their whole."""


def make_step_table(
    spans: Spans, now_us: int, *, kinds: Mapping[str, StepKind] | None = None, calendar: Calendar | None = None
) -> StepTable:
    """Return the table at a moment: what ends later, or has not ended, ends then; hours are open ones of a calendar.

    ``kinds``: what is done in each step, ``StepKind.UNKNOWN`` where it is not told. Raises BadInput where there is no
    case, a span has no case, or one ends before it starts.
    """
    rows, columns = len(spans.cases), len(spans.steps)
    if not rows or not len(spans.case):
        raise BadInput(
            Words("没有任何工单。", "There is no case."),
            mend=Words("请检查期间和列名。", "Check the period and the names of the columns."),
        )
    kept = spans.start <= now_us
    case, step, start = spans.case[kept], spans.step[kept], spans.start[kept]
    end = np.where(spans.end[kept] == NOT_ENDED, now_us, np.minimum(spans.end[kept], now_us))
    _check_order(spans, case, start, end)
    is_solved = (spans.solved_at != NOT_ENDED) & (spans.solved_at <= now_us)
    end = np.where(is_solved[case], np.minimum(end, spans.solved_at[case]), end)
    start = np.minimum(start, end)  # what a solved case did after it was solved takes none of its time
    measure = _Measure(calendar)
    hours = measure.count_hours(start, end)
    cells = case * columns + step
    is_first = _find_first_visits(cells, start)
    begun = np.full(rows, np.iinfo(np.int64).max)
    np.minimum.at(begun, case, start)
    is_there = begun <= now_us
    ended = np.where(is_solved, spans.solved_at, now_us)
    begun = np.where(is_there, begun, ended)
    total = measure.count_hours(begun, ended)
    shape = (rows, columns)
    by_cell = np.bincount(cells, hours, rows * columns).astype(np.float64).reshape(shape)
    again = np.bincount(cells, np.where(is_first, 0.0, hours), rows * columns).astype(np.float64).reshape(shape)
    visits = np.bincount(cells, minlength=rows * columns).reshape(shape)
    known = kinds or {}
    found = StepTable(
        spans.steps,
        tuple(known.get(name, StepKind.UNKNOWN) for name in spans.steps),
        by_cell[is_there],
        again[is_there],
        visits[is_there],
        total[is_there],
        is_solved[is_there],
        0,
    )
    return _add_between(found)


class _Measure:
    """Counts hours: of the wall clock, or of a calendar's open time."""

    def __init__(self, calendar: Calendar | None) -> None:
        self.laid = None if calendar is None else open_hours(calendar)

    def count_hours(self, start: Ints, end: Ints) -> Reals:
        """Return the hours between starts and ends."""
        if self.laid is None:
            plain: Reals = (end - start) / HOUR_US
            return plain
        opened = self.laid.count_open(np.concatenate((start, end)))
        found: Reals = (opened[len(start) :] - opened[: len(start)]) / HOUR_US
        return found


def _check_order(spans: Spans, case: Ints, start: Ints, end: Ints) -> None:
    wrong = np.flatnonzero(end < start)
    if len(wrong):
        name = spans.cases[int(case[wrong[0]])]
        raise BadInput(
            Words(
                f"{len(wrong)} 个步骤在开始之前就结束了，第一个在工单 {name}。",
                f"{len(wrong)} steps end before they start, the first in case {name}.",
            ),
            mend=Words("请检查两列时间有没有写反。", "Check whether the two columns of times are the wrong way round."),
        )


def _find_first_visits(cells: Ints, start: Ints) -> NDArray[np.bool_]:
    """Say of each span whether it is its case's first in its step."""
    order = np.lexsort((start, cells))
    is_new = np.concatenate(([True], cells[order][1:] != cells[order][:-1]))
    found = np.zeros(len(cells), np.bool_)
    found[order] = is_new
    return found


def _add_between(table: StepTable) -> StepTable:
    """Return the table with the time in no step as a step of its own, where there is any."""
    rest = table.total_h - table.hours.sum(axis=1)
    overlapping = int((rest < -LEAST_GAP_H).sum())
    rest = np.maximum(rest, 0.0)[:, None]
    if rest.max(initial=0.0) <= LEAST_GAP_H:
        return StepTable(
            table.steps,
            table.kinds,
            table.hours,
            table.again_h,
            table.visits,
            table.total_h,
            table.is_solved,
            overlapping,
        )
    return StepTable(
        (*table.steps, BETWEEN),
        (*table.kinds, StepKind.WAITING),
        np.hstack((table.hours, rest)),
        np.hstack((table.again_h, np.zeros_like(rest))),
        np.hstack((table.visits, (rest > LEAST_GAP_H).astype(np.int64))),
        table.total_h,
        table.is_solved,
        overlapping,
    )
