"""A small lake with two planted bursts: one that ended weeks ago, one that is still going on at the newest hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import TABLES, Event, build_event_table, make_event_id

START = datetime(2025, 3, 3, tzinfo=UTC)
DAYS = 42
END = START + timedelta(days=DAYS)
OLD_BURST = START + timedelta(days=30, hours=6)
BURST = END - timedelta(hours=2)
MODEL = "hand-1"
ASPECT = "car/safety"
HOSTILE = "<script>alert('小米SU7')</script> 刹车失灵"


def fill_alert_lake(path: Path) -> canyu.Lake:
    """Two posts about the SU7 an hour for six weeks, and twice sixty an hour more for two hours, half copies."""
    lake = canyu.open(path, create=True)
    posts = list(_list_posts())
    lake.append(build_event_table([event for event, _, _ in posts]))
    add_scores(lake, posts)
    heard = {"number": 1, "time": START, "model_version": MODEL, "events_version": 0, "scored": len(posts)}
    lake.write_derived("listenings", pa.Table.from_pylist([heard], TABLES["listenings"].schema))
    return lake


def add_scores(lake: canyu.Lake, posts: list[tuple[Event, str, bool]]) -> None:
    """Write what listening would have written."""
    scores, mentions, opinions = [], [], []
    for event, sentiment, is_copy in posts:
        base: dict[str, Any] = {
            "event_id": event.id,
            "day": event.time.date(),
            "time": event.time,
            "type": "post",
            "market": event.market,
            "channel": event.channel,
            "model_version": MODEL,
            "sentiment": sentiment,
        }
        scores.append({**base, "cluster_id": event.id, "lang": "zh", "links": ["xiaomi", "xiaomi/su7"]})
        told = {**base, "is_copy": is_copy, "brand": "xiaomi", "link": "xiaomi/su7"}
        mentions.append({**told, "is_first_of_brand": True})
        if sentiment == "negative":
            opinions.append({**told, "aspect": ASPECT, "polarity": -1, "is_first_of_aspect": True})
    for name, rows in (("scores", scores), ("mentions", mentions), ("opinions", opinions)):
        lake.write_derived(name, pa.Table.from_pylist(rows, TABLES[name].schema))


def make_posts(begin: datetime, count: int, minutes: float, text: str = "") -> list[tuple[Event, str, bool]]:
    """Negative posts one after the other; every second is a copy."""
    return [
        (
            _make_post(begin + timedelta(minutes=turn * minutes), text or f"小米SU7刹车失灵 {turn}"),
            "negative",
            turn % 2 == 1,
        )
        for turn in range(count)
    ]


def _list_posts() -> Iterator[tuple[Event, str, bool]]:
    for hour in range(DAYS * 24):
        for turn in (0, 1):
            yield _make_post(START + timedelta(hours=hour, minutes=20 * turn), f"小米SU7上路 {hour}"), "neutral", False
    yield from make_posts(OLD_BURST, 120, 1)
    yield from make_posts(BURST, 119, 1)
    yield _make_post(BURST + timedelta(minutes=30, seconds=30), HOSTILE), "negative", False


def _make_post(moment: datetime, text: str) -> Event:
    return Event(
        id=make_event_id("hand", "alert", f"{moment.isoformat()} {text}"),
        type="post",
        time=moment,
        received=moment,
        source="rehearsal",
        market="CN",
        channel="weibo",
        actor="person",
        text=text,
        props='{"simulated":true}',
    )
