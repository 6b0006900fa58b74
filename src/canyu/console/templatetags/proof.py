"""Template filters of the room of proof: figures of claims and of the scorecard, as they are said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import get_language

from canyu.kit.numbers import MISSING, format_full
from canyu.measure.catalogue import METRICS
from canyu.measure.catalogue.metric import Metric
from canyu.measure.estimate import Estimate
from canyu.measure.scorecard import Line
from canyu.measure.scorecard.saying import say_bounds, say_estimate, say_goal, say_index, say_move, say_signed

register = template.Library()
RELATIONS = {"at_least": "≥", "about": "≈", "exceeds": ">"}


@register.filter
def bounds(check: Mapping[str, Any]) -> str:
    """Return the figure of a claim that was checked, with its bounds; a dash where there is none."""
    if check["value"] is None:
        return MISSING
    value = format_full(_trim(check["value"]))
    low, high = check["low"], check["high"]
    if (low is None and high is None) or low == high == check["value"]:
        return value.replace("-", "−")
    ends = (format_full(_trim(low)) if low is not None else "−∞", format_full(_trim(high)) if high is not None else "∞")
    return f"{value} [{ends[0]}, {ends[1]}]".replace("-", "−")


@register.filter
def stated(check: Mapping[str, Any]) -> str:
    """Return what a claim states, with its relation, every digit and its metric's unit."""
    told = f"{RELATIONS[check['relation']]} {format_full(_trim(check['stated']))}".replace("-", "−")
    metric = METRICS.get(check["metric"] or "")
    unit = metric.unit.say(get_language() or "") if metric else ""
    return told + (unit if unit in {"", "%"} else f" {unit}")


@register.filter
def moment(text: str) -> datetime:
    """Return the instant that a record tells."""
    return datetime.fromisoformat(text)


@register.filter
def estimate_of(estimate: Estimate, metric: Metric) -> str:
    """Return an estimate with its metric's unit."""
    return say_estimate(estimate, metric, get_language() or "")


@register.filter
def index_of(estimate: Estimate) -> str:
    """Return an index from 0 to 100."""
    return say_index(estimate, get_language() or "")


@register.filter
def bounds_of(estimate: Estimate) -> str:
    """Return the interval of an estimate in words."""
    return say_bounds(estimate, get_language() or "")


@register.filter
def goal_of(line: Line) -> str:
    """Return the target of a line."""
    return say_goal(line, get_language() or "")


@register.filter
def move_of(line: Line) -> str:
    """Return the change of a line against the period before."""
    return say_move(line, get_language() or "")


@register.filter
def signed(amount: Fraction | float | None) -> str:
    """Return an amount with its sign."""
    return MISSING if amount is None else say_signed(amount, get_language() or "")


def _trim(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value
