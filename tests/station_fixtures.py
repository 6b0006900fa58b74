"""A station of the tests: two benches, Monday to Friday, and what a visitor does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from canyu.ops.people.models import Person
from canyu.ops.stations import actions
from canyu.ops.stations.booking.actions import Asked, Guest, confirm, hold
from canyu.ops.stations.models import Booking, Station

CALENDAR = """
zone: Asia/Shanghai
hours:
  mon: ["10:00-12:00"]
  tue: ["10:00-12:00"]
workdays: CN
"""
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)  # Sunday noon in Shanghai
TEN = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10 o'clock there
HALF_PAST = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
DRAFT: dict[str, Any] = {
    "slug": "haidian",
    "name_zh": "海淀服务站",
    "name_en": "Haidian",
    "address_zh": "清河",
    "address_en": "Qinghe",
    "calendar": CALENDAR,
    "slot_minutes": 30,
    "notice_minutes": 60,
    "horizon_days": 7,
    "hold_minutes": 10,
    "is_on": True,
}


def open_station(*skills: tuple[str, ...], **changes: Any) -> Station:
    """Keep a station with a bench for each group of skills."""
    viewer = Person.objects.get_or_create(username="keeper")[0]
    station = actions.save_station(viewer, actions.StationDraft(**{**DRAFT, **changes}), None, NOW)
    for number, each in enumerate(skills or (("screen", "battery"), ("screen",)), 1):
        actions.add_bench(viewer, station, f"B{number}", each)
    return station


def ask(station: Station, visit: str, start: datetime = TEN, skill: str = "screen") -> Asked:
    """Return what a visitor asks for."""
    return Asked(station, skill, start, visit)


def make_guest(**changes: str) -> Guest:
    """Return who comes."""
    told = {"name": "Mei", "phone": "13800000000", "mail": "mei@example.com", "note": "", "consent": "c" * 32}
    return Guest(**{**told, "language": "en", "origin": "https://care.example.com", **changes})


def book(station: Station, visit: str, start: datetime = TEN, **changes: str) -> Booking:
    """Hold and book."""
    return confirm(hold(ask(station, visit, start), NOW), make_guest(**changes), NOW)
