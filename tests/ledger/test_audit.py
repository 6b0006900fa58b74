"""The audit: sound ledgers are proven, and every kind of damage done past the ledger is found and named."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canyu.kit.errors import NotFound
from canyu.ledger import (
    ExportForm,
    ExportPart,
    Hold,
    LedgerDoor,
    OpenAccount,
    Proof,
    Reverse,
    Settle,
    Side,
    Transfer,
    Void,
    drop_schema,
    export_ledger,
    open_reader,
    prove,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)


def fill(door: LedgerDoor) -> None:
    outcomes = door.apply(
        [
            OpenAccount("made", "piece"),
            OpenAccount("free", "piece", Side.CREDIT),
            OpenAccount("sold", "piece"),
            OpenAccount("bank", "CNY"),
            OpenAccount("=fund", "CNY", Side.CREDIT),
            Transfer("stock", "made", "free", 10, "piece"),
            Transfer("t1", "free", "sold", 3, "piece", "first sale"),
            Hold("h1", "free", "sold", 4, "piece", LATER),
            Settle("s1", "h1", 1),
            Hold("h2", "free", "sold", 2, "piece", LATER),
            Void("v2", "h2"),
            Hold("h3", "free", "sold", 5, "piece", LATER),
            Reverse("r1", "t1"),
            Transfer("gift", "bank", "=fund", 2**62, "CNY"),
        ],
        NOW,
    )
    assert all(outcome.is_kept for outcome in outcomes)


def prove_at(address: str) -> Proof:
    with open_reader(address) as reader:
        return prove(reader)


def list_flaws(address: str) -> list[tuple[str, str]]:
    return [(breach.flaw.value, breach.row) for breach in prove_at(address).breaches]


def test_a_sound_ledger_is_proven(address: str, door: LedgerDoor) -> None:
    fill(door)
    proof = prove_at(address)
    assert (proof.is_sound, proof.rows, proof.accounts, proof.open_holds) == (True, 9, 5, 1)
    units = [(one.unit, one.debits, one.credits, one.debits_held, one.credits_held) for one in proof.units]
    assert units == [("CNY", 2**62, 2**62, 0, 0), ("piece", 17, 17, 5, 5)]
    with open_reader(address) as reader:
        assert tuple(reader.list_units()) == proof.units


def test_sums_of_many_accounts_may_pass_64_bits(address: str, door: LedgerDoor) -> None:
    most = 2**63 - 1
    door.apply([OpenAccount(name, "u") for name in "abcd"], NOW)
    door.apply([Transfer("1", "a", "b", most, "u"), Transfer("2", "c", "d", most, "u")], NOW)
    with open_reader(address) as reader:
        assert [(one.debits, one.credits) for one in reader.list_units()] == [(2 * most, 2 * most)]
        assert prove(reader).is_sound


def test_the_history_of_an_account_runs_from_its_rows(address: str, door: LedgerDoor) -> None:
    fill(door)
    with open_reader(address) as reader:
        free = reader.get_account("free")
        steps = reader.list_history(free)
        told = [(step.row.id, step.after.credits - step.after.debits, step.after.debits_held) for step in steps]
        older = reader.list_history(free, before=steps[2].position, most=3)
    assert told == [
        ("r1", 9, 5),
        ("h3", 6, 5),
        ("v2", 6, 0),
        ("h2", 6, 2),
        ("s1", 6, 0),
        ("h1", 7, 4),
        ("t1", 7, 0),
        ("stock", 10, 0),
    ]
    assert older == steps[3:6]
    assert (free.balance, free.free) == (9, 4)


# Each damage: what an editor with all rights does past the ledger, and what the audit has to say.
DAMAGES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a sum edited": (
        "UPDATE ledger_balance SET credits = credits + 1 WHERE account = 'free'",
        [("wrong_sum", "free"), ("uneven", "piece")],
    ),
    "a sum deleted": (
        "DELETE FROM ledger_balance WHERE account = 'sold'",
        [("no_sum", "sold"), ("uneven", "piece")],
    ),
    "a sum of nobody": (
        "INSERT INTO ledger_balance VALUES ('ghost', 'none', 0, 0, 0, 0)",
        [("orphan", "ghost")],
    ),
    "a hold dropped from the open ones": (
        "DELETE FROM ledger_open_hold WHERE id = 'h3'",
        [("wrong_open_hold", "h3")],
    ),
    "a hold opened again": (
        "INSERT INTO ledger_open_hold VALUES ('h1', NULL)",
        [("wrong_open_hold", "h1")],
    ),
    "an open hold of nothing": (
        "INSERT INTO ledger_open_hold VALUES ('none', 5)",
        [("wrong_open_hold", "none")],
    ),
    "a row of nobody": (
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, made_at, memo)"
        " VALUES ('x', 'transfer', 'ghost', 'phantom', 'piece', 5, 0, 1, '')",
        [("orphan", "x"), ("orphan", "x")],
    ),
    "a row beyond the limit": (
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, made_at, memo)"
        " VALUES ('x', 'transfer', 'free', 'sold', 'piece', 50, 0, 1, '')",
        [("below_limit", "free"), ("wrong_sum", "free"), ("wrong_sum", "sold")],
    ),
    "a row of another unit": (
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, made_at, memo)"
        " VALUES ('x', 'transfer', 'made', 'bank', 'piece', 5, 0, 1, '')",
        [("other_unit", "x"), ("wrong_sum", "bank"), ("wrong_sum", "made")],
    ),
    "a settlement that does not fit": (
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, refers, made_at, memo)"
        " VALUES ('x', 'settle', 'free', 'sold', 'piece', 5, 4, 'h3', 1, '')",
        [
            *(("wrong_sum", "free"), ("wrong_sum", "sold"), ("wrong_answer", "x")),
            *(("wrong_held", "free"), ("wrong_held", "sold"), ("wrong_open_hold", "h3")),
        ],
    ),
    "a reversal of nothing": (
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, refers, made_at, memo)"
        " VALUES ('x', 'reverse', 'made', 'sold', 'piece', 5, 0, 'nothing', 1, '')",
        [("wrong_sum", "made"), ("wrong_sum", "sold"), ("orphan", "x")],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_past_the_ledger_is_found_and_named(damage: str, address: str, door: LedgerDoor) -> None:
    fill(door)
    query, expected = DAMAGES[damage]
    door.connection.execute(query)
    proof = prove_at(address)
    found = [(breach.flaw.value, breach.row) for breach in proof.breaches]
    assert (found, proof.found, proof.is_sound) == (expected, len(expected), False)
    for breach in proof.breaches:
        assert breach.row in breach.message.en
        assert breach.row in breach.message.zh
        assert breach.mend.en


def test_a_second_answer_is_found_where_somebody_dropped_its_index(address: str, door: LedgerDoor) -> None:
    fill(door)
    door.connection.execute("DROP INDEX ledger_answer")
    if door.connection.__class__ is sqlite3.Connection:
        door.connection.execute("DROP TRIGGER ledger_transfer_replace")
    door.connection.execute(
        "INSERT INTO ledger_transfer (id, kind, debit, credit, unit, amount, released, refers, made_at, memo)"
        " VALUES ('x', 'void', 'free', 'sold', 'piece', 0, 4, 'h1', 1, '')"
    )
    flaws = list_flaws(address)
    assert ("answered_twice", "h1") in flaws
    assert ("no_guard", "ledger_answer") in flaws


def test_a_row_edited_with_the_guard_off_is_found(address: str, door: LedgerDoor) -> None:
    fill(door)
    is_sqlite = isinstance(door.connection, sqlite3.Connection)
    name = "ledger_transfer_update" if is_sqlite else "ledger_transfer_change"
    off = f"DROP TRIGGER {name}" if is_sqlite else f"ALTER TABLE ledger_transfer DISABLE TRIGGER {name}"
    door.connection.execute(off)
    door.connection.execute("UPDATE ledger_transfer SET amount = 2 WHERE id = 't1'")
    flaws = list_flaws(address)
    expected = [("wrong_sum", "free"), ("wrong_sum", "sold"), ("wrong_answer", "r1"), ("no_guard", name)]
    assert flaws == expected


def export(address: str, part: ExportPart, form: ExportForm, account: str = "") -> bytes:
    with open_reader(address) as reader:
        return b"".join(export_ledger(reader, part, form, account))


def test_the_export_is_exact_in_json_lines_and_safe_in_csv(address: str, door: LedgerDoor) -> None:
    fill(door)
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in export(address, ExportPart.ROWS, ExportForm.JSON_LINES).splitlines()
    ]
    assert [row["id"] for row in rows] == ["stock", "t1", "h1", "s1", "h2", "v2", "h3", "r1", "gift"]
    assert rows[2] == {
        "position": rows[2]["position"],
        "id": "h1",
        "kind": "hold",
        "debit": "free",
        "credit": "sold",
        "unit": "piece",
        "amount": 4,
        "released": 0,
        "refers": None,
        "expires_at": "2026-11-30T12:15:00+00:00",
        "made_at": "2026-11-30T12:00:00+00:00",
        "memo": "",
    }
    assert rows[-1]["amount"] == 2**62
    text = export(address, ExportPart.ACCOUNTS, ExportForm.CSV).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in table] == ["'=fund", "bank", "free", "made", "sold"]
    assert table[0]["credits"] == str(2**62)
    mine = export(address, ExportPart.ROWS, ExportForm.CSV, "bank").decode("utf-8-sig")
    assert [row["id"] for row in csv.DictReader(io.StringIO(mine))] == ["gift"]


def test_a_reader_sees_one_moment_and_stops_nobody(address: str, door: LedgerDoor) -> None:
    fill(door)
    with open_reader(address) as reader:
        before = reader.count_rows()
        door.apply([Transfer("meanwhile", "made", "free", 1, "piece")], NOW)
        assert reader.count_rows() == before
        assert prove(reader).is_sound
    assert prove_at(address).rows == before + 1


def test_where_there_is_no_ledger_it_says_so(address: str, door: LedgerDoor) -> None:
    with door.transaction():
        drop_schema(door.connection)
    with pytest.raises(NotFound, match="no ledger here yet"), open_reader(address):
        pass
    with pytest.raises(NotFound, match="no ledger file"), open_reader("/nowhere/ledger.sqlite3"):
        pass
