"""The hold-out of the public Weibo cascades (CED), by the set's own rule: those posts are for nobody's fitting."""

from __future__ import annotations

import hashlib

HELD_OUT_BELOW = 20  # hundredths
HEX_DIGITS = 8


def is_held_out(text: str | None) -> bool:
    """Tell whether a post is in the hold-out: SHA-256 of its text, its first digits modulo 100, below 20."""
    digest = hashlib.sha256((text or "").encode()).hexdigest()[:HEX_DIGITS]
    return int(digest, 16) % 100 < HELD_OUT_BELOW
