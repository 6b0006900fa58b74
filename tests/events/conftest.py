"""Events by the dozen, for the tests of the lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from canyu.events import Event, build_event_table

Maker = Callable[..., pa.Table]
START = datetime(2025, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def make_posts() -> Maker:
    """Posts numbered from ``first``, ten per day, by actors u0 to u4 in turn; any field may be set for all."""

    def make(count: int, first: int = 0, **changes: Any) -> pa.Table:
        return build_event_table([_make_post(number, changes) for number in range(first, first + count)])

    return make


def _make_post(number: int, changes: dict[str, Any]) -> Event:
    time = START + timedelta(days=number // 10, minutes=number % 10)
    fields: dict[str, Any] = {
        "id": f"post-{number}",
        "type": "post",
        "time": time,
        "received": time,
        "source": "weibo",
        "actor": f"u{number % 5}",
        "text": f"小米 SU7 第 {number} 天",
    }
    return Event(**(fields | changes))
