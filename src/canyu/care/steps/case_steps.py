"""The steps of a case as its own events tell them: waiting for somebody, work, waits with a reason, work done again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from canyu.care import case_events as events
from canyu.care.opening import count_us
from canyu.care.steps.table import NOT_ENDED, Spans, StepKind

ASSIGNMENT = "assignment"
FIRST_RESPONSE = "first response"
WORK = "work"
WAITS = {reason: f"waiting: {reason.value}" for reason in events.PauseReason}
KINDS = {
    ASSIGNMENT: StepKind.WAITING,
    FIRST_RESPONSE: StepKind.WAITING,
    WORK: StepKind.WORK,
    **dict.fromkeys(WAITS.values(), StepKind.WAITING),
}
STEPS = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A time that a case spent in a step; ``end`` is None where it is in it yet."""

    step: str
    start: datetime
    end: datetime | None


def list_case_steps(happened: Sequence[events.CaseEvent], now: datetime) -> list[CaseStep]:
    """Return the steps of a case at a moment, one after the other without gaps but for the time it was solved.

    Before anybody has it: assignment. Until the first answer: first response. Then work, and each pause under its
    reason; work after reopening is work again. Events that tell an earlier time count as of the one before them.
    """
    walk = _Walk(happened[0].at)
    for event in happened[1:]:
        walk.take(event)
    walk.end_wait(now)
    return [*walk.found, *([] if walk.step is None else [CaseStep(walk.step, walk.since, None)])]


def make_case_spans(cases: Iterable[tuple[str, Sequence[events.CaseEvent]]], now: datetime) -> Spans:
    """Return the steps of many cases (name, events) at a moment, ready for ``make_step_table`` with ``KINDS``."""
    names: list[str] = []
    rows: list[tuple[int, int, int, int]] = []
    solved: list[int] = []
    for place, (name, happened) in enumerate(cases):
        names.append(name)
        steps = list_case_steps(happened, now)
        for each in steps:
            end = NOT_ENDED if each.end is None else count_us(each.end)
            rows.append((place, STEPS.index(each.step), count_us(each.start), end))
        is_open = bool(steps) and steps[-1].end is None
        last = steps[-1].end if steps else happened[0].at
        solved.append(NOT_ENDED if is_open or last is None else count_us(last))
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return Spans(tuple(names), STEPS, columns[0], columns[1], columns[2], columns[3], np.array(solved, np.int64))


class _Walk:
    """Where a case is on its way through its events."""

    def __init__(self, opened_at: datetime) -> None:
        self.since, self.last = opened_at, opened_at
        self.step: str | None = ASSIGNMENT
        self.until: datetime | None = None
        self.is_assigned, self.is_answered = False, False
        self.found: list[CaseStep] = []

    def take(self, event: events.CaseEvent) -> None:
        """Go on with the next event."""
        self.last = max(self.last, event.at)
        self.end_wait(self.last)
        if isinstance(event, events.Assigned):
            self.is_assigned = True
        if isinstance(event, events.Said) and event.is_answer:
            self.is_answered = True
        if isinstance(event, events.Solved | events.MergedInto):
            self.enter(None, self.last)
        elif self.step is None:
            if isinstance(event, events.Reopened):
                self.is_answered = True
                self.enter(WORK, self.last)
        elif isinstance(event, events.Paused):
            self.enter(WAITS[event.reason], self.last)
            self.until = max(event.until, self.last)
        elif isinstance(event, events.Resumed) or self.until is None:
            self.until = None
            self.enter(self.find_step(), self.last)

    def find_step(self) -> str:
        """Return the step of a case that waits for nothing."""
        if self.is_answered:
            return WORK
        return FIRST_RESPONSE if self.is_assigned else ASSIGNMENT

    def end_wait(self, now: datetime) -> None:
        """End a pause that has run out by a moment."""
        if self.until is not None and self.until <= now:
            until, self.until = self.until, None
            self.enter(self.find_step(), until)

    def enter(self, step: str | None, at: datetime) -> None:
        """Go from one step into another; nothing where it is the same."""
        if step == self.step:
            return
        if self.step is not None and at > self.since:
            self.found.append(CaseStep(self.step, self.since, at))
        self.step, self.since = step, at
        if step is None:
            self.until = None
