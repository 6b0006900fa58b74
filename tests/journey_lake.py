"""A lake of people who see, click and buy, small enough that plain loops can find every answer."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import EVENT_SCHEMA

START = datetime(2025, 3, 2, 16, tzinfo=UTC)  # Monday, 3 March 2025, 00:00 in Shanghai
CHANNELS = ("weibo", "douyin", "wechat", "xiaohongshu")
TYPES = ("view",) * 6 + ("click",) * 4 + ("visit",) * 3 + ("order",) * 2 + ("share",)


def make_event(number: int, **given: Any) -> dict[str, Any]:
    """Return one event with what every event needs."""
    kind = given.get("type", "view")
    known: dict[str, Any] = dict.fromkeys(EVENT_SCHEMA.names)
    known |= {"id": f"e{number:05d}", "type": kind, "time": START, "source": "shop", "actor": "p1", "object": "su7"}
    if kind in {"order", "refund"}:
        known |= {"value": 1000, "currency": "CNY"}
    known |= given
    return known | {"received": known["time"], "props": known["props"] or "{}"}


def write_events(lake: canyu.Lake, events: list[dict[str, Any]]) -> canyu.Lake:
    """Append events of ``make_event``."""
    lake.append(pa.Table.from_pylist(events, schema=EVENT_SCHEMA))
    return lake


def draw_events(people: int = 60, events: int = 900, days: int = 35, seed: int = 5) -> list[dict[str, Any]]:
    """Draw events at full hours, so that many happen at the same moment; some are of the staff and of nobody."""
    chance = random.Random(seed)
    drawn = []
    for number in range(events):
        kind = chance.choice(TYPES)
        time = START + timedelta(hours=chance.randrange(days * 24))
        given = {"type": kind, "time": time, "actor": f"p{chance.randrange(people)}", "object": chance.choice("ab")}
        given["channel"] = chance.choice(CHANNELS)
        if kind == "order":
            given |= {"value": chance.randrange(1, 9) * 100, "props": f'{{"order_id":"o{number}","n": {number % 3}}}'}
        if number % 50 == 7:
            given["source"] = "console"
        if number % 50 == 9 and kind in {"view", "click", "visit"}:
            given["actor"] = None
        drawn.append(make_event(number, **given))
    return drawn


def fill_journey_lake(path: Path) -> canyu.Lake:
    """Write ``draw_events`` into a new lake."""
    return write_events(canyu.open(path, create=True), draw_events())
