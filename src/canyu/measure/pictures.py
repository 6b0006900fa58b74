"""The tables behind the pictures, each with a title that says what is seen in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure import titles
from canyu.measure.channels import get_channel_label
from canyu.measure.facts import Answer, Facts, sum_by
from canyu.measure.figure import Picture
from canyu.measure.figures import Tally, make_proof, make_tally
from canyu.measure.intervals import compute_share_interval
from canyu.measure.period import to_day, to_day_number

Labels = Mapping[str, Words]
TOP_ROWS = 12

_NAME = [("id", pa.string()), ("label_zh", pa.string()), ("label_en", pa.string())]
_SENTIMENTS = [(name, pa.int64()) for name in ("positive", "neutral", "negative")]
_NET = [(name, pa.float64()) for name in ("net", "low", "high")]
SCHEMAS: dict[str, pa.Schema] = {
    "volume_by_day": pa.schema([("day", pa.date32()), ("posts", pa.int64())]),
    "sentiment_by_day": pa.schema([("day", pa.date32()), *_NET, *_SENTIMENTS]),
    "share_of_voice": pa.schema(
        [
            *_NAME,
            ("mentions", pa.int64()),
            *[(n, pa.float64()) for n in ("share", "low", "high")],
            ("is_chosen", pa.bool_()),
        ]
    ),
    "products": pa.schema([*_NAME, ("mentions", pa.int64()), *_NET, *_SENTIMENTS]),
    "posts": pa.schema(
        [
            ("id", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("channel", pa.string()),
            ("text", pa.string()),
            ("sentiment", pa.string()),
            *[(name, pa.int64()) for name in ("reposts", "comments", "likes", "total")],
        ]
    ),
    "board_minutes": pa.schema(
        [*_NAME, *[(name, pa.int64()) for name in ("minutes", "spells", "titles")], ("is_chosen", pa.bool_())]
    ),
    "channels": pa.schema([*_NAME, ("posts", pa.int64()), *_NET, *_SENTIMENTS]),
}


def build_pictures(facts: Facts, labels: Labels) -> tuple[Picture, ...]:
    """Return every picture of the overview, the main one first."""
    days = _tally_days(facts)
    return (
        _build_volume(facts, days),
        _build_sentiment(facts, days),
        _build_share(facts, labels),
        _build_products(facts, labels),
        _build_channels(facts),
        _build_board(facts, labels),
        _build_posts(facts),
    )


def _choose(facts: Facts) -> pa.Table:
    """Return the counts of the period that the overview is about: of the brand, or of all scored posts."""
    table = facts.mentions.table if facts.query.brand else facts.scored.table
    is_now = pc.greater_equal(table["day_number"], facts.start_number)
    return table.filter(pc.and_(is_now, pc.equal(table["brand"], facts.query.brand)) if facts.query.brand else is_now)


def _get_source(facts: Facts) -> Answer:
    return facts.mentions if facts.query.brand else facts.scored


def _tally(table: pa.Table, key: str) -> dict[Any, Tally]:
    counts: dict[Any, dict[str | None, int]] = {}
    for (found, sentiment), posts in sum_by(table, (key, "sentiment")).items():
        counts.setdefault(found, {})[sentiment] = posts
    return {found: make_tally(by_sentiment) for found, by_sentiment in counts.items()}


def _tally_days(facts: Facts) -> dict[int, Tally | None]:
    """Return the tally of each day; None for a day that holds no scored post at all: a gap."""
    tallies = _tally(_choose(facts), "day_number")
    numbers = [to_day_number(day) for day in facts.period.days]
    return {number: tallies.get(number, Tally() if number in facts.observed else None) for number in numbers}


def _build_volume(facts: Facts, days: dict[int, Tally | None]) -> Picture:
    rows = [{"day": to_day(number), "posts": tally.posts if tally else None} for number, tally in days.items()]
    return _make(facts, "volume_by_day", titles.tell_volume(rows), rows, _get_source(facts))


def _build_sentiment(facts: Facts, days: dict[int, Tally | None]) -> Picture:
    rows = [{"day": to_day(number), **_spread(tally or Tally())} for number, tally in days.items()]
    whole = make_tally({key[0]: posts for key, posts in sum_by(_choose(facts), ("sentiment",)).items()})
    return _make(facts, "sentiment_by_day", titles.tell_sentiment(rows, whole), rows, _get_source(facts))


def _build_share(facts: Facts, labels: Labels) -> Picture:
    table = facts.mentions.table
    counts = sum_by(table, ("brand",), pc.greater_equal(table["day_number"], facts.start_number))
    whole = sum(counts.values())
    rows = []
    for (brand,), posts in _sort_top(counts):
        low, high = compute_share_interval(posts, whole)
        shares = {"share": 100 * posts / whole, "low": 100 * low, "high": 100 * high}
        is_chosen = brand == facts.query.brand
        rows.append({**_name(brand, labels), "mentions": posts, **shares, "is_chosen": is_chosen})
    return _make(facts, "share_of_voice", titles.tell_share(rows), rows, facts.mentions)


def _build_products(facts: Facts, labels: Labels) -> Picture:
    tallies = _tally(facts.links.table, "link")
    chosen = sorted(tallies.items(), key=lambda item: (-item[1].posts, item[0]))[:TOP_ROWS]
    rows = [{**_name(link, labels), "mentions": tally.posts, **_spread(tally)} for link, tally in chosen]
    return _make(facts, "products", titles.tell_products(rows), rows, facts.links)


def _build_channels(facts: Facts) -> Picture:
    tallies = _tally(_choose(facts), "channel")
    chosen = sorted(tallies.items(), key=lambda item: (-item[1].posts, item[0] or ""))[:TOP_ROWS]
    rows = []
    for channel, tally in chosen:
        label = get_channel_label(channel)
        name = {"id": channel, "label_zh": label.zh, "label_en": label.en}
        rows.append({**name, "posts": tally.posts, **_spread(tally)})
    return _make(facts, "channels", titles.tell_channels(rows), rows, _get_source(facts))


def _build_board(facts: Facts, labels: Labels) -> Picture:
    found = sorted(facts.board.table.to_pylist(), key=lambda row: (-row["micros"], row["brand"]))[:TOP_ROWS]
    rows = [
        {
            **_name(row["brand"], labels),
            "minutes": row["micros"] // 60_000_000,
            "spells": row["spells"],
            "titles": row["titles"],
            "is_chosen": row["brand"] == facts.query.brand,
        }
        for row in found
    ]
    return _make(facts, "board_minutes", titles.tell_board(rows), rows, facts.board)


def _build_posts(facts: Facts) -> Picture:
    texts = {row["id"]: row["text"] for row in facts.texts.table.to_pylist()}
    sentiments = {row["event_id"]: row["sentiment"] for row in facts.sentiments.table.to_pylist()}
    rows = []
    for row in facts.top.table.to_pylist():
        event = row.pop("event_id")
        rows.append({"id": event, **row, "text": texts.get(event), "sentiment": sentiments.get(event)})
    now = [row for row in facts.engagement.table.to_pylist() if row["is_now"]]
    return _make(facts, "posts", titles.tell_posts(rows, now[0]["total"] if now else 0), rows, facts.top)


def _make(facts: Facts, name: str, title: Words, rows: list[dict[str, Any]], answer: Answer) -> Picture:
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[name])
    counted = [row.get("posts") or row.get("mentions") or row.get("spells") or 0 for row in rows]
    return Picture(name, title, say.SUBTITLES[name], table, make_proof(facts, name, answer, sum(counted)))


def _name(found: str, labels: Labels) -> dict[str, str]:
    words = labels.get(found) or Words(found, found)
    return {"id": found, "label_zh": words.zh, "label_en": words.en}


def _spread(tally: Tally) -> dict[str, Any]:
    low, high = tally.net_interval or (None, None)
    counts = {"positive": tally.positive, "neutral": tally.neutral, "negative": tally.negative}
    return {"net": tally.net, "low": low, "high": high, **counts}


def _sort_top(counts: dict[tuple[Any, ...], int]) -> list[tuple[tuple[Any, ...], int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_ROWS]
