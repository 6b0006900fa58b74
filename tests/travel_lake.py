"""A lake with cascades to count by hand, a young post to foresee, and one cascade of ten thousand reposts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import canyu
from canyu.events import TABLES, Event, build_event_table

START = datetime(2025, 3, 10, 4, tzinfo=UTC)  # noon in Shanghai
LAST = datetime(2025, 3, 20, 4, tzinfo=UTC)
MODEL = "hand-1"
SCRIPT = "新车<script>alert('传播')</script><img src=x onerror=alert(1)>"
HOSTILE_ACTOR = '"><script>alert(2)</script>'
ODD_ID = "a7\"><b>&'米 %2F"
MANY = 10_000

# id, author, parent, minutes after START, verb; below post-a: 7 reposts and a comment, below post-b 3, below gone 2
REPOSTS: tuple[tuple[str, str, str, int, str], ...] = (
    ("a1", "u1", "post-a", 1, "repost"),
    ("a2", "u2", "a1", 2, "repost"),
    ("a3", "u3", "a1", 3, "repost"),
    ("a4", "u4", "a2", 4, "repost"),
    ("a5", "u1", "a4", 5, "repost"),
    ("a6", HOSTILE_ACTOR, "post-a", 90, "repost"),
    ("k1", "u7", "post-a", 6, "comment"),
    (ODD_ID, "u6", "k1", 7, "repost"),
    ("b1", "u1", "post-b", 1500, "repost"),
    ("b2", "u8", "b1", 1501, "repost"),
    ("b3", "u9", "b1", 1502, "repost"),
    ("c1", "u3", "gone", 60, "repost"),
    ("c2", "u9", "c1", 61, "repost"),
    ("o1", "u2", "post-old", 30, "repost"),
)
POSTS: tuple[tuple[str, str, int, str, str | None, str], ...] = (
    ("post-a", "brand", 0, "weibo", "spring", SCRIPT),
    ("post-b", "someone", 1440, "douyin", None, "另一条帖子"),
    ("post-alone", "someone", 10, "weibo", None, "没有人转发"),
    ("post-old", "someone", -100_000, "weibo", None, "很久以前的帖子"),
)
"""Id, author, minutes after START, channel, campaign, text."""
PERIOD = "from=2025-03-10&to=2025-03-11"
REACTIONS = 40


def fill_travel_lake(path: Path) -> canyu.Lake:
    """Write the planted cascades, the posts to foresee and the scores; the same every time."""
    lake = canyu.open(path, create=True)
    posts = [_event(name, "post", author, START + timedelta(minutes=at), channel, campaign=campaign, text=text)
             for name, author, at, channel, campaign, text in POSTS]  # fmt: skip
    reposts = [_event(name, verb, author, START + timedelta(minutes=at), "weibo", parent=parent, text=f"转发 {name}")
               for name, author, parent, at, verb in REPOSTS]  # fmt: skip
    lake.append(build_event_table([*posts, *reposts, *_list_young()]))
    rows = [_score(event) for event in posts[:2]]
    lake.write_derived("scores", pa.Table.from_pylist(rows, TABLES["scores"].schema))
    return lake


def _list_young() -> list[Event]:
    """An hour old at the last moment of the lake, with 40 reactions; another with too few."""
    begin = LAST - timedelta(hours=1)
    props = '{"followers":50000,"verified":true}'
    found = [
        _event("young", "post", "brand", begin, "weibo", text="新品上市", props=props),
        _event("few", "post", "someone", begin, "weibo", text="几乎没人看"),
    ]
    for number in range(REACTIONS):
        verb = "repost" if number % 4 else "comment"
        moment = begin + timedelta(seconds=90 * number + 90)
        found.append(_event(f"y{number}", verb, f"v{number}", moment, "weibo", parent="young", text="好"))
    found += [
        _event(f"f{n}", "repost", f"w{n}", begin + timedelta(minutes=n + 1), "weibo", parent="few") for n in range(5)
    ]
    return found


def fill_large_lake(path: Path) -> canyu.Lake:
    """Write one cascade of ``MANY`` reposts: three large carriers, chains, and a crowd that reposts the post itself."""
    lake = canyu.open(path, create=True)
    random = np.random.default_rng(20260301)
    events = [_event("large", "post", "brand", START, "weibo", campaign="spring", text="大家都在转的帖子")]
    ages = np.sort(random.lognormal(9.0, 1.6, MANY)).clip(1, 29 * 86_400)
    weights = np.zeros(MANY)
    for number in range(MANY):
        parent = "large"
        if number and random.random() < 0.55:
            chosen = int(random.choice(number, p=weights[:number] / weights[:number].sum()))
            parent = f"r{chosen}"
        weights[number] = random.pareto(0.9) + (600 if number in {7, 60, 900} else 0)
        moment = START + timedelta(seconds=float(ages[number]))
        events.append(
            _event(f"r{number}", "repost", f"账号{number % 8_800}", moment, "weibo", parent=parent, text="转")
        )
    lake.append(build_event_table(events))
    return lake


def _event(name: str, verb: str, actor: str, moment: datetime, channel: str, **more: Any) -> Event:
    return Event(
        id=name,
        type=verb,
        time=moment,
        received=moment,
        source="hand",
        market="CN",
        channel=channel,
        actor=actor,
        **more,
    )


def _score(event: Event) -> dict[str, Any]:
    links = ["xiaomi", "xiaomi/su7"] if event.id == "post-a" else ["tesla"]
    shares = {"p_negative": 0.1, "p_neutral": 0.1, "p_positive": 0.8}
    return {
        "event_id": event.id,
        "day": event.time.date(),
        "time": event.time,
        "type": event.type,
        "market": event.market,
        "channel": event.channel,
        "actor": event.actor,
        "lang": "zh",
        "sentiment": "positive",
        **shares,
        "links": links,
        "model_version": MODEL,
    }
