"""Everything the page of jobs reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from canyu.kit.words import Words
from canyu.ops.people.models import Person
from canyu.ops.queue.kinds import find_kind
from canyu.ops.queue.models import RoundRow
from canyu.ops.queue.rounds.actions import Round
from canyu.ops.queue.rules import describe_every, is_late, read_fault
from canyu.ops.rounds import ROUNDS

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class KindLine:
    """How many jobs of a kind stand where; those that are done are counted as long as their rows are kept."""

    title: Words
    waiting: int
    working: int
    done: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up."""

    row: DBTaskResult[..., Any]
    title: Words
    fault: Words

    @property
    def attempts(self) -> int:
        """How often it was begun."""
        return len(self.row.worker_ids)


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One thing that comes round; ``row`` is None before its first time."""

    this: Round
    every: Words
    row: RoundRow | None
    is_late: bool


def list_kinds(viewer: Person) -> list[KindLine]:  # noqa: ARG001 - reads take the viewer first
    """Return every kind of which there are jobs, with how many stand where."""
    found: dict[str, dict[str, int]] = {}
    counted = DBTaskResult.objects.order_by().values_list("task_path", "status").annotate(n=Count("pk"))
    for path, state, count in counted:
        found.setdefault(path, {})[state] = count
    states = (
        *(TaskResultStatus.READY, TaskResultStatus.RUNNING),
        *(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED),
    )
    return [KindLine(name_kind(path), *(found[path].get(state, 0) for state in states)) for path in sorted(found)]


def list_dead(viewer: Person) -> list[DeadLetter]:  # noqa: ARG001 - reads take the viewer first
    """Return the jobs that were given up, the newest first, at most 100."""
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).order_by("-finished_at", "pk")[:MOST_SHOWN]
    return [DeadLetter(row, name_kind(row.task_path), read_fault(row.traceback)) for row in rows]


def list_rounds(viewer: Person, now: datetime) -> list[RoundLine]:  # noqa: ARG001 - reads take the viewer first
    """Return everything that comes round, in the order of its list."""
    rows = {row.name: row for row in RoundRow.objects.all()}
    found = []
    for this in ROUNDS:
        row = rows.get(this.name)
        late = row is not None and not row.taken_by and is_late(row.next_at, this.every, now)
        found.append(RoundLine(this, describe_every(this.every), row, late))
    return found


def name_kind(path: str) -> Words:
    """Return what a kind of jobs does, its path where its code is gone."""
    kind = find_kind(path)
    return kind.title if kind else Words(path, path)
