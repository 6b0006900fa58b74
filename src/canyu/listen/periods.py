"""Days and weeks as people in one time zone count them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

UNITS = ("day", "week")


def list_starts(times: pa.ChunkedArray | pa.Array, unit: str, zone: str) -> pa.ChunkedArray | pa.Array:
    """Return the local time at which the day or week of each (aware) time begins, without a zone.

    >>> from datetime import UTC
    >>> list_starts(pa.array([datetime(2026, 6, 7, 17, tzinfo=UTC)]), "week", "Asia/Shanghai").to_pylist()
    [datetime.datetime(2026, 6, 8, 0, 0)]
    """
    return pc.floor_temporal(pc.local_timestamp(times.cast(pa.timestamp("us", tz=zone))), unit=unit)


def find_ends(start: datetime, unit: str, zone: str) -> tuple[datetime, datetime]:
    """Return the (aware) times between which the day or week lies that begins at a local time."""
    begin = start.replace(tzinfo=ZoneInfo(zone))
    return begin, begin + timedelta(days=7 if unit == "week" else 1)


def find_start(moment: datetime, unit: str, zone: str) -> datetime:
    """Return when the day or week of a moment begins (aware).

    >>> from datetime import UTC
    >>> find_start(datetime(2026, 6, 7, 15, tzinfo=UTC), "week", "Asia/Shanghai").isoformat()
    '2026-06-01T00:00:00+08:00'
    """
    local = moment.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(days=local.weekday() if unit == "week" else 0)
