"""The roster as planning reads it: the accounts that can be had today, kept while nothing of it changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from canyu.measure.kept import Kept
from canyu.ops.kols.candidates import RECENT, USED, get_today, read_plan_table
from canyu.ops.kols.models import Account, Booking, Contract, Kol, Price
from canyu.ops.kols.planning.schemas import Roster
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

KEPT_FOR = timedelta(seconds=30)
"""What no sum of the database shows (a topic that was changed) is seen after this."""
_ROSTERS = Kept(6)


def read_roster(viewer: Person, now: datetime, currency: str, kind: str) -> Roster:
    """Return who can be had for this kind of post in this currency today.

    Reading 3,200 accounts takes longer than weighing them, so the table is kept until prices, accounts, bookings or the
    lake change, and for half a minute at most.
    """
    lake = find_lake()
    key = (currency, kind, get_today(now), None if lake is None else lake.version(), *_count_rows())
    found: Roster | None = _ROSTERS.find(key)
    if found is None or not timedelta() <= now - found.read_at < KEPT_FOR:
        table = read_plan_table(viewer, now, currency, kind)
        table = table.append_column("last_used_h", _read_last_uses(table, now))
        places = {account: at for at, account in enumerate(table["account"].to_pylist())}
        found = Roster(table, now, places)
        _ROSTERS.keep(key, found)
    return found


def list_currencies() -> list[str]:
    """Return the currencies that there are prices in, those of most prices first."""
    counted = Price.objects.values("currency").annotate(n=Count("pk")).order_by("-n", "currency")
    return [row["currency"] for row in counted]


def forget_rosters() -> None:
    """Drop what is kept."""
    _ROSTERS.clear()


def _read_last_uses(table: pa.Table, now: datetime) -> pa.Array:
    """Return how many hours ago each account was last used for a paid post, null for never in 30 days."""
    used_at = Coalesce("posted_at", "post_due_at", "made_at")
    booked = Booking.objects.annotate(used_at=used_at).filter(used_at__gte=now - RECENT, state__in=USED)
    last = dict(booked.order_by().values_list("account").annotate(last=Max("used_at")))
    ages = [last.get(account) for account in table["account"].to_pylist()]
    hours = [None if at is None else max((now - at).total_seconds() / 3600.0, 0.0) for at in ages]
    return pa.array(hours, pa.float64())


def _count_rows() -> tuple[object, ...]:
    """Return sums that change with almost any change of the roster; one short query per table."""
    sums = (
        Account.objects.aggregate(
            n=Count("pk"), last=Max("pk"), followers=Sum("followers"), active=Count("pk", filter=Q(is_active=True))
        ),
        Kol.objects.aggregate(n=Count("pk"), last=Max("changed_at"), blocked=Count("pk", filter=Q(is_blocked=True))),
        Price.objects.aggregate(n=Count("pk"), last=Max("pk"), amount=Sum("amount_minor"), until=Max("until")),
        Contract.objects.aggregate(n=Count("pk"), last=Max("pk"), until=Max("until"), since=Max("since")),
        Booking.objects.aggregate(n=Count("pk"), last=Max("state_at")),
    )
    return tuple(value for row in sums for value in row.values())
