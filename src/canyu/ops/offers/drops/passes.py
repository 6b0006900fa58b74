"""The signed pass that a drop's page gives a browser and the claim door asks for: who it is, and what they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

LASTS = timedelta(days=1)
"""A page that was opened the day before is loaded again."""
SALT = "canyu.drops.pass"
PARTS = 5


@dataclass(frozen=True, slots=True)
class Pass:
    """A person (an opaque id), and the text that they are asked to agree to: its fingerprint and language."""

    person: str
    text: str
    language: str


def make_pass(code: str, held: Pass, now: datetime) -> str:
    """Return a pass for one drop; a few microseconds."""
    told = f"{code}~{int(now.timestamp())}~{held.language}~{held.text}~{held.person}"
    return Signer(salt=SALT).sign(told)


def read_pass(code: str, given: str, now: datetime) -> Pass | None:
    """Return what a pass says; None where it is not ours, of another drop or too old."""
    try:
        parts = Signer(salt=SALT).unsign(given).split("~", PARTS - 1)
    except BadSignature:
        return None
    if len(parts) != PARTS or parts[0] != code or now.timestamp() - int(parts[1]) > LASTS.total_seconds():
        return None
    return Pass(parts[4], parts[3], parts[2])
