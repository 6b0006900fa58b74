"""The one door to the current time, so that tests and replays can close it."""

from __future__ import annotations

from datetime import UTC, datetime


def get_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
