"""The lake of planted bursts with posts that go far, or do not, in its last hours; and real cascades as a lake."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import canyu
from alert_lake import END, MODEL, fill_alert_lake
from canyu.events import TABLES, Event, build_event_table

POSTED = END - timedelta(hours=3)
FAST, LATER, SLOW = 400, 120, 30
"""Reactions of the fast post within two hours, those of its third hour, and those of the slow one."""
TEXT = "新车交付现场<script>alert('远')</script>"


def fill_alarm_lake(path: Path) -> canyu.Lake:
    """A post about the SU7 with 400 reactions in two hours and 520 in three, and one with ten an hour."""
    lake = fill_alert_lake(path)
    fast = [_event("far", "post", POSTED, text=TEXT), _event("near", "post", POSTED, text="没什么人看")]
    fast += [_react("far", n, POSTED + n * timedelta(hours=2) / FAST) for n in range(1, FAST)]
    fast += [_react("near", n, POSTED + n * timedelta(hours=3) / SLOW) for n in range(1, SLOW)]
    lake.append(build_event_table(fast))
    scores = [{**_score(event), "links": ["xiaomi", "xiaomi/su7"]} for event in fast[:1]]
    lake.write_derived("scores", pa.Table.from_pylist(scores, TABLES["scores"].schema))
    return lake


def add_reactions(lake: canyu.Lake, number: int, since: datetime) -> None:
    """Let so many more react to the fast post, one a second."""
    lake.append(build_event_table([_react("far", 10_000 + n, since + timedelta(seconds=n)) for n in range(number)]))


def fill_real_lake(path: Path, shared: Path, first: date, last: date) -> canyu.Lake:
    """Write the posts of CED of some days (UTC, both included) with all their reactions; as its importer does."""
    folder = shared / "ced_rumour_cascades"
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last + timedelta(days=1)))
    posts = pq.read_table(folder / "posts.parquet", columns=["post_id", "mid", "text", "time", "user_key"])
    moments = posts["time"].cast(pa.timestamp("us", "UTC"))
    within = pc.and_(pc.greater_equal(moments, pa.scalar(begin)), pc.less(moments, pa.scalar(end)))
    posts = posts.filter(within)
    reposts = pq.read_table(folder / "reposts.parquet", columns=["post_id", "mid", "parent_mid", "time", "user_key"])
    reposts = reposts.filter(pc.and_(pc.is_in(reposts["post_id"], posts["post_id"]), pc.is_valid(reposts["time"])))
    events = [
        _event(f"{row['post_id']}", "post", row["time"].astimezone(UTC), actor=row["user_key"], text=row["text"])
        for row in posts.to_pylist()
    ]
    named = {}
    for row in reposts.to_pylist():
        post = f"{row['post_id']}"
        parent = named.get((post, row["parent_mid"]), post)
        name = named[post, row["mid"]] = f"{post}/{row['mid']}"
        moment = row["time"].astimezone(UTC)
        events.append(_event(name, "repost", moment, actor=row["user_key"], parent=parent))
    lake = canyu.open(path, create=True)
    lake.append(build_event_table(events))
    return lake


def _react(post: str, number: int, moment: datetime) -> Event:
    return _event(f"{post}-{number}", "repost", moment, parent=post, actor=f"{post}-reader-{number}")


def _event(name: str, verb: str, moment: datetime, **more: Any) -> Event:
    told = {"actor": "someone", "market": "CN", "channel": "weibo", "source": "hand"} | more
    return Event(id=name, type=verb, time=moment, received=moment, **told)


def _score(event: Event) -> dict[str, Any]:
    named = {name: getattr(event, name) for name in ("time", "type", "market", "channel", "actor")}
    return {"event_id": event.id, "day": event.time.date(), **named, "lang": "zh", "model_version": MODEL}
