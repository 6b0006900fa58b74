"""The one door to JSON: compact, sorted keys, UTF-8, so that equal values are equal bytes."""

from __future__ import annotations

from typing import Any

import orjson


def dump_json(value: Any) -> str:
    """Return ``value`` as canonical JSON text (sorted keys, no spaces).

    >>> dump_json({"b": 1, "a": "米"})
    '{"a":"米","b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def parse_json(text: str | bytes) -> Any:
    """Parse JSON text; raises ``ValueError`` where it is not JSON."""
    return orjson.loads(text)
