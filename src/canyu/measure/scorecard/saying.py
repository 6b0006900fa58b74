"""How a scorecard's figures are said: value, interval, change and contribution, with no more digits than allowed."""

from __future__ import annotations

from fractions import Fraction

from canyu.kit.numbers import format_change, format_number
from canyu.kit.words import Words
from canyu.measure.catalogue.metric import Metric
from canyu.measure.channels import get_channel_label
from canyu.measure.estimate import Estimate
from canyu.measure.markets import get_market_label
from canyu.measure.scorecard.card import SCALED_UNITS, Line

NOT_STATED = Words("未注明", "not stated")
OTHERS = Words("其余 {count} 个", "{count} others")


def say_estimate(estimate: Estimate, metric: Metric, language: str) -> str:
    """Return the value with its unit; a dash where it is missing."""
    interval = _find_interval(estimate)
    text = format_number(estimate.value, language, interval).replace("-", "−")
    unit = metric.unit.say(language)
    if estimate.value is None or not unit:
        return text
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def say_index(estimate: Estimate, language: str) -> str:
    """Return an index from 0 to 100; a dash where it is missing."""
    return format_number(estimate.value, language, _find_interval(estimate))


def say_bounds(estimate: Estimate, language: str, *, is_short: bool = False) -> str:
    """Return the 95 % interval, in a column of such (short) without saying so; empty where there is none."""
    interval = _find_interval(estimate)
    if interval is None:
        return ""
    low, high = (format_number(bound, language, interval).replace("-", "−") for bound in interval)
    if is_short:
        return Words(f"{low} 至 {high}", f"{low} to {high}").say(language)
    return Words(f"95% 区间 {low} 至 {high}", f"95 % interval {low} to {high}").say(language)


def say_goal(line: Line, language: str) -> str:
    """Return the target with its direction, in the metric's unit; a dash where there is none."""
    if line.goal is None:
        return "—"
    sign, goal = "≥" if line.metric.is_more_better else "≤", line.goal.value
    text = format_number(int(goal) if goal == int(goal) else goal, language).replace("-", "−")
    return f"{sign} {text}"


def say_move(line: Line, language: str) -> str:
    """Return the change against the period before: in points where the figure is a share or a score."""
    if line.change is None or line.previous is None:
        return ""
    if line.metric.unit.en not in SCALED_UNITS:
        change = format_change(line.estimate.value, line.previous.value, language)
        return "" if change == "—" else change
    return f"{say_signed(line.change, language)} {Words('分', 'points').say(language)}"


def say_signed(amount: float | Fraction, language: str) -> str:
    """Return an amount with its sign.

    >>> say_signed(Fraction(5, 2), "en"), say_signed(-1200, "en"), say_signed(0.0, "en")
    ('+2.5', '−1,200', '0')
    """
    size = abs(Fraction(amount))
    is_whole = not isinstance(amount, float) and size.denominator == 1
    text = format_number(int(size) if is_whole else float(size), language)
    if text == "0" or not any(letter in "123456789" for letter in text):
        return "0"
    return f"{'+' if amount > 0 else '−'}{text}"


def name_part(dimension: str, key: str | None) -> Words:
    """Return what a part of a breakdown is called."""
    if key is None:
        return NOT_STATED
    if dimension == "channel":
        return get_channel_label(key)
    return get_market_label(key) if dimension == "market" else Words(key, key)


def _find_interval(estimate: Estimate) -> tuple[float, float] | None:
    return None if estimate.low is None or estimate.high is None else (estimate.low, estimate.high)
