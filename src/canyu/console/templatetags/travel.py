"""Template tags of the pages of spread: links that keep the view, ages, shares, chances."""

from __future__ import annotations

from math import ceil
from urllib.parse import urlencode

from django import template
from django.utils.translation import get_language

from canyu.kit.numbers import format_change, format_number
from canyu.ops.evidence.words import say_span
from canyu.ops.travel.rules import ANSWERS_TOO, TravelQuery, link_one

register = template.Library()


@register.filter
def one_query(root: str, query: TravelQuery) -> str:
    """Return the query of one cascade's page in the same view."""
    return link_one(query, root)


@register.filter
def change_from(value: int, before: int) -> str:
    """Return the change of a number against the one before, in per cent or in times."""
    return format_change(value, before, get_language() or "")


@register.filter
def hours(age: float) -> str:
    """Return an age in hours as a length of time."""
    return say_span(age * 3600).say(get_language() or "")


@register.filter
def share_text(share: float | None) -> str:
    """Return a share from 0 to 1 in per cent; missing is a dash."""
    return "—" if share is None else f"{format_number(100 * share, get_language() or '')}%"


@register.filter
def short_age(age: float) -> str:
    """Return an age in hours as an address states it.

    >>> short_age(0.5), short_age(6.0)
    ('0.5', '6')
    """
    return f"{age:g}"


@register.filter
def ready_age(age: float) -> str:
    """Return an age in hours as an address states it, rounded up: then all is there.

    >>> ready_age(1.23456)
    '1.24'
    """
    return f"{ceil(100 * age) / 100:g}"


@register.filter
def post_query(root: str) -> str:
    """Return the query of a post's cascade, comments counted as forecasts count them."""
    return urlencode({"post": root, "with": ANSWERS_TOO})
