"""How the public pages of a challenge write places and instants; pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from canyu.ops.campaigns.challenges.queries import Place


@dataclass(frozen=True, slots=True)
class Span:
    """Opening and closing as a market's clock shows them."""

    opens: str
    closes: str
    zone: str


def write_span(opens_at: datetime, closes_at: datetime, zone: str) -> Span:
    """Return opening and closing in a market's time.

    >>> from datetime import UTC
    >>> write_span(datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC), "Asia/Shanghai")
    Span(opens='2026-12-01 00:00', closes='2027-01-01 00:00', zone='Asia/Shanghai')
    """
    local = ZoneInfo(zone)
    return Span(f"{opens_at.astimezone(local):%Y-%m-%d %H:%M}", f"{closes_at.astimezone(local):%Y-%m-%d %H:%M}", zone)


def describe_place(place: Place) -> dict[str, Any]:
    """Return one row of the board as an app reads it; a person is the number of their place and the name they chose."""
    told = asdict(place)
    return {"rank": told.pop("rank"), "entrant": told.pop("id"), **told}
