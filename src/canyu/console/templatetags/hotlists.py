"""Template tags of hot lists and share of voice: shares with no more digits than their interval allows."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from canyu.console.templatetags.canyu import bar
from canyu.kit.numbers import MISSING, format_number
from canyu.measure.voice import Voice

register = template.Library()


@register.simple_tag
def bar_part(value: float, longest: float) -> SafeString:
    """Draw a bar of ``value`` where ``longest`` is the whole width."""
    return bar(100 * value / longest if longest else 0)


@register.simple_tag
def share_cell(share: float | None, low: float | None, high: float | None) -> str:
    """Return a share in per cent, or a dash where it is not known."""
    if share is None or low is None or high is None:
        return MISSING
    return f"{format_number(share, get_language() or '', (low, high))}%"


@register.simple_tag
def edges(low: float | None, high: float | None) -> str:
    """Return an interval in per cent, or a dash where there is none."""
    if low is None or high is None:
        return MISSING
    below, above = (format_number(edge, get_language() or "", (low, high)) for edge in (low, high))
    return gettext("%(low)s to %(high)s") % {"low": below, "high": above}


@register.simple_tag
def share_of(voice: Voice | None) -> str:
    """Return a brand's share in per cent, or a dash."""
    return share_cell(voice.share, voice.low, voice.high) if voice else MISSING


@register.simple_tag
def share_interval(voice: Voice | None) -> str:
    """Return the interval of a brand's share, or a dash."""
    return edges(voice.low, voice.high) if voice else MISSING
