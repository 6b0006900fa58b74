"""Lengths of time as people write them: 30min, 6h, 14d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

_SPAN = re.compile(r"([1-9][0-9]{0,5})(min|h|d|w)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(text: str) -> timedelta:
    """Return a length of time. Raises BadInput where it is none.

    >>> parse_span("14d") == timedelta(days=14), parse_span("90min") == timedelta(minutes=90)
    (True, True)
    """
    found = _SPAN.fullmatch(text)
    if not found:
        raise BadInput(
            Words(f"{text!r} 不是时长。", f"{text!r} is no length of time."),
            mend=Words("请写 30min、6h、14d 或 2w。", "Write it as 30min, 6h, 14d or 2w."),
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
