"""The only place that changes the roster by hand: blocks, the watch list, prices, contracts, and forgetting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.ops.kols import queries
from canyu.ops.kols.errors import DayUnusable, PriceUnusable, ReasonMissing
from canyu.ops.kols.intake.actions import forget_uploads, set_prices
from canyu.ops.kols.intake.cells import CURRENCY
from canyu.ops.kols.models import (
    Account,
    Booking,
    BookingState,
    BookingStep,
    Contract,
    FollowerCount,
    Kol,
    PastHandle,
    Plan,
    PostKind,
    Signal,
)
from canyu.ops.lakes import find_missing_posts, get_lake
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.people.models import Person

AT_ONCE = 500
MOST_POSTS = 50
MOST_REASON = 500
GONE = ""
ERASED = "canyu lake erase"
UNPAID = (BookingState.BRIEF, BookingState.ACCEPTED, BookingState.POSTED, BookingState.CHECKED)
logger = logging.getLogger("canyu.kols")


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price as somebody wants it, in minor units."""

    kind: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """A contract as somebody wants it."""

    since: date
    until: date | None = None
    terms: str = ""
    exclusivity: str = ""
    has_disclosure_duty: bool = True


def block(viewer: Person, kol_id: int, reason: str, now: datetime) -> Kol:
    """Ask this KOL no more, for a reason; who is blocked is in no plan. Raises NotFound or ReasonMissing."""
    kol, reason = queries.get_kol(viewer, kol_id), _need_reason(reason)
    changes = {"is_blocked": True, "blocked_reason": reason, "blocked_by": viewer.username, "blocked_at": now}
    return _change(kol, viewer, changes, now)


def unblock(viewer: Person, kol_id: int, now: datetime) -> Kol:
    """Ask this KOL again; the reason stays beside who lifted the block. Raises NotFound."""
    return _change(queries.get_kol(viewer, kol_id), viewer, {"is_blocked": False}, now)


def watch(viewer: Person, kol_id: int, reason: str, posts: Collection[str], now: datetime) -> Kol:
    """Put a KOL on the watch list of smearing, with a reason and the posts that show it. Raises ReasonMissing."""
    kol, reason = queries.get_kol(viewer, kol_id), _need_reason(reason)
    ids = list(dict.fromkeys(name.strip().replace("\0", "")[:200] for name in posts if name.strip()))[:MOST_POSTS]
    changes = {"is_watched": True, "watched_reason": reason, "watched_posts": ids}
    return _change(kol, viewer, {**changes, "watched_by": viewer.username, "watched_at": now}, now)


def unwatch(viewer: Person, kol_id: int, now: datetime) -> Kol:
    """Take a KOL off the watch list; reason and evidence are dropped. Raises NotFound."""
    changes = {"is_watched": False, "watched_reason": "", "watched_posts": []}
    return _change(queries.get_kol(viewer, kol_id), viewer, changes, now)


def save_note(viewer: Person, kol_id: int, note: str, now: datetime) -> Kol:
    """Keep a note on a KOL. Raises NotFound."""
    return _change(queries.get_kol(viewer, kol_id), viewer, {"note": note.replace("\0", "")[:2000]}, now)


def switch_account(viewer: Person, account_id: int, is_active: bool) -> Account:
    """Use an account, or leave it out of plans. Raises NotFound."""
    account = queries.get_account(viewer, account_id)
    account.is_active = is_active
    account.save(update_fields=["is_active"])
    logger.info("%s switched the account %s %s", viewer.username, account.pk, "on" if is_active else "off")
    return account


def set_price(viewer: Person, account_id: int, draft: PriceDraft, now: datetime) -> None:
    """Make this the price from today on; the one before ends yesterday. Raises NotFound or PriceUnusable."""
    account = queries.get_account(viewer, account_id)
    if draft.kind not in PostKind.values or draft.amount_minor < 0 or not CURRENCY.fullmatch(draft.currency):
        raise PriceUnusable(_("The price cannot be used."), mend=_("Give an amount, a currency and what it is for."))
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        set_prices({(account.pk, draft.kind, draft.currency): draft.amount_minor}, queries.get_today(now))
    logger.info("%s set the price of the account %s", viewer.username, account.pk)


def save_contract(viewer: Person, kol_id: int, draft: ContractDraft) -> Contract:
    """Keep a contract; one that begins on the same day is replaced. Raises NotFound or DayUnusable."""
    kol = queries.get_kol(viewer, kol_id)
    if draft.until is not None and draft.until < draft.since:
        raise DayUnusable(_("The contract ends before it begins."), mend=_("Mend one of the two days."))
    kept, _is_new = Contract.objects.update_or_create(
        kol=kol,
        since=draft.since,
        defaults={
            "until": draft.until,
            "terms": draft.terms.replace("\0", "")[:5000],
            "exclusivity": draft.exclusivity.replace("\0", "")[:2000],
            "has_disclosure_duty": draft.has_disclosure_duty,
            "made_by": viewer.username,
        },
    )
    logger.info("%s kept the contract %s", viewer.username, kept.pk)
    return kept


def drop_contract(viewer: Person, contract_id: int) -> int:
    """Drop a contract that was entered by mistake; return its KOL. Raises NotFound."""
    row = queries.get_contract(viewer, contract_id)
    Contract.objects.filter(pk=row.pk).delete()
    logger.info("%s dropped the contract %s", viewer.username, contract_id)
    return row.kol_id


def forget_erased(now: datetime) -> int:
    """Drop what the roster keeps of erased people and posts; return how many accounts went. Safe to repeat.

    A person's accounts, prices, follower history, signs and uploads go, and their name with the last account. Bookings
    lose the person, the brief and the post; amounts and payments stay for the books. Raises NotFound without a lake.
    """
    lake = get_lake()
    actors = list(Account.objects.exclude(actor="").values_list("actor", flat=True))
    erased = find_erased_actors(lake.store, actors)
    with transaction.atomic():
        _forget_posts()
        if not erased:
            return 0
        _overwrite_what_goes()
        accounts = [row for row in Account.objects.select_related("kol") if row.actor in erased]
        secrets = {text for row in accounts for text in (row.actor, row.handle, row.kol.name, row.url) if text}
        gone = {row.pk for row in accounts}
        past = PastHandle.objects.values_list("account", "handle")
        secrets |= {handle for account, handle in past if account in gone}
        for start in range(0, len(accounts), AT_ONCE):
            _forget_accounts(accounts[start : start + AT_ONCE], now)
        _scrub(Plan, ("settings", "result"), secrets)
        _scrub(Signal, ("evidence",), set(erased))
        forget_uploads()
        forget_actors(sorted(erased))
    logger.info("%s accounts of the roster were forgotten", len(accounts))
    return len(accounts)


def _forget_accounts(accounts: list[Account], now: datetime) -> None:
    bookings = Booking.objects.filter(account__in=accounts)
    BookingStep.objects.filter(booking__in=bookings).update(note="")
    steps = [
        BookingStep(booking_id=pk, before=state, after=BookingState.CANCELLED, who=ERASED, at=now)
        for pk, state in bookings.filter(state__in=UNPAID).values_list("pk", "state")
    ]
    bookings.filter(state__in=UNPAID).update(state=BookingState.CANCELLED, state_at=now)
    BookingStep.objects.bulk_create(steps)
    bookings.update(account=None, brief="", post_id="", post_url="", checks={}, actual={})
    pks = [account.pk for account in accounts]
    FollowerCount.objects.filter(account__in=pks).delete()
    Account.objects.filter(pk__in=pks).delete()
    Kol.objects.filter(pk__in={account.kol_id for account in accounts}, accounts=None).delete()


def _forget_posts() -> None:
    booked = list(Booking.objects.exclude(post_id="").values_list("post_id", flat=True))
    watched = list(Kol.objects.exclude(watched_posts=[]).only("pk", "watched_posts"))
    seen = {name for kol in watched for name in kol.watched_posts}
    checked = dict(Booking.objects.filter(post_id__in=booked).values_list("post_id", "checks"))
    # a post that was never in the lake is no erased one: only what was found there once
    known = {name for name, checks in checked.items() if checks.get("post", {}).get("is_found")}
    gone = find_missing_posts(sorted(known | seen))
    for name in sorted(gone & known):
        Booking.objects.filter(post_id=name).update(post_url="", checks={})
    for kol in watched:
        left = [name for name in kol.watched_posts if name not in gone]
        if left != kol.watched_posts:
            Kol.objects.filter(pk=kol.pk).update(watched_posts=left)


def _scrub(model: type[Plan] | type[Signal], fields: tuple[str, ...], secrets: set[str]) -> None:
    """Blank every text in these JSON fields that is one of the secrets."""
    touched = []
    for row in model.objects.only("pk", *fields):
        before = [getattr(row, name) for name in fields]
        after = [_blank(value, secrets.__contains__) for value in before]
        if before != after:
            for name, value in zip(fields, after, strict=True):
                setattr(row, name, value)
            touched.append(row)
    model.objects.bulk_update(touched, list(fields), batch_size=AT_ONCE)  # type: ignore[arg-type]


def _blank(value: Any, is_secret: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        return GONE if is_secret(value) else value
    if isinstance(value, list):
        return [_blank(item, is_secret) for item in value]
    if isinstance(value, dict):
        return {(GONE if is_secret(name) else name): _blank(item, is_secret) for name, item in value.items()}
    return value


def _overwrite_what_goes() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # otherwise the bytes stay in the file's free pages


def _need_reason(reason: str) -> str:
    reason = reason.strip().replace("\0", "")[:MOST_REASON]
    if not reason:
        raise ReasonMissing(
            _("A reason is needed."), mend=_("Write in a few words why; everybody in the team reads it.")
        )
    return reason


def _change(kol: Kol, viewer: Person, changes: dict[str, Any], now: datetime) -> Kol:
    for name, value in changes.items():
        setattr(kol, name, value)
    kol.changed_by, kol.changed_at = viewer.username, now
    kol.save(update_fields=[*changes, "changed_by", "changed_at"])
    logger.info("%s changed %s of the KOL %s", viewer.username, sorted(changes), kol.pk)
    return kol
