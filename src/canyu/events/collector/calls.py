"""What a request of a tracking client asks, and the events and the key in its body: three families, one shape."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote

from canyu.kit.raw_http import Scope, find_header


class Dialect(StrEnum):
    """In whose words the events of a request are."""

    SEGMENT = "segment"
    POSTHOG = "posthog"
    EVENTS = "events"
    """Events of Canyu's own shape, of rooms that write to the inbox themselves."""


class Ask(StrEnum):
    """What a request wants."""

    KEEP = "keep"
    FLAGS = "flags"
    SEGMENT_SETTINGS = "segment_settings"
    RUDDERSTACK_SETTINGS = "rudderstack_settings"
    POSTHOG_SETTINGS = "posthog_settings"


CALLS = {"t": "track", "p": "page", "i": "identify", "s": "screen", "g": "group", "a": "alias", "batch": ""}
CALLS |= {name: name for name in ("track", "page", "identify", "screen", "group", "alias")}
POSTHOG_PATHS = frozenset({"batch", "e", "capture"})
KEY_NAMES = ("writeKey", "api_key", "token")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what it asks, in which dialect, which call a Segment path names, and a key in the path."""

    ask: Ask
    dialect: Dialect = Dialect.SEGMENT
    call: str = ""
    key: str = ""


def find_call(path: str) -> Call | None:
    """Return what a path asks, or None where the collector has nothing there.

    >>> find_call("/v1/t").call, find_call("/e/").dialect.value, find_call("/v1/nothing")
    ('track', 'posthog', None)
    """
    match path.strip("/").split("/"):
        case ["v1", call] if call in CALLS:
            return Call(Ask.KEEP, Dialect.SEGMENT, CALLS[call])
        case [name] if name in POSTHOG_PATHS:
            return Call(Ask.KEEP, Dialect.POSTHOG)
        case ["flags"] | ["decide"]:
            return Call(Ask.FLAGS, Dialect.POSTHOG)
        case ["array", key, "config"]:
            return Call(Ask.POSTHOG_SETTINGS, Dialect.POSTHOG, key=unquote(key))
        case ["v1", "projects", key, "settings"]:
            return Call(Ask.SEGMENT_SETTINGS, key=unquote(key))
        case ["sourceConfig"]:
            return Call(Ask.RUDDERSTACK_SETTINGS)
    return None


def find_key(scope: Scope, body: Any) -> str:
    """Return the write key of a request, from Basic authentication, the address or the body; empty where none is."""
    return _read_basic(find_header(scope, b"authorization")) or _read_query(scope) or _read_key(body)


def list_payloads(body: Any) -> list[Any] | None:
    """Return the events in a body, None where it is no shape that a client sends.

    >>> list_payloads({"batch": [1, 2]}), list_payloads({"event": "x"}), list_payloads([3]), list_payloads("x")
    ([1, 2], [{'event': 'x'}], [3], None)
    """
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return None
    for name in ("batch", "data"):
        if name in body and "event" not in body:
            return body[name] if isinstance(body[name], list) else None
    return [body]


def _read_basic(header: bytes) -> str:
    scheme, _, value = header.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _read_query(scope: Scope) -> str:
    query = scope.get("query_string", b"")
    if b"writeKey=" not in query:
        return ""
    return str(parse_qs(query.decode("ascii", "replace"), max_num_fields=50).get("writeKey", [""])[0])


def _read_key(body: Any) -> str:
    given = body[0] if isinstance(body, list) and body else body
    if not isinstance(given, Mapping):
        return ""
    properties = given.get("properties")
    for place in (given, properties if isinstance(properties, Mapping) else {}):
        for name in KEY_NAMES:
            if isinstance(place.get(name), str) and place[name]:
                return str(place[name])
    batch = given.get("batch")
    return _read_key(batch) if isinstance(batch, list) else ""
