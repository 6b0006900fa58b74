"""A small lake with known contents: 60 days of posts about two brands, hostile texts among them, and its scores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import TABLES, Event, build_event_table, make_event_id

START = datetime(2025, 3, 1, 4, tzinfo=UTC)
DAYS = 60
MODEL = "hand-1"
SCRIPT = "<script>alert('小米SU7')</script><img src=x onerror=alert(1)>"
REVERSED = "好车 \u202egnp.exe\u202c 小米SU7 Ultra \u2066别的\u2069"
LONG = "小米SU7真香" * 4_000
ODD_ID = "http://x/1?a=<b>&'\"\n 米%2F"
FORMULA = '=HYPERLINK("http://evil.example","点我")'
TEXTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("小米SU7刹车很稳，开着放心", "positive", ("xiaomi", "xiaomi/su7")),
    ("小米SU7刹车异响，售后不理人", "negative", ("xiaomi", "xiaomi/su7")),
    ("今天路过门店看了小米YU7", "neutral", ("xiaomi", "xiaomi/yu7")),
    ("Model 3 still handles better than most", "positive", ("tesla", "tesla/model-3")),
    ("小米手环又断了", "negative", ("xiaomi",)),
    ("天气不错", "neutral", ()),
)
HOSTILE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (SCRIPT, "neutral", ("xiaomi", "xiaomi/su7")),
    (REVERSED, "positive", ("xiaomi", "xiaomi/su7-ultra")),
    (LONG, "positive", ("xiaomi", "xiaomi/su7")),
    (FORMULA, "negative", ("xiaomi",)),
)


def fill_brand_lake(path: Path) -> canyu.Lake:
    """Write the events and derived tables; the same every time."""
    lake = canyu.open(path, create=True)
    posts = list(_list_posts())
    answers = [_answer(number, post) for number, (post, *_) in enumerate(posts) if number % 3 == 0]
    lake.append(build_event_table([post for post, *_ in posts] + answers))
    lake.write_derived("scores", pa.Table.from_pylist([_score(*row) for row in posts], TABLES["scores"].schema))
    mentions = [_mention(post, mood, links, link) for post, mood, links in posts for link in links]
    lake.write_derived("mentions", pa.Table.from_pylist(mentions, TABLES["mentions"].schema))
    caused = [_engage(number, post, links) for number, (post, _, links) in enumerate(posts)]
    lake.write_derived("engagement", pa.Table.from_pylist(caused, TABLES["engagement"].schema))
    lake.write_derived("board", pa.Table.from_pylist(_list_spells(), TABLES["board"].schema))
    return lake


def get_hostile_id(text: str) -> str:
    """The id of one of the hostile posts."""
    return make_event_id("hand", "hostile", str([row[0] for row in HOSTILE].index(text)))


def _list_posts() -> Any:
    for day in range(DAYS):
        for number in range(4 + day % 5):
            text, mood, links = TEXTS[(day * 7 + number) % len(TEXTS)]
            moment = START + timedelta(days=day, hours=number)
            yield _post(make_event_id("hand", str(day), str(number)), text, moment), mood, links
    yield _post(ODD_ID, "一条编号古怪的帖子", START), "neutral", ()
    for number, (text, mood, links) in enumerate(HOSTILE):
        moment = START + timedelta(days=DAYS - 1, hours=9, minutes=number)
        yield _post(make_event_id("hand", "hostile", str(number)), text, moment), mood, links


def _post(name: str, text: str, moment: datetime) -> Event:
    channel = "weibo" if moment.hour % 2 else "douyin"
    return Event(
        id=name,
        type="post",
        time=moment,
        received=moment,
        source="rehearsal",
        market="CN",
        channel=channel,
        actor=f"person-{moment.day}",
        text=text,
        props='{"simulated":true}',
    )


def _answer(number: int, post: Event) -> Event:
    moment = post.time + timedelta(minutes=5)
    return Event(
        id=make_event_id("hand", "answer", post.id),
        type="repost" if number % 2 else "like",
        time=moment,
        received=moment,
        source="rehearsal",
        market="CN",
        channel=post.channel,
        parent=post.id,
    )


def _score(post: Event, mood: str, links: tuple[str, ...]) -> dict[str, Any]:
    shares = {f"p_{name}": 0.8 if name == mood else 0.1 for name in ("negative", "neutral", "positive")}
    lang = "zh" if not post.text or not post.text.isascii() else "en"
    return {**_place(post), "actor": post.actor, "lang": lang, "sentiment": mood, **shares, "links": list(links)}


def _mention(post: Event, mood: str, links: tuple[str, ...], link: str) -> dict[str, Any]:
    brand = link.split("/")[0]
    is_first = next(other for other in links if other.startswith(brand)) == link
    row = {"actor": post.actor, "brand": brand, "link": link, "is_first_of_brand": is_first, "sentiment": mood}
    return {**_place(post), **row}


def _engage(number: int, post: Event, links: tuple[str, ...]) -> dict[str, Any]:
    counts = {"reposts": number % 17, "comments": number % 5, "likes": number * 3}
    brands = sorted({link.split("/")[0] for link in links})
    row = {"brands": brands, "links": list(links), **counts, "total": sum(counts.values())}
    return {**_place(post), **row}


def _place(post: Event) -> dict[str, Any]:
    return {
        "event_id": post.id,
        "day": post.time.date(),
        "time": post.time,
        "type": post.type,
        "market": post.market,
        "channel": post.channel,
        "model_version": MODEL,
    }


def _list_spells() -> list[dict[str, Any]]:
    return [
        {
            "event_id": make_event_id("hand", "board", str(day)),
            "channel": "weibo",
            "brand": "xiaomi" if day % 3 else "tesla",
            "title": f"热搜词条 {day}",
            "start": START + timedelta(days=day),
            "end": START + timedelta(days=day, minutes=35 + day),
            "top_rank": 1 + day % 10,
            "model_version": MODEL,
        }
        for day in range(0, DAYS, 4)
    ]
