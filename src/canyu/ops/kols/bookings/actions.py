"""The only place that changes bookings: every step names who and when, and its event goes out with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.listen.copycheck import Verdict, check_copy
from canyu.ops.kols.bookings import queries
from canyu.ops.kols.bookings.marks import find_mark
from canyu.ops.kols.bookings.reach import find_post, measure_reach
from canyu.ops.kols.bookings.rules import MOVES, TIMED, BookingDraft
from canyu.ops.kols.errors import (
    BriefUnfit,
    CheckFailed,
    KolBlocked,
    PostTaken,
    PriceUnusable,
    SecondPersonNeeded,
    WrongStep,
)
from canyu.ops.kols.models import Booking, BookingState, BookingStep, PostKind
from canyu.ops.lakes import find_lake
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person

State = BookingState
MOST_LETTERS = 10_000
MOST_NOTE = 500
logger = logging.getLogger("canyu.kols")


@dataclass(frozen=True, slots=True)
class Step:
    """One step as somebody takes it: where to, a word on it, and what else of the booking changes with it."""

    after: str
    note: str = ""
    is_late: bool = False
    is_undo: bool = False
    fields: dict[str, Any] | None = None


def create_booking(viewer: Person, draft: BookingDraft, now: datetime) -> Booking:
    """Ask an account for a post. Raises NotFound, BadInput, or KolBlocked where the KOL may not be asked."""
    account = queries.get_account(draft.account)
    if account.kol.is_blocked or not account.is_active:
        raise KolBlocked(
            _("%s is not asked at present.") % account.kol.name, mend=_("Lift the block first, or choose another one.")
        )
    if draft.kind not in PostKind.values or draft.price_minor < 0 or len(draft.currency) != 3:
        raise PriceUnusable(_("The price cannot be used."), mend=_("Give an amount, a currency and what it is for."))
    low, middle, high = draft.planned
    with transaction.atomic():
        booking = Booking.objects.create(
            plan_id=draft.plan,
            account=account,
            campaign=draft.campaign[:120],
            kind=draft.kind,
            price_minor=draft.price_minor,
            currency=draft.currency,
            state_at=now,
            brief=_clean_brief(draft.brief),
            post_due_at=draft.post_due_at,
            planned_low=low,
            planned_reach=middle,
            planned_high=high,
            reach_hours=draft.reach_hours,
            made_by=viewer.username,
            made_at=now,
        )
        _record(booking, "", Step(State.BRIEF), viewer, now)
    logger.info("%s booked %s", viewer.username, booking.pk)
    return booking


def save_brief(viewer: Person, booking_id: int, brief: str, due: datetime | None, now: datetime) -> Booking:
    """Keep the brief and the day it is due; a changed text has to be sent again. Raises NotFound or WrongStep."""
    brief = _clean_brief(brief)
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        _need_state(booking, State.BRIEF)
        if booking.brief != brief:
            booking.sent_at, booking.checks = None, {k: v for k, v in booking.checks.items() if k != "brief"}
        booking.brief, booking.post_due_at = brief, due
        booking.save(update_fields=["brief", "post_due_at", "sent_at", "checks"])
    logger.info("%s wrote the brief of %s at %s", viewer.username, booking_id, now.isoformat())
    return booking


def send_brief(viewer: Person, booking_id: int, is_sure: bool, now: datetime) -> Booking:
    """Note that the brief went out, with what the check of advertising law says of it.

    Raises BriefUnfit where it is empty, or has claims that the law forbids and nobody said ``is_sure``.
    """
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        _need_state(booking, State.BRIEF)
        if not booking.brief.strip():
            raise BriefUnfit(_("The brief is empty."), mend=_("Write what the post should say, then send it."))
        report = check_copy(booking.brief)
        if report.verdict is Verdict.BLOCKED and not is_sure:
            raise BriefUnfit(
                _("The brief asks for claims that advertising law forbids."),
                mend=_("Change the words below, or send it all the same."),
            )
        checked = {"verdict": report.verdict.value, "findings": len(report.findings), "rules": report.rules_version}
        booking.checks = {**booking.checks, "brief": {**checked, "at": now.isoformat(), "who": viewer.username}}
        booking.sent_at = now
        booking.save(update_fields=["checks", "sent_at"])
    logger.info("%s sent the brief of %s", viewer.username, booking_id)
    return booking


def accept(viewer: Person, booking_id: int, note: str, now: datetime) -> Booking:
    """Note that the account will post. Raises WrongStep where the brief was not sent."""
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        _check_move(booking, State.ACCEPTED)
        if booking.sent_at is None:
            raise WrongStep(_("The brief was not sent yet."), mend=_("Send it first."))
        return _take(booking, Step(State.ACCEPTED, note), viewer, now)


def decline(viewer: Person, booking_id: int, note: str, now: datetime) -> Booking:
    """Note that the account will not post."""
    with transaction.atomic():
        return _take(_lock(viewer, booking_id), Step(State.DECLINED, note), viewer, now)


def cancel(viewer: Person, booking_id: int, note: str, now: datetime) -> Booking:
    """Call the post off."""
    with transaction.atomic():
        return _take(_lock(viewer, booking_id), Step(State.CANCELLED, note), viewer, now)


def mark_posted(viewer: Person, booking_id: int, post: str, url: str, now: datetime) -> Booking:
    """Note that the post is out: by its id in the lake, or by its address where the lake does not have it yet.

    The time of publication is the post's own, where the lake has it. Raises BadInput, WrongStep or PostTaken.
    """
    post, url = post.strip().replace("\0", "")[:200], url.strip().replace("\0", "")[:500]
    if url and not url.lower().startswith(("https://", "http://")):
        raise BadInput(_("This is no web address."), mend=_("Begin with https://."))
    if not post and not url:
        raise BadInput(_("Which post is it?"), mend=_("Choose one of the account's posts, or give its address."))
    lake = find_lake()
    found = find_post(lake, post) if lake is not None and post else None
    posted_at = found.time if found else now
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        is_late = booking.post_due_at is not None and posted_at > booking.post_due_at
        fields = {"post_id": post, "post_url": url, "posted_at": posted_at}
        try:
            with transaction.atomic():
                return _take(booking, Step(State.POSTED, "", is_late, fields=fields), viewer, now)
        except IntegrityError as error:
            raise PostTaken(_("Another booking has this post."), mend=_("Choose the right one.")) from error


def inspect_post(viewer: Person, booking_id: int, now: datetime) -> dict[str, Any]:
    """Look at the post in the lake and keep what was found: whose it is, its mark of advertising, its text's hash."""
    booking = queries.get_booking(viewer, booking_id)
    account = booking.account
    lake = find_lake()
    found = find_post(lake, booking.post_id) if lake is not None and booking.post_id else None
    result: dict[str, Any] = {"at": now.isoformat(), "who": viewer.username, "is_found": found is not None}
    if found is not None and account is not None:
        marking = find_mark(found.text, next(iter(account.market_list), found.market))
        report = check_copy(found.text)
        result |= {
            "is_own": bool(account.actor) and found.actor == account.actor,
            "mark": marking.mark.value,
            "law": list(marking.law),
            "sha256": found.digest,
            "time": found.time.isoformat(),
            "verdict": report.verdict.value,
            "rules": report.rules_version,
            "lake": (lake.version() or 0) if lake is not None else 0,
        }
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        booking.checks = {**booking.checks, "post": result}
        booking.save(update_fields=["checks"])
    return result


def approve_check(viewer: Person, booking_id: int, note: str, now: datetime) -> Booking:
    """Approve the post as agreed; where the machine cannot say so, a word on what was seen is needed.

    Raises WrongStep, or CheckFailed where the post is not there, not the account's own, or not marked.
    """
    _check_move(queries.get_booking(viewer, booking_id), State.CHECKED)
    found = inspect_post(viewer, booking_id, now)
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        fault = queries.find_check_fault(booking, found)
        if fault is not None and not note.strip():
            raise CheckFailed(fault, mend=_("Have the post mended; or look at it yourself and write what you saw."))
        return _take(booking, Step(State.CHECKED, note, fields={"checked_by": viewer.username}), viewer, now)


def pay(viewer: Person, booking_id: int, reference: str, now: datetime) -> Booking:
    """Note the payment, made by somebody else than who approved the check. Raises WrongStep or SecondPersonNeeded."""
    reference = reference.strip().replace("\0", "")[:120]
    if not reference:
        raise BadInput(_("A payment needs its reference."), mend=_("Give the number of the transfer or voucher."))
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        _check_move(booking, State.PAID)
        if booking.checked_by == viewer.username:
            raise SecondPersonNeeded(
                _("You approved the check yourself."), mend=_("Ask a second person to pay; nothing was changed.")
            )
        return _take(booking, Step(State.PAID, fields={"payment_reference": reference}), viewer, now)


def undo(viewer: Person, booking_id: int, now: datetime) -> Booking:
    """Take the last step back; a payment and an undone step stay. Raises WrongStep."""
    with transaction.atomic():
        booking = _lock(viewer, booking_id)
        last = queries.find_undoable(booking)
        if last is None:
            raise WrongStep(_("There is no step to undo."), mend=_("A payment cannot be undone here."))
        fields: dict[str, Any] = {}
        if booking.state == State.POSTED:
            fields = {"post_id": "", "post_url": "", "posted_at": None}
        if booking.state == State.CHECKED:
            fields = {"checked_by": ""}
        return _take(booking, Step(last.before, is_undo=True, fields=fields), viewer, now)


def measure_booking(booking: Booking, now: datetime) -> int | None:
    """Count who reacted to a posted booking and keep it with how it was measured; None where the lake has no post."""
    lake = find_lake()
    found = find_post(lake, booking.post_id) if lake is not None and booking.post_id else None
    if lake is None or found is None:
        return None
    reach = measure_reach(lake, found, booking.reach_hours, now)
    actual = {
        "by_verb": reach.by_verb,
        "events": reach.events,
        "nameless": reach.nameless,
        "hours": booking.reach_hours,
        "until": reach.until.isoformat(),
        "is_whole": reach.is_whole,
        "lake": reach.version,
        "at": now.isoformat(),
    }
    Booking.objects.filter(pk=booking.pk, post_id=booking.post_id).update(actual_reach=reach.people, actual=actual)
    return reach.people


def _clean_brief(brief: str) -> str:
    return brief.replace("\0", "").replace("\r\n", "\n")[:MOST_LETTERS]


def _lock(viewer: Person, booking_id: int) -> Booking:
    """Return the booking for a change; nobody else changes it until the transaction ends."""
    queries.get_booking(viewer, booking_id)
    return Booking.objects.select_for_update().get(pk=booking_id)


def _need_state(booking: Booking, state: str) -> None:
    if booking.state != state:
        raise WrongStep(
            _("The booking is further on."), mend=_("Open it again: somebody may have taken a step meanwhile.")
        )


def _check_move(booking: Booking, after: str) -> None:
    if after not in MOVES[booking.state] or booking.account_id is None:
        raise WrongStep(
            _("This step does not follow from where the booking stands."),
            mend=_("Open it again: somebody may have taken a step meanwhile."),
        )


def _take(booking: Booking, step: Step, viewer: Person, now: datetime) -> Booking:
    if not step.is_undo:
        _check_move(booking, step.after)
    before = booking.state
    fields = {"state": step.after, "state_at": now, **(step.fields or {})}
    if not Booking.objects.filter(pk=booking.pk, state=before).update(**fields):
        raise WrongStep(_("Somebody else was first."), mend=_("Open it again."))
    for name, value in fields.items():
        setattr(booking, name, value)
    _record(booking, before, step, viewer, now)
    logger.info("%s moved the booking %s from %s to %s", viewer.username, booking.pk, before, step.after)
    return booking


def _record(booking: Booking, before: str, step: Step, viewer: Person, now: datetime) -> None:
    is_over = booking.post_due_at is not None and now > booking.post_due_at
    is_late = step.is_late or (step.after in TIMED and step.after != State.POSTED and is_over and not step.is_undo)
    kept = BookingStep.objects.create(
        booking=booking,
        before=before,
        after=step.after,
        who=viewer.username,
        at=now,
        is_late=is_late,
        is_undo=step.is_undo,
        note=step.note.strip().replace("\0", "")[:MOST_NOTE],
    )
    account = booking.account
    if account is None:
        return
    props = {"booking": booking.pk, "kind": booking.kind, "state": step.after, "before": before}
    props |= {"is_late": is_late, "is_undo": step.is_undo, "post": booking.post_id or None}
    event = Event(
        id=make_event_id(CONSOLE, "kol_booking", str(booking.pk), str(kept.pk), now.isoformat()),
        type=str(Verb.BOOK),
        time=now,
        received=now,
        source=CONSOLE,
        market=next(iter(account.market_list), None),
        channel=account.platform,
        actor=account.actor or f"kol-account:{account.pk}",
        object=f"kol-booking:{booking.pk}",
        campaign=booking.campaign or None,
        value=booking.price_minor,
        currency=booking.currency,
        props=dump_json(props),
    )
    add_event(event, now)
