"""Template tags of the pages of alerts: counts of posts, and how many times the expected came."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from canyu.kit.numbers import format_number
from canyu.listen.bursts import Alert
from canyu.ops.evidence.words import say_span

register = template.Library()


@register.filter
def posts(count: float | None) -> str:
    """Return a number of posts, whole: an expected or a likely one has no decimals either."""
    return format_number(None if count is None else round(count), get_language() or "")


@register.filter
def age_text(hours: float) -> str:
    """Return an age in hours as a length of time."""
    return say_span(3600 * hours).say(get_language() or "")


@register.filter
def expected(alert: Alert) -> str:
    """Return how many posts were expected; below one it says so."""
    return posts(alert.expected) if alert.expected >= 1 else _("under 1")


@register.filter
def times(alert: Alert) -> str:
    """Return how many times the expected came; where less than one was expected, more than so many."""
    language = get_language() or ""
    if alert.expected < 1:
        return "> " + format_number(alert.observed, language)
    return format_number(alert.ratio, language)
