"""How pages of WeChat say what may be sent still, and where a message stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from canyu.console.templatetags.canyu import say
from canyu.kit.words import Words
from canyu.ops.wechat.models import Outgoing
from canyu.ops.wechat.rules import REASON_WORDS, SENDING_WORDS, VENDOR_WORDS

register = template.Library()


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """Return what stands at a key, None for nothing."""
    return mapping.get(key)


@register.filter
def sending_state(row: Outgoing) -> str:
    """Return where a message stands."""
    return say(SENDING_WORDS[row.state])


@register.filter
def sending_fault(row: Outgoing) -> str:
    """Return why a message did not leave, empty for none."""
    return say(Words(*row.fault)) if row.fault else ""


@register.filter
def vendor_name(vendor: str) -> str:
    """Return what a vendor is called."""
    return say(VENDOR_WORDS[vendor])


@register.filter
def hand_over_reason(reason: str) -> str:
    """Return why a person took over."""
    return say(REASON_WORDS[reason]) if reason in REASON_WORDS else reason
