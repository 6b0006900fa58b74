"""The only place that changes people's requests: received, made ready, released by a second person, closed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.kit.errors import BadInput, NotFound
from canyu.ops.config import load_config
from canyu.ops.fans.errors import NotConfirmed, SecondPersonNeeded, WrongStep
from canyu.ops.fans.models import Fan, Request, RequestStep
from canyu.ops.fans.subject.rules import FETCH_DAYS, WAITING, Stand, Wish, find_due
from canyu.ops.people.models import Person

MOST_NOTE = 1000
logger = logging.getLogger("canyu.fans")


def open_request(fan: Fan, wish: Wish, asked_by: str, channel: str, now: datetime) -> Request:
    """Take a wish in and start its legal clock; one that is open already is that one, and its clock runs on."""
    due = find_due(now, load_config().subject_request_days)
    fields = {"channel": channel[:40], "asked_by": asked_by, "received_at": now, "due_at": due}
    try:
        with transaction.atomic():
            kept = Request.objects.create(fan=fan.key, wish=wish, **fields)
            _note(kept, "", asked_by, now)
    except IntegrityError:
        return Request.objects.get(fan=fan.key, wish=wish, stand__in=WAITING)
    logger.info("request %s (%s) of fan %s came in", kept.pk, wish, fan.key)
    return kept


def ask_erasure(viewer: Person, fan: Fan, typed: str, now: datetime) -> Request:
    """Ask as staff that a person is erased; the fan's number is typed. Raises NotConfirmed."""
    if typed.strip() != fan.key:
        raise NotConfirmed(_("This cannot be undone, so the number has to be typed."), mend=_("Type %s.") % fan.key)
    return open_request(fan, Wish.ERASE, viewer.username, "staff", now)


def log_copy(viewer: Person, fan: Fan, typed: str, now: datetime) -> Request:
    """Note that staff take a copy of a person's data out, beside what the person asked for themselves.

    The fan's number is typed. Raises NotConfirmed.
    """
    if typed.strip() != fan.key:
        raise NotConfirmed(
            _("A copy holds everything of a person, so the number has to be typed."), mend=_("Type %s.") % fan.key
        )
    with transaction.atomic():
        times = {"received_at": now, "due_at": now, "closed_at": now}
        kept = Request.objects.create(
            fan=fan.key, wish=Wish.EXPORT, stand=Stand.DONE, channel="staff", asked_by=viewer.username, **times
        )
        _note(kept, "", viewer.username, now, Stand.DONE)
    logger.info("%s took a copy of the data of fan %s", viewer.username, fan.key)
    return kept


def release_erasure(viewer: Person, request_id: int, typed: str, now: datetime) -> Request:
    """Release an erasure that somebody else asked for: it is carried out. Raises NotConfirmed, WrongStep."""
    request = get_request(request_id, Wish.ERASE)
    if typed.strip() != request.fan:
        raise NotConfirmed(_("This cannot be undone, so the number has to be typed."), mend=_("Type %s.") % request.fan)
    if request.asked_by == viewer.username:
        raise SecondPersonNeeded(
            _("Who asked for an erasure does not release it."), mend=_("Ask a second person to look at it.")
        )
    with transaction.atomic():
        _step(request, (Stand.OPEN,), Stand.RELEASED, viewer.username, now)
        Request.objects.filter(pk=request.pk).update(released_by=viewer.username, released_at=now)
    logger.info("%s released the erasure of fan %s", viewer.username, request.fan)
    return get_request(request_id, Wish.ERASE)


def make_ready(viewer: Person, request_id: int, now: datetime) -> Request:
    """Let a person fetch the copy that they asked for on the public page, for some days. Raises WrongStep."""
    request = get_request(request_id, Wish.EXPORT)
    with transaction.atomic():
        _step(request, (Stand.OPEN,), Stand.READY, viewer.username, now)
        Request.objects.filter(pk=request.pk).update(released_by=viewer.username, released_at=now)
    return get_request(request_id, Wish.EXPORT)


def close_request(viewer: Person, request_id: int, stand: Stand, note: str, now: datetime) -> Request:
    """Close a request as done or refused, with what was answered; an erasure is done by its receipt alone."""
    request = get_request(request_id)
    note = note.replace("\0", "").strip()[:MOST_NOTE]
    if not note:
        raise BadInput(_("Write what was answered."), mend=_("A refusal names its reason."))
    if stand is Stand.DONE and request.wish == Wish.ERASE:
        raise WrongStep(_("An erasure is done once it has a receipt."), mend=_("Release it, or refuse it."))
    with transaction.atomic():
        _step(request, (Stand.OPEN, Stand.READY), stand, viewer.username, now)
        Request.objects.filter(pk=request.pk).update(note=note, closed_at=now)
    return get_request(request_id)


def end_old_copies(now: datetime) -> int:
    """Close copies that were ready long enough; return how many. Safe to repeat."""
    old = Request.objects.filter(wish=Wish.EXPORT, stand=Stand.READY)
    old = old.exclude(released_at__gt=now - timedelta(days=FETCH_DAYS))
    ended = 0
    for request in old:
        with transaction.atomic():
            if Request.objects.filter(pk=request.pk, stand=Stand.READY).update(stand=Stand.DONE, closed_at=now):
                _note(request, Stand.READY, "canyu", now, Stand.DONE)
                ended += 1
    return ended


def get_request(request_id: int, wish: Wish | None = None) -> Request:
    """Return one request; raises NotFound."""
    found = Request.objects.filter(pk=request_id, **({"wish": wish} if wish else {})).first()
    if found is None:
        raise NotFound(_("There is no such request."), mend=_("Open it from the list of requests."))
    return found


def _step(request: Request, before: tuple[Stand, ...], after: Stand, who: str, now: datetime) -> None:
    with transaction.atomic():
        changed = Request.objects.filter(pk=request.pk, stand__in=before).update(stand=after)
        if not changed:
            raise WrongStep(_("The request stands elsewhere by now."), mend=_("Open the list again."))
        if request.stand != after:
            _note(request, request.stand, who, now, after)


def _note(request: Request, before: str, who: str, now: datetime, after: str = Stand.OPEN) -> None:
    RequestStep.objects.create(request=request, before=before, after=after, who=who, at=now)
