"""The judgement in memory: operations against the accounts and rows that were loaded for them; no database here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from canyu.ledger.operations import (
    MOST,
    Expire,
    Hold,
    Kind,
    Linked,
    OpenAccount,
    Operation,
    Resolution,
    Reverse,
    Settle,
    Side,
    Transfer,
    Void,
)
from canyu.ledger.outcomes import Outcome, Verdict
from canyu.ledger.rows import AccountRow, BalanceRow, TransferRow, count_effect, count_microseconds, tell_moment

RESOLVED = {
    Kind.SETTLE: Verdict.ALREADY_SETTLED,
    Kind.VOID: Verdict.ALREADY_VOIDED,
    Kind.EXPIRE: Verdict.ALREADY_EXPIRED,
}
REVERSIBLE = frozenset({Kind.TRANSFER, Kind.SETTLE})


@dataclass(slots=True)
class Standing:
    """Where one account stands while operations are judged."""

    id: str
    unit: str
    side: Side
    debits: int = 0
    credits: int = 0
    debits_held: int = 0
    credits_held: int = 0

    def lacks_for_debit(self, amount: int) -> bool:
        """Say whether debiting or holding ``amount`` would take the account below zero on its credit side."""
        return self.side == Side.CREDIT and self.debits + self.debits_held + amount > self.credits

    def lacks_for_credit(self, amount: int) -> bool:
        """Say whether crediting or holding ``amount`` would take the account below zero on its debit side."""
        return self.side == Side.DEBIT and self.credits + self.credits_held + amount > self.debits


class Refusal(Exception):
    """Carries a verdict out of the judgement of one operation."""

    def __init__(self, verdict: Verdict, what: str = "") -> None:
        super().__init__(verdict, what)
        self.verdict = verdict
        self.what = what


class Book:
    """The accounts and rows at hand, and the rows that were made and are not written yet or are."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self.rows: dict[str, TransferRow] = {}
        self.answers: dict[str, TransferRow] = {}
        """By the id of a hold or transfer: the one row that resolves or reverses it."""
        self.made: list[TransferRow | AccountRow] = []
        self._now = 0
        self._faults: Mapping[int, str] = {}

    def load_balance(self, unit: str, row: BalanceRow) -> None:
        """Take an account as the database has it; one that is at hand already stays as it is."""
        if row.account not in self.standings:
            self.standings[row.account] = Standing(row.account, unit, row.side, *row[2:])

    def load_rows(self, rows: Iterable[TransferRow]) -> None:
        """Take rows as the database has them."""
        for row in rows:
            self._remember(row)

    def judge(self, operations: Sequence[Operation | Linked], now: int, faults: Mapping[int, str]) -> list[Outcome]:
        """Judge operations in their order, each on what those before it left; the rows go to ``made``.

        ``faults``: by ``id()`` of an operation that cannot be read, the field at fault.
        """
        self._now, self._faults = now, faults
        return [self._judge_item(item) for item in operations]

    def undo(self, length: int) -> None:
        """Take back every row made after the first ``length``."""
        while len(self.made) > length:
            row = self.made.pop()
            if isinstance(row, AccountRow):
                del self.standings[row.id]
                continue
            self._count(row, -1)
            del self.rows[row.id]
            if row.refers is not None:
                del self.answers[row.refers]

    def forget_since(self, accounts: int) -> None:
        """Forget the accounts that came to hand after the first so many: their locks are gone."""
        for name in list(self.standings)[accounts:]:
            del self.standings[name]

    def _judge_item(self, item: Operation | Linked) -> Outcome:
        return self._judge_linked(item) if isinstance(item, Linked) else self._judge_one(item)

    def _judge_linked(self, linked: Linked) -> Outcome:
        mark = len(self.made)
        parts: list[Outcome] = []
        for operation in linked.operations:
            parts.append(self._judge_one(operation))
            if not parts[-1].is_kept:
                self.undo(mark)
                return Outcome(parts[-1].id, parts[-1].verdict, what=parts[-1].what, parts=tuple(parts))
        moved = [each for each, op in zip(parts, linked.operations, strict=True) if not isinstance(op, OpenAccount)]
        new = [each for each in parts if each.verdict is Verdict.DONE]
        first = (moved or new or parts or [Outcome("", Verdict.BAD_INPUT, what="operations=()")])[0]
        if (
            len({each.verdict for each in moved}) > 1
        ):  # a part of it is from another group: it was never kept as this whole
            self.undo(mark)
            known = next(each.id for each in moved if each.verdict is Verdict.EXISTS)
            return Outcome(known, Verdict.DIFFERENT, what="linked", parts=tuple(parts))
        return Outcome(first.id, first.verdict, first.amount, first.made_at, first.what, tuple(parts))

    def _judge_one(self, operation: Operation) -> Outcome:
        fault = self._faults.get(id(operation))
        if fault is not None:
            return Outcome(str(operation.id)[:200], Verdict.BAD_INPUT, what=fault)
        try:
            if isinstance(operation, OpenAccount):
                return self._open(operation)
            known = self.rows.get(operation.id)
            if known is not None:
                return self._compare(operation, known)
            row = self._make(operation)
        except Refusal as refusal:
            return Outcome(operation.id, refusal.verdict, what=refusal.what)
        self.made.append(row)
        self._remember(row)
        self._count(row, 1)
        return Outcome(row.id, Verdict.DONE, row.amount, tell_moment(self._now))

    def _open(self, operation: OpenAccount) -> Outcome:
        known = self.standings.get(operation.id)
        if known is None:
            self.made.append(AccountRow(operation.id, operation.unit, operation.side, self._now))
            self.standings[operation.id] = Standing(operation.id, operation.unit, operation.side)
            return Outcome(operation.id, Verdict.DONE, made_at=tell_moment(self._now))
        for name in ("unit", "side"):
            if getattr(known, name) != getattr(operation, name):
                raise Refusal(Verdict.DIFFERENT, name)
        return Outcome(operation.id, Verdict.EXISTS)

    def _compare(self, operation: Operation, known: TransferRow) -> Outcome:
        asked = self._describe(operation, known)
        for name, value in asked.items():
            if getattr(known, name) != value:
                raise Refusal(Verdict.DIFFERENT, name)
        return Outcome(known.id, Verdict.EXISTS, known.amount, tell_moment(known.made_at))

    def _describe(self, operation: Operation, known: TransferRow) -> dict[str, object]:
        """Return the columns that an operation says something about, as its row would have them."""
        if isinstance(operation, Transfer | Hold):
            body = {name: getattr(operation, name) for name in ("debit", "credit", "unit", "amount", "memo")}
            expires = operation.expires_at if isinstance(operation, Hold) else None
            until = None if expires is None else count_microseconds(expires)
            kind = Kind.HOLD if isinstance(operation, Hold) else Kind.TRANSFER
            return {"kind": kind, **body, "expires_at": until}
        if isinstance(operation, Reverse):
            return {"kind": Kind.REVERSE, "refers": operation.transfer, "memo": operation.memo}
        assert not isinstance(operation, OpenAccount)  # noqa: S101 - accounts are compared in _open
        body = {"kind": KIND_OF[type(operation)], "refers": operation.hold, "memo": operation.memo}
        if isinstance(operation, Settle):
            body["amount"] = known.released if operation.amount is None else operation.amount
        return body

    def _make(self, operation: Operation) -> TransferRow:
        if isinstance(operation, Transfer | Hold):
            return self._make_move(operation)
        if isinstance(operation, Reverse):
            return self._make_reversal(operation)
        assert not isinstance(operation, OpenAccount)  # noqa: S101 - accounts are opened in _open
        return self._make_resolution(operation)

    def _make_move(self, op: Transfer | Hold) -> TransferRow:
        self._check_move(op.debit, op.credit, op.unit, op.amount)
        if isinstance(op, Transfer):
            return TransferRow(
                op.id, Kind.TRANSFER.value, op.debit, op.credit, op.unit, op.amount, 0, None, None, self._now, op.memo
            )
        until = None if op.expires_at is None else count_microseconds(op.expires_at)
        if until is not None and until <= self._now:
            raise Refusal(Verdict.BAD_INPUT, f"expires_at={op.expires_at}")
        return TransferRow(
            op.id, Kind.HOLD.value, op.debit, op.credit, op.unit, op.amount, 0, None, until, self._now, op.memo
        )

    def _make_reversal(self, op: Reverse) -> TransferRow:
        row = self.rows.get(op.transfer)
        if row is None:
            raise Refusal(Verdict.UNKNOWN_TRANSFER, op.transfer)
        if row.kind not in REVERSIBLE:
            raise Refusal(Verdict.NOT_REVERSIBLE, op.transfer)
        if op.transfer in self.answers:
            raise Refusal(Verdict.ALREADY_REVERSED, op.transfer)
        self._check_move(row.credit, row.debit, row.unit, row.amount)
        return TransferRow(
            op.id, Kind.REVERSE.value, row.credit, row.debit, row.unit, row.amount, 0, row.id, None, self._now, op.memo
        )

    def _make_resolution(self, op: Resolution) -> TransferRow:
        hold = self.rows.get(op.hold)
        if hold is None or hold.kind != Kind.HOLD:
            raise Refusal(Verdict.UNKNOWN_HOLD, op.hold)
        answer = self.answers.get(op.hold)
        if answer is not None:
            raise Refusal(RESOLVED[Kind(answer.kind)], op.hold)
        is_over = hold.expires_at is not None and hold.expires_at <= self._now
        if is_over != isinstance(op, Expire):
            raise Refusal(Verdict.EXPIRED if is_over else Verdict.NOT_DUE, op.hold)
        amount = 0
        if isinstance(op, Settle):
            amount = hold.amount if op.amount is None else op.amount
            if amount > hold.amount:
                raise Refusal(Verdict.MORE_THAN_HELD, op.hold)
        return TransferRow(
            op.id,
            KIND_OF[type(op)].value,
            hold.debit,
            hold.credit,
            hold.unit,
            amount,
            hold.amount,
            hold.id,
            None,
            self._now,
            op.memo,
        )

    def _check_move(self, debit: str, credit: str, unit: str, amount: int) -> None:
        giver, taker = self._get(debit, unit), self._get(credit, unit)
        if giver.lacks_for_debit(amount):
            raise Refusal(Verdict.BEYOND_LIMIT, debit)
        if taker.lacks_for_credit(amount):
            raise Refusal(Verdict.BEYOND_LIMIT, credit)
        if giver.debits + giver.debits_held + amount > MOST:
            raise Refusal(Verdict.TOO_LARGE, debit)
        if taker.credits + taker.credits_held + amount > MOST:
            raise Refusal(Verdict.TOO_LARGE, credit)

    def _get(self, account: str, unit: str) -> Standing:
        standing = self.standings.get(account)
        if standing is None:
            raise Refusal(Verdict.UNKNOWN_ACCOUNT, account)
        if standing.unit != unit:
            raise Refusal(Verdict.UNIT_MISMATCH, account)
        return standing

    def _remember(self, row: TransferRow) -> None:
        self.rows[row.id] = row
        if row.refers is not None:
            self.answers[row.refers] = row

    def _count(self, row: TransferRow, sign: int) -> None:
        posted, held = count_effect(row)
        giver, taker = self.standings[row.debit], self.standings[row.credit]
        giver.debits += sign * posted
        giver.debits_held += sign * held
        taker.credits += sign * posted
        taker.credits_held += sign * held


KIND_OF: dict[type, Kind] = {Settle: Kind.SETTLE, Void: Kind.VOID, Expire: Kind.EXPIRE}
