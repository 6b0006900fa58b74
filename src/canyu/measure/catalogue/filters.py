"""The filters of metrics, each with how it is written: the one list that checks, files and other readers go by."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Form(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LIST = "list"
    NUMBER = "number"
    MOMENT = "moment"
    SWITCH = "switch"
    ANSWER = "answer"
    """What a lift design found; no text says it."""


FILTERS = MappingProxyType(
    {
        **dict.fromkeys(("brand", "channel", "market", "campaign", "object", "segment", "title"), Form.TEXT),
        **dict.fromkeys(("message", "against", "home", "currency"), Form.TEXT),
        **dict.fromkeys(("rivals", "without"), Form.LIST),
        "is_once": Form.SWITCH,
        **dict.fromkeys(("minutes", "hours"), Form.NUMBER),
        "since": Form.MOMENT,
        "incremental": Form.ANSWER,
    }
)
"""A metric names those that it knows (``Metric.filters``), and refuses the others."""
WRITTEN = MappingProxyType(
    {name: form for name, form in FILTERS.items() if form is not Form.ANSWER}
    | {"window_days": Form.NUMBER, "as_of": Form.MOMENT}
)
"""What a file may say under ``where``: the filters, and the two that every metric with a window or a clock takes."""
