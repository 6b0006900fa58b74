"""What a booked post did, read from the lake: the post itself, the account's posts, and who reacted to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from canyu.events import Lake, Verb
from canyu.kit.words import Words

REACTIONS = (Verb.REPOST, Verb.COMMENT, Verb.LIKE, Verb.VIEW)
MOST_LEVELS = 60
MOST_LISTED = 12
REACH_DEFINITION = Words(
    "在发布后若干小时内，转发、评论、点赞或浏览了这条帖子或其下游转发的不同的人，不含发布者本人。这是有反应的人，"
    "不是平台声称的曝光。没有账号的事件（例如匿名浏览）不计人数。",
    "Different people who reposted, commented, liked or viewed the post, or a repost below it, within so many hours "
    "of its publication; without its author. These are people who reacted, not impressions that a platform claims. "
    "Events without an actor, such as anonymous views, count nobody.",
)


@dataclass(frozen=True, slots=True)
class FoundPost:
    """One post as the lake has it."""

    id: str
    time: datetime
    actor: str | None
    text: str
    channel: str | None
    market: str | None

    @property
    def digest(self) -> str:
        """SHA-256 of the text: what was checked is known again."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reach:
    """People who reacted, in all and by what they did, and until when it was counted."""

    people: int
    by_verb: dict[str, int]
    events: int
    nameless: int
    until: datetime
    is_whole: bool
    version: int


def find_post(lake: Lake, post_id: str) -> FoundPost | None:
    """Return one post of the lake, None where it has none of this id."""
    events = lake.scan("events")
    rows = events.filter(events.id == post_id.replace("\0", ""), events.type == str(Verb.POST))
    found = lake.engine.run(_choose(rows).limit(1)).to_pylist()
    return _make(found[0]) if found else None


def list_posts(lake: Lake, actor: str, since: datetime, most: int = MOST_LISTED) -> list[FoundPost]:
    """Return the newest posts of an actor since a moment."""
    events = lake.scan("events")
    rows = events.filter(
        events.day >= ibis.literal(since.astimezone(UTC).date()),
        events.time >= ibis.literal(since),
        events.actor == actor,
        events.type == str(Verb.POST),
    )
    found = lake.engine.run(_choose(rows).order_by(ibis.desc("time"), "id").limit(most)).to_pylist()
    return [_make(row) for row in found]


def measure_reach(lake: Lake, post: FoundPost, hours: int, now: datetime) -> Reach:
    """Count the people who reacted within so many hours, level by level below the post; one version of the lake."""
    version = lake.version() or 0
    until = post.time + timedelta(hours=hours)
    events = lake.scan("events", version=version)
    window = events.filter(
        events.day.between(ibis.literal(post.time.astimezone(UTC).date()), ibis.literal(until.astimezone(UTC).date())),
        events.time >= ibis.literal(post.time),
        events.time < ibis.literal(until),
        events.type.isin([str(verb) for verb in REACTIONS]),
    )
    rows: dict[str, tuple[str | None, str]] = {}
    above = [post.id]
    for _level in range(MOST_LEVELS):
        fresh = {key: row for key, row in _read_level(lake, window, above).items() if key not in rows}
        rows |= fresh
        above = [key for key, (_actor, kind) in fresh.items() if kind in {Verb.REPOST, Verb.COMMENT}]
        if not above:
            break
    people: dict[str, set[str]] = {str(verb): set() for verb in REACTIONS}
    for actor, kind in rows.values():
        if actor and actor != post.actor:
            people[kind].add(actor)
    return Reach(
        people=len(set().union(*people.values())),
        by_verb={kind: len(found) for kind, found in people.items() if found},
        events=len(rows),
        nameless=sum(not actor for actor, _kind in rows.values()),
        until=min(until, now),
        is_whole=until <= now,
        version=version,
    )


def _read_level(lake: Lake, window: ir.Table, above: list[str]) -> dict[str, tuple[str | None, str]]:
    ids = ibis.memtable(pa.table({"above": pa.array(above, pa.string())}))
    columns = ("id", "actor", "type")
    answers = window.semi_join(ids, window.parent == ids.above).select(*columns)
    seen = window.filter(window.type == str(Verb.VIEW))
    views = seen.semi_join(ids, seen.object == ids.above).select(*columns)
    table = lake.engine.run(answers.union(views))
    return {row["id"]: (row["actor"], row["type"]) for row in table.to_pylist()}


def _choose(rows: ir.Table) -> ir.Table:
    return rows.select("id", "time", "actor", "text", "channel", "market")


def _make(row: dict[str, Any]) -> FoundPost:
    return FoundPost(row["id"], row["time"], row["actor"], row["text"] or "", row["channel"], row["market"])
