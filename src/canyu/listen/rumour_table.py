"""Keeps the table of claims to check: one row per cluster of copies that names the catalogue and makes a claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake, Verb
from canyu.kit.jsonio import parse_json
from canyu.listen.findings import (
    QUARTER_S,
    Found,
    Key,
    Row,
    Volume,
    gather_volumes,
    open_book,
    pack_volumes,
)
from canyu.listen.rumours import Candidate, RumourModel, load_rumours
from canyu.listen.rumours.candidates import Scored, build_candidates

MOST_REACTIONS = 500_000
"""Answers read at once, the earliest; beyond these the answers to claims of about 100,000 posts are counted short."""
LEAST_PRECISION, MOST_SHARE = 0.5, 0.5
"""Claims are kept from the threshold on that has this precision where so many posts are rumours."""
ANSWERS = (Verb.REPOST, Verb.COMMENT, Verb.REPLY)
KIND = "rumours"
UNIT = "day"
WAY = "1"
"""Raised with the way claims are found, so that kept ones become stale."""
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
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_HOUR = timedelta(hours=1)
SOURCE = ("followers", "is_verified", "has_description", "has_url", "pictures")


def update_rumours(lake: Lake, model_version: str, zone: str, present: str = "") -> int:
    """Judge the claims of every day whose posts or answers have changed; return how many days.

    A claim belongs to the day of its first copy. Safe to stop at any moment and to repeat. ``present``: the model
    version that readers take still.
    """
    rumours = load_rumours()
    book = open_book(lake, KIND, model_version, zone, present or model_version)
    posts = list_posts(lake, model_version)
    answers = find_answers(lake, posts)
    now = find_now(lake)
    volumes = list_volumes(posts, answers, now, zone, f"{zone}/{rumours.version}")
    stale, gone = book.find_stale(volumes)
    for chunk in pack_volumes(stale, volumes, UNIT):
        span = chunk[0].key.start, chunk[-1].end
        mine = read_texts(lake, cut_claims(posts, *span))
        reactions = read_answers(lake, cut_claims(answers, *span))
        book.keep(find_days(chunk, mine, reactions, (rumours, now)), gone)
        gone = []
    book.keep([], gone)
    return len(stale)


def list_posts(lake: Lake, model_version: str) -> pa.Table:
    """Return the posts that name a brand and answer nobody, with their brands, cluster and when its first copy came."""
    mentions, scores, events = lake.scan("mentions"), lake.scan("scores"), lake.scan("events")
    mentions = mentions.filter(mentions.model_version == model_version, mentions.is_first_of_brand)
    days = lake.engine.run(mentions.select("day").distinct())["day"].to_pylist()
    named = mentions.group_by("event_id").aggregate(brands=mentions.brand.collect().sort())
    named = named.select(named="event_id", brands="brands")
    scores = scores.filter(scores.day.isin(days), scores.model_version == model_version)
    clusters = scores.select(scored="event_id", cluster_id="cluster_id")
    rows = events.filter(events.day.isin(days), events.parent.isnull(), events.type != Verb.OBSERVE)
    rows = rows.select("day", "time", event_id="id").inner_join(named, [("event_id", "named")])
    rows = rows.left_join(clusters, [("event_id", "scored")]).drop("named", "scored")
    rows = rows.mutate(cluster=ibis.coalesce(rows.cluster_id, rows.event_id))
    rows = rows.mutate(began=rows.time.min().over(group_by="cluster"))
    mark = rows.event_id.hash() ^ rows.cluster.hash() ^ rows.brands.join("|").hash()
    return lake.engine.run(rows.mutate(print=mark).order_by("time", "event_id"))


def find_answers(lake: Lake, posts: pa.Table) -> pa.Table:
    """Return the direct answers to posts, with when the claim began."""
    events = lake.scan("events")
    first = pc.min(posts["day"]).as_py() if posts.num_rows else None
    later = events.day >= ibis.literal(first) if first else ibis.literal(False)
    answers = events.filter(later, events.parent.notnull(), events.type.isin([str(verb) for verb in ANSWERS]))
    answers = answers.select("day", "time", "parent", event_id="id", print=answers.id.hash())
    claims = ibis.memtable(posts.select(["event_id", "began"]).rename_columns(["post", "began"]))
    return lake.engine.run(answers.inner_join(claims, [("parent", "post")]).drop("post").order_by("time", "event_id"))


def find_now(lake: Lake) -> datetime:
    """Return the time of the newest event, up to which a claim is judged."""
    events = lake.scan("events")
    found: datetime | None = lake.engine.run(events.aggregate(last=events.time.max()))["last"][0].as_py()
    return found or EPOCH


def list_volumes(posts: pa.Table, answers: pa.Table, now: datetime, zone: str, way: str) -> dict[Key, Volume]:
    """Return per day the posts whose claims began on it; the fingerprint holds the answers to them too.

    A post whose first hour is not over is judged again with every newer event.
    """
    is_open = pc.greater(posts["time"], _scalar(now - FIRST_HOUR)).combine_chunks().to_numpy(zero_copy_only=False)
    marks = np.where(is_open, int(now.timestamp() * 1e6), 0) ^ posts["print"].to_numpy()
    posts = posts.set_column(posts.column_names.index("print"), "print", pa.array(marks))
    parts = []
    for table, count in ((posts, 1), (answers, 0)):
        quarter = table["began"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy() // (
            QUARTER_S * 1_000_000
        )
        columns = {"brand": pa.repeat("", table.num_rows), "quarter": pa.array(quarter)}
        columns |= {"posts": pa.repeat(pa.scalar(count, pa.int64()), table.num_rows)}
        columns |= {"unique": pa.repeat(pa.scalar(0, pa.int64()), table.num_rows), "print": table["print"]}
        parts.append(pa.table(columns))
    digest = f"{WAY}/{way}/{LEAST_PRECISION}/{MOST_SHARE}"
    return gather_volumes(pa.concat_tables(parts).combine_chunks(), UNIT, zone, digest)


def cut_claims(rows: pa.Table, start: datetime, end: datetime) -> pa.Table:
    """Return the rows of the claims that began from ``start`` to before ``end``."""
    times = rows["began"]
    return rows.filter(pc.and_(pc.greater_equal(times, _scalar(start)), pc.less(times, _scalar(end))))


def read_texts(lake: Lake, posts: pa.Table) -> pa.Table:
    """Return the posts with what was said and by whom."""
    return _join_events(lake, posts, ("text", "actor", "channel", "props"))


def read_answers(lake: Lake, answers: pa.Table) -> pa.Table:
    """Return the answers with what was said and by whom, the earliest where there are too many."""
    return _join_events(lake, answers.slice(0, MOST_REACTIONS), ("text", "actor"))


def _join_events(lake: Lake, rows: pa.Table, names: tuple[str, ...]) -> pa.Table:
    events = lake.scan("events")
    wanted = ibis.memtable(rows.drop_columns(["day", "print"]))
    told = events.filter(events.day.isin(rows["day"].unique().to_pylist())).select(*names, id="id")
    found = wanted.inner_join(told, [("event_id", "id")]).drop("id")
    return lake.engine.run(found.order_by("time", "event_id"))


def find_days(
    chunk: list[Volume], posts: pa.Table, reactions: pa.Table, judge: tuple[RumourModel, datetime]
) -> list[Found]:
    """Return the claims of each day of a chunk; ``judge``: the model, and up to when it knows."""
    began = dict(zip(posts["event_id"].to_pylist(), posts["began"].to_pylist(), strict=True))
    rows = judge_posts(posts, reactions, *judge)
    told = np.array([began[row["event_ids"][0]].timestamp() for row in rows])
    found = []
    for volume in chunk:
        places = np.flatnonzero((told >= volume.key.start.timestamp()) & (told < volume.end.timestamp()))
        mine = [rows[place] for place in places.tolist()]
        answered = cut_claims(reactions, volume.key.start, volume.end).num_rows
        read = {"posts": volume.posts, "total": volume.posts, "reactions": answered}
        found.append(Found(volume, mine, read))
    return found


def judge_posts(posts: pa.Table, reactions: pa.Table, rumours: RumourModel, now: datetime) -> list[Row]:
    """Return the claims among posts as rows of the table: those whose copies reach the lowest threshold."""
    if not posts.num_rows:
        return []
    scored = rumours.score(describe_posts(posts), reactions, now=now)
    thresholds = rumours.find_thresholds(LEAST_PRECISION, MOST_SHARE)
    floors = np.array([np.inf if found is None else found.log_odds for found in thresholds])
    keep = np.flatnonzero(scored.log_odds >= floors[scored.views])
    by_id = {row["event_id"]: row for row in posts.drop_columns(["text", "props", "actor"]).to_pylist()}
    found = build_candidates(scored, keep, thresholds, shift=0.0)
    places = {name: place for place, name in enumerate(scored.posts.ids)}
    return [_make_row(one, scored, places, by_id) for one in found]


def _make_row(found: Candidate, scored: Scored, places: dict[str, int], by_id: dict[str, Row]) -> Row:
    copies = [by_id[name] for name in found.posts]
    quotes = [quote for quote in found.quotes if quote.event_id]
    return {
        "lead": found.lead,
        "cluster_id": by_id[found.lead]["cluster_id"],
        "brands": sorted({brand for copy in copies for brand in copy["brands"]}),
        "log_odds": float(scored.log_odds[places[found.lead]]),
        "view": int(found.view),
        "first_time": copies[0]["time"],
        "last_time": copies[-1]["time"],
        "claim_start": found.claim.start,
        "claim_end": found.claim.end,
        "cues": list(found.claim.cues),
        "reasons": [*found.reasons],
        "reason_values": [*found.reasons.values()],
        "event_ids": list(found.posts),
        "quoted": [quote.event_id for quote in quotes],
        "stances": [str(quote.stance) for quote in quotes],
        "reactions": found.spread.reactions,
        **{name: getattr(found.spread, name) for name in ("first_hour", "doubt", "denial", "confirmation")},
        **{name: getattr(found.source, name) for name in SOURCE},
    }


def describe_posts(posts: pa.Table) -> pa.Table:
    """Return the posts as the engine reads them: with what is known of the author, and which are copies."""
    table = posts.select(["event_id", "time", "text", "actor", "cluster_id"])
    told = [_read_props(text) for text in posts["props"].to_pylist()]
    for name, column in PROFILE.items():
        values = [_read_number(props.get(name)) for props in told]
        if any(value is not None for value in values):
            table = table.append_column(column, pa.array(values, pa.float64()))
    return table


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


def _scalar(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", tz="UTC"))
