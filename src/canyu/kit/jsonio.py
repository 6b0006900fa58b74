"""The one door to JSON: compact UTF-8; canonical where equal values must be equal bytes."""

from __future__ import annotations

from typing import Any

import orjson


def dump_json(value: Any) -> str:
    """Return ``value`` as canonical JSON text (sorted keys, no spaces).

    >>> dump_json({"b": 1, "a": "米"})
    '{"a":"米","b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def dump_json_bytes(value: Any) -> bytes:
    """Return ``value`` as JSON bytes with its keys in their own order, times in UTC as ``…Z``.

    >>> dump_json_bytes({"b": 1, "a": "米"}).decode()
    '{"b":1,"a":"米"}'
    """
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def wrap_json(text: str) -> Any:
    """Return JSON text as a value that ``dump_json_bytes`` writes as it stands.

    >>> dump_json_bytes({"props": wrap_json('{"n":1}')}).decode()
    '{"props":{"n":1}}'
    """
    return orjson.Fragment(text)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON text; raises ``ValueError`` where it is not JSON."""
    return orjson.loads(text)
