"""How people feel: the share of each emotion among the posts of a period, with and without copies."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import expressions as ask
from canyu.measure.catalogue.words import ONCE
from canyu.measure.definitions import CAVEAT_COLLECTED, CAVEAT_MODEL
from canyu.measure.facts import Reader
from canyu.measure.figure import OverviewQuery, Picture, Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.kept import Kept
from canyu.measure.period import find_previous, make_period

EMOTIONS: dict[str, Words] = {
    "happy": Words("高兴", "happy"),
    "angry": Words("愤怒", "angry"),
    "sad": Words("难过", "sad"),
    "fear": Words("担忧", "afraid"),
    "surprise": Words("惊讶", "surprised"),
    "neutral": Words("平静", "calm"),
}
TITLE = Words("大家是什么情绪", "How people feel")
SUBTITLE = Words("占已判定情绪的帖子 %", "Share of the posts with an emotion, %")
DEFINITION = Words(
    "期间内提及该品牌的帖子中，判定为各情绪的占比；没有判定情绪的帖子不计入分母。区间为 Wilson 95% 区间。" + ONCE.zh,
    "Of the posts of the period that mention the brand, the share that each emotion has; posts without an emotion are "
    "not counted. Interval: Wilson's 95 % interval. " + ONCE.en,
)
CAVEAT_ONE = Words(
    "一帖只取最可能的一种情绪；少见的情绪容易漏判或误判。",
    "A post has the likeliest emotion only; rare ones are missed or mistaken most.",
)
_COUNTS = [("posts", pa.int64()), *[(name, pa.float64()) for name in ("share", "low", "high")]]
SCHEMA = pa.schema(
    [("emotion", pa.string()), ("label_zh", pa.string()), ("label_en", pa.string()), *_COUNTS]
    + [(f"unique_{name}", kind) for name, kind in _COUNTS]
)


def compute_emotions(lake: Lake, query: OverviewQuery) -> Picture:
    """Return one row per emotion that a post of the period has, most first; computed once per data version and kept."""
    reader = Reader(lake)
    key = (reader.identity, tuple(sorted(reader.versions.items())), query, lake.engine.name)
    found: Picture | None = _PICTURES.find(key)
    if found is None:
        found = _compute(reader, query)
        _PICTURES.keep(key, found)
    return found


def forget_emotions() -> None:
    """Forget every table kept, so that the next one is computed anew."""
    _PICTURES.clear()


def _compute(reader: Reader, query: OverviewQuery) -> Picture:
    period, engine = make_period(query.start, query.end, query.zone), reader.lake.engine
    model = reader.find_model()
    filters = (query.brand, query.channel, query.market, model)
    scope = ask.Scope(period, find_previous(period), *filters, engine.count_micros, engine.count_days)
    answer = reader.ask(ask.count_emotions, "scores", scope)
    counts = [row for row in answer.table.to_pylist() if row["emotion"]]
    posts, voices = sum(row["posts"] for row in counts), sum(row["voices"] for row in counts)
    rows = []
    for row in sorted(counts, key=lambda row: (-row["posts"], row["emotion"])):
        name = EMOTIONS.get(row["emotion"], Words(row["emotion"], row["emotion"]))
        shares = _share(row["posts"], posts, "") | _share(row["voices"], voices, "unique_")
        rows.append({"emotion": row["emotion"], "label_zh": name.zh, "label_en": name.en, **shares})
    caveats = (CAVEAT_COLLECTED, CAVEAT_MODEL.fill(model=model or "—"), CAVEAT_ONE)
    proof = Proof(DEFINITION, answer.sql, answer.versions, posts, engine.name, caveats)
    return Picture("emotions", TITLE, SUBTITLE, pa.Table.from_pylist(rows, SCHEMA), proof)


def _share(part: int, whole: int, prefix: str) -> dict[str, Any]:
    low, high = compute_share_interval(part, whole)
    found = {"posts": part, "share": 100 * part / whole if whole else None, "low": 100 * low, "high": 100 * high}
    return {f"{prefix}{name}": value for name, value in found.items()}


# A table of one data version never changes, so it is computed once per process.
_PICTURES = Kept(64)
