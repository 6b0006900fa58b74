"""What is asked of a drop and what is answered; pure, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Answered(StrEnum):
    """The answer to a claim; only the first two stand for a unit."""

    HELD = "held"
    SOLD = "sold"
    SOLD_OUT = "sold_out"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    PERSON_LIMIT = "person_limit"
    ENTERED = "entered"
    UNKNOWN = "unknown"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Ask:
    """One person asks for a unit; ``key`` tells apart several units of one person.

    ``consent``: the fingerprint of the text that they agreed to, in this language.
    """

    person: str
    market: str = ""
    key: str = ""
    consent: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one asker is told."""

    state: Answered
    serial: int | None = None
    token: str = ""
    expires_at: datetime | None = None
    opens_at: datetime | None = None

    def describe(self) -> dict[str, Any]:
        """Return the answer as a program reads it."""
        told: dict[str, Any] = {"state": self.state.value}
        if self.serial is not None:
            told |= {"serial": self.serial, "claim": self.token}
        if self.state is Answered.HELD and self.expires_at:
            told["expires_at"] = self.expires_at
        if self.state is Answered.NOT_OPEN and self.opens_at:
            told["opens_at"] = self.opens_at
        return told
