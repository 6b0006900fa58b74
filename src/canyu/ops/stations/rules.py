"""When a station can be visited, and which bench is free then; pure, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from canyu.care import Calendar, list_openings
from canyu.kit.words import Words
from canyu.ops.stations.models import BookingState, Mail, Notice

CELL = timedelta(minutes=15)
"""What benches are booked by; slots are whole numbers of it."""
CELL_MINUTES = 15
SLOT_MINUTES = (15, 30, 45, 60, 90, 120, 180, 240)
MOST_DAYS = 60
DAY = timedelta(days=1)
CONTACT_KEPT = timedelta(days=30)
"""How long name and contact stay after the visit."""
SKILLS: dict[str, Words] = {
    "screen": Words("屏幕", "Screen"),
    "battery": Words("电池", "Battery"),
    "camera": Words("摄像头", "Camera"),
    "board": Words("主板与进水", "Board and water damage"),
    "software": Words("系统与数据", "Software and data"),
    "appliance": Words("家电", "Appliances"),
    "car": Words("汽车", "Cars"),
    "check": Words("检测", "Check-up"),
}
STATES: dict[str, Words] = {
    BookingState.HELD.value: Words("保留中", "held"),
    BookingState.BOOKED.value: Words("已预约", "booked"),
    BookingState.CANCELLED.value: Words("已取消", "cancelled"),
    BookingState.EXPIRED.value: Words("保留已过期", "hold ran out"),
    BookingState.CAME.value: Words("已到店", "came"),
    BookingState.MISSED.value: Words("未到店", "did not come"),
}
NOTICES: dict[str, Words] = {
    Notice.BOOKED.value: Words("预约确认", "confirmation"),
    Notice.DAY_BEFORE.value: Words("前一天提醒", "reminder of the day before"),
}
MAILS: dict[str, Words] = {
    Mail.WAITING.value: Words("等待发送", "waiting"),
    Mail.SENDING.value: Words("正在发送", "being sent"),
    Mail.SENT.value: Words("已发送", "sent"),
    Mail.REFUSED.value: Words("没有发出", "not sent"),
    Mail.UNCLEAR.value: Words("不清楚是否发出", "it is not clear whether it was sent"),
    Mail.LATE.value: Words("过时未发", "too late, not sent"),
}
OPEN = (BookingState.HELD.value, BookingState.BOOKED.value)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that can be booked, in UTC; ``free``: how many benches could take it."""

    start: datetime
    end: datetime
    free: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A bench as the rules see it."""

    bench: int
    skills: frozenset[str]


Taken = Collection[tuple[int, datetime]]
"""Which cells of which benches are taken: pairs of bench and start in UTC."""


def find_day(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a local day begins and ends; 23 or 25 hours apart where a clock changes."""
    first, last = (datetime.combine(each, time(), ZoneInfo(zone)) for each in (day, day + DAY))
    return first.astimezone(UTC), last.astimezone(UTC)


def list_slots(calendar: Calendar, day: date, minutes: int) -> list[tuple[datetime, datetime]]:
    """Return the slots of a local day, in UTC: those that fit whole into an opening, from its start on.

    >>> from canyu.care import make_week
    >>> found = list_slots(Calendar(hours=make_week("09:00-10:10")), date(2026, 3, 2), 30)
    >>> [str(start) for start, _ in found]
    ['2026-03-02 01:00:00+00:00', '2026-03-02 01:30:00+00:00']
    """
    length, found = timedelta(minutes=minutes), []
    for opening in list_openings(calendar, *find_day(day, calendar.zone)):
        start, close = _align(opening.start.astimezone(UTC)), opening.end.astimezone(UTC)
        while start + length <= close:
            found.append((start, start + length))
            start += length
    return found


def list_cells(start: datetime, end: datetime) -> list[datetime]:
    """Return the starts of the quarters of an hour that a booking needs.

    >>> from datetime import UTC
    >>> len(list_cells(datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, 1, 45, tzinfo=UTC)))
    3
    """
    count = -((start - end) // CELL)
    return [start + CELL * at for at in range(count)]


def list_free(places: Iterable[Place], skill: str, start: datetime, end: datetime, taken: Taken) -> list[int]:
    """Return the benches that can do it and are free throughout; those that can do least else come first.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    >>> skills = ({"screen", "board"}, {"screen"}, {"car"})
    >>> places = [Place(bench, frozenset(each)) for bench, each in enumerate(skills, 1)]
    >>> list_free(places, "screen", at, at + CELL, set()), list_free(places, "screen", at, at + CELL, {(2, at)})
    ([2, 1], [1])
    """
    cells = list_cells(start, end)
    able = [place for place in places if skill in place.skills]
    free = [place for place in able if not any((place.bench, cell) in taken for cell in cells)]
    return [place.bench for place in sorted(free, key=lambda place: (len(place.skills), place.bench))]


def count_free(
    slots: Sequence[tuple[datetime, datetime]], places: Sequence[Place], skill: str, taken: Taken, earliest: datetime
) -> list[Slot]:
    """Return the slots from ``earliest`` on with how many benches could take each."""
    return [
        Slot(start, end, len(list_free(places, skill, start, end, taken))) for start, end in slots if start >= earliest
    ]


def _align(moment: datetime) -> datetime:
    """Return the first full quarter of an hour from a moment on: an opening may begin at any minute."""
    over = (moment - datetime(1970, 1, 1, tzinfo=UTC)) % CELL
    return moment + (CELL - over) if over else moment
