"""How pages of care say what is left of a clock, and what a state is called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from canyu.care import CaseKind, ClockStatus, Harm, Role, Status
from canyu.care.plans import Judgement, write_amount
from canyu.care.steps import Ranged
from canyu.care.timeline import HARMS, KINDS, ROLES
from canyu.console.templatetags.canyu import say
from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.ops.care.actions import CANYU, CUSTOMER
from canyu.ops.care.forms import tell_target
from canyu.ops.care.models import FAR, Channel, Notice, Sending
from canyu.ops.care.promising.pages import STANDINGS
from canyu.ops.care.rules import CHANNEL_WORDS, CLOCK_STATUS_WORDS, SEVERITY_WORDS, STATUS_WORDS
from canyu.ops.care.sweeping.rules import CHAIN, name_notice
from canyu.ops.config import load_config
from canyu.ops.evidence.words import say_span

register = template.Library()
NAMES: dict[str, dict[Any, Words]] = {
    "status": STATUS_WORDS,
    "severity": SEVERITY_WORDS,
    "kind": KINDS,
    "harm": HARMS,
    "channel": CHANNEL_WORDS,
    "clock": CLOCK_STATUS_WORDS,
}
TYPES: dict[str, Any] = {
    "status": Status, "severity": int, "kind": CaseKind, "harm": Harm, "channel": Channel, "clock": ClockStatus
}  # fmt: skip
WRITERS = {
    CUSTOMER: Words("客户", "the customer"),
    CANYU: Words("系统", "the system"),
    "assistant": Words("助手", "the assistant"),
}
SENDING_WORDS = {
    Sending.WAITING: Words("等待发送", "waits to be sent"),
    Sending.SENDING: Words("发送中", "being sent"),
    Sending.SENT: Words("已发送", "sent"),
    Sending.CONSOLE: Words("仅在控制台", "in the console only"),
    Sending.MOOT: Words("已结案，未发送", "solved before it was sent"),
}


@register.filter
def called(value: Any, what: str) -> str:
    """Return what a state is called in the page's language."""
    return say(NAMES[what][TYPES[what](value)])


@register.filter
def time_left(moment: datetime | None) -> str:
    """Return how long until a time, or since when it is over."""
    if moment is None or moment == FAR:
        return "—"
    seconds = (moment - get_now()).total_seconds()
    span = say_span(abs(seconds))
    if seconds >= 0:
        return say(Words(f"还剩 {span.zh}", f"{span.en} left"))
    return say(Words(f"已超 {span.zh}", f"{span.en} over"))


@register.filter
def is_over(moment: datetime | None) -> bool:
    """Say whether a time is over."""
    return moment is not None and moment < get_now()


@register.filter
def span(seconds: float | None) -> str:
    """Return a length of time."""
    return "—" if seconds is None else say(say_span(seconds))


@register.filter
def ranged_percent(one: Ranged) -> str:
    """Return a share as per cent."""
    return f"{_round(100 * one.value)}%"


@register.filter
def bounds_percent(one: Ranged | None) -> str:
    """Return the interval of a share, in per cent."""
    return "" if one is None else f"{_round(100 * one.low)} – {_round(100 * one.high)}%"


@register.filter
def ranged_points(one: Ranged) -> str:
    """Return a difference of shares in percentage points."""
    return f"{100 * one.value:+,.1f}".replace("-", "−")


@register.filter
def bounds_points(one: Ranged) -> str:
    """Return the interval of a difference of shares, in percentage points."""
    return f"{_round(100 * one.low)} – {_round(100 * one.high)}"


@register.filter
def ranged_hours(one: Ranged) -> str:
    """Return hours."""
    return f"{_round(one.value)} h"


@register.filter
def bounds_hours(one: Ranged) -> str:
    """Return the interval of hours."""
    return f"{_round(one.low)} – {_round(one.high)} h"


def _round(value: float) -> str:
    return f"{value:,.1f}".replace("-0.0", "0.0").replace("-", "−")


@register.filter
def standing_name(judgement: Judgement) -> str:
    """Return what the standing of a promise is called."""
    return say(STANDINGS[judgement.standing])


@register.filter
def owning(amount_minor: int, currency: str) -> str:
    """Return an amount of the cost of owning."""
    return write_amount(amount_minor, currency)


@register.filter
def target(seconds: int | None) -> str:
    """Return a target as it was written: hours, never days, which are 24 hours to some."""
    return tell_target(seconds)


@register.filter
def writer(by: str) -> str:
    """Return who wrote a record: an account, the customer, or nobody by hand."""
    return say(WRITERS[by]) if by in WRITERS else by


@register.filter
def notice_text(row: Notice) -> str:
    """Return what a notice is about."""
    return say(name_notice(row, load_config().zone))


@register.filter
def notice_state(row: Notice) -> str:
    """Return to whom a notice goes, and where it stands."""
    role = "" if row.clock == CHAIN else f"{say(ROLES[Role(row.role)])} · "
    return f"{role}{say(SENDING_WORDS[Sending(row.sending)])}"
