"""Addresses of static files that carry the hash of the file, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

HASH_DIGITS = 12


class HashedQueryStorage(StaticFilesStorage):
    """Adds ``?v=hash`` to each address; needs no collecting step before the server starts."""

    def url(self, name: str | None) -> str:
        """Return the address of a static file; an unknown one is left without a hash."""
        plain: str = super().url(name)
        digest = _compute_hash(name) if name else ""
        return f"{plain}?v={digest}" if digest else plain


@lru_cache(maxsize=256)
def _compute_hash(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        return ""
    return hashlib.blake2b(Path(found).read_bytes()).hexdigest()[:HASH_DIGITS]
