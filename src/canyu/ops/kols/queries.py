"""All reads of the roster; the viewer comes first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.config import load_config
from canyu.ops.kols.candidates import PLAN_SCHEMA, get_today, read_plan_table
from canyu.ops.kols.models import (
    Account,
    Booking,
    Contract,
    FollowerCount,
    Kol,
    PastHandle,
    Price,
    Signal,
    split_list,
)
from canyu.ops.kols.rules import Order, RosterQuery, Who
from canyu.ops.people.models import Person
from canyu.ops.people.rules import VIEW_KOLS

__all__ = [
    "PLAN_SCHEMA",
    "AccountView",
    "Choices",
    "KolView",
    "RosterFigures",
    "RosterPage",
    "find_known",
    "get_account",
    "get_contract",
    "get_kol",
    "get_kol_view",
    "get_today",
    "has_accounts",
    "list_choices",
    "list_follower_counts",
    "list_roster",
    "read_plan_table",
]


@dataclass(frozen=True, slots=True)
class RosterFigures:
    """The figures above the roster: accounts that can be asked today and in all, blocked and watched KOLs."""

    accounts: int
    free: int
    blocked: int
    watched: int
    median_minor: int | None
    """The middle price of what is shown."""


@dataclass(frozen=True, slots=True)
class RosterPage:
    """One page of the roster."""

    rows: tuple[Account, ...]
    total: int
    page: int
    pages: int
    figures: RosterFigures


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    platforms: tuple[str, ...]
    topics: tuple[str, ...]
    markets: tuple[str, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with all that is kept of it."""

    account: Account
    prices: tuple[Price, ...]
    """In force first, then the ended ones, the newest first."""
    counts: tuple[FollowerCount, ...]
    signals: tuple[Signal, ...]
    past_handles: tuple[PastHandle, ...] = ()
    """The newest first."""

    @property
    def carried(self) -> int | None:
        """Reposts by others below its posts and reposts; None before the first measurement."""
        return self.account.carried

    @property
    def people(self) -> int | None:
        """How many different people reacted; None before the first measurement."""
        found: int | None = self.account.performance.get("people")
        return found

    @property
    def until(self) -> str:
        """The last day that was measured."""
        return str(self.account.performance.get("versions", {}).get("until", ""))[:10]


@dataclass(frozen=True, slots=True)
class KolView:
    """One KOL with all that is kept of it."""

    kol: Kol
    accounts: tuple[AccountView, ...]
    contracts: tuple[Contract, ...]
    bookings: tuple[Booking, ...]


MOST_BOOKINGS = 50
MOST_COUNTS = 2000


def list_roster(viewer: Person, query: RosterQuery, now: datetime) -> RosterPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of accounts with the price in force, filtered and sorted by the database."""
    today = get_today(now)
    every = _annotate(query, today)
    rows = _filter(every, query)
    total, size = rows.count(), load_config().page_rows
    pages = max(1, -(-total // size))
    page = min(query.page, pages)
    chosen = rows.select_related("kol").order_by(*_order(query))[(page - 1) * size : page * size]
    kols = Kol.objects.aggregate(
        blocked=Count("pk", filter=Q(is_blocked=True)), watched=Count("pk", filter=Q(is_watched=True))
    )
    priced = rows.exclude(price=None)
    with_price = priced.count()
    middle = priced.order_by("price", "pk").values_list("price", flat=True)[max(0, (with_price - 1) // 2) :][:1]
    figures = RosterFigures(
        Account.objects.count(), every.filter(is_free=True).count(), kols["blocked"], kols["watched"],
        next(iter(middle), None) if with_price else None,
    )  # fmt: skip
    return RosterPage(tuple(chosen), total, page, pages, figures)


def list_choices(viewer: Person) -> Choices:  # noqa: ARG001 - reads take the viewer first
    """Return what the filters offer, each once, sorted."""
    lists = Account.objects.order_by().values_list("topics", "markets").distinct()
    topics: set[str] = set()
    markets: set[str] = set()
    for some_topics, some_markets in lists:
        topics |= set(split_list(some_topics))
        markets |= set(split_list(some_markets))
    platforms = Account.objects.order_by("platform").values_list("platform", flat=True).distinct()
    currencies = Price.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return Choices(tuple(platforms), tuple(sorted(topics)), tuple(sorted(markets)), tuple(currencies))


def get_kol(viewer: Person, kol_id: int) -> Kol:  # noqa: ARG001 - reads take the viewer first
    """Return one KOL; raises NotFound."""
    found = Kol.objects.filter(pk=kol_id).first()
    if found is None:
        raise NotFound(_("There is no such KOL."), mend=_("Open it from the roster."))
    return found


def get_account(viewer: Person, account_id: int) -> Account:  # noqa: ARG001 - reads take the viewer first
    """Return one account with its KOL; raises NotFound."""
    found = Account.objects.select_related("kol").filter(pk=account_id).first()
    if found is None:
        raise NotFound(_("There is no such account."), mend=_("Open it from the roster."))
    return found


def list_follower_counts(viewer: Person, account: Account) -> list[FollowerCount]:  # noqa: ARG001 - reads take the viewer first
    """Return the counts of an account's followers, the oldest first."""
    return list(reversed(FollowerCount.objects.filter(account=account).order_by("-day")[:MOST_COUNTS]))


def get_contract(viewer: Person, contract_id: int) -> Contract:  # noqa: ARG001 - reads take the viewer first
    """Return one contract; raises NotFound."""
    found = Contract.objects.filter(pk=contract_id).first()
    if found is None:
        raise NotFound(_("There is no such contract."), mend=_("Open it from the roster."))
    return found


def get_kol_view(viewer: Person, kol_id: int) -> KolView:
    """Return one KOL with its accounts, prices, follower counts, signs, contracts and bookings; raises NotFound."""
    kol = get_kol(viewer, kol_id)
    accounts = list(kol.accounts.order_by("-followers", "pk"))
    prices: dict[int, list[Price]] = {account.pk: [] for account in accounts}
    counts: dict[int, list[FollowerCount]] = {account.pk: [] for account in accounts}
    signals: dict[int, list[Signal]] = {account.pk: [] for account in accounts}
    for price in Price.objects.filter(account__in=accounts).order_by("kind", "currency", "-since"):
        prices[price.account_id].append(price)
    for count in FollowerCount.objects.filter(account__in=accounts).order_by("-day")[:MOST_COUNTS]:
        counts[count.account_id].append(count)
    past: dict[int, list[PastHandle]] = {account.pk: [] for account in accounts}
    for handle in PastHandle.objects.filter(account__in=accounts).order_by("-until", "-pk"):
        past[handle.account_id].append(handle)
    for signal in Signal.objects.filter(account__in=accounts).order_by("pk"):
        signals[signal.account_id].append(signal)
    views = tuple(
        AccountView(
            one,
            tuple(prices[one.pk]),
            tuple(reversed(counts[one.pk])),
            tuple(signals[one.pk]),
            tuple(past[one.pk]),
        )
        for one in accounts
    )
    bookings = Booking.objects.filter(account__in=accounts).select_related("account__kol").order_by("-pk")
    return KolView(kol, views, tuple(kol.contracts.order_by("-since")), tuple(bookings[:MOST_BOOKINGS]))


def _annotate(query: RosterQuery, today: date) -> QuerySet[Any]:  # with columns that mypy cannot know
    in_force = Q(since__lte=today) & (Q(until=None) | Q(until__gte=today))
    prices = Price.objects.filter(in_force, account=OuterRef("pk"), kind=query.post_kind, currency=query.currency)
    contracts = Contract.objects.filter(kol=OuterRef("kol"))
    newest = prices.order_by("-since").values("amount_minor")[:1]
    outside = Signal.objects.filter(account=OuterRef("pk"), is_outside=True)
    rows: QuerySet[Any] = Account.objects.annotate(
        price=Subquery(newest),
        has_contract=Exists(contracts.filter(in_force)),
        is_bound=Exists(contracts),
        is_odd=Exists(outside),
    )
    may_be_asked = Q(kol__is_blocked=False, is_active=True, price__isnull=False)
    found: QuerySet[Any] = rows.annotate(is_free=_say(may_be_asked & (Q(is_bound=False) | Q(has_contract=True))))
    return found


def _say(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _filter(rows: QuerySet[Any], query: RosterQuery) -> QuerySet[Any]:
    if query.text:
        past = PastHandle.objects.filter(account=OuterRef("pk"), handle__icontains=query.text)
        named = Q(kol__name__icontains=query.text) | Q(handle__icontains=query.text) | Q(actor=query.text)
        rows = rows.filter(named | Exists(past))
    if query.platform:
        rows = rows.filter(platform=query.platform)
    if query.topic:
        rows = rows.filter(topics__contains=f"|{query.topic}|")
    if query.market:
        rows = rows.filter(markets__contains=f"|{query.market}|")
    if query.kind:
        rows = rows.filter(kol__kind=query.kind)
    if query.most_minor is not None:
        rows = rows.filter(price__lte=query.most_minor)
    chosen = {
        Who.FREE: Q(is_free=True),
        Who.BLOCKED: Q(kol__is_blocked=True),
        Who.WATCHED: Q(kol__is_watched=True),
        Who.SIGNALS: Q(is_odd=True),
    }.get(query.who)
    return rows if chosen is None else rows.filter(chosen)


def _order(query: RosterQuery) -> tuple[OrderBy, str, str]:
    column = F(
        {
            Order.NAME: "kol__name",
            Order.FOLLOWERS: "followers",
            Order.PRICE: "price",
            Order.POSTS: "posts_90d",
            Order.REPOSTS: "median_reposts",
        }[query.order]
    )
    first = column.desc(nulls_last=True) if query.is_descending else column.asc(nulls_last=True)
    return first, "kol__name", "pk"


def has_accounts() -> bool:
    """Whether the roster holds anybody."""
    return Account.objects.exists()


def find_known(viewer: Person, actors: Collection[str]) -> dict[str, Account]:
    """Return the accounts of the roster by actor, each with its KOL; none to those who may not see the roster."""
    if not actors or not viewer.has_perm(VIEW_KOLS):
        return {}
    return {one.actor: one for one in Account.objects.filter(actor__in=list(actors)).select_related("kol")}
