"""What is asked of the steps of cases, how it is read from an address, and what the rows of its file are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from canyu.care import CaseKind, PauseReason
from canyu.care.steps import Goal, Ranged, StepCost, StepKind, StepReport
from canyu.care.steps.analysis import LIMIT_H
from canyu.care.steps.case_steps import ASSIGNMENT, FIRST_RESPONSE, WAITS, WORK
from canyu.care.timeline import REASONS
from canyu.kit.words import Words
from canyu.ops.care.rules import write_table

DAYS, USUAL_DAYS = (7, 28, 90, 365), 28
LONGEST_LIMIT_H = 24.0 * 366
GOAL_WORDS = {
    Goal.RATE: Words("去掉后多解决多少", "what the rate gains without it"),
    Goal.MEAN: Words("占平均用时", "share of the mean"),
    Goal.VARIANCE: Words("占差异（方差）", "share of the variance"),
}
KIND_WORDS = {
    StepKind.WORK: Words("处理", "work"),
    StepKind.WAITING: Words("等待", "waiting"),
    StepKind.UNKNOWN: Words("未注明", "not stated"),
}
STEP_WORDS = {
    ASSIGNMENT: Words("等待分配", "until somebody has it"),
    FIRST_RESPONSE: Words("等待首次响应", "until the first response"),
    WORK: Words("处理", "work"),
    **{WAITS[reason]: Words(f"暂停：{REASONS[reason].zh}", f"paused: {REASONS[reason].en}") for reason in PauseReason},
}
COLUMNS = (
    *("step", "kind", "cases", "visits", "again_visits", "again_share"),
    *(f"{name}{end}" for name in ("mean_h", "share_of_mean", "share_of_variance") for end in ("", "_low", "_high")),
    *("rate_without", "rate_without_low", "rate_without_high", "gain", "gain_low", "gain_high"),
)


@dataclass(frozen=True, slots=True)
class StepsAsked:
    """Cases opened in the last so many days, of a kind or of all, in time within so many hours; ranked by a goal."""

    days: int = USUAL_DAYS
    kind: str = ""
    limit_h: float = LIMIT_H
    goal: Goal = Goal.RATE


def parse_steps(given: Mapping[str, str]) -> StepsAsked:
    """Return what an address asks for; what it cannot mean is left as usual.

    >>> parse_steps({"days": "90", "limit": "1.5", "goal": "mean", "kind": "?"})
    StepsAsked(days=90, kind='', limit_h=1.5, goal=<Goal.MEAN: 'mean'>)
    """
    days, kind, goal = given.get("days", ""), given.get("kind", ""), given.get("goal", "")
    return StepsAsked(
        int(days) if days in {str(each) for each in DAYS} else USUAL_DAYS,
        kind if kind in set(CaseKind) else "",
        _read_limit(given.get("limit", "")),
        Goal(goal) if goal in set(Goal) else Goal.RATE,
    )


def write_steps_csv(report: StepReport) -> Iterator[str]:
    """Yield a row per step with all its figures and bounds; shares and rates are of 1."""
    return write_table(COLUMNS, map(_list_values, report.steps))


def _list_values(step: StepCost) -> list[object]:
    ranged = (step.mean_h, step.share_of_mean, step.share_of_variance, step.without.censored, step.gain)
    counts = [step.step, step.kind.value, step.cases, step.visits, step.again_visits, step.again_share]
    return [*counts, *(value for one in ranged for value in _list_bounds(one))]


def _list_bounds(one: Ranged) -> tuple[float, float, float]:
    return one.value, one.low, one.high


def _read_limit(text: str) -> float:
    try:
        limit = float(text[:12])
    except ValueError:
        return LIMIT_H
    return limit if math.isfinite(limit) and 0 < limit <= LONGEST_LIMIT_H else LIMIT_H
