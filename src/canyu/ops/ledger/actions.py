"""The way in for every room that keeps something scarce: the ledger inside the transaction that is open."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from canyu.ledger import Ledger

EXPIRED_AT_ONCE = 500


def use_ledger() -> Ledger:
    """Return the ledger in the open transaction: what it keeps commits with the room's rows and the outbox, or not.

    Raises RuntimeError outside ``transaction.atomic``.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger needs the transaction of the change that it accounts for")
    return Ledger.on(connection.connection)


def expire_holds(now: datetime) -> int:
    """Free every hold whose time is over, once each; return how many. Safe to repeat and to run twice at once."""
    freed = 0
    while True:
        with transaction.atomic():
            expired = use_ledger().expire_due(now, EXPIRED_AT_ONCE)
        freed += len(expired)
        if len(expired) < EXPIRED_AT_ONCE:
            return freed
