"""What an event of the console is called and how it is kept on its way; pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from canyu.events import Event

CONSOLE = "console"
"""The source of events that people made in the console: no word of mouth, and no day of the brand's data."""
TIMES = ("time", "received")


def dump_event(event: Event) -> dict[str, Any]:
    """Return an event as plain values that ``load_event`` turns into the same event."""
    kept = asdict(event)
    for name in TIMES:
        kept[name] = kept[name].isoformat()
    return kept


def load_event(kept: Mapping[str, Any]) -> Event:
    """Return the event that was kept."""
    return Event(**{**kept, **{name: datetime.fromisoformat(kept[name]) for name in TIMES}})
