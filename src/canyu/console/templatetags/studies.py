"""Template tags of the studies: estimates as shares, amounts and effects, each with its interval."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language, gettext

from canyu.kit.numbers import format_number
from canyu.measure.estimate import Estimate
from canyu.measure.lift.pictures import tell_estimate
from canyu.ops.kols.rules import format_money

register = template.Library()
STEPS = ((0.5, "size3"), (0.25, "size2"), (0.0, "size1"))


@register.filter
def share(estimate: Estimate) -> str:
    """Return an estimated share in per cent; missing is a dash."""
    return "—" if estimate.value is None else f"{_write(100 * estimate.value, _scale(estimate, 100))}%"


@register.filter
def share_range(estimate: Estimate) -> str:
    """Return the interval of an estimated share in per cent; empty where there is none."""
    return _tell_range(_scale(estimate, 100), "%")


@register.filter
def amount(estimate: Estimate) -> str:
    """Return an estimated amount; missing is a dash."""
    return "—" if estimate.value is None else _write(estimate.value, _scale(estimate, 1))


@register.filter
def amount_range(estimate: Estimate) -> str:
    """Return the interval of an estimated amount; empty where there is none."""
    return _tell_range(_scale(estimate, 1), "")


@register.filter
def money(minor: float | None, currency: str) -> str:
    """Return an amount of minor units with its currency, rounded to one of them; empty where there is none."""
    return "" if minor is None or not currency else format_money(round(minor), currency)


@register.filter
def effect(estimate: Estimate, unit: str = "") -> str:
    """Return an effect with its sign, interval and p-value; why it is not known where it is not."""
    if estimate.missing is not None:
        return estimate.missing.say(get_language() or "")
    return tell_estimate(estimate, unit, get_language() or "")


@register.filter
def lift_percent(estimate: Estimate) -> str:
    """Return a relative effect in per cent with its interval; a dash where it is not known."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "—"
    scaled = Estimate(100 * estimate.value, 100 * estimate.low, 100 * estimate.high, None, estimate.method)
    return tell_estimate(scaled, "%", get_language() or "")


@register.filter
def depth(estimate: Estimate) -> str:
    """Return the class of a cell of retention: the deeper, the more were back."""
    if estimate.value is None:
        return "none"
    return next(name for least, name in STEPS if estimate.value >= least)


def _scale(estimate: Estimate, scale: float) -> tuple[float, float] | None:
    if estimate.low is None or estimate.high is None:
        return None
    return scale * estimate.low, scale * estimate.high


def _write(value: float, interval: tuple[float, float] | None) -> str:
    return format_number(value, get_language() or "", interval)


def _tell_range(interval: tuple[float, float] | None, unit: str) -> str:
    if interval is None:
        return ""
    low, high = (f"{_write(end, interval)}{unit}" for end in interval)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
