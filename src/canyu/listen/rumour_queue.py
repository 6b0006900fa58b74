"""Rumour candidates of a lake: the claims that a listening kept, ranked at the precision that the operator asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from canyu.events import Lake, Verb
from canyu.events.listenings import find_model_version
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.evaluation import compute_interval
from canyu.listen.findings import Row, cut_days
from canyu.listen.rumour_table import ANSWERS, KIND, LEAST_PRECISION, MOST_SHARE, SOURCE
from canyu.listen.rumours import Candidate, Precision, Quote, RumourModel, Stance, View, load_rumours
from canyu.listen.rumours.candidates import LONGEST_QUOTE, MOST_LOG_ODDS, Source, Spread
from canyu.listen.rumours.claims import Claim
from canyu.listen.sentiment import compute_sigmoid
from canyu.listen.slices import SliceReader

NEIGHBOURS = 200
"""Held-out posts with the nearest scores, by which the interval of one probability is judged."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueueAsk:
    """Which claims to rank: with a copy from ``begin`` to before ``end`` (aware), about ``brand`` (empty: any).

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
    """What is listed and from what: claims of ``posts`` that name the brand and their ``reactions``, as of ``now``.

    ``thresholds``: what the chosen precision means per view, None where it cannot be had.
    """

    entries: tuple[Entry, ...]
    listed: int
    posts: int
    reactions: int
    now: datetime | None
    thresholds: dict[View, Precision | None]
    shift: float
    model_version: str
    read_by: str
    versions: dict[str, int]


def read_queue(lake: Lake, ask: QueueAsk, *, versions: dict[str, int] | None = None) -> RumourQueue:
    """Return the claims worth a look, the likeliest first; the same data versions and ask give the same queue.

    Answers up to the last listening count. Raises BadInput where no threshold is so precise, or claims that are so
    unlikely are not kept.
    """
    check_ask(ask)
    model = load_rumours()
    at = lake.versions() if versions is None else versions
    reader = SliceReader(lake, at, find_model_version(lake, at))
    thresholds = dict(zip(View, model.find_thresholds(ask.precision, ask.share), strict=True))
    shift = _find_odds(ask.share) - _find_odds(model.share)
    rows = [row for row in _read_claims(reader, ask) if _is_listed(row, thresholds)]
    rows.sort(key=lambda row: (-row["log_odds"], row["first_time"], row["lead"]))
    now = _find_now(reader)
    shown = rows[: ask.limit]
    texts = _read_texts(reader, shown)
    recent = _count_recent(reader, shown, now) if now else {}
    entries = []
    for rank, row in enumerate(shown, 1):
        candidate = _make_candidate(
            row | {"rank": rank, "per_hour": recent.get(row["lead"], 0)}, thresholds, shift, texts
        )
        lead = texts[row["lead"]]
        interval = estimate_interval(model, candidate, shift)
        entries.append(Entry(candidate, interval, lead["text"], lead["time"], lead["channel"], row["cluster_id"]))
    posts, reactions = _count_read(reader, ask)
    return RumourQueue(
        entries=tuple(entries),
        listed=len(rows),
        posts=posts,
        reactions=reactions,
        now=now,
        thresholds=thresholds,
        shift=shift,
        model_version=model.version,
        read_by=reader.model,
        versions=reader.list_versions("events", "mentions", "rumours", "findings", "listenings"),
    )


def check_ask(ask: QueueAsk) -> None:
    """Raise BadInput where a precision is asked for below which claims are not kept."""
    if 0 < ask.precision < LEAST_PRECISION or MOST_SHARE < ask.share < 1:
        raise BadInput(
            Words("不太可能的说法没有保存。", "Claims that are so unlikely are not kept."),
            mend=Words(
                f"precision 至少 {LEAST_PRECISION}，share 至多 {MOST_SHARE}。",
                f"Ask for a precision of at least {LEAST_PRECISION} and a share of at most {MOST_SHARE}.",
            ),
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


def _read_claims(reader: SliceReader, ask: QueueAsk) -> list[Row]:
    def choose(rows: ir.Table) -> ir.Table:
        rows = rows.filter(rows.last_time >= ibis.literal(ask.begin), rows.first_time < ibis.literal(ask.end))
        return rows.filter(rows.brands.contains(ask.brand)) if ask.brand else rows

    found: list[Row] = reader.run(choose, KIND).to_pylist()
    return found


def _is_listed(row: Row, thresholds: dict[View, Precision | None]) -> bool:
    threshold = thresholds[View(row["view"])]
    return threshold is not None and row["log_odds"] >= threshold.log_odds


def _find_now(reader: SliceReader) -> datetime | None:
    events = reader.run(lambda rows: rows.aggregate(last=rows.time.max()), "events")
    found: datetime | None = events["last"][0].as_py()
    return found


def _read_texts(reader: SliceReader, rows: list[Row]) -> dict[str, Row]:
    """Return text, time, actor and channel of the leads and of what is quoted."""
    ids = sorted({name for row in rows for name in (row["lead"], *row["quoted"])})
    if not ids:
        return {}
    first = min(row["first_time"] for row in rows).astimezone(UTC).date()
    wanted = ibis.memtable(pa.table({"wanted": ids}))

    def choose(events: ir.Table) -> ir.Table:
        events = events.filter(events.day >= ibis.literal(first)).semi_join(wanted, [("id", "wanted")])
        return events.select("id", "time", "text", "actor", "channel")

    return {row["id"]: {**row, "text": row["text"] or ""} for row in reader.run(choose, "events").to_pylist()}


def _count_recent(reader: SliceReader, rows: list[Row], now: datetime) -> dict[str, int]:
    """Return how many answers each claim (by its lead) had in the hour before ``now``."""
    posts = [(name, row["lead"]) for row in rows for name in row["event_ids"]]
    if not posts:
        return {}
    wanted = ibis.memtable(pa.table({"post": [post for post, _ in posts], "lead": [lead for _, lead in posts]}))

    def choose(events: ir.Table) -> ir.Table:
        last = cut_days(events, now - HOUR, now + HOUR)
        last = last.filter(last.time > ibis.literal(now - HOUR), last.type.isin([str(verb) for verb in ANSWERS]))
        joined = last.select("parent").inner_join(wanted, [("parent", "post")])
        return joined.group_by("lead").aggregate(n=joined.count())

    return {row["lead"]: row["n"] for row in reader.run(choose, "events").to_pylist()}


def _count_read(reader: SliceReader, ask: QueueAsk) -> tuple[int, int]:
    """Return how many posts of the period name the brand and answer nobody, and how many answers they have."""
    mentions = cut_days(reader.scan("mentions"), ask.begin, ask.end)
    mentions = mentions.filter(mentions.brand == ask.brand) if ask.brand else mentions
    events = reader.scan("events")
    own = cut_days(events, ask.begin, ask.end)
    own = own.filter(own.parent.isnull(), own.type != Verb.OBSERVE).semi_join(mentions, [("id", "event_id")])
    ids = reader.lake.engine.run(own.select(post="id"))
    if not ids.num_rows:
        return 0, 0
    later = events.filter(events.day >= ibis.literal(ask.begin.astimezone(UTC).date()))
    later = later.filter(later.type.isin([str(verb) for verb in ANSWERS]))
    answers = later.select("parent").semi_join(ibis.memtable(ids), [("parent", "post")])
    return ids.num_rows, int(reader.lake.engine.run(answers.aggregate(n=answers.count()))["n"][0].as_py())


def _make_candidate(
    row: Row, thresholds: dict[View, Precision | None], shift: float, texts: dict[str, Row]
) -> Candidate:
    expected = thresholds[View(row["view"])]
    if expected is None:
        raise AssertionError("only what reaches a threshold is listed")
    lead = texts[row["lead"]]
    start, end = row["claim_start"], row["claim_end"]
    odds = np.array([np.clip(row["log_odds"], -MOST_LOG_ODDS, MOST_LOG_ODDS) + shift])
    shares = {name: row[name] for name in ("doubt", "denial", "confirmation")}
    return Candidate(
        rank=row["rank"],
        lead=row["lead"],
        posts=tuple(row["event_ids"]),
        copies=len(row["event_ids"]),
        claim=Claim(start, end, lead["text"][start:end], tuple(row["cues"])),
        probability=float(compute_sigmoid(odds)[0]),
        view=View(row["view"]),
        expected=expected,
        reasons=dict(zip(row["reasons"], row["reason_values"], strict=True)),
        quotes=tuple(_list_quotes(row, texts)),
        source=Source(lead["actor"], **{name: row[name] for name in SOURCE}),
        spread=Spread(row["reactions"], row["first_hour"], row["per_hour"], **shares),
    )


def _list_quotes(row: Row, texts: dict[str, Row]) -> list[Quote]:
    told = [(name, stance) for name, stance in zip(row["quoted"], row["stances"], strict=True) if name in texts]
    return [
        Quote(Stance(stance), name, place, texts[name]["text"][:LONGEST_QUOTE], texts[name]["time"])
        for place, (name, stance) in enumerate(told)
    ]


def _find_odds(p: float) -> float:
    return log(p / (1.0 - p))


def _move(p: float, shift: float) -> float:
    odds = p / max(1.0 - p, 1e-12) * exp(shift)
    return odds / (1.0 + odds)
