"""A small lake for the pages of evidence: a text that many post at once, a rumour with its answers, and a calm rest."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import TABLES, Event, build_event_table, make_event_id
from canyu.listen.copies import assign_clusters
from canyu.listen.update import update_findings

START = datetime(2025, 3, 1, 2, tzinfo=UTC)
DAYS = 20
MODEL = "hand-1"
PUSHED = (
    "小米SU7这次的交付速度真的让人意外，朋友们都说值得等<b>转起</b>",
    "试驾完小米SU7当场就下了订单，底盘比想象中扎实太多",
    "对比了一圈还是选了小米SU7，智驾和空间都没有短板",
)
RUMOUR = "紧急扩散！网传小米SU7充电时爆炸，3人死亡，记者被封口，请马上转发给家人！<img src=x onerror=alert(1)>"
ANSWERS = ("真的吗？求证<script>alert(1)</script>", "已经辟谣了，假的", "太可怕了，注意安全", "转发微博")
SUBJECTS = ("小米SU7", "小米YU7", "Model 3", "小米手环", "这台车", "隔壁那台")
LETTERS = "".join(chr(code) for code in range(0x4E00, 0x5600))


def fill_evidence_lake(path: Path) -> canyu.Lake:
    """Write the events and derived tables; the same every time."""
    lake = canyu.open(path, create=True)
    posts = [*_list_calm(), *_list_pushed(), _make_rumour(), _copy_rumour()]
    posts.sort(key=lambda post: (post.time, post.id))
    answers = list(_list_answers())
    lake.append(build_event_table(posts + answers))
    clusters = _assign(posts)
    rows = [_score(post, *clusters[post.id]) for post in posts]
    lake.write_derived("scores", pa.Table.from_pylist(rows, TABLES["scores"].schema))
    mentions = [_mention(post, link) for post in posts for link in find_links(post.text or "")]
    lake.write_derived("mentions", pa.Table.from_pylist(mentions, TABLES["mentions"].schema))
    update_findings(lake, MODEL)
    return lake


def find_links(text: str) -> list[str]:
    """What a text names; the tests need no more than this."""
    if "SU7" in text:
        return ["xiaomi", "xiaomi/su7"]
    return ["tesla", "tesla/model-3"] if "Model 3" in text else []


def get_rumour_id() -> str:
    """The id of the rumour's first post."""
    return make_event_id("hand", "rumour")


def _list_calm() -> Any:
    dice = random.Random(7)
    for number in range(DAYS * 24):
        text = dice.choice(SUBJECTS) + "".join(dice.choices(LETTERS, k=24))
        moment = START + timedelta(seconds=dice.randrange(DAYS * 86_400))
        yield _event("calm", number, text, moment, f"person-{dice.randrange(200)}")


def _list_pushed() -> Any:
    """Six accounts post one text within two minutes, on three days, each time another text."""
    for day, text in enumerate(PUSHED):
        for account in range(6):
            moment = START + timedelta(days=4 + day, hours=5, seconds=20 * account)
            yield _event("pushed", f"{day}-{account}", text, moment, f"pushed-{account}")


def _make_rumour() -> Event:
    return _event("rumour", "", RUMOUR, START + timedelta(days=10), "teller")


def _copy_rumour() -> Event:
    return _event("rumour", "again", RUMOUR, START + timedelta(days=10, minutes=90), "parrot")


def _list_answers() -> Any:
    for number in range(40):
        moment = START + timedelta(days=10, minutes=1 + number)
        text = ANSWERS[number % len(ANSWERS)]
        verb = "comment" if number % 2 else "repost"
        yield _event("answer", number, text, moment, f"reader-{number}", type=verb, parent=get_rumour_id())


def _event(kind: str, name: object, text: str, moment: datetime, actor: str, **more: str) -> Event:
    event_id = make_event_id("hand", kind, str(name)) if name != "" else make_event_id("hand", kind)
    fields = {"type": "post", "source": "hand", "market": "CN", "channel": "weibo" if moment.minute % 2 else "douyin"}
    return Event(id=event_id, time=moment, received=moment, actor=actor, text=text, **{**fields, **more})


def _assign(posts: list[Event]) -> dict[str, tuple[str, bool]]:
    table = build_event_table(posts)
    table = table.rename_columns(["event_id", *table.column_names[1:]])
    rows = assign_clusters(table).rows.to_pylist()
    return {row["event_id"]: (row["cluster_id"], not row["is_first"]) for row in rows}


def _score(post: Event, cluster_id: str, is_copy: bool) -> dict[str, Any]:
    mood = "negative" if "网传" in (post.text or "") else "positive" if post.text in PUSHED else "neutral"
    shares = {f"p_{name}": 0.8 if name == mood else 0.1 for name in ("negative", "neutral", "positive")}
    links = find_links(post.text or "")
    copies = {"cluster_id": cluster_id, "family_id": cluster_id, "is_copy": is_copy}
    return {**_place(post), "actor": post.actor, "lang": "zh", "sentiment": mood, **shares, "links": links, **copies}


def _mention(post: Event, link: str) -> dict[str, Any]:
    brand = link.split("/")[0]
    row = {"actor": post.actor, "brand": brand, "link": link, "is_first_of_brand": link == brand}
    return {**_place(post), **row, "sentiment": "neutral", "is_copy": False}


def _place(post: Event) -> dict[str, Any]:
    place = {"event_id": post.id, "day": post.time.date(), "time": post.time, "type": post.type}
    return {**place, "market": post.market, "channel": post.channel, "model_version": MODEL}
