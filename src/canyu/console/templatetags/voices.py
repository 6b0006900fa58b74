"""Template tags of aspects, storylines and topics."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from canyu.kit.numbers import format_change
from canyu.ops.voices.messages import Share

register = template.Library()


@register.filter
def share(one: Share) -> str:
    """Return a share in per cent with no more digits than its interval allows."""
    return one.say(get_language() or "")


@register.filter
def share_interval(one: Share) -> str:
    """Return the 95 % interval of a share; empty where nothing was counted."""
    return one.say_interval(get_language() or "")


@register.filter
def growth(change: float | None) -> str:
    """Return growth against the week before, in per cent or times; missing is a dash."""
    return "—" if change is None else format_change(1 + change, 1.0, get_language() or "")
