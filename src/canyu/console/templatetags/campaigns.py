"""How the campaigns' pages write steps, ratios and percentages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import pgettext_lazy

register = template.Library()
STEP_NAMES = {
    "created": pgettext_lazy("campaign step", "planned"),
    "saved": pgettext_lazy("campaign step", "changed"),
    "rule_saved": pgettext_lazy("campaign step", "rewards set"),
    "pledge_saved": pgettext_lazy("campaign step", "pledge set"),
    "pledge_dropped": pgettext_lazy("campaign step", "pledge taken out"),
    "challenge_saved": pgettext_lazy("campaign step", "challenge set, rule"),
    "answered": pgettext_lazy("campaign step", "answered for the copy"),
    "poster_saved": pgettext_lazy("campaign step", "poster designed"),
    "poster_on": pgettext_lazy("campaign step", "poster switched on"),
    "poster_off": pgettext_lazy("campaign step", "poster switched off"),
    "sent": pgettext_lazy("campaign step", "sent to review"),
    "returned": pgettext_lazy("campaign step", "sent back"),
    "released": pgettext_lazy("campaign step", "released"),
    "closed": pgettext_lazy("campaign step", "ended"),
}
ENTRY_STEPS = {
    "shown": pgettext_lazy("entry step", "shown"),
    "refused": pgettext_lazy("entry step", "refused"),
    "undone": pgettext_lazy("entry step", "taken back"),
    "withdrawn": pgettext_lazy("entry step", "withdrawn by its sender"),
    "points": pgettext_lazy("entry step", "points of the jury"),
}


@register.filter
def campaign_step(what: str) -> str:
    """Return what was done, in words."""
    return str(STEP_NAMES.get(what, what))


@register.filter
def challenge_step(what: str) -> str:
    """Return what was done to an entry of a challenge, in words."""
    return str(ENTRY_STEPS.get(what, what))


@register.filter
def ratio(value: float | None) -> str:
    """Return a ratio with two digits after the point; missing is a dash."""
    return "—" if value is None else f"{value:.2f}"


@register.filter
def hundredths(value: int) -> str:
    """Return hundredths as people write them: 1050 is 10.5."""
    return f"{value / 100:g}"


@register.filter
def count_of(counts: Mapping[str, int], name: str) -> int:
    """Return one count; none is zero."""
    return counts.get(name, 0)
