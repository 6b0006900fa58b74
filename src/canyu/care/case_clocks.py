"""The clocks of a case: what each counted, when it is due, and its breaches, by the policies in force at the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from canyu.care.clock import DueTime, Pause, count_worked, due_time, find_due, is_provisional
from canyu.care.policies import ClockName, Policy
from canyu.kit.errors import BadInput
from canyu.kit.words import Words


class ClockStatus(StrEnum):
    """Where a clock stands; ``missed`` stays, whatever comes after."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    STOPPED = "stopped"
    """It ended without being met or missed: the case was solved before anybody needed to answer."""


class Round(NamedTuple):
    """One run of the update clock: from a customer's question to an answer."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What a case's clocks are computed from; all times are in order."""

    policies: tuple[tuple[datetime, Policy | None], ...]
    opened_at: datetime
    pauses: tuple[Pause, ...]
    closed: tuple[Pause, ...]
    """From solved to reopened: no clock counts it."""
    answered_at: datetime | None
    solved_at: datetime | None
    is_merged: bool
    resets: Mapping[ClockName, tuple[datetime, ...]]
    rounds: tuple[Round, ...]
    paused_until: datetime | None
    """When the pause that lasts ends by itself; None where none lasts."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock at a moment.

    ``due`` is None unless it runs: a clock that stands still or has stopped has no due time. ``limit`` is the due time
    that it is or was judged by, with the pause that lasts ending when it should at the latest.
    """

    name: ClockName
    status: ClockStatus
    started_at: datetime
    target_s: int
    used_s: float
    due: datetime | None
    limit: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    not_counted: tuple[Pause, ...]
    """Pauses and closed time, the pause that lasts up to its own end: what ``explain_clock`` leaves out."""
    is_provisional: bool

    @property
    def margin_s(self) -> float:
        """What is left of the target; below zero what it was missed by."""
        return self.target_s - self.used_s

    @property
    def share_used(self) -> float:
        """The share of the target that is used, 1 at its due time: what a queue is sorted by."""
        return self.used_s / self.target_s


class _Run(NamedTuple):
    """One run of a clock: what starts it, what ends it, and whether that end meets it."""

    start: datetime
    end: datetime | None
    is_met: bool


def compute_clocks(
    facts: ClockFacts, now: datetime
) -> tuple[tuple[ClockState, ...], tuple[tuple[ClockName, datetime], ...]]:
    """Return the clocks of the policy in force and the first breach of each clock there ever was."""
    clocks, breached = [], []
    policy = facts.policies[-1][1] if facts.policies else None
    for name in ClockName:
        runs = _list_runs(facts, name)
        breaches = [_find_breach(facts, name, run, now) for run in runs]
        known = [at for at in breaches if at is not None]
        if known:
            breached.append((name, min(known)))
        target_s = None if policy is None else policy.find_target(name)
        if policy is not None and target_s is not None:
            clocks.append(_tell_clock(facts, name, runs[-1], _Judged(policy, target_s, breaches[-1], now)))
    return tuple(clocks), tuple(breached)


class _Judged(NamedTuple):
    """What a clock is judged by."""

    policy: Policy
    target_s: int
    breached_at: datetime | None
    now: datetime


def explain_clock(clock: ClockState, policy: Policy) -> DueTime:
    """Return why a clock is due when it is under a policy: the intervals that its target uses.

    Raises BadInput where the policy has no target for it.
    """
    target_s = policy.find_target(clock.name)
    if target_s is None:
        raise BadInput(
            Words(f"时限规则 {policy.name} 没有这个时钟的目标。", f"The policy {policy.name} has no such target."),
            mend=Words("请选有该目标的规则。", "Choose a policy that has one."),
        )
    return due_time(policy.calendar, clock.started_at, timedelta(seconds=target_s), clock.not_counted)


def _list_runs(facts: ClockFacts, name: ClockName) -> list[_Run]:
    """Return the runs of a clock in order; a reset ends one and starts the next."""
    if name is ClockName.UPDATE:
        runs = [_Run(each.start, each.end or facts.solved_at, each.end is not None) for each in facts.rounds]
    elif name is ClockName.FIRST_RESPONSE:
        is_answered = facts.answered_at is not None
        runs = [_Run(facts.opened_at, facts.answered_at if is_answered else facts.solved_at, is_answered)]
    else:
        runs = [_Run(facts.opened_at, facts.solved_at, facts.solved_at is not None and not facts.is_merged)]
    for at in facts.resets.get(name, ()):
        latest = runs[-1]
        runs[-1:] = [_Run(latest.start, at, is_met=False), _Run(at, latest.end, latest.is_met)]
    return runs


def _list_exclusions(facts: ClockFacts, name: ClockName, *, projected: bool = False) -> list[Pause]:
    """Return what a clock does not count: closed time, and pauses unless it is the first response that never pauses."""
    found = list(facts.closed)
    if name is not ClockName.FIRST_RESPONSE:
        found += [
            Pause(each.start, facts.paused_until if projected and each.end is None else each.end)
            for each in facts.pauses
        ]
    return found


def _find_breach(facts: ClockFacts, name: ClockName, run: _Run, now: datetime) -> datetime | None:
    """Return when a run first passed its due time, by whichever policy was in force then; None where it never did."""
    exclusions = _list_exclusions(facts, name)
    ends = [*(at for at, _ in facts.policies[1:]), None]
    for (begun, policy), ended in zip(facts.policies, ends, strict=False):  # no policy yet: no end to go with it
        target_s = None if policy is None else policy.find_target(name)
        until = min(each for each in (run.end, ended, now) if each is not None)
        if policy is None or target_s is None or until < begun:
            continue
        due = find_due(policy.calendar, run.start, timedelta(seconds=target_s), exclusions)
        if due is not None and due < until:
            return max(due, begun)
    return None


def _tell_clock(facts: ClockFacts, name: ClockName, run: _Run, judged: _Judged) -> ClockState:
    calendar, target = judged.policy.calendar, timedelta(seconds=judged.target_s)
    not_counted = tuple(_list_exclusions(facts, name, projected=True))
    used_s = count_worked(calendar, run.start, run.end or judged.now, _list_exclusions(facts, name))
    limit = find_due(calendar, run.start, target, not_counted)
    is_paused = run.end is None and facts.paused_until is not None and name is not ClockName.FIRST_RESPONSE
    status = ClockStatus.PAUSED if is_paused else ClockStatus.RUNNING
    if judged.breached_at is not None:
        status = ClockStatus.MISSED
    elif run.end is not None:
        status = ClockStatus.MET if run.is_met else ClockStatus.STOPPED
    return ClockState(
        name,
        status,
        run.start,
        judged.target_s,
        used_s,
        None if run.end is not None or is_paused else limit,
        limit,
        run.end,
        judged.breached_at,
        not_counted,
        limit is not None and is_provisional(calendar, run.start, limit),
    )
