"""All reads of the ledger, at one moment: sums by unit, accounts, histories with running balances, rows in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from canyu.kit.errors import NotFound, StorageFailure
from canyu.kit.words import Words
from canyu.ledger.dialects import find_dialect
from canyu.ledger.operations import Side
from canyu.ledger.rows import BalanceRow, TransferRow, count_effect
from canyu.ledger.schema import has_schema
from canyu.ledger.store import COLUMNS

AT_ONCE = 10_000
HALF = 2**32
SUMS = ("debits", "credits", "debits_held", "credits_held")
FOLLOWED = "CASE WHEN kind = 'hold' THEN 0 ELSE amount END", "CASE WHEN kind = 'hold' THEN amount ELSE -released END"
CAP = "\U0010ffff"
"""Sorts after every letter that an id can begin with."""


@dataclass(frozen=True, slots=True)
class UnitSum:
    """The trial balance of one unit: the sums over its accounts, in whole minor units."""

    unit: str
    accounts: int
    debits: int
    credits: int
    debits_held: int
    credits_held: int

    @property
    def is_even(self) -> bool:
        """Whether what was debited was credited, and what is held on one side is held on the other."""
        return self.debits == self.credits and self.debits_held == self.credits_held


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its sums."""

    id: str
    unit: str
    side: Side
    opened_at: int
    debits: int
    credits: int
    debits_held: int
    credits_held: int

    @property
    def balance(self) -> int:
        """What is on the account: debits less credits where its limit is on that side, else credits less debits."""
        return self.debits - self.credits if self.side is Side.DEBIT else self.credits - self.debits

    @property
    def held(self) -> int:
        """What open holds set aside of the balance."""
        return self.credits_held if self.side is Side.DEBIT else self.debits_held

    @property
    def is_limited(self) -> bool:
        """Whether it may not go below zero."""
        return self.side is not Side.NONE

    @property
    def free(self) -> int:
        """What may still be moved from it: the balance less what is held against it."""
        return self.balance - self.held


class PlacedRow(NamedTuple):
    """A row of the ledger with its place in the order in which rows were kept."""

    position: int
    row: TransferRow


@dataclass(frozen=True, slots=True)
class Step:
    """One row of an account's history, and the sums of the account after it."""

    position: int
    row: TransferRow
    is_debit: bool
    after: BalanceRow


class LedgerReader:
    """Reads over one connection, all at the same moment; it changes nothing and waits for nobody."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.dialect = find_dialect(connection)

    def list_units(self) -> list[UnitSum]:
        """Return the trial balance, unit by unit."""
        # Sums of many accounts may pass 64 bits: each is added up in two halves.
        halves = ", ".join(f"SUM(b.{name} >> 32), SUM(b.{name} & 4294967295)" for name in SUMS)
        rows = self._fetch(
            f"SELECT a.unit, COUNT(*), {halves} FROM ledger_account a JOIN ledger_balance b ON b.account = a.id"  # noqa: S608
            " GROUP BY a.unit ORDER BY a.unit"
        )
        return [UnitSum(unit, count, *_join_halves(sums)) for unit, count, *sums in rows]

    def list_accounts(self, begin: str = "", unit: str = "", after: str = "", most: int = 50) -> list[Account]:
        """Return accounts whose id begins so (and of one unit), in the order of their ids, those after ``after``."""
        mark = self.dialect.mark
        unit_too = f" AND a.unit = {mark}" if unit else ""
        rows = self._fetch(
            f"{_ACCOUNTS} WHERE a.id >= {mark} AND a.id < {mark} AND a.id > {mark}{unit_too}"
            f" ORDER BY a.id LIMIT {mark}",
            (begin, begin + CAP, after, *([unit] if unit else []), most),
        )
        return [_tell_account(row) for row in rows]

    def get_account(self, name: str) -> Account:
        """Return one account; raises NotFound."""
        rows = self._fetch(f"{_ACCOUNTS} WHERE a.id = {self.dialect.mark}", (name,))
        if not rows:
            raise NotFound(
                Words(f"账本里没有账户 {name[:80]!r}。", f"There is no account {name[:80]!r} in the ledger."),
                mend=Words("请检查编号。", "Check the id."),
            )
        return _tell_account(rows[0])

    def get_row(self, name: str) -> PlacedRow:
        """Return one row by its id; raises NotFound."""
        rows = self._fetch(f"{_ROWS} WHERE id = {self.dialect.mark}", (name,))
        if not rows:
            raise NotFound(
                Words(f"账本里没有 {name[:80]!r}。", f"There is no row {name[:80]!r} in the ledger."),
                mend=Words("请检查编号。", "Check the id."),
            )
        return _place(rows[0])

    def find_answer(self, name: str) -> PlacedRow | None:
        """Return the row that settles, voids, expires or reverses this one, or None."""
        rows = self._fetch(f"{_ROWS} WHERE refers = {self.dialect.mark}", (name,))
        return _place(rows[0]) if rows else None

    def list_history(self, account: Account, before: int | None = None, most: int = 50) -> list[Step]:
        """Return the newest rows of an account, those before a position, each with the account's sums after it.

        The sums are added up from the rows themselves, not from the balance that is kept beside them.
        """
        mark = self.dialect.mark
        top = before if before is not None else 2**63 - 1
        # One query per side: each walks its own index.
        rows = [
            row
            for side in ("debit", "credit")
            for row in self._fetch(
                f"{_ROWS} WHERE {side} = {mark} AND position < {mark} ORDER BY position DESC LIMIT {mark}",
                (account.id, top, most),
            )
        ]
        placed = [_place(row) for row in sorted(rows, reverse=True)[:most]]
        if not placed:
            return []
        sums = self._sum_until(account.id, placed[0].position)
        steps = []
        for position, row in placed:
            after = BalanceRow(account.id, account.side, *sums)
            is_debit = row.debit == account.id
            steps.append(Step(position, row, is_debit, after))
            at = 0 if is_debit else 1
            for place, effect in zip((at, at + 2), count_effect(row), strict=True):
                sums[place] -= effect
        return steps

    def iterate_rows(self, account: str = "") -> Iterator[PlacedRow]:
        """Yield every row (of one account) in the order in which rows were kept; the memory does not grow with them."""
        mark, last = self.dialect.mark, 0
        mine = f" AND (debit = {mark} OR credit = {mark})" if account else ""
        query = f"{_ROWS} WHERE position > {mark}{mine} ORDER BY position LIMIT {mark}"
        while rows := self._fetch(query, (last, *([account, account] if account else []), AT_ONCE)):
            yield from map(_place, rows)
            last = rows[-1][0]

    def iterate_accounts(self) -> Iterator[Account]:
        """Yield every account in the order of their ids."""
        last = ""
        while rows := self.list_accounts(after=last, most=AT_ONCE):
            yield from rows
            last = rows[-1].id

    def count_rows(self) -> int:
        """Return how many rows the ledger holds."""
        return int(self._fetch("SELECT COUNT(*) FROM ledger_transfer")[0][0])

    def fetch(self, query: str) -> list[Any]:
        """Return the rows of a query without values, for the audit."""
        return self._fetch(query)

    def _sum_until(self, account: str, position: int) -> list[int]:
        mark, (posted, held) = self.dialect.mark, FOLLOWED
        found = []
        for side in ("debit", "credit"):
            query = (
                f"SELECT COALESCE(SUM({posted}), 0), COALESCE(SUM({held}), 0) FROM ledger_transfer"  # noqa: S608
                f" WHERE {side} = {mark} AND position <= {mark}"
            )
            found.append(self._fetch(query, (account, position))[0])
        (debits, debits_held), (credits, credits_held) = found
        return [int(each) for each in (debits, credits, debits_held, credits_held)]

    def _fetch(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        rows: list[Any] = self.connection.execute(query, values).fetchall()
        return rows


_ACCOUNTS = (
    "SELECT a.id, a.unit, a.side, a.opened_at, b.debits, b.credits, b.debits_held, b.credits_held"
    " FROM ledger_account a JOIN ledger_balance b ON b.account = a.id"
)
_ROWS = f"SELECT position, {COLUMNS} FROM ledger_transfer"  # noqa: S608 - no value in it


@contextmanager
def open_reader(address: str | Path) -> Iterator[LedgerReader]:
    """Open the ledger at an address for reading, as it is at this moment, and close it with the block.

    Raises NotFound where there is no ledger yet, StorageFailure where it cannot be opened.
    """
    connection = connect_to_read(address)
    try:
        with read_snapshot(connection) as reader:
            yield reader
    finally:
        connection.close()


@contextmanager
def read_snapshot(connection: Any) -> Iterator[LedgerReader]:
    """Read over a connection of the caller's that is in no transaction, everything at the same moment."""
    reader = LedgerReader(connection)
    is_sqlite = reader.dialect.name == "sqlite"
    connection.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        if not has_schema(connection):
            raise NotFound(
                Words("这里还没有账本。", "There is no ledger here yet."),
                mend=Words("请先启动 canyu serve。", "Start canyu serve first."),
            )
        yield reader
    finally:
        connection.execute("ROLLBACK")


def connect_to_read(address: str | Path) -> Any:
    """Return a connection that cannot change anything; raises StorageFailure or NotFound."""
    if str(address).startswith(("postgres://", "postgresql://")):
        from canyu.ledger.ledger import connect_postgres

        return connect_postgres(str(address))
    path = Path(address)
    if not path.is_file():
        raise NotFound(
            Words(f"没有账本文件 {path}。", f"There is no ledger file {path}."),
            mend=Words("请先启动 canyu serve，或改正路径。", "Start canyu serve first, or correct the path."),
        )
    try:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise StorageFailure(
            Words(f"打不开账本 {path}：{error}。", f"The ledger {path} cannot be opened: {error}."),
            mend=Words("请检查文件是否可读。", "Make the file readable."),
        ) from error


def _tell_account(row: Any) -> Account:
    name, unit, side, *counts = row
    return Account(name, unit, Side(side), *counts)


def _place(row: Any) -> PlacedRow:
    return PlacedRow(row[0], TransferRow(*row[1:]))


def _join_halves(sums: list[Any]) -> list[int]:
    return [int(high) * HALF + int(low) for high, low in zip(sums[::2], sums[1::2], strict=True)]
