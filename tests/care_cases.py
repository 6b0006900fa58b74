"""A case of an office, and how a room appends to it; for the tests of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from canyu.care import Calendar, make_week
from canyu.care.case import derive_case
from canyu.care.case_events import CaseEvent, Opened, PolicyGiven
from canyu.care.case_rules import check_event
from canyu.care.policies import Policy
from canyu.care.severity import CaseKind

MONDAY = datetime(2024, 1, 15, 10, tzinfo=UTC)
OFFICE = Policy("office", Calendar("UTC", make_week("09:00-18:00")), 3600, 4 * 3600)


def after(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def open_case(*later: CaseEvent, policy: Policy = OFFICE, kind: CaseKind = CaseKind.COMPLAINT) -> list[CaseEvent]:
    return [Opened(MONDAY, "web", kind), PolicyGiven(MONDAY, "web", policy), *later]


def append(happened: list[CaseEvent], event: CaseEvent) -> list[CaseEvent]:
    """Append an event as the room does: checked against the case as it stands then."""
    check_event(derive_case(happened, event.at), event)
    return [*happened, event]
