"""Template filters of the KOLs' pages: amounts, signs of authenticity, what is said of them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.ops.kols.bookings.rules import name_state
from canyu.ops.kols.intake.columns import Reason
from canyu.ops.kols.models import Booking, Price, Signal
from canyu.ops.kols.rules import format_money
from canyu.ops.kols.signs.evidence import MISSING_WORDS
from canyu.spread.influence.authenticity import CAUTION, SIGNAL_NAMES, SignalKind

register = template.Library()
POST_COLUMNS = ("event_id", "first_event_id")
COLUMN_WORDS = {
    "begin": Words("从", "From"),
    "end": Words("到", "To"),
    "followers_before": Words("之前", "Before"),
    "followers_after": Words("之后", "After"),
    "growth_per_day": Words("每日增长", "Growth a day"),
    "z": Words("偏离（z）", "Deviation (z)"),
    "account": Words("账号编号", "Actor"),
    "followers": Words("粉丝", "Followers"),
    "posts": Words("帖子", "Posts"),
    "rate": Words("每粉互动", "Per follower"),
    "event_id": Words("它的帖子", "Its post"),
    "cluster_id": Words("雷同组", "Group of copies"),
    "first_event_id": Words("最早的一条", "First post"),
    "first_actor": Words("最早的账号", "First account"),
}
SHARES = {"growth_per_day", "rate"}
LEFT_OUT = {"cluster_id"}
SMALL = 0.001  # below, two digits would say 0.00%


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Return an amount of minor units as people write it."""
    return format_money(minor, currency)


@register.filter
def signal_name(signal: Signal) -> str:
    """Return what a sign is called."""
    return SIGNAL_NAMES[SignalKind(signal.name)].say(get_language() or "")


@register.filter
def signal_value(signal: Signal) -> str:
    """Return a sign's value: a deviation, or a share in per cent; missing is a dash."""
    return _spell(signal.value, signal.name)


@register.filter
def signal_band(signal: Signal) -> str:
    """Return where a sign usually is; a dash where that is not known."""
    if signal.low is None or signal.high is None:
        return "—"
    return f"{_spell(signal.low, signal.name)} – {_spell(signal.high, signal.name)}"


@register.filter
def signal_missing(signal: Signal) -> str:
    """Return why there is no value or no band."""
    return MISSING_WORDS[signal.missing].say(get_language() or "") if signal.missing in MISSING_WORDS else ""


@register.simple_tag
def signal_caution() -> str:
    """Return what to bear in mind of every sign."""
    return CAUTION.say(get_language() or "")


@register.filter
def evidence_columns(signal: Signal) -> list[tuple[str, str]]:
    """Return the columns of a sign's evidence with their names."""
    rows = signal.evidence.get("rows") or [{}]
    language = get_language() or ""
    return [
        (name, COLUMN_WORDS[name].say(language)) for name in rows[0] if name in COLUMN_WORDS and name not in LEFT_OUT
    ]


@register.filter
def evidence_rows(signal: Signal) -> list[list[tuple[str, str]]]:
    """Return the rows of a sign's evidence: each cell with the post that it leads to, if any."""
    names = [name for name, _title in evidence_columns(signal)]
    return [
        [(_show(name, row.get(name)), str(row.get(name)) if name in POST_COLUMNS else "") for name in names]
        for row in signal.evidence.get("rows", [])
    ]


@register.filter
def price_is_open(price: Price, today: Any) -> bool:
    """Say whether a price holds today."""
    return bool(price.since <= today and (price.until is None or price.until >= today))


@register.filter
def booking_state(booking: Booking) -> str:
    """Return where a booking stands."""
    return name_state(booking).say(get_language() or "")


@register.filter
def reason_text(reason: Reason) -> str:
    """Return what is wrong and the mend."""
    language = get_language() or ""
    stop = "。" if language.startswith("zh") else ". "
    return f"{reason.words.say(language)}{stop}{reason.mend.say(language)}"


def _show(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if name in {"begin", "end"}:
        return str(value)[:10]
    if name in SHARES:
        return f"{100 * value:.2g}%"
    if name == "z":
        return f"{value:.1f}"
    if isinstance(value, (int, float)):
        return format_number(round(value), get_language() or "")
    return str(value)[:16]


def _spell(value: float | None, name: str) -> str:
    if value is None:
        return "—"
    if name == SignalKind.FOLLOWER_JUMP:
        return f"{value:.1f}".replace("-", "−")
    if 0 < abs(value) < SMALL:
        return f"{100 * value:.2g}%"
    return f"{100 * value:.2f}%" if abs(value) < 0.1 else f"{100 * value:.0f}%"
