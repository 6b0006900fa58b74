"""Template tags of the pages of plans: people, money, states."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from canyu.kit.numbers import format_number
from canyu.ops.kols.planning.amounts import say_money

register = template.Library()
STATES = {
    "brief": _("brief to be written"),
    "accepted": _("accepted"),
    "declined": _("declined"),
    "posted": _("posted"),
    "checked": _("checked"),
    "paid": _("paid"),
    "cancelled": _("cancelled"),
}


@register.filter
def people(count: float | None) -> str:
    """Return a number of people, whole; missing is a dash."""
    return format_number(None if count is None else round(count), get_language() or "")


@register.filter
def exact_people(count: float) -> str:
    """Return a number of people or impressions with one decimal of its unit: 243.3M, 2.433亿."""
    language = get_language() or ""
    if language.startswith("zh"):
        return f"{count / 1e8:,.3f}亿" if count >= 1e8 else f"{count / 1e4:,.1f}万"
    return f"{count / 1e6:,.1f}M" if count >= 1e6 else f"{count / 1e3:,.1f}K"


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Return an amount in minor units as it is spoken of."""
    return say_money(minor or 0, currency).say(get_language() or "")


@register.filter
def booking_state(state: str) -> str:
    """Return where a booking stands."""
    return str(STATES.get(state, state))
