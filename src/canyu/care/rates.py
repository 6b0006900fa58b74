"""How many cases were solved in time: those that stayed solved, out of those that count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from canyu.care.case import Case, Status
from canyu.kit.shares import compute_share_interval

LIMIT = timedelta(hours=24)
STAYS = timedelta(days=7)
"""A solution after which the case was reopened sooner than this was none."""


@dataclass(frozen=True, slots=True)
class ResolutionRate:
    """Cases solved within a limit / (solved, or older than the limit), with Wilson's 95 % interval.

    ``value`` is None where nothing counts yet.
    """

    in_time: int
    counted: int
    value: float | None
    low: float
    high: float


def find_solution(case: Case) -> datetime | None:
    """Return when a case was first solved so that it stayed solved for 7 days, or stands solved now; None where never.

    A case that went on in another one is not counted as solved.
    """
    for each in case.closed:
        if each.end is not None and each.end - each.start >= STAYS:
            return each.start
    return case.solved_at if case.status is Status.SOLVED else None


def compute_resolution_rate(cases: Iterable[Case], now: datetime, limit: timedelta = LIMIT) -> ResolutionRate:
    """Return the rate of cases at a moment; merged ones are left out, for they are counted where they went on."""
    in_time, counted = 0, 0
    for case in cases:
        if case.status is Status.MERGED:
            continue
        solved_at = find_solution(case)
        in_time += solved_at is not None and solved_at - case.opened_at <= limit
        counted += solved_at is not None or now - case.opened_at > limit
    low, high = compute_share_interval(in_time, counted)
    return ResolutionRate(in_time, counted, in_time / counted if counted else None, low, high)
