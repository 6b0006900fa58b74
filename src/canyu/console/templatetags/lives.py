"""How the pages of live sessions write a moment in the session's own zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def in_zone(moment: datetime | None, zone: str) -> SafeString:
    """Return a time on the clock of a zone, with the zone on hover."""
    if moment is None:
        return SafeString("—")
    local = moment.astimezone(ZoneInfo(zone))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), zone, f"{local:%Y-%m-%d %H:%M:%S}"
    )


@register.filter
def clock(moment: datetime, zone: str) -> str:
    """Return the clock time in a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"
