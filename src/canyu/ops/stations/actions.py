"""The only place that changes stations and benches, and forgets people who booked."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canyu.events.suppression import find_erased_actors
from canyu.ops.lakes import get_lake
from canyu.ops.outbox.actions import forget_actors
from canyu.ops.people.models import Person
from canyu.ops.stations.errors import StationUnusable
from canyu.ops.stations.models import Bench, Booking, BookingState, Station
from canyu.ops.stations.rules import CONTACT_KEPT

AT_ONCE = 400
logger = logging.getLogger("canyu.stations")


@dataclass(frozen=True, slots=True)
class StationDraft:
    """A station as somebody enters it; the calendar was checked."""

    slug: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    calendar: str
    slot_minutes: int
    notice_minutes: int
    horizon_days: int
    hold_minutes: int
    is_on: bool


def save_station(viewer: Person, draft: StationDraft, station: Station | None, now: datetime) -> Station:
    """Keep a station, a new one or with what was changed; bookings stay as they are. Raises StationUnusable."""
    row = station or Station()
    for name in StationDraft.__slots__:
        setattr(row, name, getattr(draft, name))
    row.changed_by, row.changed_at = viewer.username, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise StationUnusable(
            _("There is a station of this short name already."), mend=_("Choose another short name.")
        ) from None
    logger.info("%s kept the station %s", viewer.username, row.slug)
    return row


def add_bench(viewer: Person, station: Station, name: str, skills: Sequence[str]) -> Bench:
    """Add a bench to a station. Raises StationUnusable for a name that is there."""
    try:
        with transaction.atomic():
            bench = Bench.objects.create(station=station, name=name, skills=sorted(set(skills)))
    except IntegrityError:
        raise StationUnusable(_("There is a bench of this name already."), mend=_("Choose another name.")) from None
    logger.info("%s added the bench %s to %s", viewer.username, bench.pk, station.slug)
    return bench


def switch_bench(viewer: Person, station: Station, bench_id: int, is_on: bool) -> None:
    """Take a bench out of use or back; what is booked on it stays."""
    Bench.objects.filter(pk=bench_id, station=station).update(is_on=is_on)
    logger.info("%s switched the bench %s of %s", viewer.username, bench_id, station.slug)


def forget_erased() -> int:
    """Delete the bookings of people who were erased from the lake; return how many. Safe to repeat."""
    persons = list(Booking.objects.values_list("person", flat=True))
    erased = find_erased_actors(get_lake().store, sorted(persons)) if persons else frozenset()
    return forget_persons(sorted(erased))


def forget_persons(persons: Sequence[str]) -> int:
    """Delete these people's bookings, cells, mails and waiting events; the benches are free again. Safe to repeat."""
    forgotten = 0
    for start in range(0, len(persons), AT_ONCE):
        some = list(persons[start : start + AT_ONCE])
        with transaction.atomic():
            forget_actors(some)
            rows = Booking.objects.filter(person__in=some)
            forgotten += rows.count()
            rows.delete()
    return forgotten


def drop_old_contacts(now: datetime) -> int:
    """Empty names, contacts and notes of visits that are long over, and drop holds that nobody took up."""
    old = Booking.objects.filter(ends_at__lt=now - CONTACT_KEPT).exclude(name="", phone="", mail="", note="")
    emptied = old.update(name="", phone="", mail="", note="")
    Booking.objects.filter(state=BookingState.EXPIRED, expires_at__lt=now - CONTACT_KEPT).delete()
    return emptied
