"""Whether a target is reached: what an interval, or a count with its gaps, says of it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Method, Metric
from canyu.measure.catalogue.registry import METRICS
from canyu.measure.catalogue.result import Cell


class Standing(StrEnum):
    """Where a figure stands to its target."""

    REACHED = "reached"
    MISSED = "missed"
    OPEN = "open"
    UNKNOWN = "unknown"
    NONE = "none"


STANDINGS: dict[Standing, Words] = {
    Standing.REACHED: Words("达到", "reached"),
    Standing.MISSED: Words("未达到", "missed"),
    Standing.OPEN: Words("说不准", "not sure"),
    Standing.UNKNOWN: Words("不知道", "not known"),
    Standing.NONE: Words("没有目标", "no target"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a metric is to be in one period, since when, and who answers for it."""

    metric: str
    value: float
    since: date
    owner: str


def list_goal_metrics() -> list[Metric]:
    """Return the metrics that a card can ask for, and so those that may have a target: they need a brand at most."""
    return [metric for metric in METRICS.values() if set(metric.needs) <= {"brand"} and not metric.has_year_before]


def judge_goal(metric: Metric, cell: Cell, goal: Goal | None) -> Standing:
    """Return whether the target is reached for certain, missed for certain, or neither.

    Of an estimate the whole interval must lie on one side. A count has no interval: where days of the period hold no
    data it may still be higher than what was collected, so it is not called missed (nor reached, where less is better).
    """
    if goal is None:
        return Standing.NONE
    estimate = cell.estimate
    if estimate.value is None:
        return Standing.UNKNOWN
    sign = 1 if metric.is_more_better else -1
    bounds = (estimate.low, estimate.high) if metric.method is not Method.NONE else (estimate.value, estimate.value)
    if metric.method is Method.NONE and cell.observed_days < cell.days:
        bounds = (estimate.value, None)
    worst, best = bounds if sign > 0 else (bounds[1], bounds[0])
    if worst is not None and sign * (worst - goal.value) >= 0:
        return Standing.REACHED
    if best is not None and sign * (best - goal.value) < 0:
        return Standing.MISSED
    return Standing.OPEN
