"""What to label next: the posts that the model is least sure of, one per cluster of copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis

from canyu.events import Lake
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.ops.insight.posts import Reading
from canyu.ops.labels.rules import CHINESE
from canyu.ops.lakes import find_lake
from canyu.ops.people.models import Person

DAYS = 30
MOST_POSTS = 200
MOST_LETTERS = 2_000


@dataclass(frozen=True, slots=True)
class Unsure:
    """One post with the model's probabilities; ``margin`` is between the two likeliest."""

    id: str
    time: datetime
    channel: str | None
    text: str
    is_cut: bool
    sentiment: str
    margin: float
    p_negative: float
    p_neutral: float
    p_positive: float


@dataclass(frozen=True, slots=True)
class Queue:
    """What is left to label, and the post to show."""

    left: int
    at: int
    post: Unsure | None
    model: str


def read_queue(viewer: Person, labelled: Iterable[str], at: int) -> Queue:  # noqa: ARG001 - reads take the viewer first
    """Return the post at this place of the queue, what is labelled already left out."""
    lake = find_lake()
    found, model = ((), "") if lake is None else _find_unsure(lake)
    done = set(labelled)
    left = [post for post in found if post.id not in done]
    place = min(max(at, 0), max(len(left) - 1, 0))
    return Queue(len(left), place, left[place] if left else None, model)


def _find_unsure(lake: Lake) -> tuple[tuple[Unsure, ...], str]:
    """Return at most 200 posts of the newest 30 days, the least sure first; computed once per data version."""
    reading = Reading(lake)
    if "scores" not in reading.versions:
        return (), ""
    key = (identify_lake(lake), tuple(sorted(reading.versions.items())))
    kept: tuple[tuple[Unsure, ...], str] | None = _QUEUES.find(key)
    if kept is None:
        kept = (tuple(_read_unsure(reading)), reading.find_model())
        _QUEUES.keep(key, kept)
    return kept


def _read_unsure(reading: Reading) -> list[Unsure]:
    run = reading.lake.engine.run
    scores = reading.scan_model("scores")
    newest = run(scores.aggregate(day=scores.day.max()))["day"][0].as_py()
    if newest is None:
        return []
    rows = scores.filter(scores.day > newest - timedelta(days=DAYS), scores.lang == CHINESE, scores.sentiment.notnull())
    chances = [rows[name].cast("float64") for name in ("p_negative", "p_neutral", "p_positive")]
    # the two likeliest: what is between the largest and the rest without the smallest
    likeliest, unlikeliest = ibis.greatest(*chances), ibis.least(*chances)
    margin = 2 * likeliest + unlikeliest - (chances[0] + chances[1] + chances[2])
    rows = rows.mutate(margin=margin, cluster=ibis.coalesce(rows.cluster_id, rows.event_id))
    first = ibis.row_number().over(group_by=rows.cluster, order_by=[rows.time, rows.event_id])
    rows = rows.mutate(place=first).filter(ibis._.place == 0).order_by("margin", "event_id").limit(MOST_POSTS)
    found = run(rows.select("event_id", "time", "sentiment", "margin", "p_negative", "p_neutral", "p_positive"))
    return _join_texts(reading, found.to_pylist())


def _join_texts(reading: Reading, found: list[dict[str, Any]]) -> list[Unsure]:
    events = reading.scan("events")
    days = sorted({row["time"].astimezone(UTC).date() for row in found})
    mine = events.filter(events.day.isin(days), events.id.isin([row["event_id"] for row in found]))
    mine = mine.filter(mine.text.notnull())
    texts = mine.select("id", "channel", letters=mine.text.length(), text=mine.text.substr(0, MOST_LETTERS))
    by_id = {row["id"]: row for row in reading.lake.engine.run(texts).to_pylist()} if found else {}
    return [
        Unsure(
            id=row["event_id"],
            time=row["time"],
            channel=by_id[row["event_id"]]["channel"],
            text=by_id[row["event_id"]]["text"],
            is_cut=by_id[row["event_id"]]["letters"] > MOST_LETTERS,
            sentiment=row["sentiment"],
            margin=row["margin"],
            **{name: row[name] for name in ("p_negative", "p_neutral", "p_positive")},
        )
        for row in found
        if row["event_id"] in by_id
    ]


_QUEUES = Kept(8)
