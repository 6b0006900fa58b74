"""Kinds of jobs: tasks of django-tasks with a lease, a number of tries, and what is done when those are used up."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, cast

from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.backend import DatabaseBackend

from canyu.kit.words import Words
from canyu.ops.queue.rules import Lane

P = ParamSpec("P")
T = TypeVar("T")
_next_id: ContextVar[uuid.UUID | None] = ContextVar("canyu_job_id", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Task[P, T]):
    """A task that a worker may take for ``lease``, ``most_attempts`` times; ``title`` says to people what it does.

    ``is_atomic``: its function and the note that it is done are one transaction, so that what it writes to the
    database is there once; it must be short, for SQLite has one writer at a time. Else its function runs outside of
    any, and must be safe to repeat. ``give_up`` is called with the job's arguments where it becomes a dead letter.
    """

    title: Words
    lease: timedelta = timedelta(minutes=1)
    most_attempts: int = 5
    is_atomic: bool = True
    give_up: Callable[..., None] | None = None


class LeasedBackend(DatabaseBackend):
    """The rows of django-tasks-db, of kinds with a lease."""

    task_class = Kind  # type: ignore[assignment]  # the library means its own class to be replaced here


def kind(lane: Lane, **how: Any) -> Callable[[Callable[P, T]], Kind[P, T]]:
    """Make a kind of jobs of a function of a module; ``how`` are the fields of Kind.

    Arguments of jobs are keys of rows, never names, addresses or texts: they stay for weeks and are shown.
    """
    return cast("Callable[[Callable[P, T]], Kind[P, T]]", task(queue_name=lane.value, **how))


def find_kind(path: str) -> Kind[..., Any] | None:
    """Return the kind of jobs of this path, None where no code of this name is there any more."""
    try:
        found = import_string(path)
    except Exception:  # whatever importing it raises: the module is gone, renamed, or broken
        return None
    return found if isinstance(found, Kind) else None


def find_next_id() -> uuid.UUID:
    """Return the id that the next job gets; the backend asks for it."""
    return _next_id.get() or uuid.uuid4()


@contextmanager
def give_id(chosen: uuid.UUID) -> Iterator[None]:
    """Give the job that is asked for within the block this id."""
    token = _next_id.set(chosen)
    try:
        yield
    finally:
        _next_id.reset(token)
