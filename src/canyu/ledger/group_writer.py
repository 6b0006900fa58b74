"""One thread that keeps the works of many callers in one transaction, and answers after its commit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from canyu.kit.errors import CanyuError, StorageFailure
from canyu.kit.words import Words
from canyu.ledger.ledger import Ledger
from canyu.ledger.operations import Linked, Operation
from canyu.ledger.outcomes import LedgerBusy, LedgerRace, Outcome

T = TypeVar("T")
Operations = Sequence[Operation | Linked]
MOST_IN_GROUP = 500
MOST_WAITING = 20_000
TRIES = 3


class Door(Protocol):
    """A connection that groups are written through; ``LedgerDoor`` is one, Django's connection another."""

    def group(self) -> AbstractContextManager[Ledger]:
        """Open a transaction, one group at a time over all processes, with a deferred ledger in it."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did where it raises."""

    def close(self) -> None:
        """Close the connection; the next group opens another."""


@dataclass(slots=True)
class _Job(Generic[T]):
    """One thing to do and the future that is answered."""

    future: Future[T]
    work: Callable[[Ledger], T] | None
    operations: Operations
    now: datetime | None


class _Lost(Exception):
    """The commit itself failed: whether the group was kept is not known."""


class GroupWriter:
    """Takes work from any thread and keeps many works in one transaction: one wait for the disk for all of them.

    A future is answered after the commit. A work that raises takes back its own changes only. Works may be run again
    (after a deadlock, or alone after a failure beside them), so they change nothing but the database.
    """

    def __init__(
        self, open_door: Callable[[], Door], most: int = MOST_IN_GROUP, most_waiting: int = MOST_WAITING
    ) -> None:
        self._open_door = open_door
        self._door: Door | None = None
        self._most = most
        self._most_waiting = most_waiting
        self._waiting: deque[_Job[Any]] = deque()
        self._came = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Ledger], T]) -> Future[T]:
        """Have ``work`` done in the writer's transaction; its value is the future's, after the commit.

        Raises LedgerBusy where too much waits, or after ``close``.
        """
        return self._put(_Job(Future(), work, (), None))

    def apply(self, operations: Operations, now: datetime | None = None) -> Future[list[Outcome]]:
        """Have operations judged and kept, together with what others brought: the quickest way, without other rows."""
        job: _Job[list[Outcome]] = _Job(Future(), None, operations, now)
        return self._put(job)

    def close(self) -> None:
        """Finish what waits, and end the thread; nothing is taken any more."""
        with self._came:
            self._is_closed = True
            self._came.notify()
        self._thread.join()

    def __enter__(self) -> GroupWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self, job: _Job[T]) -> Future[T]:
        with self._came:
            if self._is_closed or len(self._waiting) >= self._most_waiting:
                raise LedgerBusy(
                    Words("账本正忙，没有接受这次操作。", "The ledger is busy and did not take this."),
                    mend=Words("请稍后用同一编号再试。", "Try again a little later, with the same ids."),
                )
            self._waiting.append(job)
            self._came.notify()
        return job.future

    def _run(self) -> None:
        while group := self._take():
            self._keep([job for job in group if job.future.set_running_or_notify_cancel()])
        self._close_door()

    def _take(self) -> list[_Job[Any]]:
        with self._came:
            while not self._waiting and not self._is_closed:
                self._came.wait()
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _keep(self, group: list[_Job[Any]]) -> None:
        """Keep a group; where it cannot be kept as a whole, keep each job alone, so that one cannot stop the others."""
        for turn in range(TRIES):
            try:
                answers = self._commit(group)
            except Exception as error:
                self._close_door()
                if isinstance(error, _Lost) or (len(group) == 1 and turn == TRIES - 1):
                    _fail(group, error)
                    return
            else:
                for job, answer in zip(group, answers, strict=True):
                    _answer(job, answer)
                return
        for job in group:
            self._keep([job])

    def _commit(self, group: list[_Job[Any]]) -> list[Any]:
        if self._door is None:
            self._door = self._open_door()
        answers: list[Any] = []
        try:
            with self._door.group() as ledger:
                self._do(ledger, self._door, group, answers)
                ledger.flush()
                answers.append(None)  # from here on, only the commit can fail
        except Exception as error:
            if len(answers) > len(group):
                raise _Lost from error
            raise
        return answers[:-1]

    def _do(self, ledger: Ledger, door: Door, group: list[_Job[Any]], answers: list[Any]) -> None:
        at = 0
        while at < len(group):
            job = group[at]
            if job.work is not None:
                answers.append(_work(ledger, door, job.work))
                at += 1
                continue
            end = at + 1
            while end < len(group) and group[end].work is None and group[end].now == job.now:
                end += 1
            answers.extend(_apply(ledger, group[at:end], job.now))
            at = end

    def _close_door(self) -> None:
        door, self._door = self._door, None
        if door is None:
            return
        with suppress(Exception):  # it is given up because it failed
            door.close()


@dataclass(slots=True)
class _Raised:
    """What a work raised."""

    error: Exception


def _apply(ledger: Ledger, jobs: Sequence[_Job[Any]], now: datetime | None) -> list[list[Outcome]]:
    outcomes = iter(ledger.apply([each for job in jobs for each in job.operations], now))
    return [[next(outcomes) for _ in job.operations] for job in jobs]


def _work(ledger: Ledger, door: Door, work: Callable[[Ledger], Any]) -> Any:
    mark = ledger.mark()
    try:
        with door.savepoint():
            return work(ledger)
    except LedgerRace:
        raise
    except Exception as error:
        ledger.go_back(mark)
        return _Raised(error)


def _answer(job: _Job[Any], answer: Any) -> None:
    if isinstance(answer, _Raised):
        job.future.set_exception(answer.error)
    else:
        job.future.set_result(answer)


def _fail(group: Sequence[_Job[Any]], error: Exception) -> None:
    cause = error.__cause__ if isinstance(error, _Lost) and isinstance(error.__cause__, Exception) else error
    for job in group:
        job.future.set_exception(cause if isinstance(cause, CanyuError) else _tell(cause))


def _tell(cause: Exception) -> StorageFailure:
    failure = StorageFailure(
        Words(f"账本没有确认保存：{cause}。", f"The ledger did not confirm that it was kept: {cause}."),
        mend=Words("请用同一编号再试一次：已保存的不会重复。", "Try again with the same ids: nothing is kept twice."),
    )
    failure.__cause__ = cause
    return failure
