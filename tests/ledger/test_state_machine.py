"""Random operations on the ledger and on a plain model that keeps a list and adds it up anew each time."""

from __future__ import annotations

import dataclasses
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from canyu.ledger import (
    Expire,
    Hold,
    LedgerDoor,
    Linked,
    OpenAccount,
    Operation,
    Reverse,
    Settle,
    Side,
    Transfer,
    Void,
    drop_schema,
    open_ledger,
    prove,
    read_snapshot,
)
from canyu.ledger.reader import connect_to_read
from canyu.ledger.schema import create_schema

START = datetime(2026, 11, 30, tzinfo=UTC)
RESOLVED = {Settle: "already_settled", Void: "already_voided", Expire: "already_expired"}


class Model:
    """What the ledger should be: accounts, and the operations that were kept, in their order."""

    def __init__(self) -> None:
        self.accounts: dict[str, OpenAccount] = {}
        self.kept: dict[str, Operation] = {}

    def sums(self, account: str) -> tuple[int, int, int, int]:
        """Return debits, credits, debits held, credits held of an account, from all that was kept."""
        posted, held = {True: 0, False: 0}, {True: 0, False: 0}
        for operation in self.kept.values():
            if isinstance(operation, Hold) and account in (operation.debit, operation.credit):
                if self.find_resolution(operation.id) is None:
                    held[account == operation.debit] += operation.amount
            elif account in (ends := self.find_ends(operation)):
                posted[account == ends[0]] += self.find_amount(operation)
        return posted[True], posted[False], held[True], held[False]

    def find_resolution(self, hold: str) -> Operation | None:
        return next((o for o in self.kept.values() if isinstance(o, Settle | Void | Expire) and o.hold == hold), None)

    def find_ends(self, operation: Operation) -> tuple[str, ...]:
        if isinstance(operation, Transfer | Hold):
            return operation.debit, operation.credit
        if isinstance(operation, Settle):
            return self.find_ends(self.kept[operation.hold])
        if isinstance(operation, Reverse):
            return self.find_ends(self.kept[operation.transfer])[::-1]
        return ()

    def find_amount(self, operation: Operation) -> int:
        if isinstance(operation, Settle):
            return self.find_amount(self.kept[operation.hold]) if operation.amount is None else operation.amount
        if isinstance(operation, Reverse):
            return self.find_amount(self.kept[operation.transfer])
        return operation.amount if isinstance(operation, Transfer | Hold) else 0

    def list_reasons(self, operation: Operation, now: datetime) -> set[str]:
        """Return every reason to refuse an operation; the ledger may name any of them."""
        if isinstance(operation, OpenAccount):
            known = self.accounts.get(operation.id)
            return set() if known is None else {"exists" if known == operation else "different"}
        if isinstance(operation, Transfer | Hold) and operation.debit == operation.credit:
            return {"bad_input"}
        if operation.id in self.kept:
            return {"exists" if self.is_same(operation, self.kept[operation.id]) else "different"}
        if isinstance(operation, Transfer | Hold):
            reasons = self.list_reasons_to_move(operation.debit, operation.credit, operation.unit, operation.amount)
            is_past = isinstance(operation, Hold) and operation.expires_at is not None and operation.expires_at <= now
            return reasons | ({"bad_input"} if is_past else set())
        if isinstance(operation, Reverse):
            return self.list_reasons_to_reverse(operation)
        return self.list_reasons_to_resolve(operation, now)

    def list_reasons_to_move(self, debit: str, credit: str, unit: str, amount: int) -> set[str]:
        if not {debit, credit} <= self.accounts.keys():
            return {"unknown_account", "unit_mismatch"}
        if {self.accounts[debit].unit, self.accounts[credit].unit} != {unit}:
            return {"unit_mismatch"}
        debits, credits, held, _ = self.sums(debit)
        lacks = self.accounts[debit].side is Side.CREDIT and debits + held + amount > credits
        debits, credits, _, held = self.sums(credit)
        lacks = lacks or (self.accounts[credit].side is Side.DEBIT and credits + held + amount > debits)
        return {"beyond_limit"} if lacks else set()

    def list_reasons_to_reverse(self, operation: Reverse) -> set[str]:
        known = self.kept.get(operation.transfer)
        if known is None:
            return {"unknown_transfer"}
        if not isinstance(known, Transfer | Settle):
            return {"not_reversible"}
        reversed_before = any(isinstance(o, Reverse) and o.transfer == known.id for o in self.kept.values())
        debit, credit = self.find_ends(known)
        reasons = self.list_reasons_to_move(credit, debit, self.accounts[debit].unit, self.find_amount(known))
        return reasons | ({"already_reversed"} if reversed_before else set())

    def list_reasons_to_resolve(self, operation: Settle | Void | Expire, now: datetime) -> set[str]:
        hold = self.kept.get(operation.hold)
        if not isinstance(hold, Hold):
            return {"unknown_hold"}
        resolution = self.find_resolution(hold.id)
        reasons = set() if resolution is None else {RESOLVED[type(resolution)]}
        is_over = hold.expires_at is not None and hold.expires_at <= now
        if is_over and not isinstance(operation, Expire):
            reasons.add("expired")
        if isinstance(operation, Expire) and not is_over:
            reasons.add("not_due")
        if isinstance(operation, Settle) and operation.amount is not None and operation.amount > hold.amount:
            reasons.add("more_than_held")
        return reasons

    def is_same(self, asked: Operation, kept: Operation) -> bool:
        if isinstance(asked, Settle) and isinstance(kept, Settle) and asked.hold == kept.hold:
            return (self.find_amount(asked), asked.memo) == (self.find_amount(kept), kept.memo)
        return asked == kept

    def keep(self, operation: Operation) -> None:
        if isinstance(operation, OpenAccount):
            self.accounts[operation.id] = operation
        else:
            self.kept[operation.id] = operation


ids = st.sampled_from([f"o{at}" for at in range(12)])
accounts = st.sampled_from(["a", "b", "c", "d", "nowhere"])
units = st.sampled_from(["x", "x", "x", "x", "y"])
amounts = st.integers(1, 6)
memos = st.sampled_from(["", "", "note"])
times = st.none() | st.integers(1, 5).map(lambda minutes: START + timedelta(minutes=minutes))
operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(OpenAccount, accounts.filter(lambda name: name != "nowhere"), units, st.sampled_from(Side)),
    st.builds(Transfer, ids, accounts, accounts, amounts, units, memos),
    st.builds(Hold, ids, accounts, accounts, amounts, units, times),
    st.builds(Settle, ids, ids, st.none() | amounts),
    st.builds(Void, ids, ids),
    st.builds(Expire, ids, ids),
    st.builds(Reverse, ids, ids),
)


class LedgerMachine(RuleBasedStateMachine):
    """The ledger and the model, given the same."""

    quick: ClassVar = {True: "PRAGMA synchronous=OFF", False: "SET synchronous_commit = off"}

    def __init__(self, address: str) -> None:
        super().__init__()
        self.door: LedgerDoor = open_ledger(address)
        with self.door.transaction():
            drop_schema(self.door.connection)
            create_schema(self.door.connection)
        self.model = Model()
        self.minutes = 0
        # Here a wait for the disk proves nothing: the tests that kill and the benchmark keep it.
        self.door.connection.execute(self.quick[is_sqlite(self.door)])
        self.reader_connection = connect_to_read(address)
        setup = [OpenAccount("a", "x"), OpenAccount("b", "x", Side.CREDIT), OpenAccount("c", "x", Side.DEBIT)]
        self.ask([*setup, Transfer("stock", "a", "b", 10, "x"), Transfer("loan", "c", "b", 5, "x")])

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.minutes)

    def ask(self, asked: list[Operation]) -> None:
        """Ask for operations as one group, and compare each answer."""
        for operation, outcome in zip(asked, self.door.apply(asked, self.now), strict=True):
            reasons = self.model.list_reasons(operation, self.now)
            assert outcome.verdict.value in (reasons or {"done"}), (operation, outcome, reasons)
            if not reasons:
                self.model.keep(operation)

    @rule(asked=st.lists(operations, min_size=1, max_size=6))
    def ask_a_group(self, asked: list[Operation]) -> None:
        self.ask(asked)

    @rule(asked=st.lists(operations, min_size=1, max_size=3))
    def link_anything(self, asked: list[Operation]) -> None:
        self.ask_all_or_none(asked)

    def ask_all_or_none(self, asked: list[Operation]) -> None:
        """Ask for operations as one whole, and compare the answer."""
        (outcome,) = self.door.apply([Linked(tuple(asked))], self.now)
        trial = Model()
        trial.accounts, trial.kept = dict(self.model.accounts), dict(self.model.kept)
        known, refused = [], False
        for operation in asked:
            reasons = trial.list_reasons(operation, self.now)
            if reasons - {"exists"}:
                refused = True
                assert outcome.verdict.value in reasons, (asked, outcome)
                break
            if not reasons:
                trial.keep(operation)
            if not isinstance(operation, OpenAccount):
                known.append(bool(reasons))
        is_mixed = not refused and len(set(known)) == 2
        assert outcome.is_kept == (not refused and not is_mixed), (asked, outcome)
        if outcome.is_kept:
            self.model = trial

    @rule(data=st.data(), asked=st.sampled_from([Settle, Void, Expire]), number=st.integers(12, 40))
    def answer_a_hold(self, data: st.DataObject, asked: type[Settle | Void | Expire], number: int) -> None:
        holds = [one.id for one in self.model.kept.values() if isinstance(one, Hold)]
        if holds:
            self.ask([asked(f"o{number}", data.draw(st.sampled_from(holds)))])

    @rule(data=st.data(), number=st.integers(12, 40), more=st.integers(-2, 2))
    def settle_a_part(self, data: st.DataObject, number: int, more: int) -> None:
        holds = [one for one in self.model.kept.values() if isinstance(one, Hold)]
        if holds:
            hold = data.draw(st.sampled_from(holds))
            self.ask([Settle(f"o{number}", hold.id, max(hold.amount + more, 1))])

    @rule(number=st.integers(12, 40), amount=amounts, many=st.integers(1, 60))
    def link_a_hold_with_a_move(self, number: int, amount: int, many: int) -> None:
        hold = Hold(f"o{number}", "b", "a", amount, "x")
        self.ask_all_or_none([hold, Transfer(f"p{number}", "b", "a", many, "x")])

    @rule(data=st.data(), number=st.integers(12, 40))
    def reverse_something(self, data: st.DataObject, number: int) -> None:
        self.ask([Reverse(f"o{number}", data.draw(st.sampled_from(list(self.model.kept))))])

    @rule(data=st.data(), number=st.integers(12, 40), amount=amounts, until=times)
    def hold_something(self, data: st.DataObject, number: int, amount: int, until: datetime | None) -> None:
        pair = data.draw(st.permutations(["a", "b", "c"]))[:2]
        self.ask([Hold(f"o{number}", *pair, amount, "x", until)])

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        self.ask([data.draw(st.sampled_from([*self.model.kept.values(), *self.model.accounts.values()]))])

    @rule(data=st.data(), memo=st.just("another"))
    def ask_with_another_body(self, data: st.DataObject, memo: str) -> None:
        kept = data.draw(st.sampled_from(list(self.model.kept.values())))
        self.ask([dataclasses.replace(kept, memo=memo)])

    @rule(minutes=st.integers(1, 2))
    def let_time_pass(self, minutes: int) -> None:
        self.minutes += minutes

    @rule()
    def sweep(self) -> None:
        with self.door.transaction() as ledger:
            freed = ledger.expire_due(self.now)
        for hold in freed:
            expiry = Expire(f"expire:{hold}", hold)
            assert self.model.list_reasons(expiry, self.now) == set()
            self.model.keep(expiry)
        holds = [one for one in self.model.kept.values() if isinstance(one, Hold)]
        due = [one for one in holds if one.expires_at and one.expires_at <= self.now]
        assert all(self.model.find_resolution(one.id) for one in due)

    @invariant()
    def every_sum_is_the_model_s(self) -> None:
        with read_snapshot(self.reader_connection) as reader:
            found = {
                one.id: (one.debits, one.credits, one.debits_held, one.credits_held)
                for one in reader.iterate_accounts()
            }
        assert found == {name: self.model.sums(name) for name in self.model.accounts}

    def teardown(self) -> None:
        with read_snapshot(self.reader_connection) as reader:
            proof = prove(reader)
            kept = [placed.row.id for placed in reader.iterate_rows()]
        self.door.close()
        self.reader_connection.close()
        assert proof.is_sound, proof.breaches
        assert kept == list(self.model.kept)


def is_sqlite(door: LedgerDoor) -> bool:
    return isinstance(door.connection, sqlite3.Connection)


EXAMPLES = {"sqlite": 150, "postgresql": 40}


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    return EXAMPLES["postgresql" if "postgresql" in request.node.name else "sqlite"]


def test_the_ledger_answers_as_the_model_does(address: str, examples: int) -> None:
    numbers = count()
    limits = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shrunk example is not worth minutes of a red run
        suppress_health_check=list(HealthCheck),
    )

    def start() -> LedgerMachine:
        next(numbers)
        return LedgerMachine(address)

    run_state_machine_as_test(start, settings=limits)
    assert next(numbers) >= examples // 2
