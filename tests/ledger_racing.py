"""Buyers that meet between judgement and writing, with every guard on, or with guards switched off."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from canyu.ledger import LedgerDoor, OpenAccount, Side, Transfer, open_ledger, open_reader
from canyu.ledger.store import Store

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MEET_S = 0.3
"""How long a buyer waits for the other one between judging and writing; behind a lock he waits in vain."""


@dataclass(frozen=True)
class Guards:
    """What stands between two buyers and the last unit."""

    one_transaction: bool = True
    """Judged and written under the same locks; off: judged in one transaction, written in the next."""
    limit_in_database: bool = True
    """The database refuses a balance below its limit."""


ALL = Guards()
NONE = Guards(one_transaction=False, limit_in_database=False)


def fill(address: str, amount: int) -> None:
    accounts = [OpenAccount("made", "piece"), OpenAccount("free", "piece", Side.CREDIT), OpenAccount("sold", "piece")]
    with open_ledger(address) as door:
        door.apply([*accounts, Transfer("stock", "made", "free", amount, "piece")], NOW)


def sale(name: str) -> Transfer:
    return Transfer(name, "free", "sold", 1, "piece")


def count_sold(address: str) -> int:
    with open_reader(address) as reader:
        return sum(placed.row.credit == "sold" for placed in reader.iterate_rows())


def open_guarded(address: str, guards: Guards) -> LedgerDoor:
    """Open a door, with guards of the database switched off as asked."""
    door = open_ledger(address)
    is_sqlite = isinstance(door.connection, sqlite3.Connection)
    if not guards.limit_in_database and is_sqlite:
        door.connection.execute("PRAGMA ignore_check_constraints = ON")
    if not guards.limit_in_database and not is_sqlite:
        door.connection.execute("ALTER TABLE ledger_balance DROP CONSTRAINT IF EXISTS ledger_credit_side")
    return door if guards.one_transaction else LedgerDoor(door.connection, None)


@contextmanager
def between(meet: Callable[[Any], None], guards: Guards) -> Iterator[None]:
    """Call ``meet`` with the connection between every judgement and its writing; it may be another buyer."""
    write = Store.write

    def write_later(self: Store, made: Any) -> None:
        if not guards.one_transaction:
            self.connection.execute("COMMIT")
        meet(self.connection)
        if not guards.one_transaction:
            self.connection.execute("BEGIN")
        write(self, made)

    with patch.object(Store, "write", write_later):
        yield


def make_meeting(barrier: Any) -> Callable[[Any], None]:
    """Return what waits for the other buyer between judging and writing."""

    def meet(_: Any) -> None:
        try:
            barrier.wait(MEET_S)
        except threading.BrokenBarrierError:
            barrier.reset()

    return meet


def buy(address: str, name: str, times: int, guards: Guards) -> list[str]:
    """Buy so many times; return the verdicts."""
    told = []
    with open_guarded(address, guards) as door:
        for at in range(times):
            try:
                told.append(door.apply([sale(f"{name}-{at}")], NOW)[0].verdict.value)
            except Exception as error:  # told as the answer: the test asserts which
                told.append(type(error).__name__)
    return told


def buy_and_tell(address: str, name: str, times: int, barrier: Any, guards: Guards, answers: Any) -> None:
    """Do ``buy`` in a process of its own."""
    with between(make_meeting(barrier), guards):
        answers.put((name, buy(address, name, times, guards)))


def race_processes(address: str, times: int, guards: Guards, buyers: int = 2) -> list[str]:
    """Let so many processes buy at once; return all verdicts."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(buyers), context.Queue()
    given = [(address, f"p{at}", times, barrier, guards, answers) for at in range(buyers)]
    processes = [context.Process(target=buy_and_tell, args=one) for one in given]
    for process in processes:
        process.start()
    told = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(60)
    return [verdict for _, verdicts in told for verdict in verdicts]


def race_threads(jobs: list[Callable[[], list[str]]]) -> list[str]:
    """Let so many threads work at once; return all that they were told."""
    told: list[str] = []
    threads = [threading.Thread(target=lambda job=job: told.extend(job())) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return told
