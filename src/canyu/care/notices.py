"""Which notices are due: thresholds that a clock passed, each told once for ever, and the steps of the chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from canyu.care.calendars import Calendar
from canyu.care.case import Case
from canyu.care.case_clocks import ClockState, ClockStatus
from canyu.care.clock import find_due, find_opening
from canyu.care.policies import ClockName, Policy, Role
from canyu.care.severity import CaseKind

MISSED = 100

RECEIVERS: dict[bool, tuple[Role, ...]] = {False: (Role.ASSIGNEE,), True: (Role.ASSIGNEE, Role.LEAD)}
"""Who is told of a threshold: whether the target is missed -> roles."""


@dataclass(frozen=True, slots=True, order=True)
class Crossing:
    """A clock passed a threshold (per cent of its target) at a time: the unique row (case, clock, threshold)."""

    at: datetime
    clock: ClockName
    threshold: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one role about everything that a case crossed since the last look."""

    role: Role
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A step of the chain whose turn has come."""

    step: int
    role: Role
    at: datetime


def list_crossings(case: Case, now: datetime) -> list[Crossing]:
    """Return every threshold that a running clock passed and that was never told, in order of time.

    Judged by when it was passed, not by when somebody looked; a clock that stands still or has stopped passes none.
    """
    found = [each for each in _list_thresholds(case) if each.at <= now]
    return sorted(each for each in found if (each.clock, each.threshold) not in case.warned)


def find_next_crossing(case: Case) -> datetime | None:
    """Return when the next threshold that was never told is passed: the time by which a sweep must look again.

    A pause that ends by itself sets its clock going: while one lasts it is looked at again at that end.
    """
    times = [each.at for each in _list_thresholds(case) if (each.clock, each.threshold) not in case.warned]
    if case.pauses and case.pauses[-1].end is None and not case.is_closed:
        times.append(case.pauses[-1].until)
    return min(times, default=None)


def plan_notices(crossings: Iterable[Crossing]) -> list[Notice]:
    """Return one notice per role, however many clocks crossed at once; of each clock the highest threshold."""
    highest: dict[ClockName, Crossing] = {}
    for each in sorted(crossings, key=lambda crossing: crossing.threshold):
        highest[each.clock] = each
    by_role: dict[Role, list[Crossing]] = {}
    for each in highest.values():
        for role in RECEIVERS[each.threshold >= MISSED]:
            by_role.setdefault(role, []).append(each)
    return [Notice(role, tuple(sorted(by_role[role]))) for role in Role if role in by_role]


def find_sending_time(case: Case, receiver: Calendar, at: datetime) -> datetime:
    """Return when a notice may go out: in the receiver's hours, of a crisis at once."""
    return at if case.kind is CaseKind.CRISIS else find_opening(receiver, at)


def list_calls(case: Case, now: datetime) -> list[Call]:
    """Return the steps of the chain whose turn has come and that were not taken.

    The chain, as the case's own copy has it, begins with the opening of a crisis, else with the first breach; its waits
    are open time of the policy's calendar. Acknowledgement and solving stop it.
    """
    begun = find_chain_start(case)
    if begun is None or case.policy is None or case.acknowledged_at is not None or case.is_closed:
        return []
    turns = [call for call in list_turns(case.policy, begun) if call.at <= now]
    return [call for call in turns if call.step not in case.escalated]


def find_chain_start(case: Case) -> datetime | None:
    """Return when the chain of a case began; None where it has not."""
    if case.kind is CaseKind.CRISIS:
        return case.opened_at
    return min((at for _, at in case.breached), default=None)


def list_turns(policy: Policy, begun: datetime) -> list[Call]:
    """Return every step of a chain and when its turn comes, if nobody acknowledges."""
    waited, found = 0, []
    for number, step in enumerate(policy.chain):
        waited += step.wait_s
        at = find_due(policy.calendar, begun, timedelta(seconds=waited)) if waited else begun
        if at is not None:
            found.append(Call(number, step.role, at))
    return found


def _list_thresholds(case: Case) -> list[Crossing]:
    if case.policy is None:
        return []
    running = [clock for clock in case.clocks if clock.stopped_at is None and clock.status is not ClockStatus.PAUSED]
    found = [_find_crossing(clock, case.policy, each) for clock in running for each in case.policy.thresholds]
    return [each for each in found if each is not None]


def _find_crossing(clock: ClockState, policy: Policy, threshold: int) -> Crossing | None:
    target = timedelta(seconds=clock.target_s) * threshold / 100
    due = find_due(policy.calendar, clock.started_at, target, clock.not_counted)
    return None if due is None else Crossing(due, clock.name, threshold)
