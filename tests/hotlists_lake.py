"""A lake with lists and series to count by hand: captures of two lists, two indexes, the posts of ``brand_lake``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from brand_lake import MODEL, fill_brand_lake
from canyu.events import TABLES, Event, build_event_table
from canyu.kit.jsonio import dump_json

MIDNIGHT = datetime(2025, 3, 9, 16, tzinfo=UTC)  # 10 March in Shanghai
CAPTURES = (*(30 * n for n in range(21)), 900, 930)  # minutes: 0:00 to 10:00, then nothing until 15:00
HOSTILE_TITLE = "小米<script>alert('热搜')</script>"
TITLES: tuple[tuple[str, str, int, int, int], ...] = (
    ("小米SU7交付", "xiaomi", 0, 600, 3),
    ("小米汽车降价", "xiaomi", 300, 600, 9),
    (HOSTILE_TITLE, "xiaomi", 900, 930, 41),
    ("特斯拉召回", "tesla", 60, 240, 1),
)
"""Title, brand, from and to in minutes, best rank. Together xiaomi is on for 630 minutes, tesla for 180."""


def fill_hotlists_lake(path: Path) -> canyu.Lake:
    """Write the events and derived tables; the same every time."""
    lake = fill_brand_lake(path)
    facts = [
        _fact(f"capture-{n}", minutes, "天气", n % 50 + 1, metric="hot_rank") for n, minutes in enumerate(CAPTURES)
    ]
    facts += [_fact(f"douyin-{n}", 480 * n, "歌", 1, channel="douyin", metric="hot_rank") for n in range(3)]
    facts += [
        _fact(f"index-{n}", 1440 * n + 1200, "小米SU7", 1000 + n, metric="search_index") for n in range(12) if n != 4
    ]
    facts += [
        _fact(f"read-{n}", 60 * n, HOSTILE_TITLE, 5000 + n, metric="read", bucket="1h", closed=n < 20)
        for n in range(21)
        if n not in {3, 4}
    ]
    more = ("mention", "interaction", "original", "mention_total")  # a row of choices wider than a phone
    facts += [_fact(f"{metric}-1", 60, "小米SU7", 7, metric=metric, bucket="1h", closed=True) for metric in more]
    lake.append(build_event_table(facts))
    lake.write_derived("board", pa.Table.from_pylist(_list_rows(), TABLES["board"].schema), mode="overwrite")
    return lake


def _list_rows() -> list[dict[str, Any]]:
    rows = []
    for title, brand, since, until, rank in TITLES:
        for number, (this, after) in enumerate(pairwise(CAPTURES)):
            if since <= this < until and after - this <= 120:
                row = {"title": title, "brand": brand, "channel": "weibo", "top_rank": rank + number % 2}
                row |= {"heat": 100_000 + this, "is_spell": False, "model_version": MODEL}
                row |= {"start": _at(this), "end": _at(after), "event_id": f"capture-{title}-{this}"}
                rows.append(row)
    return rows


def _fact(name: str, minutes: int, title: str, value: int, **props: object) -> Event:
    channel = str(props.pop("channel", "weibo"))
    moment = _at(minutes)
    return Event(
        id=name,
        type="observe",
        time=moment,
        received=moment,
        source="crawler",
        market="CN",
        channel=channel,
        object=title,
        text=title,
        value=value,
        props=dump_json(props),
    )


def _at(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)
