"""Rows cannot be edited or deleted, also by hand-written SQL; the database refuses what the judgement would."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import psycopg
import pytest

from canyu.ledger import Hold, LedgerDoor, OpenAccount, Settle, Side, Transfer, open_reader, prove

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROW = "(id, kind, debit, credit, unit, amount, released, refers, made_at, memo)"
REFUSED = (sqlite3.Error, psycopg.Error)


@pytest.fixture
def filled(door: LedgerDoor) -> LedgerDoor:
    door.apply(
        [
            OpenAccount("made", "piece"),
            OpenAccount("free", "piece", Side.CREDIT),
            Transfer("stock", "made", "free", 10, "piece"),
            Hold("h", "free", "made", 4, "piece"),
            Settle("s", "h", 1),
        ],
        NOW,
    )
    return door


EDITS = [
    "UPDATE ledger_transfer SET amount = 11 WHERE id = 'stock'",
    "UPDATE ledger_transfer SET memo = 'x'",
    "DELETE FROM ledger_transfer WHERE id = 'stock'",
    "DELETE FROM ledger_transfer",
    "UPDATE ledger_account SET side = 'none' WHERE id = 'free'",
    "DELETE FROM ledger_account WHERE id = 'free'",
]
ON_ONE = {
    "sqlite": [
        f"REPLACE INTO ledger_transfer {ROW} VALUES ('stock', 'transfer', 'made', 'free', 'piece', 11, 0, NULL, 1, '')",  # noqa: S608
        "INSERT OR REPLACE INTO ledger_transfer (position, id, kind, debit, credit, unit, amount, released, made_at,"
        " memo) VALUES (1, 'new', 'transfer', 'made', 'free', 'piece', 11, 0, 1, '')",
        f"REPLACE INTO ledger_transfer {ROW} VALUES ('s2', 'settle', 'free', 'made', 'piece', 2, 4, 'h', 1, '')",  # noqa: S608
        "REPLACE INTO ledger_account VALUES ('free', 'piece', 'none', 1)",
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, made_at, memo)"
        " VALUES ('stock', 'transfer', 'made', 'free', 'piece', 11, 0, 1, '')"
        " ON CONFLICT (id) DO UPDATE SET amount = excluded.amount",
    ],
    "postgresql": [
        "TRUNCATE ledger_transfer",
        "TRUNCATE ledger_account CASCADE",
        f"INSERT INTO ledger_transfer {ROW} VALUES ('stock', 'transfer', 'made', 'free', 'piece', 11, 0, NULL, 1, '')"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET amount = excluded.amount",
    ],
}


def name_database(door: LedgerDoor) -> str:
    return "sqlite" if isinstance(door.connection, sqlite3.Connection) else "postgresql"


def test_no_statement_edits_or_deletes_a_row(filled: LedgerDoor, address: str) -> None:
    for statement in [*EDITS, *ON_ONE[name_database(filled)]]:
        with pytest.raises(REFUSED, match="append-only"):
            filled.connection.execute(statement)
    with open_reader(address) as reader:
        assert prove(reader).is_sound
        assert [placed.row.id for placed in reader.iterate_rows()] == ["stock", "h", "s"]


BAD_ROWS = {
    "an id twice": "('stock', 'transfer', 'made', 'free', 'piece', 1, 0, NULL, 1, '')",
    "a hold answered twice": "('v', 'void', 'free', 'made', 'piece', 0, 4, 'h', 1, '')",
    "an amount below zero": "('x', 'transfer', 'made', 'free', 'piece', -1, 0, NULL, 1, '')",
    "nothing": "('x', 'transfer', 'made', 'free', 'piece', 0, 0, NULL, 1, '')",
    "both sides one account": "('x', 'transfer', 'free', 'free', 'piece', 1, 0, NULL, 1, '')",
    "a kind of its own": "('x', 'gift', 'made', 'free', 'piece', 1, 0, NULL, 1, '')",
    "an answer to nothing": "('x', 'void', 'free', 'made', 'piece', 0, 4, NULL, 1, '')",
    "a transfer that releases": "('x', 'transfer', 'free', 'made', 'piece', 1, 4, NULL, 1, '')",
    "half a piece": "('x', 'transfer', 'made', 'free', 'piece', 'half', 0, NULL, 1, '')",
}


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_the_database_itself_refuses_a_bad_row(bad: str, filled: LedgerDoor) -> None:
    with pytest.raises(REFUSED):
        filled.connection.execute(f"INSERT INTO ledger_transfer {ROW} VALUES {BAD_ROWS[bad]}")  # noqa: S608


def test_the_database_itself_refuses_a_sum_below_the_limit(filled: LedgerDoor) -> None:
    with pytest.raises(REFUSED, match="ledger_credit_side"):
        filled.connection.execute("UPDATE ledger_balance SET debits = debits + 10 WHERE account = 'free'")
