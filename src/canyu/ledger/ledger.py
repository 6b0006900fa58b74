"""The ledger itself: groups of operations judged in memory and kept in one transaction, and its own connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, StorageFailure
from canyu.kit.words import Words
from canyu.ledger.book import Book
from canyu.ledger.dialects import Connection
from canyu.ledger.file_lock import FileLock
from canyu.ledger.inputs import find_fault
from canyu.ledger.operations import Expire, Hold, Linked, OpenAccount, Operation, Reverse, Transfer, name_expiry
from canyu.ledger.outcomes import LedgerRace, Outcome, Verdict
from canyu.ledger.rows import BalanceRow, TransferRow, count_microseconds
from canyu.ledger.schema import create_schema
from canyu.ledger.store import Store

SQLITE_WAIT_S = 20


class Ledger:
    """The ledger within a transaction that somebody else has opened and will end."""

    def __init__(self, connection: Connection, *, is_deferred: bool = False) -> None:
        self._store = Store(connection)
        self._is_deferred = is_deferred
        self._book = Book()
        self._written = 0

    @classmethod
    def on(cls, connection: Connection) -> Ledger:
        """Return the ledger on an open ``sqlite3`` or ``psycopg`` connection (Django's ``connection.connection``).

        What ``apply`` keeps is kept, or lost, together with everything else in that transaction.
        """
        return cls(connection)

    def apply(self, operations: Sequence[Operation | Linked], now: datetime | None = None) -> list[Outcome]:
        """Judge a group and keep what is right; one outcome each, in order. A refusal changes and stops nothing.

        Each operation sees those before it. Accounts are locked until the transaction ends. Raises RuntimeError outside
        a transaction, LedgerRace where another transaction kept one of the ids at this moment.
        """
        self._store.require_transaction()
        if not self._is_deferred:
            self._book, self._written = Book(), 0
        singles = [one for item in operations for one in (item.operations if isinstance(item, Linked) else (item,))]
        faults = {id(one): fault for one in singles if (fault := find_fault(one)) is not None}
        self._load([one for one in singles if id(one) not in faults] if faults else singles)
        outcomes = self._book.judge(operations, count_microseconds(now or get_now()), faults)
        if not self._is_deferred:
            self.flush()
        return outcomes

    def require(self, operations: Sequence[Operation | Linked], now: datetime | None = None) -> list[Outcome]:
        """Apply a group that has to be kept whole; raises Refused or RefusedInput, for the caller to roll back."""
        return [outcome.require() for outcome in self.apply(operations, now)]

    def find_balance(self, account: str) -> BalanceRow | None:
        """Return the sums of one account, locked until the transaction ends; None where it is not open."""
        self.flush()
        found = self._store.lock_accounts([account])
        return found[0][1] if found else None

    def find_row(self, name: str) -> TransferRow | None:
        """Return the row of one id, or None."""
        self.flush()
        found = self._store.list_rows([name])
        return found[0] if found else None

    def find_answer(self, name: str) -> TransferRow | None:
        """Return the row that settles, voids, expires or reverses this one, or None."""
        self.flush()
        found = self._store.list_answers([name])
        return found[0] if found else None

    def list_due_holds(self, now: datetime, most: int = 500) -> list[str]:
        """Return holds whose time is over and that nobody resolved yet, the oldest first."""
        self.flush()
        return self._store.list_due(count_microseconds(now), most)

    def expire_due(self, now: datetime, most: int = 500) -> list[str]:
        """Free holds whose time is over, at most so many; return those that were freed here and now."""
        due = self.list_due_holds(now, most)
        outcomes = self.apply([Expire(name_expiry(hold), hold) for hold in due], now)
        return [hold for hold, outcome in zip(due, outcomes, strict=True) if outcome.verdict is Verdict.DONE]

    def flush(self) -> None:
        """Write the rows that are judged and not written yet."""
        self._store.require_transaction()  # PostgreSQL answers COMMIT of a broken transaction without an error
        made = self._book.made[self._written :]
        if not made:
            return
        try:
            self._store.write(made)
        except Exception as error:
            if self._store.dialect.is_race(error):
                raise LedgerRace(
                    Words("同一编号正在由另一个事务记入。", "Another transaction is keeping the same id right now."),
                    mend=Words("请重新执行整个事务。", "Run the whole transaction again."),
                ) from error
            raise
        self._written = len(self._book.made)

    def mark(self) -> tuple[int, int, int]:
        """Return where a deferred ledger stands, for ``go_back`` after a savepoint is rolled back."""
        return len(self._book.made), self._written, len(self._book.standings)

    def go_back(self, mark: tuple[int, int, int]) -> None:
        """Take back what was judged since ``mark``; rows before it that were written since have to be written again."""
        length, written, accounts = mark
        self._book.undo(length)
        self._book.forget_since(accounts)
        self._written = written

    def _load(self, operations: Sequence[Operation]) -> None:
        book, store = self._book, self._store
        accounts: set[str] = set()
        ids: set[str] = set()
        named: set[str] = set()
        opened: set[str] = set()
        for one in operations:
            if isinstance(one, OpenAccount):
                opened.add(one.id)
                continue
            ids.add(one.id)
            if isinstance(one, Transfer | Hold):
                accounts.add(one.debit)
                accounts.add(one.credit)
            else:
                named.add(one.transfer if isinstance(one, Reverse) else one.hold)
        missing = named - book.rows.keys()
        if missing:
            book.load_rows(store.list_rows(missing))
        accounts.update(name for each in named if (row := book.rows.get(each)) for name in (row.debit, row.credit))
        opened -= book.standings.keys()
        if opened:
            store.lock_opening(opened)
        wanted = (accounts | opened) - book.standings.keys()
        if wanted:
            for unit, balance in store.lock_accounts(wanted):
                book.load_balance(unit, balance)
        # Only now, with the accounts locked, is what was kept before known for certain.
        if asked := ids - book.rows.keys():
            book.load_rows(store.list_rows(asked))
        if open_named := named - book.answers.keys():
            book.load_rows(store.list_answers(open_named))


class LedgerDoor:
    """A connection of the ledger's own, to an SQLite file or a PostgreSQL database."""

    def __init__(self, connection: Any, lock: FileLock | None) -> None:
        self.connection = connection
        self._lock = lock
        self._store = Store(connection)

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """Open a transaction and yield the ledger in it; committed, durably, when the block ends without an error."""
        with self._queue(), self._atomic():
            yield Ledger(self.connection)

    @contextmanager
    def group(self) -> Iterator[Ledger]:
        """As ``transaction``, one at a time over all processes, and rows are written together at its end."""
        with self._queue(), self._atomic():
            self._store.dialect.lock_group(self.connection)
            ledger = Ledger(self.connection, is_deferred=True)
            yield ledger
            ledger.flush()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back, in the database, what the block did where it raises."""
        self.connection.execute("SAVEPOINT ledger_work")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO SAVEPOINT ledger_work")
            self.connection.execute("RELEASE SAVEPOINT ledger_work")
            raise
        self.connection.execute("RELEASE SAVEPOINT ledger_work")

    def apply(self, operations: Sequence[Operation | Linked], now: datetime | None = None) -> list[Outcome]:
        """Judge and keep a group in a transaction of its own, durable when this returns."""
        with self.transaction() as ledger:
            return ledger.apply(operations, now)

    def close(self) -> None:
        """Close the connection and the lock's file."""
        self.connection.close()
        if self._lock:
            self._lock.close()

    def __enter__(self) -> LedgerDoor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self._lock is None:
            yield
            return
        with self._lock:
            yield

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        begin = "BEGIN IMMEDIATE" if self._store.dialect.name == "sqlite" else "BEGIN"
        self.connection.execute(begin)
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self._store.require_transaction()
            self.connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(Exception):  # the first error tells more; a broken connection has nothing to take back
            self.connection.execute("ROLLBACK")


def open_ledger(address: str | Path, *, create: bool = False) -> LedgerDoor:
    """Open the ledger in an SQLite file (a path) or a PostgreSQL database (``postgresql://…``).

    ``create`` makes its tables where there are none. Commits are on the disk when they return (SQLite: WAL with
    ``synchronous=FULL``; PostgreSQL: as the server is set). Raises StorageFailure where it cannot be opened.
    """
    is_postgres = str(address).startswith(("postgres://", "postgresql://"))
    door = LedgerDoor(connect_postgres(str(address)), None) if is_postgres else _open_sqlite(Path(address), create)
    if create:
        with door.transaction():
            create_schema(door.connection)
    return door


def _open_sqlite(path: Path, create: bool) -> LedgerDoor:
    if not create and not path.is_file():
        raise StorageFailure(
            Words(f"没有账本文件 {path}。", f"There is no ledger file {path}."),
            mend=Words("请改正路径。", "Correct the path."),
        )
    try:
        connection = sqlite3.connect(path, timeout=SQLITE_WAIT_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return LedgerDoor(connection, FileLock(Path(f"{path}.writer")))
    except (sqlite3.Error, OSError) as error:
        raise StorageFailure(
            Words(f"打不开账本 {path}：{error}。", f"The ledger {path} cannot be opened: {error}."),
            mend=Words("请检查文件和它的文件夹是否可写。", "Make the file and its folder writable."),
        ) from error


def connect_postgres(url: str) -> Any:
    """Return a psycopg connection in autocommit; raises BadInput without a driver, StorageFailure without a server."""
    try:
        import psycopg
    except ImportError as error:
        raise BadInput(
            Words("没有安装 PostgreSQL 的驱动。", "The driver of PostgreSQL is not installed."),
            mend=Words("请安装 canyu[postgres]。", "Install canyu[postgres]."),
        ) from error
    try:
        return psycopg.connect(url, autocommit=True)
    except psycopg.Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StorageFailure(
            Words(f"连不上账本的数据库：{reason}。", f"The ledger's database cannot be reached: {reason}."),
            mend=Words("请检查地址和服务。", "Look at the address and the server."),
        ) from error
