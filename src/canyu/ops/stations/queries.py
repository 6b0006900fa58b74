"""All reads of stations and bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core import signing
from django.utils.translation import gettext as _

from canyu.care import Calendar, parse_calendar
from canyu.kit.errors import NotFound
from canyu.ops.people.models import Person
from canyu.ops.stations.models import Bench, Booking, BookingState, Cell, Mail, Reminder, Station
from canyu.ops.stations.rules import OPEN, Place, Slot, count_free, find_day, list_slots

LINK = "canyu.stations.link"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One slot of a day and who is on each bench then; a bench's booking is None where it is free."""

    start: datetime
    cells: tuple[tuple[Bench, Booking | None], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """One day of a station: its benches, its lines, bookings that stand beside the slots, and those that ended."""

    station: Station
    day: date
    benches: tuple[Bench, ...]
    lines: tuple[BoardLine, ...]
    beside: tuple[Booking, ...]
    over: tuple[Booking, ...]
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What the public page offers of one skill: slots left by day, those of one day, and what else is done there."""

    skills: tuple[str, ...]
    skill: str
    days: tuple[tuple[date, int], ...]
    day: date | None
    slots: tuple[Slot, ...]
    is_provisional: bool


@lru_cache(maxsize=256)
def read_hours(text: str) -> Calendar:
    """Return the calendar of a station's text; checked when it was kept."""
    return parse_calendar(text)


def list_stations(viewer: Person) -> list[Station]:  # noqa: ARG001 - reads take the viewer first
    """Return every station with its benches."""
    return list(Station.objects.order_by("slug").prefetch_related("benches"))


def get_station(viewer: Person, station_id: int) -> Station:  # noqa: ARG001 - reads take the viewer first
    """Return one station; raises NotFound."""
    found = Station.objects.filter(pk=station_id).first()
    if found is None:
        raise NotFound(_("There is no such station."))
    return found


def get_booking(viewer: Person, station_id: int, booking_id: int) -> Booking:  # noqa: ARG001 - as above
    """Return one booking of a station; raises NotFound."""
    found = Booking.objects.filter(pk=booking_id, station=station_id).select_related("station", "bench").first()
    if found is None:
        raise NotFound(_("There is no such booking."))
    return found


def list_public() -> list[Station]:
    """Return the stations that take bookings."""
    return list(Station.objects.filter(is_on=True, benches__is_on=True).distinct().order_by("slug"))


def find_public(slug: str) -> Station | None:
    """Return a station that takes bookings, or None."""
    return Station.objects.filter(slug=slug, is_on=True).first()


def make_link(booking: Booking) -> str:
    """Return the secret part of a visitor's link: the key, signed; neither can be guessed or found in the database."""
    return signing.Signer(salt=LINK, sep=".").sign(booking.key)


def find_by_link(link: str) -> Booking | None:
    """Return the booking of a link, or None."""
    try:
        key = signing.Signer(salt=LINK, sep=".").unsign(link)
    except signing.BadSignature:
        return None
    return Booking.objects.filter(key=key).select_related("station", "bench").first()


def list_places(station: Station) -> list[Place]:
    """Return the benches that are in use."""
    rows = Bench.objects.filter(station=station, is_on=True).order_by("pk")
    return [Place(row.pk, frozenset(row.skills)) for row in rows]


def list_taken(station: Station, first: datetime, last: datetime) -> set[tuple[int, datetime]]:
    """Return the cells that are taken between two instants."""
    rows = Cell.objects.filter(bench__station=station, starts_at__gte=first, starts_at__lt=last)
    return set(rows.values_list("bench_id", "starts_at"))


def find_offer(station: Station, skill: str, day: date | None, now: datetime) -> Offer:
    """Return what can be booked: by day within the horizon, and the slots of one day, the first with any by default."""
    calendar, places = read_hours(station.calendar), list_places(station)
    skills = tuple(sorted({each for place in places for each in place.skills}))
    skill = skill if skill in skills else skills[0] if skills else ""
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    days = [today + timedelta(days=at) for at in range(station.horizon_days + 1)]
    taken = list_taken(station, find_day(days[0], calendar.zone)[0], find_day(days[-1], calendar.zone)[1])
    earliest = now + timedelta(minutes=station.notice_minutes)
    slots = {
        each: count_free(list_slots(calendar, each, station.slot_minutes), places, skill, taken, earliest)
        for each in days
    }
    counts = tuple((each, sum(slot.free > 0 for slot in found)) for each, found in slots.items() if found)
    chosen = day if day in dict(counts) else next((each for each, free in counts if free), None)
    shown = tuple(slots[chosen]) if chosen else ()
    return Offer(skills, skill, counts, chosen, shown, any(calendar.is_provisional(each.year) for each in days))


def find_board(viewer: Person, station: Station, day: date) -> Board:  # noqa: ARG001 - reads take the viewer first
    """Return one day of a station."""
    calendar = read_hours(station.calendar)
    first, last = find_day(day, calendar.zone)
    rows = Booking.objects.filter(station=station, starts_at__gte=first, starts_at__lt=last).exclude(
        state=BookingState.EXPIRED
    )
    bookings = list(rows.order_by("starts_at", "pk").prefetch_related("reminders").select_related("bench"))
    standing = {(each.bench_id, each.starts_at): each for each in bookings if each.state != BookingState.CANCELLED}
    benches = tuple(
        bench
        for bench in Bench.objects.filter(station=station).order_by("pk")
        if bench.is_on or any(bench.pk == taken for taken, _start in standing)
    )
    starts = [start for start, _end in list_slots(calendar, day, station.slot_minutes)]
    lines = tuple(
        BoardLine(start, tuple((bench, standing.get((bench.pk, start))) for bench in benches)) for start in starts
    )
    known = set(starts)
    return Board(
        station,
        day,
        benches,
        lines,
        tuple(each for each in standing.values() if each.starts_at not in known),
        tuple(each for each in bookings if each.state == BookingState.CANCELLED),
        calendar.is_provisional(day.year),
    )


def count_stuck(viewer: Person, station: Station) -> int:  # noqa: ARG001 - reads take the viewer first
    """Return how many mails of a station's bookings were not sent, or may not have been."""
    stuck = (Mail.REFUSED, Mail.UNCLEAR)
    return Reminder.objects.filter(booking__station=station, state__in=stuck).count()


def is_expiry_due(now: datetime) -> bool:
    """Say whether a hold has run out."""
    return Booking.objects.filter(state=BookingState.HELD, expires_at__lte=now).exists()


def is_mail_due(now: datetime) -> bool:
    """Say whether a mail of a booking waits, or is not told of."""
    return Reminder.objects.filter(state__in=(Mail.WAITING, Mail.SENDING), next_try__lte=now).exists()


def count_open(station: Station) -> int:
    """Return how many bookings of a station stand."""
    return Booking.objects.filter(station=station, state__in=OPEN).count()
