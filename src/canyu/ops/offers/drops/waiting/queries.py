"""All reads of a waiting room; each is one look at an index, since everybody who waits asks again and again."""

from __future__ import annotations

from django.db import connection

from canyu.ledger import LedgerReader
from canyu.ops.offers.drops.accounts import DropAccounts
from canyu.ops.offers.drops.models import Claim, ClaimState, Drop, DropState, Entrant
from canyu.ops.offers.drops.waiting.rules import Place, Stage


def find_place(drop: Drop, person: str) -> Place | None:
    """Return where a person stands, None for somebody who has not entered."""
    me = Entrant.objects.filter(drop=drop, person=person).first() if person else None
    if me is None:
        return None
    rows = Entrant.objects.filter(drop=drop)
    free, held = _count_units(drop)
    if Claim.objects.filter(drop=drop, person=person, state__in=(ClaimState.HELD, ClaimState.SOLD)).exists():
        return Place(Stage.TURN, rows.count())
    if me.is_served:
        return Place(Stage.LAPSED, rows.count())
    if drop.state != DropState.RELEASED or not free + held:
        return Place(Stage.OVER, rows.count())
    if me.rank is None:
        stage = Stage.EARLY if drop.drawn_at is None else Stage.JOINING
        return Place(stage, rows.count(), None, free, held)
    before = rows.filter(is_served=False, rank__lt=me.rank).count()
    return Place(Stage.WAITING, rows.count(), before, free, held)


def _count_units(drop: Drop) -> tuple[int, int]:
    """Return the units that are free and those that are being paid, by the ledger."""
    connection.ensure_connection()
    reader, accounts = LedgerReader(connection.connection), DropAccounts(drop.pk)
    pools = [accounts.name("free"), *(accounts.name(f"free:{market}") for market in drop.quotas)]
    return sum(reader.get_account(pool).free for pool in pools), reader.get_account(accounts.name("sold")).credits_held
