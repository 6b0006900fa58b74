"""Template filters of the corrections: shares with no more digits than their interval allows."""

from __future__ import annotations

from django import template

from canyu.listen.evaluation import Quality

register = template.Library()


@register.filter
def share(value: float) -> str:
    """Return a share as per cent; the samples are small, so without decimals."""
    return f"{100 * value:.0f}%"


@register.filter
def accuracy_interval(quality: Quality) -> str:
    """Return the 95 % interval of an accuracy."""
    return f"{100 * quality.low:.0f}–{100 * quality.high:.0f}%"
