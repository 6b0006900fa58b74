"""The signed pass that a drop's page gives a browser and the claim door asks for: who it is, and what they read."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

LASTS = timedelta(days=1)
"""A page that was opened the day before is loaded again."""
GUEST_LASTS = timedelta(days=90)
"""So long a browser's number lasts; an older cookie is none."""
PARTS = 5


@dataclass(frozen=True, slots=True)
class Pass:
    """A person (an opaque id), and the text that they are asked to agree to: its fingerprint and language."""

    person: str
    text: str
    language: str


def digest_person(person: str) -> str:
    """Return the keyed hash under which somebody who was erased is remembered."""
    return hmac.digest(_derive_key(settings.SECRET_KEY), f"erased~{person}".encode("utf-8", "replace"), "sha256").hex()[
        :32
    ]


def make_pass(code: str, held: Pass, now: datetime) -> str:
    """Return a pass for one drop."""
    told = f"{code}~{int(now.timestamp())}~{held.language}~{held.text}~{held.person}"
    return f"{told}:{_sign(told)}"


def read_pass(code: str, given: str, now: datetime) -> Pass | None:
    """Return what a pass says, in microseconds; None where it is not ours, of another drop or too old."""
    told, _colon, signature = given.rpartition(":")
    if not hmac.compare_digest(_sign(told).encode(), signature.encode("utf-8", "replace")):
        return None
    parts = told.split("~", PARTS - 1)
    if len(parts) != PARTS or parts[0] != code or now.timestamp() - int(parts[1]) > LASTS.total_seconds():
        return None
    return Pass(parts[4], parts[3], parts[2])


def _sign(told: str) -> str:
    return hmac.digest(_derive_key(settings.SECRET_KEY), told.encode("utf-8", "replace"), "sha256").hex()


@lru_cache(maxsize=1)
def _derive_key(secret: str) -> bytes:
    return salted_hmac("canyu.drops.pass", "passes", secret, algorithm="sha256").digest()
