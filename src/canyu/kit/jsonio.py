"""The one door to JSON: compact UTF-8; canonical where equal values must be equal bytes."""

from __future__ import annotations

import json
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


def parse_sent_json(text: bytes) -> Any:
    """Parse JSON of programs that are not ours: also NaN and Infinity (null), lone surrogates (U+FFFD), huge integers.

    Python's own encoder writes all of these, and one of them should not cost a whole batch. Raises ``ValueError``
    where the text is no JSON, or nested too deeply.

    >>> parse_sent_json(b'{"a": NaN, "b": 1}')
    {'a': None, 'b': 1}
    """
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return _make_sound(json.loads(text, parse_constant=lambda _: None))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _make_sound(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_make_sound(item) for item in value]
    if isinstance(value, dict):
        return {_make_sound(key): _make_sound(item) for key, item in value.items()}
    return value
