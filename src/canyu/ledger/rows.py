"""The rows that the ledger keeps, as plain tuples in the order of their columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from canyu.ledger.operations import Kind, Side

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class AccountRow(NamedTuple):
    """One account as it was opened; never changed."""

    id: str
    unit: str
    side: Side
    opened_at: int


class TransferRow(NamedTuple):
    """One row of the ledger; never changed. Times in microseconds since 1970 in UTC, amounts in whole minor units.

    ``amount`` is moved, of a hold it is set aside, of a void or an expiry it is 0; ``released`` is what a settlement,
    void or expiry takes from the hold that it ``refers`` to: always the hold's whole amount.
    """

    id: str
    kind: str
    debit: str
    credit: str
    unit: str
    amount: int
    released: int
    refers: str | None
    expires_at: int | None
    made_at: int
    memo: str


class BalanceRow(NamedTuple):
    """The sums of one account: what was debited and credited, and what is held on each side."""

    account: str
    side: Side
    debits: int
    credits: int
    debits_held: int
    credits_held: int


def count_effect(row: TransferRow) -> tuple[int, int]:
    """Return what a row adds to both accounts: to the posted sums, and to the held ones."""
    if row.kind == Kind.HOLD:
        return 0, row.amount
    return row.amount, -row.released


def count_microseconds(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 in UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


def tell_moment(microseconds: int) -> datetime:
    """Return the aware time in UTC of microseconds since 1970."""
    return EPOCH + microseconds * MICROSECOND
