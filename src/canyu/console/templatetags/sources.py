"""Template tags of the pages of sources."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.translation import get_language

from canyu.kit.words import Words

register = template.Library()


@register.filter
def say_pair(pair: Sequence[str]) -> str:
    """Return the one of two texts (Chinese, English) that the reader reads."""
    return Words(*pair).say(get_language() or "") if len(pair) == 2 else ""
