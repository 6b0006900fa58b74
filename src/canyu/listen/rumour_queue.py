"""Rumour candidates of a lake: posts that name the catalogue, with the answers seen, ranked for people to check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, log
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake, Verb
from canyu.events.listenings import find_model_version
from canyu.kit.jsonio import parse_json
from canyu.listen.evaluation import compute_interval
from canyu.listen.rumours import Candidate, Precision, RumourModel, View, load_rumours

MOST_POSTS = 100_000
MOST_REACTIONS = 500_000
"""Beyond these the newest posts and the earliest answers are read; what was left out is counted and told."""
NEIGHBOURS = 200
"""Held-out posts with the nearest scores, by which the interval of one probability is judged."""
ANSWERS = (Verb.REPOST, Verb.COMMENT, Verb.REPLY)
PROFILE = {
    "followers": "followers",
    "friends": "friends",
    "messages": "messages",
    "verified": "is_verified",
    "has_description": "has_description",
    "has_url": "has_url",
    "pictures": "pictures",
}
"""What ``props`` may tell of a post's author, and the engine's name for it."""


@dataclass(frozen=True, slots=True)
class QueueAsk:
    """Which posts to rank: published from ``begin`` to before ``end`` (aware), about ``brand`` (empty: any).

    ``precision``: the share of rumours wanted among the listed; ``share``: of rumours among all posts, as expected.
    """

    begin: datetime
    end: datetime
    brand: str = ""
    precision: float = 0.9
    share: float = 0.05
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate with the post that was scored highest; ``interval``: of its probability, 95 %."""

    candidate: Candidate
    interval: tuple[float, float]
    text: str
    time: datetime
    channel: str | None
    cluster_id: str | None


@dataclass(frozen=True, slots=True)
class RumourQueue:
    """What is listed and from what. ``listed`` claims of ``posts`` read (``total`` there are), as of ``now``.

    ``thresholds``: what the chosen precision means per view, None where it cannot be had.
    """

    entries: tuple[Entry, ...]
    listed: int
    posts: int
    total: int
    reactions: int
    now: datetime | None
    thresholds: dict[View, Precision | None]
    shift: float
    model_version: str
    read_by: str


def read_queue(lake: Lake, ask: QueueAsk, *, versions: dict[str, int] | None = None) -> RumourQueue:
    """Return the claims worth a look, the likeliest first; the same data versions and ask give the same queue.

    Answers up to the newest event of the lake count. Raises BadInput where no threshold is so precise.
    """
    model = load_rumours()
    reading = _Reading(lake, lake.versions() if versions is None else versions)
    posts, total = reading.read_posts(ask)
    now = reading.find_now()
    thresholds = dict(zip(View, model.find_thresholds(ask.precision, ask.share), strict=True))
    shift = _find_odds(ask.share) - _find_odds(model.share)
    reactions = reading.read_reactions(ask) if posts.num_rows else None
    found: list[Candidate] = []
    if posts.num_rows and now is not None:
        found = model.rank(_describe(posts), reactions, precision=ask.precision, share=ask.share, now=now)
    rows = {row["event_id"]: row for row in _take(posts, [each.lead for each in found[: ask.limit]])}
    entries = tuple(_make_entry(each, rows[each.lead], model, shift) for each in found[: ask.limit])
    return RumourQueue(
        entries=entries,
        listed=len(found),
        posts=posts.num_rows,
        total=total,
        reactions=reactions.num_rows if reactions is not None else 0,
        now=now,
        thresholds=thresholds,
        shift=shift,
        model_version=model.version,
        read_by=reading.model_version,
    )


def estimate_interval(model: RumourModel, candidate: Candidate, shift: float) -> tuple[float, float]:
    """Return the 95 % interval of a candidate's probability: Wilson's, of the held-out posts scored nearest to it.

    ``shift``: what the expected share of rumours adds to the log-odds; the interval is moved by it as well.
    """
    stage = model.stages[candidate.view]
    log_odds = _find_odds(candidate.probability) - shift
    nearest = np.argsort(np.abs(stage.held - log_odds), kind="stable")[:NEIGHBOURS]
    low, high = compute_interval(int(stage.truths[nearest].sum()), len(nearest))
    ends = [_move(low, shift), _move(high, shift)]
    return min(ends[0], candidate.probability), max(ends[1], candidate.probability)


@dataclass(frozen=True, slots=True)
class _Reading:
    lake: Lake
    versions: dict[str, int]

    @property
    def model_version(self) -> str:
        return find_model_version(self.lake, self.versions)

    def scan(self, name: str) -> ir.Table:
        return self.lake.scan(name, version=self.versions.get(name))

    def find_now(self) -> datetime | None:
        events = self.scan("events")
        found: datetime | None = self.lake.engine.run(events.aggregate(last=events.time.max()))["last"][0].as_py()
        return found

    def read_posts(self, ask: QueueAsk) -> tuple[pa.Table, int]:
        """Return the newest posts with their cluster, and how many there are."""
        rows = self._match(ask)
        total = self.lake.engine.run(rows.aggregate(n=rows.count()))["n"][0].as_py()
        scores = _cut(self._scan_model("scores"), ask)
        chosen = self._choose(rows).left_join(
            scores.select(scored=scores.event_id, cluster_id=scores.cluster_id), [("event_id", "scored")]
        )
        columns = ("event_id", "time", "text", "actor", "channel", "props", "cluster_id")
        return self.lake.engine.run(chosen.select(*columns).order_by("time", "event_id")), total

    def read_reactions(self, ask: QueueAsk) -> pa.Table:
        """Return the direct answers to these posts."""
        events = self.scan("events")
        chosen = self._choose(self._match(ask)).select("event_id")
        rows = events.filter(
            events.day >= ibis.literal(ask.begin.astimezone(UTC).date()),
            events.parent.notnull(),
            events.type.isin([str(verb) for verb in ANSWERS]),
        )
        rows = rows.semi_join(chosen, rows.parent == chosen.event_id)
        rows = rows.select("parent", "time", "text", "actor", event_id="id")
        return self.lake.engine.run(rows.order_by("time", "event_id").limit(MOST_REACTIONS))

    def _match(self, ask: QueueAsk) -> ir.Table:
        mentions = _cut(self._scan_model("mentions"), ask)
        mentions = mentions.filter(mentions.brand == ask.brand) if ask.brand else mentions
        rows = _cut(self.scan("events"), ask)
        rows = rows.filter(rows.parent.isnull(), rows.type != Verb.OBSERVE, rows.text.notnull(), rows.text != "")
        rows = rows.semi_join(mentions.select("event_id"), rows.id == mentions.event_id)
        return rows.select("time", "text", "actor", "channel", "props", event_id="id")

    def _choose(self, rows: ir.Table) -> ir.Table:
        return rows.order_by([rows.time.desc(), rows.event_id]).limit(MOST_POSTS)

    def _scan_model(self, name: str) -> ir.Table:
        rows = self.scan(name)
        return rows.filter(rows.model_version == self.model_version)


def _cut(rows: ir.Table, ask: QueueAsk) -> ir.Table:
    first, last = ask.begin.astimezone(UTC).date(), ask.end.astimezone(UTC).date()
    days = rows.day.between(ibis.literal(first), ibis.literal(last))
    return rows.filter(days, rows.time >= ibis.literal(ask.begin), rows.time < ibis.literal(ask.end))


def _describe(posts: pa.Table) -> pa.Table:
    """Return the posts as the engine reads them: what is known of the author, and how many say the same."""
    table = posts.select(["event_id", "time", "text", "actor"])
    told = [_read_props(text) for text in posts["props"].to_pylist()]
    for name, column in PROFILE.items():
        values = [_read_number(props.get(name)) for props in told]
        if any(value is not None for value in values):
            table = table.append_column(column, pa.array(values, pa.float64()))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(posts["cluster_id"].drop_null()).to_pylist()}
    sizes = [counts.get(name, 1) for name in posts["cluster_id"].to_pylist()]
    return table.append_column("cluster_size", pa.array(sizes, pa.int64()))


def _read_props(text: str | None) -> dict[str, Any]:
    if not text or not any(f'"{name}"' in text for name in PROFILE):
        return {}
    try:
        props = parse_json(text)
    except ValueError:
        return {}
    return props if isinstance(props, dict) else {}


def _read_number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else None


def _take(posts: pa.Table, ids: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = posts.filter(pc.is_in(posts["event_id"], pa.array(ids, pa.string()))).to_pylist()
    return rows


def _make_entry(candidate: Candidate, row: dict[str, Any], model: RumourModel, shift: float) -> Entry:
    interval = estimate_interval(model, candidate, shift)
    return Entry(candidate, interval, row["text"], row["time"], row["channel"], row["cluster_id"])


def _find_odds(p: float) -> float:
    return log(p / (1.0 - p))


def _move(p: float, shift: float) -> float:
    odds = p / max(1.0 - p, 1e-12) * exp(shift)
    return odds / (1.0 + odds)
