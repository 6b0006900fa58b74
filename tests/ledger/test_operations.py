"""What the ledger answers to each operation, with known answers, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from canyu.ledger import (
    Expire,
    Hold,
    LedgerDoor,
    Linked,
    OpenAccount,
    Operation,
    Refused,
    RefusedInput,
    Reverse,
    Settle,
    Side,
    Transfer,
    Verdict,
    Void,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
ACCOUNTS = [
    OpenAccount("made", "piece"),
    OpenAccount("free", "piece", Side.CREDIT),
    OpenAccount("sold", "piece"),
    OpenAccount("lent", "piece", Side.DEBIT),
    OpenAccount("bank", "CNY"),
]


def fill(door: LedgerDoor, amount: int = 100) -> None:
    assert all(one.is_kept for one in door.apply([*ACCOUNTS, Transfer("stock", "made", "free", amount, "piece")], NOW))


def ask(door: LedgerDoor, *operations: Operation | Linked, now: datetime = NOW) -> list[str]:
    return [outcome.verdict.value for outcome in door.apply(operations, now)]


def sums(door: LedgerDoor, account: str) -> tuple[int, ...]:
    """Debits, credits, debits held, credits held."""
    with door.transaction() as ledger:
        found = ledger.find_balance(account)
    assert found is not None
    return tuple(found[2:])


def move(name: str, amount: int = 1, debit: str = "free", credit: str = "sold") -> Transfer:
    return Transfer(name, debit, credit, amount, "piece")


def hold(name: str, amount: int = 1, until: datetime | None = None) -> Hold:
    return Hold(name, "free", "sold", amount, "piece", until)


def test_row_64_a_hold_beyond_the_balance_is_refused_itself(door: LedgerDoor) -> None:
    fill(door)
    assert ask(door, move("t", 70), hold("h", 50)) == ["done", "beyond_limit"]
    assert ask(door, hold("h", 30), Settle("s", "h", 31), Settle("s", "h", 30)) == ["done", "more_than_held", "done"]
    assert ask(door, Settle("again", "h", 30)) == ["already_settled"]
    assert sums(door, "free") == (100, 100, 0, 0)


def test_i3_the_same_id_and_body_is_the_same_answer_another_body_is_refused(door: LedgerDoor) -> None:
    fill(door)
    first = door.apply([move("t", 5)], NOW)[0]
    again = door.apply([move("t", 5)], LATER)[0]
    assert (again.verdict, again.amount, again.made_at) == (Verdict.EXISTS, first.amount, first.made_at)
    others = [move("t", 6), move("t", 5, credit="made"), hold("t", 5), Void("t", "t")]
    assert ask(door, *others) == ["different"] * 4
    assert sums(door, "free") == (5, 100, 0, 0)


def test_i7_and_d19_a_reversal_is_a_new_row_once(door: LedgerDoor) -> None:
    fill(door)
    assert ask(door, move("t", 5), Reverse("r", "t"), Reverse("r", "t")) == ["done", "done", "exists"]
    assert ask(door, Reverse("r2", "t"), Reverse("r3", "r"), Reverse("r4", "nothing")) == [
        "already_reversed",
        "not_reversible",
        "unknown_transfer",
    ]
    assert sums(door, "free") == (5, 105, 0, 0)
    with door.transaction() as ledger:
        row = ledger.find_answer("t")
    assert row is not None
    assert (row.id, row.kind, row.debit, row.credit, row.amount) == ("r", "reverse", "sold", "free", 5)


def test_a_settlement_is_reversed_by_what_it_moved(door: LedgerDoor) -> None:
    fill(door)
    assert ask(door, hold("h", 9), Settle("s", "h", 4), Reverse("r", "s"), Reverse("x", "h")) == [
        *("done", "done", "done"),
        "not_reversible",
    ]
    assert sums(door, "free") == (4, 104, 0, 0)


def test_i8_a_hold_is_answered_once_and_by_the_clock(door: LedgerDoor) -> None:
    fill(door)
    assert ask(door, *(hold(name, 2, LATER) for name in "abc")) == ["done"] * 3
    assert ask(door, Expire("ea", "a"), Settle("sa", "a"), Void("vb", "b")) == ["not_due", "done", "done"]
    late = [Settle("sc", "c"), Void("vc", "c"), Expire("ec", "c"), Expire("ec2", "c"), Settle("sc", "c")]
    assert ask(door, *late, now=LATER) == ["expired", "expired", "done", "already_expired", "already_expired"]
    assert ask(door, Settle("sb", "b"), Expire("eb", "b"), now=LATER) == ["already_voided"] * 2
    assert sums(door, "free") == (2, 100, 0, 0)


def test_holds_that_are_due_are_listed_the_oldest_first(door: LedgerDoor) -> None:
    fill(door)
    second = LATER + timedelta(microseconds=1)
    ask(door, hold("b", 1, second), hold("a", 1, LATER), hold("c", 1), hold("d", 1, LATER), Void("v", "d"))
    with door.transaction() as ledger:
        assert ledger.list_due_holds(LATER) == ["a"]
        assert ledger.list_due_holds(second) == ["a", "b"]


def test_a_sweep_frees_what_is_due_once_whatever_its_name(door: LedgerDoor) -> None:
    fill(door)
    long = "a" * 200
    assert ask(door, hold(long, 3, LATER), hold("b", 4, LATER), hold("c", 5)) == ["done"] * 3
    freed = []
    for _ in range(2):
        with door.transaction() as ledger:
            freed.append(ledger.expire_due(LATER))
    assert freed == [[long, "b"], []]
    assert sums(door, "free") == (0, 100, 5, 0)


def test_each_side_keeps_its_limit_with_what_is_held(door: LedgerDoor) -> None:
    fill(door, 10)
    assert ask(door, hold("h", 6), move("t", 5), move("u", 4)) == ["done", "beyond_limit", "done"]
    lend, back = move("lend", 3, "lent", "made"), move("back", 4, "made", "lent")
    assert ask(door, lend, back, move("back2", 3, "made", "lent")) == ["done", "beyond_limit", "done"]


def test_what_is_held_for_an_account_is_not_there_to_spend(door: LedgerDoor) -> None:
    fill(door, 10)
    assert ask(door, Hold("h", "made", "free", 5, "piece"), move("t", 11)) == ["done", "beyond_limit"]
    assert sums(door, "free") == (0, 10, 0, 5)


def test_linked_operations_are_kept_all_or_none(door: LedgerDoor) -> None:
    fill(door, 10)
    both = Linked((hold("a", 6), move("b", 5)))
    refused = door.apply([both, move("c", 10)], NOW)
    assert [one.verdict.value for one in refused] == ["beyond_limit", "done"]
    assert (refused[0].id, [part.verdict.value for part in refused[0].parts]) == ("b", ["done", "beyond_limit"])
    assert sums(door, "free") == (10, 10, 0, 0)


def test_linked_operations_are_idempotent_as_a_whole(door: LedgerDoor) -> None:
    fill(door, 10)
    pair = Linked((OpenAccount("new", "piece"), move("a", 2), move("b", 3, credit="new")))
    assert ask(door, pair, pair, move("c", 1)) == ["done", "exists", "done"]
    assert ask(door, Linked((move("c", 1), move("d", 1))), Linked(())) == ["different", "bad_input"]
    assert sums(door, "free") == (6, 10, 0, 0)


def test_row_60_two_lines_that_share_one_piece_are_refused_together(door: LedgerDoor) -> None:
    fill(door, 1)
    assert ask(door, Linked((hold("line-1"), hold("line-2")))) == ["beyond_limit"]
    assert sums(door, "free") == (0, 1, 0, 0)


def test_row_47_a_budget_takes_two_hundreds_only_once(door: LedgerDoor) -> None:
    fill(door, 1000)
    assert ask(door, move("used", 900), move("one", 100), move("two", 100)) == ["done", "done", "beyond_limit"]
    assert sums(door, "free") == (1000, 1000, 0, 0)


def test_i5_a_refund_returns_the_budget(door: LedgerDoor) -> None:
    fill(door, 100)
    assert ask(door, move("a", 100), move("b", 1), Reverse("ra", "a"), move("b", 1)) == [
        *("done", "beyond_limit"),
        *("done", "done"),
    ]


HOSTILE = [
    ("amount=-1", move("t", -1)),
    ("amount=0", move("t", 0)),
    ("amount=True", move("t", True)),
    ("amount=1.0", move("t", 1.0)),  # type: ignore[arg-type]
    ("amount='1'", move("t", "1")),  # type: ignore[arg-type]
    ("amount=9223372036854775808", move("t", 2**63)),
    ("credit='free'", move("t", 1, "free", "free")),
    ("id=''", move("")),
    ("id='a\\x00b'", move("a\0b")),
    ("id='\\ud800'", move("\ud800")),
    ("debit=7", move("t", 1, 7)),  # type: ignore[arg-type]
    ("expires_at=datetime.datetime(2026, 11, 30, 12, 0)", hold("t", 1, NOW.replace(tzinfo=None))),
    ("amount=0", Settle("t", "h", 0)),
    ("amount=False", Settle("t", "h", False)),
    ("hold=None", Void("t", None)),  # type: ignore[arg-type]
    ("side='credit'", OpenAccount("t", "piece", "credit")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("fault", "operation"), HOSTILE, ids=[f"{at}" for at in range(len(HOSTILE))])
def test_bad_input_is_named_and_the_good_rows_beside_it_are_kept(
    fault: str, operation: Operation, door: LedgerDoor
) -> None:
    fill(door)
    bad, good = door.apply([operation, move("good")], NOW)
    assert (bad.verdict, bad.what, good.verdict) == (Verdict.BAD_INPUT, fault, Verdict.DONE)
    assert fault in bad.message.en
    with pytest.raises(RefusedInput, match="whole numbers"):
        bad.require()
    assert sums(door, "free") == (1, 100, 0, 0)


def test_what_cannot_be_is_refused_with_its_name(door: LedgerDoor) -> None:
    fill(door)
    outcomes = door.apply(
        [
            move("t1", 1, "free", "nowhere"),
            move("t2", 1, "free", "bank"),
            Transfer("t3", "free", "sold", 1, "CNY"),
            Settle("t4", "stock"),
            hold("t5", 1, NOW),
            OpenAccount("free", "CNY", Side.CREDIT),
            OpenAccount("free", "piece"),
            move("t6", 2**63 - 1, "made", "sold"),
        ],
        NOW,
    )
    assert [(one.verdict.value, one.what) for one in outcomes] == [
        ("unknown_account", "nowhere"),
        ("unit_mismatch", "bank"),
        ("unit_mismatch", "free"),
        ("unknown_hold", "stock"),
        ("bad_input", "expires_at=2026-11-30 12:00:00+00:00"),
        ("different", "unit"),
        ("different", "side"),
        ("too_large", "made"),
    ]
    with pytest.raises(Refused, match="Open the account first"):
        outcomes[0].require()


def test_the_largest_amount_is_kept_exactly(door: LedgerDoor) -> None:
    door.apply(ACCOUNTS, NOW)
    most = 2**63 - 1
    assert ask(door, move("t", most, "made", "sold"), move("u", 1, "made", "free")) == ["done", "too_large"]
    assert sums(door, "sold") == (0, most, 0, 0)


def test_outside_a_transaction_nothing_is_judged(door: LedgerDoor) -> None:
    from canyu.ledger import Ledger

    with pytest.raises(RuntimeError, match="open transaction"):
        Ledger.on(door.connection).apply([move("t")], NOW)


def test_what_is_kept_is_lost_with_the_transaction_around_it(door: LedgerDoor) -> None:
    fill(door)
    with pytest.raises(Refused), door.transaction() as ledger:
        ledger.require([move("a", 1), move("b", 100)], NOW)
    assert sums(door, "free") == (0, 100, 0, 0)
