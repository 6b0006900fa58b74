"""The roster as planning reads it: the accounts that can be had today, kept while nothing of it changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, Sum

from canyu.measure.kept import Kept
from canyu.ops.kols.models import Account, Booking, Contract, Kol, Price
from canyu.ops.kols.planning.schemas import Roster
from canyu.ops.kols.queries import get_today, read_plan_table
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
