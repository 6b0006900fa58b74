"""Which team hears of which alert, when, and never twice the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.bursts.alerts import EVERYTHING, STATISTICAL, Alert, Selection
from canyu.listen.bursts.messages import Change, write_message
from canyu.listen.bursts.rules import QuietHours, Rule
from canyu.listen.bursts.severity import RANKS, Severity

FRESH = timedelta(hours=24)  # an alert that ended longer ago and was never told is history, not news
KEPT = timedelta(days=60)


@dataclass(frozen=True)
class Route:
    """Tell ``team`` of the statistical alerts of the selected series, from a severity on, outside its quiet hours."""

    team: str
    selection: Selection = EVERYTHING
    quiet: QuietHours | None = None
    least_severity: Severity = Severity.NOTICE
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class Notice:
    """One message to one team; ``before`` is the count told last (0: none)."""

    team: str
    alert: Alert
    change: Change
    before: int
    text: Words


@dataclass(frozen=True)
class Told:
    """What a team was last told of an alert."""

    at: datetime
    size: int
    observed: int
    is_ended: bool


@dataclass(frozen=True)
class Memory:
    """What was told, and what is held until quiet hours end, by (team, alert id)."""

    told: dict[tuple[str, str], Told] = field(default_factory=dict)
    held: dict[tuple[str, str], Alert] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """Where an alert goes: the team, its quiet hours, its time zone."""

    team: str
    quiet: QuietHours | None
    time_zone: str


def route_alerts(
    alerts: Sequence[Alert], memory: Memory, *, now: datetime, routes: Sequence[Route], rules: Sequence[Rule] = ()
) -> tuple[tuple[Notice, ...], Memory]:
    """Return the notices due at ``now`` (aware) and the memory to hand in next time; nothing is sent here.

    A team hears of an alert when it begins, when its size class grows and when it ends: nothing in between. In quiet
    hours notices wait, told as things then stand, except critical ones. An alert with one id is told once per team,
    whatever routes match. Raises ``BadInput`` for a naive ``now``.
    """
    if now.tzinfo is None:
        raise BadInput(Words("now 没有时区。", "now has no time zone."), mend=Words("请给带时区的时间。", "Give one."))
    told = {key: what for key, what in memory.told.items() if now - what.at < KEPT}
    waiting: dict[tuple[str, str], Alert] = {}
    notices: list[Notice] = []
    current = {alert.alert_id: alert for alert in alerts}
    gone = {alert.alert_id: alert for alert in memory.held.values() if alert.alert_id not in current}
    for alert in (*current.values(), *gone.values()):
        for address in list_addresses(alert, routes, rules):
            key = (address.team, alert.alert_id)
            change = judge_change(alert, told.get(key), now, was_held=key in memory.held)
            if change is None:
                continue
            if address.quiet and address.quiet.contains(now) and alert.severity != Severity.CRITICAL:
                waiting[key] = alert
                continue
            before = told[key].observed if key in told else 0
            text = write_message(alert, change, before=before, time_zone=address.time_zone)
            notices.append(Notice(address.team, alert, change, before, text))
            told[key] = Told(now, alert.size, alert.observed, alert.ended is not None)
    return tuple(notices), Memory(told, waiting)


def list_addresses(alert: Alert, routes: Sequence[Route], rules: Sequence[Rule]) -> list[Address]:
    """Return each team that hears of the alert, once: a rule's own team, or those whose routes match."""
    if alert.source != STATISTICAL:
        quiet = next((rule.quiet for rule in rules if alert.source == f"rule:{rule.name}"), None)
        return [Address(alert.team, quiet, quiet.time_zone if quiet else "Asia/Shanghai")]
    found: dict[str, Address] = {}
    for route in routes:
        if route.selection.matches(alert.series) and RANKS[alert.severity] >= RANKS[route.least_severity]:
            found.setdefault(route.team, Address(route.team, route.quiet, route.time_zone))
    return list(found.values())


def judge_change(alert: Alert, told: Told | None, now: datetime, *, was_held: bool) -> Change | None:
    """Return what is new since the team was told, or none."""
    if told is None:
        if alert.ended is None:
            return Change.BEGAN
        is_fresh = was_held or (alert.closed_at is not None and now - alert.closed_at <= FRESH)
        return Change.PASSED if is_fresh else None
    if told.is_ended:
        return None
    if alert.ended is not None:
        return Change.ENDED
    return Change.GREW if alert.size > told.size else None
