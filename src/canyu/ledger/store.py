"""The ledger's rows in the database: read with their locks, appended, and the sums kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from canyu.ledger.dialects import Connection, find_dialect
from canyu.ledger.operations import Kind, Side
from canyu.ledger.rows import AccountRow, BalanceRow, TransferRow, count_effect

COLUMNS = ", ".join(TransferRow._fields)
RELEASING = frozenset({Kind.SETTLE, Kind.VOID, Kind.EXPIRE})


class Store:
    """Reads and writes of one connection, inside a transaction that somebody else opens and ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = find_dialect(connection)
        mark, within = self.dialect.mark, self.dialect.within
        # Locked in the order of their ids: two transactions that need the same accounts never wait for each other.
        self._balances = (
            "SELECT a.unit, b.account, b.side, b.debits, b.credits, b.debits_held, b.credits_held"  # noqa: S608
            " FROM ledger_balance b JOIN ledger_account a ON a.id = b.account"
            f" WHERE b.account {within} ORDER BY b.account{self.dialect.lock_rows}"
        )
        self._by_id = f"SELECT {COLUMNS} FROM ledger_transfer WHERE id {within}"  # noqa: S608 - no value in it
        self._by_answer = f"SELECT {COLUMNS} FROM ledger_transfer WHERE refers {within}"  # noqa: S608 - no value in it
        self._add = (
            f"UPDATE ledger_balance SET debits = debits + {mark}, credits = credits + {mark},"  # noqa: S608
            f" debits_held = debits_held + {mark}, credits_held = credits_held + {mark} WHERE account = {mark}"
        )
        self._release = f"DELETE FROM ledger_open_hold WHERE id = {mark}"  # noqa: S608 - no value in it

    def require_transaction(self) -> None:
        """Raise RuntimeError where no transaction is open: what was judged could change before it is written."""
        if not self.dialect.is_in_transaction(self.connection):
            raise RuntimeError("the ledger needs an open transaction")

    def lock_accounts(self, accounts: Iterable[str]) -> list[tuple[str, BalanceRow]]:
        """Return unit and sums of these accounts, locked until the transaction ends."""
        rows = self._fetch(self._balances, accounts)
        return [(unit, BalanceRow(account, Side(side), *sums)) for unit, account, side, *sums in rows]

    def lock_opening(self, accounts: Iterable[str]) -> None:
        """Make sure that nobody else opens those of these accounts that are not open yet."""
        asked = set(accounts)
        within = self.dialect.within
        known = self._fetch(f"SELECT id FROM ledger_account WHERE id {within}", asked)  # noqa: S608 - no value in it
        if len(known) < len(asked):
            self.dialect.lock_opening(self.connection)

    def list_rows(self, ids: Iterable[str]) -> list[TransferRow]:
        """Return the rows of these ids."""
        return [TransferRow(*row) for row in self._fetch(self._by_id, ids)]

    def list_answers(self, ids: Iterable[str]) -> list[TransferRow]:
        """Return the rows that resolve or reverse one of these."""
        return [TransferRow(*row) for row in self._fetch(self._by_answer, ids)]

    def list_due(self, now: int, most: int) -> list[str]:
        """Return open holds whose time is over, the oldest first."""
        mark = self.dialect.mark
        query = f"SELECT id FROM ledger_open_hold WHERE expires_at <= {mark} ORDER BY expires_at, id LIMIT {mark}"  # noqa: S608
        return [name for (name,) in self.connection.execute(query, (now, most)).fetchall()]

    def write(self, made: Sequence[TransferRow | AccountRow]) -> None:
        """Append rows, and add what they move to the sums of their accounts."""
        accounts = [row for row in made if isinstance(row, AccountRow)]
        if accounts:
            self.dialect.insert(
                self.connection, "ledger_account", [(*row[:2], row.side.value, row.opened_at) for row in accounts]
            )
            self.dialect.insert(
                self.connection, "ledger_balance", [(row.id, row.side.value, 0, 0, 0, 0) for row in accounts]
            )
        rows = [row for row in made if isinstance(row, TransferRow)]
        if not rows:
            return
        self.dialect.insert(self.connection, f"ledger_transfer ({COLUMNS})", rows)
        holds = {row.id: row.expires_at for row in rows if row.kind == Kind.HOLD}
        released = [
            row.refers for row in rows if row.kind in RELEASING and holds.pop(row.refers or "", _NEVER) is _NEVER
        ]
        if holds:
            self.dialect.insert(self.connection, "ledger_open_hold", list(holds.items()))
        if released:
            self._run(self._release, [(name,) for name in released])
        self._run(self._add, sum_effects(rows))

    def _run(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        touched = self.dialect.run_many(self.connection, query, rows)
        if touched != len(rows):
            raise RuntimeError(f"the ledger's sums do not fit its rows ({touched} of {len(rows)}): run an audit")

    def _fetch(self, query: str, values: Iterable[str]) -> list[Any]:
        rows: list[Any] = self.connection.execute(query, (self.dialect.wrap_list(sorted(values)),)).fetchall()
        return rows


_NEVER = object()


def sum_effects(rows: Iterable[TransferRow]) -> list[tuple[int, int, int, int, str]]:
    """Return what rows add to each account (debits, credits, debits held, credits held, account), by account."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        posted, held = count_effect(row)
        giver = sums.setdefault(row.debit, [0, 0, 0, 0])
        taker = sums.setdefault(row.credit, [0, 0, 0, 0])
        giver[0] += posted
        giver[2] += held
        taker[1] += posted
        taker[3] += held
    return [(one[0], one[1], one[2], one[3], account) for account, one in sorted(sums.items())]
