"""The accounts that a plan may choose from, as one table; the viewer comes first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from canyu.events import Lake, Verb
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.config import load_config
from canyu.ops.kols.models import Account, Booking, BookingState, Contract, PostKind, Price
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

PLAN_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("account", pa.int64()),
        ("name", pa.string()),
        ("platform", pa.string()),
        ("handle", pa.string()),
        ("market", pa.string()),
        ("markets", pa.list_(pa.string())),
        ("topic", pa.string()),
        ("cost", pa.int64()),
        ("currency", pa.string()),
        ("followers", pa.int64()),
        ("last_posted_at", pa.timestamp("us", "UTC")),
        ("uses_30d", pa.int64()),
        ("disclosure", pa.bool_()),
    ]
)
"""One row per account that may be planned; ``id`` is its actor, ``cost`` is in minor units of ``currency``.

``market`` is the first of ``markets``, by which quotas count: there an account must count once.
"""
RECENT = timedelta(days=30)
PUBLISHED = (str(Verb.POST), str(Verb.REPOST))
USED = (BookingState.ACCEPTED, BookingState.POSTED, BookingState.CHECKED, BookingState.PAID)
_LAST_POSTS = Kept(2)


def read_plan_table(viewer: Person, now: datetime, currency: str = "CNY", kind: str = PostKind.POST) -> pa.Table:  # noqa: ARG001 - reads take the viewer first
    """Return the accounts that may be planned (``PLAN_SCHEMA``), by actor.

    They are active, not blocked, have an actor and a price of this kind and currency in force today; where a KOL has
    contracts, one of them is in force.
    """
    today = get_today(now)
    in_force = Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))
    contracts = Contract.objects.filter(kol=OuterRef("kol"))
    prices = Price.objects.filter(in_force, kind=kind, currency=currency, account__is_active=True)
    accounts = (
        Account.objects.filter(is_active=True, kol__is_blocked=False)
        .exclude(actor="")
        .filter(~Exists(contracts) | Exists(contracts.filter(in_force)))
        .annotate(
            name=F("kol__name"),
            is_bound=Exists(contracts.filter(in_force, has_disclosure_duty=True)),
        )
        .order_by("actor")
    )
    costs = dict(prices.order_by("since").values_list("account", "amount_minor"))  # the newest in force stays
    used_at = Coalesce("posted_at", "post_due_at", "made_at")
    booked = Booking.objects.annotate(used_at=used_at).filter(used_at__gte=now - RECENT, state__in=USED)
    uses = dict(booked.order_by().values_list("account").annotate(n=Count("pk")))
    chosen = [account for account in accounts if account.pk in costs]
    last = read_last_posts()
    rows = [
        {
            "id": account.actor,
            "account": account.pk,
            "name": account.name,
            "platform": account.platform,
            "handle": account.handle,
            "market": next(iter(account.market_list), None),
            "markets": account.market_list,
            "topic": next(iter(account.topic_list), None),
            "cost": costs[account.pk],
            "currency": currency,
            "followers": account.followers,
            "last_posted_at": last.get(account.actor),
            "uses_30d": uses.get(account.pk, 0),
            "disclosure": account.has_disclosure_duty or account.is_bound,
        }
        for account in chosen
    ]
    return pa.Table.from_pylist(rows, schema=PLAN_SCHEMA)


def read_last_posts() -> dict[str, datetime]:
    """Return when each account of the roster last posted or reposted, by actor; kept per version of the lake."""
    lake = find_lake()
    version = None if lake is None else lake.version()
    if lake is None or version is None:
        return {}
    actors = frozenset(Account.objects.exclude(actor="").values_list("actor", flat=True))
    key = (identify_lake(lake), version, actors)
    found: dict[str, datetime] | None = _LAST_POSTS.find(key)
    if found is None:
        found = _find_last_posts(lake, actors, version)
        _LAST_POSTS.keep(key, found)
    return found


def get_today(now: datetime) -> date:
    """Return the brand's day."""
    return now.astimezone(ZoneInfo(load_config().zone)).date()


def _find_last_posts(lake: Lake, actors: Collection[str], version: int) -> dict[str, datetime]:
    if not actors:
        return {}
    events = lake.scan("events", version=version)
    names = ibis.memtable(pa.table({"actor": pa.array(sorted(actors), pa.string())}))
    own = events.filter(events.type.isin(PUBLISHED)).semi_join(names, "actor")
    table = lake.engine.run(own.group_by("actor").aggregate(last=own.time.max()))
    return {row["actor"]: row["last"] for row in table.to_pylist()}
