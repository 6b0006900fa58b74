"""A small told lake: few enough posts to count by hand, with a gap, two models, two brands and overlapping spells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import canyu
from canyu.engine import Engine, open_engine
from canyu.events import TABLES
from canyu.measure import OverviewQuery, forget_overviews

NEW, OLD = "2026-02/cat1", "2026-01/cat1"
NOON = datetime(2025, 4, 1, 4, tzinfo=UTC)  # 12:00 in Shanghai
QUERY = OverviewQuery(date(2025, 4, 1), date(2025, 4, 7), brand="xiaomi")


def make_row(name: str, **given: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {field.name: None for field in TABLES[name].schema}
    if "time" in given and "day" in empty:
        empty["day"] = given["time"].astimezone(UTC).date()
    return {**empty, **given}


def write_rows(lake: canyu.Lake, name: str, rows: list[dict[str, Any]]) -> None:
    schema = TABLES[name].schema
    table = pa.Table.from_pylist([make_row(name, **row) for row in rows], schema=schema)
    if name == "events":
        lake.append(table.drop_columns("day"))
    else:
        lake.write_derived(name, table)


def say(lake: canyu.Lake, posts: list[dict[str, Any]], model: str = NEW) -> None:
    """Write posts with their scores, mentions and engagement, as listening does."""
    events, scores, mentions, engagement = [], [], [], []
    for post in posts:
        base = {"time": post["time"], "type": "post", "channel": post.get("channel", "weibo"), "market": "cn"}
        actor, sentiment = post.get("actor", post["id"]), post.get("sentiment", "neutral")
        links = post.get("links", ["xiaomi"])
        event = {**base, "id": post["id"], "received": base["time"], "source": "test", "actor": actor}
        events.append({**event, "text": f"text of {post['id']}", "props": "{}"})
        scored = {**base, "event_id": post["id"], "actor": actor, "sentiment": sentiment, "model_version": model}
        scored["is_copy"] = post.get("is_copy", False)
        scores.append({**scored, "links": links})
        brands = sorted({link.partition("/")[0] for link in links})
        for brand in brands:
            for number, link in enumerate(name for name in links if name.partition("/")[0] == brand):
                mentions.append({**scored, "brand": brand, "link": link, "is_first_of_brand": number == 0})
        counts = {"reposts": post.get("reposts", 0), "comments": 0, "likes": post.get("likes", 0)}
        total = sum(counts.values())
        row = {"event_id": post["id"], "brands": brands, "links": links, "model_version": model}
        engagement.append(
            {**row, **counts, "total": total, "time": base["time"], "channel": base["channel"], "market": "cn"}
        )
    for name, rows in (("events", events), ("scores", scores), ("mentions", mentions), ("engagement", engagement)):
        names = TABLES[name].schema.names
        write_rows(lake, name, [{key: value for key, value in row.items() if key in names} for row in rows])


def list_posts() -> list[dict[str, Any]]:
    """Before the period 5 posts of xiaomi; in it 12, of which 6 on 3 April, none at all on 5 April; 4 of byd."""
    before = [{"id": f"b{n}", "time": NOON - timedelta(days=2 + n), "actor": "old"} for n in range(5)]
    days = {"a": 0, "c": 1, "d": 2, "e": 2, "f": 2, "g": 2, "h": 2, "i": 2, "j": 3, "k": 5, "l": 6, "m": 6}
    moods = {"a": "positive", "c": "positive", "d": "negative", "e": "negative", "f": "negative", "g": "positive"}
    posts = [
        {"id": name, "time": NOON + timedelta(days=day), "sentiment": moods.get(name, "neutral"), "actor": f"u{day}"}
        for name, day in days.items()
    ]
    posts[2] |= {"links": ["xiaomi/su7", "xiaomi"], "reposts": 70, "likes": 20}
    posts[3] |= {"links": ["xiaomi", "xiaomi/su7"], "likes": 10, "channel": "douyin"}
    posts[4] |= {"links": ["xiaomi", "byd"]}
    posts[10] |= {"time": datetime(2025, 4, 6, 16, tzinfo=UTC)}  # the first microsecond of 7 April in Shanghai
    posts[11] |= {"time": datetime(2025, 4, 7, 15, 59, 59, 999999, tzinfo=UTC)}  # and the last
    rivals = [{"id": f"r{n}", "time": NOON + timedelta(days=n), "links": ["byd"]} for n in range(3)]
    outside = [{"id": "after", "time": datetime(2025, 4, 7, 16, tzinfo=UTC)}]
    return [*before, *posts, *rivals, *outside]


def list_spells() -> list[dict[str, Any]]:
    """Xiaomi 10:00-11:00 and 10:30-11:30 (90 minutes together), 14:00-14:10, and one that began before the period."""
    first = datetime(2025, 4, 2, 10, tzinfo=UTC)
    spans = {"s1": (0, 60), "s2": (30, 90), "s3": (240, 250), "s4": (5, 20)}
    rows = [
        {"event_id": name, "start": first + timedelta(minutes=a), "end": first + timedelta(minutes=b)}
        for name, (a, b) in spans.items()
    ]
    begin = datetime(2025, 3, 31, 16, tzinfo=UTC)
    rows.append({"event_id": "s5", "start": begin - timedelta(minutes=30), "end": begin + timedelta(minutes=5)})
    named = [{**row, "brand": "xiaomi", "title": f"title {row['event_id']}"} for row in rows]
    rival = {**rows[0], "event_id": "s6", "brand": "byd", "title": "rival"}
    return [{**row, "channel": "weibo", "top_rank": 3, "model_version": NEW} for row in [*named, rival]]


@pytest.fixture
def query() -> OverviewQuery:
    return QUERY


@pytest.fixture
def told_lake(tmp_path: Path) -> Iterator[canyu.Lake]:
    """The lake of ``list_posts`` and ``list_spells``, once scored by an older model whose rows no longer count."""
    forget_overviews()
    lake = canyu.open(tmp_path / "told.lake", create=True)
    say(lake, list_posts()[:8], model=OLD)
    say(lake, list_posts())
    write_rows(lake, "board", list_spells())
    yield lake
    forget_overviews()


@pytest.fixture
def tell() -> Callable[..., None]:
    """Write more posts: ``tell(lake, [{"id": …, "time": …, "links": […]}], model)``."""
    return say


@pytest.fixture
def write() -> Callable[..., None]:
    """Write rows into a table as they are: ``write(lake, name, rows)``."""
    return write_rows


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    """One Spark session for the whole run; its start is most of what the tests cost."""
    # A handful of rows: compiling code and spreading them over partitions would cost more than counting them.
    engine = open_engine(
        "local[2]", settings={"spark.sql.shuffle.partitions": "1", "spark.sql.codegen.wholeStage": "false"}
    )
    yield engine
    engine.session.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: what holds on one holds on the other."""
    return request.getfixturevalue("spark_engine") if request.param == "spark" else open_engine("duckdb")
