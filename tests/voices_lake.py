"""A small lake whose aspects, emotions, key messages and copies are known: four whole weeks from Monday, 7 April 2025.

Every day one post blames the range of the SU7 (``BLAME``) and one praises the camera of the 15 (``PRAISE``); each
fourth day one praises the range of SU7 and Model 3 at once; on day 20 five copies of ``BLAME`` are spread.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import TABLES, Event, build_event_table, make_event_id
from canyu.listen.update import update_findings

START = datetime(2025, 4, 7, 4, tzinfo=UTC)
DAYS, COPIES = 28, 5
MODEL = "hand-1"
ALL_DAYS = {"from": "2025-04-07", "to": "2025-05-04"}
LAST_WEEKS = {"from": "2025-04-21", "to": "2025-05-04"}
BLAME = "小米SU7续航不行<script>alert(1)</script>"
PRAISE = "小米15徕卡拍照真好"
BOTH = "小米SU7续航很好，Model 3续航也行"
SU7, MODEL_3, PHONE = ("xiaomi", "xiaomi/su7"), ("tesla", "tesla/model-3"), ("xiaomi", "xiaomi/15")
RANGE, CAMERA = "car/range", "phone/camera"


def fill_voices_lake(path: Path) -> canyu.Lake:
    """Write events, scores, mentions and opinions; the same every time."""
    lake = canyu.open(path, create=True)
    rows = list(_list_rows())
    lake.append(build_event_table([row["event"] for row in rows]))
    for name, make in (("scores", _score), ("mentions", _mention), ("opinions", _opine)):
        found = [one for row in rows for one in make(row)]
        lake.write_derived(name, pa.Table.from_pylist(found, TABLES[name].schema))
    update_findings(lake, MODEL)
    return lake


def get_blame_id(day: int) -> str:
    """The id of the post that blames on a day."""
    return make_event_id("hand", "blame", str(day))


def _list_rows() -> Any:
    for day in range(DAYS):
        doubted = ["safe-car/safety-doubted"] if day >= 21 else []
        carried = ["leica-images"] if day >= 14 else []
        yield _row("blame", day, BLAME, SU7, aspect=RANGE, polarity=-1, mood="negative", storylines=doubted)
        yield _row("praise", day, PRAISE, PHONE, aspect=CAMERA, polarity=1, mood="positive", storylines=carried)
        if day % 4 == 0:
            yield _row("both", day, BOTH, SU7 + MODEL_3, aspect=RANGE, polarity=1, mood="positive")
    for number in range(COPIES):
        row = _row(f"copy-{number}", 20, BLAME, SU7, aspect=RANGE, polarity=-1, mood="negative")
        yield {**row, "cluster": get_blame_id(20), "is_copy": True}


def _row(kind: str, day: int, text: str, links: tuple[str, ...], **said: Any) -> dict[str, Any]:
    moment = START + timedelta(days=day, minutes={"blame": 0, "praise": 1, "both": 2}.get(kind, 9))
    name = make_event_id("hand", kind, str(day))
    event = Event(
        id=name,
        type="post",
        time=moment,
        received=moment,
        source="rehearsal",
        market="CN" if day % 2 else "DE",
        channel="weibo" if kind == "blame" else "douyin",
        actor=f"{kind}-{day % 5}",
        text=text,
    )
    return {"event": event, "links": links, "cluster": name, "is_copy": False, "storylines": [], **said}


def _score(row: dict[str, Any]) -> list[dict[str, Any]]:
    emotion = "angry" if row["polarity"] < 0 else "happy"
    kept = {"lang": "zh", "sentiment": row["mood"], "links": list(row["links"]), "emotion": emotion}
    kept |= {"storylines": row["storylines"], "cluster_id": row["cluster"], "family_id": row["cluster"]}
    return [{**_place(row), **kept}]


def _mention(row: dict[str, Any]) -> list[dict[str, Any]]:
    rest = {"sentiment": row["mood"]}
    return [
        {**_place(row), **rest, "brand": link.split("/")[0], "link": link, "is_first_of_brand": "/" not in link}
        for link in row["links"]
    ]


def _opine(row: dict[str, Any]) -> list[dict[str, Any]]:
    start = row["event"].text.index("拍照" if row["aspect"] == CAMERA else "续航")
    said = {"aspect": row["aspect"], "polarity": row["polarity"], "p": 0.9, "start": start, "end": start + 2}
    return [
        {**_place(row), **said, "brand": link.split("/")[0], "link": link, "is_first_of_aspect": number == 0}
        for number, link in enumerate(row["links"])
    ]


def _place(row: dict[str, Any]) -> dict[str, Any]:
    event = row["event"]
    return {
        "event_id": event.id,
        "day": event.time.date(),
        "time": event.time,
        "type": event.type,
        "market": event.market,
        "channel": event.channel,
        "actor": event.actor,
        "is_copy": row["is_copy"],
        "model_version": MODEL,
    }
