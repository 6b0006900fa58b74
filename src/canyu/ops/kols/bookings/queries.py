"""All reads of bookings; the viewer comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from canyu.kit.errors import NotFound
from canyu.ops.config import load_config
from canyu.ops.kols.bookings.marks import Mark
from canyu.ops.kols.bookings.reach import FoundPost, find_post, list_posts
from canyu.ops.kols.bookings.rules import CLOSED, OPEN, WAITING, Need
from canyu.ops.kols.models import Account, Booking, BookingState, BookingStep, Contract
from canyu.ops.lakes import find_facts, find_lake
from canyu.ops.people.models import Person

State = BookingState
LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class BookingsPage:
    """One page of bookings that need something, and how many need each thing."""

    rows: tuple[Booking, ...]
    counts: dict[str, int]
    sums: tuple[tuple[str, int], ...]
    """Currency and minor units that are checked and not paid."""
    total: int
    page: int
    pages: int


def list_bookings(viewer: Person, need: str, page: int, now: datetime) -> BookingsPage:  # noqa: ARG001 - reads take the viewer first
    """Return one page of bookings, what is due first; closed ones newest first."""
    every = Booking.objects.all()
    counted = every.aggregate(**{name: Count("pk", filter=_choose(name, now)) for name in Need})
    rows = every.filter(_choose(need, now)).select_related("account__kol", "plan")
    order = ("-state_at", "-pk") if need == Need.CLOSED else ("post_due_at", "pk")
    size = load_config().page_rows
    pages = max(1, -(-counted[need] // size))
    page = min(page, pages)
    sums: dict[str, int] = {}
    for currency, amount in every.filter(state=State.CHECKED).values_list("currency", "price_minor"):
        sums[currency] = sums.get(currency, 0) + amount
    chosen = tuple(rows.order_by(*order)[(page - 1) * size : page * size])
    return BookingsPage(chosen, counted, tuple(sorted(sums.items())), counted[need], page, pages)


def get_booking(viewer: Person, booking_id: int) -> Booking:  # noqa: ARG001 - reads take the viewer first
    """Return one booking with its account and plan; raises NotFound."""
    found = Booking.objects.select_related("account__kol", "plan").filter(pk=booking_id).first()
    if found is None:
        raise NotFound(_("There is no such booking."), mend=_("Open it from the list of bookings."))
    return found


def get_account(account_id: int) -> Account:
    """Return one account with its KOL; raises NotFound."""
    found = Account.objects.select_related("kol").filter(pk=account_id).first()
    if found is None:
        raise NotFound(_("There is no such account."), mend=_("Open it from the roster."))
    return found


def list_steps(viewer: Person, booking: Booking) -> list[BookingStep]:  # noqa: ARG001 - reads take the viewer first
    """Return every step that a booking took, the first first."""
    return list(booking.steps.order_by("pk"))


def list_due() -> list[Booking]:
    """Return the bookings whose post is out and whose people are still to be counted."""
    rows: QuerySet[Booking] = Booking.objects.filter(state__in=(State.POSTED, State.CHECKED, State.PAID))
    return [row for row in rows.exclude(post_id="").order_by("pk") if not row.actual.get("is_whole")]


def find_undoable(booking: Booking) -> BookingStep | None:
    """Return the step that can be taken back: the last one, unless it paid, began, or is itself an undoing."""
    last = booking.steps.order_by("-pk").first()
    if last is None or last.is_undo or not last.before or booking.state == State.PAID or booking.account_id is None:
        return None
    return last


def find_candidates(viewer: Person, booking: Booking) -> list[FoundPost]:  # noqa: ARG001 - reads take the viewer first
    """Return the account's newest posts since it was asked, to choose the booked one from."""
    lake = find_lake()
    if lake is None or lake.version() is None or booking.account is None or not booking.account.actor:
        return []
    facts = find_facts()
    newest = booking.made_at.date() if facts is None else min(booking.made_at.date(), facts.last_day)
    return list_posts(lake, booking.account.actor, datetime.combine(newest, time(), UTC) - LOOK_BACK)


def find_booked_post(viewer: Person, booking: Booking) -> FoundPost | None:  # noqa: ARG001 - reads take the viewer first
    """Return the booked post as the lake has it now, None where it has none."""
    lake = find_lake()
    if lake is None or lake.version() is None or not booking.post_id:
        return None
    return find_post(lake, booking.post_id)


def has_duty(booking: Booking) -> bool:
    """Say whether the post has to be marked: by the account, or by a contract that held when it came out."""
    account = booking.account
    if account is None or account.has_disclosure_duty:
        return account is not None
    day = (booking.posted_at or booking.made_at).date()
    contracts = Contract.objects.filter(kol=account.kol_id, has_disclosure_duty=True, since__lte=day)
    return contracts.filter(Q(until=None) | Q(until__gte=day)).exists()


def find_check_fault(booking: Booking, found: Mapping[str, Any]) -> str | None:
    """Return in words why a post cannot be approved by itself; None where all is as agreed."""
    if not found["is_found"]:
        return _("The post is not in the lake.")
    if not found["is_own"]:
        return _("The post is not by the booked account.")
    if has_duty(booking) and found["mark"] != Mark.CLEAR:
        return _("The post is not marked clearly as advertising.")
    return None


def _choose(need: str, now: datetime) -> Q:
    return {
        Need.OPEN: Q(state__in=OPEN),
        Need.LATE: Q(state__in=WAITING, post_due_at__lt=now),
        Need.CHECK: Q(state=State.POSTED),
        Need.PAY: Q(state=State.CHECKED),
        Need.CLOSED: Q(state__in=CLOSED),
    }[Need(need)]
