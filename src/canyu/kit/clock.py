"""The one door to the current time, so that tests and replays can close it; and what a written time means."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

YEARS = range(1970, 3000)
"""Further away, sums of instants would leave the calendar."""


def get_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def find_instant(told: datetime, zone: str) -> datetime | None:
    """Return the instant that somebody wrote: by the offset beside it, else by a zone's clock.

    None for a time that this clock skips, and for one that is outside the years of ``YEARS``.

    >>> told = datetime.fromisoformat("2026-03-29T02:30")
    >>> str(find_instant(told, "Asia/Shanghai")), find_instant(told, "Europe/Berlin")
    ('2026-03-28 18:30:00+00:00', None)
    """
    if told.year not in YEARS:
        return None
    if told.tzinfo is not None:
        return told.astimezone(UTC)
    instant = told.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return instant if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == told else None
