"""The only place that changes drops themselves: written by one person, released by another, drawn once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.kit.clock import get_now
from canyu.ops.lakes import get_lake
from canyu.ops.ledger.actions import use_ledger
from canyu.ops.offers.drops import queries
from canyu.ops.offers.drops.accounts import DropAccounts
from canyu.ops.offers.drops.claiming.actions import expire_claims, serve_waiting
from canyu.ops.offers.drops.draw import commit_seed, rank_entrants
from canyu.ops.offers.drops.errors import DropUnusable, SecondPersonNeeded, WrongState
from canyu.ops.offers.drops.models import Claim, Drop, DropState, Entrant, EntryMode, ErasedGuest, FreeUnit
from canyu.ops.offers.drops.passes import GUEST_LASTS, digest_person
from canyu.ops.order_names import hide
from canyu.ops.people.models import Person

MOST_UNITS = 1_000_000
AT_ONCE = 400
REFUSED_FOR = GUEST_LASTS + timedelta(days=2)
logger = logging.getLogger("canyu.drops")


@dataclass(frozen=True, slots=True)
class DropDraft:
    """A drop as somebody wants it; ``quotas``: market -> units kept for it."""

    code: str
    name_zh: str
    name_en: str
    units: int
    opens_at: datetime
    closes_at: datetime | None = None
    quotas: dict[str, int] = field(default_factory=dict)
    per_person: int = 1
    price_minor: int = 0
    currency: str = "CNY"
    entry: str = EntryMode.FIRST_COME
    hold_minutes: int = 15
    campaign: str = ""


def save_drop(viewer: Person, draft: DropDraft, now: datetime) -> Drop:
    """Keep a drop as a draft; one of this code that is still a draft is replaced. Raises DropUnusable or WrongState."""
    _check(draft)
    fields: dict[str, Any] = {name: getattr(draft, name) for name in DropDraft.__slots__ if name != "code"}
    seed = secrets.token_hex(32)
    fields |= {"seed": seed, "commitment": commit_seed(seed), "made_by": viewer.username, "made_at": now}
    with transaction.atomic():
        known = Drop.objects.select_for_update().filter(code=draft.code).first()
        if known is not None and known.state != DropState.DRAFT:
            raise WrongState(_("There is a drop of this name already."), mend=_("Choose another short name."))
        kept, _is_new = Drop.objects.update_or_create(code=draft.code, defaults=fields)
    return kept


def release_drop(viewer: Person, drop_id: int, now: datetime) -> Drop:
    """Release a drop, by somebody else than who wrote it: its units are made, and its commitment is public from now on.

    Raises WrongState where it is no draft, SecondPersonNeeded for the same person.
    """
    with transaction.atomic():
        drop = _lock(viewer, drop_id, DropState.DRAFT)
        if drop.made_by == viewer.username:
            raise SecondPersonNeeded(
                _("Who wrote a drop does not release it."), mend=_("Ask a second person to look at it.")
            )
        use_ledger().require(DropAccounts(drop.pk).open(drop.units, drop.quotas), now)
        FreeUnit.objects.bulk_create(
            (FreeUnit(drop=drop, serial=serial) for serial in range(1, drop.units + 1)), batch_size=AT_ONCE
        )
        Drop.objects.filter(pk=drop.pk).update(state=DropState.RELEASED, released_by=viewer.username, released_at=now)
    logger.info("%s released the drop %s", viewer.username, drop.code)
    return queries.get_drop(viewer, drop_id)


def draw_places(viewer: Person, drop_id: int, beacon: str, now: datetime) -> Drop:
    """Rank everybody who has entered, once, by the seed that was committed to; the seed is public from now on.

    A waiting room is drawn from its opening second on, a lottery after it has closed. Raises WrongState.
    """
    with transaction.atomic():
        drop = _lock(viewer, drop_id, DropState.RELEASED)
        begins = drop.closes_at if drop.entry == EntryMode.LOTTERY else drop.opens_at
        if drop.entry == EntryMode.FIRST_COME or drop.drawn_at is not None or begins is None or now < begins:
            raise WrongState(
                _("There is nothing to draw now."),
                mend=_("A lottery is drawn once it has closed, a waiting room once it opens."),
            )
        _rank(drop, beacon, now)
    logger.info("%s drew the places of the drop %s", viewer.username, drop.code)
    return queries.get_drop(viewer, drop_id)


def sweep_drops(now: datetime) -> int:
    """Free what nobody paid, draw waiting rooms that have opened, serve who waits; return how many were served."""
    while expire_claims(now):
        pass
    served = 0
    for drop in Drop.objects.filter(state=DropState.RELEASED).exclude(entry=EntryMode.FIRST_COME):
        if drop.entry == EntryMode.QUEUE and drop.drawn_at is None and now >= drop.opens_at:
            _draw_waiting_room(drop.pk, now)
        elif drop.entry == EntryMode.QUEUE and drop.drawn_at is not None:
            _rank_later(drop)
        served += serve_waiting(drop, now)
    return served


def forget_erased() -> int:
    """Drop the ids of people who were erased from the lake; return how many rows lost one. Safe to repeat."""
    persons = set(Claim.objects.values_list("person", flat=True).distinct())
    persons |= set(Entrant.objects.values_list("person", flat=True).distinct())
    erased = find_erased_actors(get_lake().store, sorted(persons)) if persons else frozenset()
    with transaction.atomic():
        return forget_persons(sorted(erased)) if erased else 0


def forget_persons(persons: Sequence[str]) -> int:
    """Put an empty name in place of persons, who do not come back; units, serials and amounts stay. Safe to repeat.

    Who was waiting waits no more.

    A draw can be recomputed afterwards only from a file that was published before: its entrants are another list now.
    """
    forgotten = 0
    refuse_persons(persons, get_now())
    for row in Claim.objects.filter(person__in=persons):
        forgotten += Claim.objects.filter(pk=row.pk).update(
            person=f"erased-{row.pk}", key="", payment=hide(row.payment)
        )
    for entrant in Entrant.objects.filter(person__in=persons):
        forgotten += Entrant.objects.filter(pk=entrant.pk).update(person=f"erased-{entrant.pk}", is_served=True)
    return forgotten


def refuse_persons(persons: Sequence[str], now: datetime) -> None:
    """Take nothing more from erased persons, whatever their browsers still hold; as long as a cookie can last."""
    ErasedGuest.objects.filter(at__lt=now - REFUSED_FOR).delete()
    rows = [ErasedGuest(digest=digest_person(person), at=now) for person in persons]
    ErasedGuest.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def close_drop(viewer: Person, drop_id: int) -> Drop:
    """Take no more claims; units that are held or sold stay. Raises WrongState."""
    with transaction.atomic():
        _lock(viewer, drop_id, DropState.RELEASED)
        Drop.objects.filter(pk=drop_id).update(state=DropState.CLOSED)
    return queries.get_drop(viewer, drop_id)


def _draw_waiting_room(drop_id: int, now: datetime) -> None:
    with transaction.atomic():
        drop = Drop.objects.select_for_update().get(pk=drop_id)
        if drop.drawn_at is None:
            _rank(drop, "", now)


def _rank(drop: Drop, beacon: str, now: datetime) -> None:
    rows = {row.person: row for row in Entrant.objects.filter(drop=drop)}
    for rank, name in enumerate(rank_entrants(drop.seed, beacon, list(rows)), 1):
        rows[name].rank = rank
    Entrant.objects.bulk_update(rows.values(), ["rank"], batch_size=AT_ONCE // 3)
    Drop.objects.filter(pk=drop.pk).update(drawn_at=now, beacon=beacon, drawn_entrants=len(rows))


def _rank_later(drop: Drop) -> None:
    """Rank who joined a waiting room after its draw, in the order in which they came."""
    with transaction.atomic():
        Drop.objects.select_for_update().get(pk=drop.pk)
        rows = Entrant.objects.filter(drop=drop)
        last = rows.aggregate(last=Max("rank"))["last"] or 0
        later = list(rows.filter(rank=None).order_by("pk"))
        for rank, row in enumerate(later, last + 1):
            row.rank = rank
        Entrant.objects.bulk_update(later, ["rank"], batch_size=AT_ONCE // 3)


def _check(draft: DropDraft) -> None:
    if not 1 <= draft.units <= MOST_UNITS:
        raise DropUnusable(_("So many units cannot be made."), mend=_("Between 1 and a million."))
    if sum(draft.quotas.values()) > draft.units:
        raise DropUnusable(_("The markets' quotas are more than the units."), mend=_("Lower a quota."))
    if draft.closes_at is not None and draft.closes_at <= draft.opens_at:
        raise DropUnusable(_("It closes before it opens."), mend=_("Mend one of the two."))
    if draft.entry == EntryMode.LOTTERY and draft.closes_at is None:
        raise DropUnusable(_("A lottery needs an end of entry."), mend=_("Say when it closes."))


def _lock(viewer: Person, drop_id: int, state: str) -> Drop:
    queries.get_drop(viewer, drop_id)
    drop = Drop.objects.select_for_update().get(pk=drop_id)
    if drop.state != state:
        raise WrongState(_("The drop stands elsewhere by now."), mend=_("Open it again."))
    return drop
