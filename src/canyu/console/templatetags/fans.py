"""How pages about people say what a state or kind is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template

from canyu.console.templatetags.canyu import say
from canyu.kit.words import Words
from canyu.ops.fans.models import Request
from canyu.ops.fans.subject.rules import WAITING

register = template.Library()
SIGNALS = {
    "device": Words("同一台设备", "the same device"),
    "contact": Words("同一个联系方式", "the same contact"),
    "payment": Words("同一个支付账户", "the same payment account"),
    "address": Words("同一个地址", "the same address"),
}


@register.filter
def said(words: Mapping[str, Words], name: str) -> str:
    """Return what something is called in the page's language; what has no name is told as it is."""
    found = words.get(name)
    return say(found) if found else name


@register.filter
def signal_name(kind: str) -> str:
    """Return what two people share."""
    return said(SIGNALS, kind)


@register.filter
def count_yes(answers: Iterable[tuple[Words, bool]]) -> int:
    """Return how many purposes were agreed to."""
    return sum(is_allowed for _words, is_allowed in answers)


@register.filter
def count_open(requests: Iterable[Request]) -> int:
    """Return how many requests wait."""
    return sum(request.stand in WAITING for request in requests)
