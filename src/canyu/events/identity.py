"""Deterministic event ids: the same source and natural key give the same id, on every machine, for ever."""

from __future__ import annotations

import hashlib


def make_event_id(source: str, *key: str) -> str:
    """Return a 32-hex-digit id from a source name and its natural key (BLAKE2b, 128 bits).

    Parts are separated by the unit separator (U+001F), so that ("a", "bc") and ("ab", "c") differ.

    >>> make_event_id("weibo", "4987")
    'c555ec885c05e085b57b3885ad7dcf85'
    """
    joined = "\x1f".join((source, *key))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
