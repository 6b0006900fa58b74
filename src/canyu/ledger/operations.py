"""What may be asked of the ledger: accounts opened, amounts moved, held, settled, released and reversed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

MOST = 2**63 - 1
"""The largest amount, and the largest sum on one side of an account: 64 bits with sign, as both databases keep it."""
ID_LETTERS = 200
MEMO_LETTERS = 500


class Side(StrEnum):
    """On which side an account may not go below zero, counting what is held."""

    CREDIT = "credit"
    """Debits, with those on hold, may not exceed credits: stock, a budget, points of a person."""
    DEBIT = "debit"
    """Credits, with those on hold, may not exceed debits: what was handed out and may come back."""
    NONE = "none"
    """No limit: the world outside, where amounts come from and go to."""


class Kind(StrEnum):
    """What a row of the ledger is."""

    TRANSFER = "transfer"
    HOLD = "hold"
    SETTLE = "settle"
    VOID = "void"
    EXPIRE = "expire"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Open an account; an account that is open with the same unit and side exists already, which is fine."""

    id: str
    unit: str
    side: Side = Side.NONE


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move ``amount`` (whole minor units of ``unit``, above zero) from ``debit`` to ``credit``, now and for good."""

    id: str
    debit: str
    credit: str
    amount: int
    unit: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Set ``amount`` aside on both accounts until it is settled, voided, or, after ``expires_at``, expired."""

    id: str
    debit: str
    credit: str
    amount: int
    unit: str
    expires_at: datetime | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Settle:
    """Move what ``hold`` set aside, or ``amount`` of it; the rest is free again. Before the hold expires, once."""

    id: str
    hold: str
    amount: int | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Void:
    """Free what ``hold`` set aside. Before the hold expires, once."""

    id: str
    hold: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Expire:
    """Free what ``hold`` set aside because its time is over. From the moment it expires on, once."""

    id: str
    hold: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Reverse:
    """Move the amount of ``transfer`` (a transfer or a settlement) back, by a new row, once."""

    id: str
    transfer: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """Operations that happen all or not at all; they get one outcome."""

    operations: tuple[Operation, ...]


Resolution = Settle | Void | Expire
Operation = OpenAccount | Transfer | Hold | Settle | Void | Expire | Reverse


def name_expiry(hold: str) -> str:
    """Return the id of the row that expires a hold: the same from everybody who sweeps.

    >>> name_expiry("claim-7")
    'expire:claim-7'
    """
    name = f"expire:{hold}"
    return name if len(name) <= ID_LETTERS else f"expire:{sha256(hold.encode()).hexdigest()}"
