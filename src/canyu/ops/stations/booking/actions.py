"""The only place that changes bookings: a bench is held, booked and freed, never for two at once."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from canyu.events import Event, Verb, make_event_id
from canyu.kit.jsonio import dump_json
from canyu.ops.outbox.actions import add_event
from canyu.ops.outbox.rules import CONSOLE
from canyu.ops.people.models import Person
from canyu.ops.stations.errors import ConsentMissing, HoldOver, SlotTaken
from canyu.ops.stations.models import Booking, BookingState, Cell, Mail, Notice, Reminder, Station
from canyu.ops.stations.queries import list_places, list_taken, read_hours
from canyu.ops.stations.rules import DAY, OPEN, list_cells, list_free, list_slots

AT_ONCE = 200
VISITOR = "visitor"
logger = logging.getLogger("canyu.stations")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor asks for: a thing to be done at a station at a time. ``visit``: the name of their form."""

    station: Station
    skill: str
    start: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes, as they told it; ``consent`` is the fingerprint of what they agreed to, empty where they did not."""

    name: str
    phone: str
    mail: str
    note: str
    consent: str
    language: str
    origin: str


def hold(asked: Asked, now: datetime) -> Booking:
    """Hold a bench for some minutes; the same form sent twice is one hold, another time from it lets the first go.

    Raises SlotTaken where no bench that can do it is free, or the station is not open then.
    """
    known = _find_same(asked)
    if known is not None:
        return known
    expire_holds(now)
    benches = find_benches(asked, now)
    for bench in benches:
        try:
            return take(asked, bench, now)
        except SlotTaken:
            continue  # somebody else was quicker: the next bench
    raise _refuse_slot()


def find_benches(asked: Asked, now: datetime) -> list[int]:
    """Return the benches that look free, best first. Raises SlotTaken where the time is none that can be booked."""
    calendar = read_hours(asked.station.calendar)
    day = asked.start.astimezone(ZoneInfo(calendar.zone)).date()
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    slot = next(
        (each for each in list_slots(calendar, day, asked.station.slot_minutes) if each[0] == asked.start), None
    )
    is_near = asked.start >= now + timedelta(minutes=asked.station.notice_minutes)
    if slot is None or not is_near or day > today + timedelta(days=asked.station.horizon_days):
        raise _refuse_slot()
    taken = list_taken(asked.station, *slot)
    return list_free(list_places(asked.station), asked.skill, *slot, taken)


def take(asked: Asked, bench: int, now: datetime) -> Booking:
    """Take one bench, if nobody has a part of that time on it; the database decides. Raises SlotTaken."""
    end = asked.start + timedelta(minutes=asked.station.slot_minutes)
    fields = {**_list_choice(asked), "ends_at": end, "visit": asked.visit}
    until = now + timedelta(minutes=asked.station.hold_minutes)
    try:
        with transaction.atomic():
            known = _find_same(asked)
            if known is not None:  # sent twice at once: the other one was a moment earlier
                return known
            # of another choice only: the same one may have been kept since the look, and then the row below is refused
            other = Booking.objects.filter(visit=asked.visit, state=BookingState.HELD).exclude(**_list_choice(asked))
            _let_go(other, BookingState.CANCELLED)
            booking = Booking.objects.create(
                bench_id=bench,
                key=secrets.token_hex(16),
                person=f"booking:{secrets.token_hex(16)}",
                held_at=now,
                expires_at=until,
                **fields,
            )
            cells = [Cell(bench_id=bench, starts_at=at, booking=booking) for at in list_cells(asked.start, end)]
            Cell.objects.bulk_create(cells)
    except IntegrityError:
        known = _find_same(asked)
        if known is not None:  # the other one was kept while this one wrote
            return known
        raise _refuse_slot() from None
    return booking


def confirm(booking: Booking, guest: Guest, now: datetime) -> Booking:
    """Book what is held, with who comes; sent twice it is booked once. Raises ConsentMissing or HoldOver."""
    if not guest.consent:
        raise ConsentMissing(_("Nothing was booked yet: please agree first."), mend=_("Tick the box, then book."))
    fields = {name: getattr(guest, name) for name in Guest.__slots__}
    mine = Booking.objects.filter(pk=booking.pk, state=BookingState.HELD, expires_at__gt=now)
    with transaction.atomic():
        if mine.update(state=BookingState.BOOKED, booked_at=now, **fields):
            booking.refresh_from_db()
            _plan_reminders(booking, now)
            _tell_booked(booking, now)
            logger.info("booking %s at %s was made", booking.pk, booking.station.slug)
    booking.refresh_from_db()
    if booking.state != BookingState.BOOKED:
        raise HoldOver(_("The time is not held for you any more."), mend=_("Choose a time again."))
    return booking


def cancel(booking: Booking, who: str, now: datetime) -> Booking:
    """Let a bench go; its mails that did not leave yet do not leave. Raises HoldOver where it is over already."""
    with transaction.atomic():
        rows = Booking.objects.filter(pk=booking.pk, state__in=OPEN, ends_at__gt=now)
        if not _let_go(rows, BookingState.CANCELLED, who):
            booking.refresh_from_db()
            if booking.state != BookingState.CANCELLED:
                raise HoldOver(_("This visit is over already."), mend=_("Nothing was changed."))
    booking.refresh_from_db()
    return booking


def note_visit(viewer: Person, booking: Booking, has_come: bool, now: datetime) -> Booking:
    """Note whether somebody came, from the start of the visit on; it can be corrected. Raises HoldOver."""
    after = BookingState.CAME if has_come else BookingState.MISSED
    before = (BookingState.BOOKED, BookingState.CAME, BookingState.MISSED)
    rows = Booking.objects.filter(pk=booking.pk, state__in=before, starts_at__lte=now)
    if not rows.update(state=after, changed_by=viewer.username):
        raise HoldOver(_("Who came is noted once the visit has begun."), mend=_("Nothing was changed."))
    booking.refresh_from_db()
    return booking


def expire_holds(now: datetime) -> int:
    """Free every bench whose hold has run out; safe to repeat and to run twice at once."""
    freed = 0
    while due := list(
        Booking.objects.filter(state=BookingState.HELD, expires_at__lte=now).values_list("pk", flat=True)[:AT_ONCE]
    ):
        with transaction.atomic():
            rows = Booking.objects.filter(pk__in=due, state=BookingState.HELD, expires_at__lte=now)
            freed += _let_go(rows, BookingState.EXPIRED)
    return freed


def _let_go(rows: QuerySet[Booking], after: BookingState, who: str = "") -> int:
    """Set bookings that stand to a state in which they need no bench, and free their cells."""
    chosen = list(rows.select_for_update().values_list("pk", flat=True))
    done = Booking.objects.filter(pk__in=chosen, state__in=OPEN).update(state=after, changed_by=who)
    Cell.objects.filter(booking__in=chosen).delete()
    Reminder.objects.filter(booking__in=chosen, state=Mail.WAITING).delete()
    return done


def _plan_reminders(booking: Booking, now: datetime) -> None:
    """Make one row per mail: a confirmation at once, and a reminder a day before where that is still ahead."""
    if not booking.mail:
        return
    rows = [Reminder(booking=booking, notice=Notice.BOOKED, next_try=now)]
    if booking.starts_at - DAY > now:
        rows.append(Reminder(booking=booking, notice=Notice.DAY_BEFORE, next_try=booking.starts_at - DAY))
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def _tell_booked(booking: Booking, now: datetime) -> None:
    """Tell the lake that somebody booked: the place, the thing and the time, no name and no contact."""
    props = dump_json({"skill": booking.skill, "starts_at": booking.starts_at.isoformat()})
    name = make_event_id("stations", "book", booking.person)
    thing = f"station:{booking.station.slug}"
    add_event(Event(name, Verb.BOOK, now, now, CONSOLE, actor=booking.person, object=thing, props=props), now)


def _find_same(asked: Asked) -> Booking | None:
    """Return what stands of the same form and the same choice."""
    return Booking.objects.filter(visit=asked.visit, state__in=OPEN, **_list_choice(asked)).first()


def _list_choice(asked: Asked) -> dict[str, Any]:
    return {"station": asked.station, "skill": asked.skill, "starts_at": asked.start}


def _refuse_slot() -> SlotTaken:
    return SlotTaken(_("This time has just been taken, or cannot be booked."), mend=_("Choose another time."))
