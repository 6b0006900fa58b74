"""Which operations can be read at all: whole amounts above zero, visible ids, times with a zone."""

from __future__ import annotations

from datetime import datetime

from canyu.ledger.operations import (
    ID_LETTERS,
    MEMO_LETTERS,
    MOST,
    Expire,
    Hold,
    OpenAccount,
    Operation,
    Reverse,
    Settle,
    Side,
    Transfer,
    Void,
)

_SIDES, _HOLD = ("id", "debit", "credit", "unit"), ("id", "hold")
_NAMES: dict[type, tuple[str, ...]] = {
    OpenAccount: ("id", "unit"),
    Transfer: _SIDES,
    Hold: _SIDES,
    Settle: _HOLD,
    Void: _HOLD,
    Expire: _HOLD,
    Reverse: ("id", "transfer"),
}


def find_fault(operation: Operation) -> str | None:
    """Return the field of an operation that cannot be used, with its value; None where all can.

    >>> find_fault(Transfer("t", "a", "b", 1.5, "CNY"))
    'amount=1.5'
    """
    for name in _NAMES[type(operation)]:
        if not _is_name(getattr(operation, name)):
            return _tell(operation, name)
    if isinstance(operation, OpenAccount):
        return None if isinstance(operation.side, Side) else _tell(operation, "side")
    memo = operation.memo
    if memo != "" and not (isinstance(memo, str) and len(memo) <= MEMO_LETTERS and memo.isprintable()):
        return _tell(operation, "memo")
    return _find_fault_of_amount(operation)


def _find_fault_of_amount(operation: Operation) -> str | None:
    if isinstance(operation, Settle):
        return None if operation.amount is None or _is_amount(operation.amount) else _tell(operation, "amount")
    if not isinstance(operation, Transfer | Hold):
        return None
    if not _is_amount(operation.amount):
        return _tell(operation, "amount")
    if operation.debit == operation.credit:
        return _tell(operation, "credit")
    if isinstance(operation, Hold) and not _is_moment(operation.expires_at):
        return _tell(operation, "expires_at")
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= ID_LETTERS and value.isprintable()


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST  # a bool is an int to isinstance


def _is_moment(value: object) -> bool:
    return value is None or (isinstance(value, datetime) and value.utcoffset() is not None)


def _tell(operation: Operation, name: str) -> str:
    return f"{name}={getattr(operation, name)!r}"[:120]
