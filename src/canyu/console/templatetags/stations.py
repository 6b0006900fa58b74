"""Times of a station, by the clock on its own wall."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from canyu.kit.words import Words, say

register = template.Library()
WEEKDAYS = tuple(zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


@register.filter
def wall_time(moment: datetime, zone: str) -> SafeString:
    """Return the hour and minute that a clock of the zone shows."""
    local = moment.astimezone(ZoneInfo(zone))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), f"{local:%H:%M}")


@register.filter
def wall_date(moment: datetime, zone: str) -> str:
    """Return the local day with its weekday."""
    return tell_day(moment.astimezone(ZoneInfo(zone)).date())


@register.filter
def tell_day(day: date) -> str:
    """Return a day with its weekday, as in 3 月 2 日 周一, Mon 2026-03-02."""
    zh, en = WEEKDAYS[day.weekday()]
    return Words(f"{day.month} 月 {day.day} 日 周{zh}", f"{en} {day.isoformat()}").say(say("zh", "en"))
