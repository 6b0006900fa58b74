"""Group commit: many callers, one transaction, each answered for itself and only after the commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from canyu.kit.errors import StorageFailure
from canyu.ledger import (
    GroupWriter,
    Ledger,
    LedgerBusy,
    LedgerDoor,
    OpenAccount,
    Outcome,
    Refused,
    Side,
    Transfer,
    Verdict,
    open_ledger,
    open_reader,
    prove,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ACCOUNTS = [OpenAccount("made", "piece"), OpenAccount("free", "piece", Side.CREDIT), OpenAccount("sold", "piece")]


def fill(address: str, amount: int) -> None:
    with open_ledger(address) as door:
        door.apply([*ACCOUNTS, Transfer("stock", "made", "free", amount, "piece")], NOW)


def sale(name: str, amount: int = 1) -> Transfer:
    return Transfer(name, "free", "sold", amount, "piece")


def count_sold(address: str) -> int:
    with open_reader(address) as reader:
        assert prove(reader).is_sound
        return reader.get_account("sold").credits


class SlowDoor:
    """A real door whose first group waits until it is let go, so that the next group fills up."""

    def __init__(self, address: str, go: threading.Event) -> None:
        self.door = open_ledger(address)
        self.go = go
        self.groups = 0

    @contextmanager
    def group(self) -> Iterator[Ledger]:
        self.groups += 1
        assert self.go.wait(30)
        with self.door.group() as ledger:
            yield ledger

    def savepoint(self):  # type: ignore[no-untyped-def]
        return self.door.savepoint()

    def close(self) -> None:
        self.door.close()


def test_many_callers_share_a_commit_and_each_gets_his_answer(address: str) -> None:
    fill(address, 30)
    go = threading.Event()
    slow = SlowDoor(address, go)
    with GroupWriter(lambda: slow) as writer:
        futures = [writer.apply([sale(f"t{at}")], NOW) for at in range(40)]
        go.set()
        verdicts = [future.result(30)[0].verdict for future in futures]
    assert verdicts == [Verdict.DONE] * 30 + [Verdict.BEYOND_LIMIT] * 10
    assert slow.groups <= 2
    assert count_sold(address) == 30


def test_a_work_that_raises_takes_back_its_own_alone(address: str) -> None:
    fill(address, 10)
    go = threading.Event()

    def work(ledger: Ledger, at: int) -> int:
        ledger.require([sale(f"t{at}")], NOW)
        if at % 2:
            found = ledger.find_balance("sold")  # what was judged so far is written here, inside the savepoint
            raise ValueError(f"{at}: {found.credits if found else None}")
        return at

    with GroupWriter(lambda: SlowDoor(address, go)) as writer:
        futures = [writer.submit(lambda ledger, at=at: work(ledger, at)) for at in range(5)]
        go.set()
        told = [str(future.exception(30)) if future.exception(30) else future.result() for future in futures]
    assert told == [0, "1: 2", 2, "3: 3", 4]
    assert count_sold(address) == 3
    with open_reader(address) as reader:
        assert [placed.row.id for placed in reader.iterate_rows()] == ["stock", "t0", "t2", "t4"]


def test_a_refused_work_frees_what_it_took_for_the_next(address: str) -> None:
    fill(address, 5)
    go = threading.Event()
    with GroupWriter(lambda: SlowDoor(address, go)) as writer:
        greedy = writer.submit(lambda ledger: ledger.require([sale("a", 4), sale("b", 2)], NOW))
        modest = writer.submit(lambda ledger: ledger.require([sale("c", 5)], NOW))
        go.set()
        assert isinstance(greedy.exception(30), Refused)
        assert modest.result(30)[0].verdict is Verdict.DONE
    assert count_sold(address) == 5


def test_accounts_opened_by_a_work_that_raises_are_not_there_for_the_next(address: str) -> None:
    fill(address, 5)
    go = threading.Event()

    def open_and_fail(ledger: Ledger) -> None:
        ledger.require([OpenAccount("new", "piece"), Transfer("n", "made", "new", 1, "piece")], NOW)
        raise ValueError

    with GroupWriter(lambda: SlowDoor(address, go)) as writer:
        failed = writer.submit(open_and_fail)
        after = writer.apply([Transfer("m", "made", "new", 1, "piece")], NOW)
        again = writer.apply([OpenAccount("new", "piece", Side.DEBIT)], NOW)
        go.set()
        assert isinstance(failed.exception(30), ValueError)
        assert after.result(30)[0].verdict is Verdict.UNKNOWN_ACCOUNT
        assert again.result(30)[0].verdict is Verdict.DONE


def test_an_answer_comes_after_the_commit(address: str) -> None:
    fill(address, 5)
    seen = []
    with GroupWriter(lambda: open_ledger(address)) as writer, open_ledger(address) as other:
        future = writer.apply([sale("t")], NOW)
        future.result(30)
        with other.transaction() as ledger:
            seen.append(ledger.find_row("t") is not None)
    assert seen == [True]


def test_bad_work_does_not_stop_the_good_beside_it(address: str) -> None:
    fill(address, 5)
    go = threading.Event()

    def break_transaction(ledger: Ledger) -> None:
        ledger.apply([sale("broken")], NOW)
        ledger._store.connection.execute("ROLLBACK")  # what nobody may do: the whole group fails with it

    with GroupWriter(lambda: SlowDoor(address, go)) as writer:
        bad = writer.submit(break_transaction)
        good = [writer.apply([sale(f"t{at}")], NOW) for at in range(3)]
        go.set()
        assert isinstance(bad.exception(30), StorageFailure)
        assert all(future.result(30)[0].is_kept for future in good)
    assert count_sold(address) == 3


class FullDisk(LedgerDoor):
    """A real door whose commits fail as on a full disk."""

    @contextmanager
    def group(self) -> Iterator[Ledger]:
        self.connection.execute("BEGIN")
        yield Ledger(self.connection, is_deferred=True)
        self.connection.execute("ROLLBACK")
        raise OSError(28, "No space left on device")


def test_where_the_commit_fails_nobody_is_told_that_it_was_kept(address: str) -> None:
    fill(address, 5)
    doors: list[LedgerDoor] = []

    def open_door() -> LedgerDoor:
        opened = open_ledger(address)
        doors.append(opened)
        return FullDisk(opened.connection, None) if len(doors) == 1 else opened

    with GroupWriter(open_door) as writer:
        failed = writer.apply([sale("t")], NOW).exception(30)
        assert isinstance(failed, StorageFailure)
        assert "No space left" in str(failed)
        assert writer.apply([sale("t")], NOW).result(30)[0].verdict is Verdict.DONE
    assert count_sold(address) == 1


def test_more_than_may_wait_is_refused_at_once(address: str) -> None:
    fill(address, 5)
    go = threading.Event()
    writer = GroupWriter(lambda: SlowDoor(address, go), most=1, most_waiting=3)
    futures: list[Future[list[Outcome]]] = []
    with pytest.raises(LedgerBusy, match="busy"):
        futures.extend(writer.apply([sale(f"t{at}")], NOW) for at in range(10))
    go.set()
    writer.close()
    assert 3 <= len(futures) <= 4
    assert all(future.result(30)[0].is_kept for future in futures)
    with pytest.raises(LedgerBusy):
        writer.apply([sale("late")], NOW)


def test_work_that_was_cancelled_in_time_is_not_done(address: str) -> None:
    fill(address, 5)
    go = threading.Event()
    with GroupWriter(lambda: SlowDoor(address, go), most=1) as writer:
        first = writer.apply([sale("a")], NOW)
        second = writer.apply([sale("b")], NOW)
        assert second.cancel()
        go.set()
        assert first.result(30)[0].is_kept
    assert count_sold(address) == 1
