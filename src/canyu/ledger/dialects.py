"""What SQLite and PostgreSQL say differently; the statements around it are the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, ClassVar, Protocol

from canyu.kit.errors import Unsupported
from canyu.kit.words import Words

ROWS_IN_STATEMENT = 100


class Cursor(Protocol):
    """What the ledger uses of a cursor."""

    rowcount: int

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""

    def fetchone(self) -> Any:
        """Return the next row."""

    def fetchmany(self, size: int) -> list[Any]:
        """Return the next rows."""


class Connection(Protocol):
    """What the ledger uses of a connection: ``sqlite3.Connection`` and ``psycopg.Connection`` have it."""

    def execute(self, query: Any, params: Any = ..., /) -> Any:
        """Run one statement and return its cursor."""

    def cursor(self) -> Any:
        """Return a cursor."""

    def close(self) -> None:
        """Close the connection."""


class Dialect(Protocol):
    """The differences, in one place."""

    name: ClassVar[str]
    text: ClassVar[str]
    count: ClassVar[str]
    position: ClassVar[str]
    strict: ClassVar[str]
    mark: ClassVar[str]
    lock_rows: ClassVar[str]
    within: ClassVar[str]

    def wrap_list(self, values: Sequence[str]) -> Any:
        """Return a list of texts as the one parameter of ``within``."""

    def is_in_transaction(self, connection: Any) -> bool:
        """Say whether a transaction is open."""

    def has_table(self, connection: Any, table: str) -> bool:
        """Say whether a table is there."""

    def has_index(self, connection: Any, index: str) -> bool:
        """Say whether an index is there."""

    def list_triggers(self, connection: Any) -> set[str]:
        """Return the names of the triggers that are there and switched on."""

    def lock_opening(self, connection: Any) -> None:
        """Let one transaction at a time open accounts, where several may write at once."""

    def lock_group(self, connection: Any) -> None:
        """Let one group at a time be written, where no file lock does."""

    def run_many(self, connection: Any, query: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run one statement for many rows; return how many rows were touched."""

    def insert(self, connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows to a table (with its columns, where not all are given) in as few statements as it takes."""

    def is_race(self, error: BaseException) -> bool:
        """Say whether another transaction was in the way, so that running again helps."""


class Sqlite(Dialect):
    """SQLite: one writer at a time, who holds the whole database."""

    name = "sqlite"
    text = "TEXT"
    count = "INTEGER"
    position = "INTEGER PRIMARY KEY"  # never given twice, as no row is ever deleted
    strict = " STRICT"
    mark = "?"
    lock_rows = ""
    within = "IN (SELECT value FROM json_each(?))"

    def wrap_list(self, values: Sequence[str]) -> str:
        """Return the values as JSON."""
        from canyu.kit.jsonio import dump_json

        return dump_json(list(values))

    def is_in_transaction(self, connection: sqlite3.Connection) -> bool:
        """Say whether a transaction is open."""
        return connection.in_transaction

    def has_table(self, connection: sqlite3.Connection, table: str) -> bool:
        """Say whether a table is there."""
        return self._has(connection, "table", table)

    def has_index(self, connection: sqlite3.Connection, index: str) -> bool:
        """Say whether an index is there."""
        return self._has(connection, "index", index)

    def list_triggers(self, connection: sqlite3.Connection) -> set[str]:
        """Return the names of the triggers that are there."""
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}

    def lock_opening(self, connection: sqlite3.Connection) -> None:
        """Nothing to do: a writer is alone."""

    def lock_group(self, connection: sqlite3.Connection) -> None:
        """Nothing to do: a writer is alone."""

    def run_many(self, connection: sqlite3.Connection, query: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run one statement for many rows; return how many rows were touched."""
        return connection.executemany(query, rows).rowcount

    def insert(self, connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, many a statement: half the time of one row each (8 against 16 us a row, 2026-11)."""
        one = f"({', '.join('?' * len(rows[0]))})"
        for at in range(0, len(rows), ROWS_IN_STATEMENT):
            part = rows[at : at + ROWS_IN_STATEMENT]
            query = f"INSERT INTO {table} VALUES {', '.join([one] * len(part))}"  # noqa: S608 - no value in it
            connection.execute(query, list(chain.from_iterable(part)))

    def is_race(self, error: BaseException) -> bool:
        """Say whether another writer was in the way."""
        return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)

    def _has(self, connection: sqlite3.Connection, kind: str, name: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = ? AND name = ?"
        return connection.execute(query, (kind, name)).fetchone() is not None


class Postgres(Dialect):
    """PostgreSQL: many writers, each holding the rows of the accounts that it moves."""

    name = "postgresql"
    text = 'TEXT COLLATE "C"'  # ids sort by their letters' codes, as in SQLite
    count = "BIGINT"
    position = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    strict = ""
    mark = "%s"
    lock_rows = " FOR UPDATE OF b"
    within = "= ANY(%s)"

    def wrap_list(self, values: Sequence[str]) -> list[str]:
        """Return the values as they are: psycopg makes an array of a list."""
        return list(values)

    def is_in_transaction(self, connection: Any) -> bool:
        """Say whether a transaction is open and not broken; without autocommit the next statement opens one."""
        status = connection.info.transaction_status.name
        return bool(status == "INTRANS" or (status == "IDLE" and not connection.autocommit))

    def has_table(self, connection: Any, table: str) -> bool:
        """Say whether a table is there."""
        return connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()[0] is not None

    def has_index(self, connection: Any, index: str) -> bool:
        """Say whether an index is there."""
        return self.has_table(connection, index)  # one space of names for both

    def list_triggers(self, connection: Any) -> set[str]:
        """Return the names of the triggers that are there and switched on."""
        query = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
            " AND tgrelid IN (to_regclass('ledger_account'), to_regclass('ledger_transfer'))"
        )
        return {name for (name,) in connection.execute(query).fetchall()}

    def lock_opening(self, connection: Any) -> None:
        """Take the lock of those who open accounts, until the transaction ends."""
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('canyu ledger accounts'))")

    def lock_group(self, connection: Any) -> None:
        """Take the lock of those who write groups, until the transaction ends."""
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('canyu ledger groups'))")

    def run_many(self, connection: Any, query: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run one statement for many rows; return how many rows were touched."""
        with connection.cursor() as cursor:
            cursor.executemany(query, rows)
            return int(cursor.rowcount)

    def insert(self, connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows by COPY."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def is_race(self, error: BaseException) -> bool:
        """Say whether a deadlock, a serialization failure or a second row of one id was in the way."""
        return getattr(error, "sqlstate", None) in {"40P01", "40001", "23505", "55P03"}


SQLITE, POSTGRES = Sqlite(), Postgres()


def find_dialect(connection: Any) -> Dialect:
    """Return what a connection speaks; raises Unsupported for anything but sqlite3 and psycopg 3."""
    if isinstance(connection, sqlite3.Connection):
        return SQLITE
    if _is_psycopg(type(connection).__mro__):
        return POSTGRES
    kind = type(connection).__name__
    raise Unsupported(
        Words(f"账本不能使用连接 {kind}。", f"The ledger cannot use a connection of {kind}."),
        mend=Words("请给出 sqlite3 或 psycopg 3 的连接。", "Give a connection of sqlite3 or psycopg 3."),
    )


def _is_psycopg(classes: Iterable[type]) -> bool:
    return any(each.__module__.partition(".")[0] == "psycopg" for each in classes)
