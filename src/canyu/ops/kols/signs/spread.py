"""What the roster's accounts set off, read from the lake in one go: their posts, and everything below them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake, Verb
from canyu.kit.jsonio import parse_json

DAYS = 90
FOLLOWERS = "followers"
MOST_LEVELS = 60
PASSED_ON = (str(Verb.REPOST), str(Verb.COMMENT))
ANSWERS = (*PASSED_ON, str(Verb.LIKE))
OWN_SCHEMA = pa.schema(
    [("id", pa.string()), ("actor", pa.string()), ("type", pa.string()), ("time", pa.timestamp("us", "UTC"))]
)
BELOW_SCHEMA = pa.schema([("root", pa.string()), ("id", pa.string()), ("actor", pa.string()), ("type", pa.string())])


@dataclass(frozen=True, slots=True)
class Spread:
    """``own``: posts and reposts of the accounts; ``below``: reposts, comments and likes under each, by others too."""

    own: pa.Table
    below: pa.Table
    since: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Performance:
    """What one account did in the period; a median is None without a post."""

    posts: int
    median_reposts: float | None
    carried: int
    people: int
    reactions_per_post: float | None


def read_spread(lake: Lake, actors: Collection[str], since: datetime) -> Spread:
    """Read the posts and reposts of these actors since a moment, and what hangs below them, level by level."""
    version = lake.version() or 0
    events = lake.scan("events", version=version)
    late = events.filter(events.day >= ibis.literal(since.astimezone(UTC).date()), events.time >= ibis.literal(since))
    names = ibis.memtable(pa.table({"name": pa.array(sorted(actors), pa.string())}))
    mine = late.filter(late.type.isin([str(Verb.POST), str(Verb.REPOST)])).semi_join(names, late.actor == names.name)
    own = lake.engine.run(mine.select(*OWN_SCHEMA.names).order_by("time", "id")).cast(OWN_SCHEMA)
    answers = late.filter(late.type.isin(list(ANSWERS)))
    levels = [BELOW_SCHEMA.empty_table()]
    above = pa.table({"root": own["id"], "above": own["id"]})
    for _level in range(MOST_LEVELS):
        if not above.num_rows:
            break
        frontier = ibis.memtable(above)
        joined = answers.join(frontier, answers.parent == frontier.above).select(*BELOW_SCHEMA.names)
        found = lake.engine.run(joined).cast(BELOW_SCHEMA)
        levels.append(found)
        on = found.filter(pc.is_in(found["type"], pa.array(PASSED_ON)))
        above = pa.table({"root": on["root"], "above": on["id"]})
    return Spread(own, pa.concat_tables(levels), since, version)


def count_posts(spread: Spread) -> pa.Table:
    """Return one row per own post: id, actor, time, and how many reposts and likes by others hang below it."""
    posts = spread.own.filter(pc.equal(spread.own["type"], str(Verb.POST)))
    place = pc.index_in(spread.below["root"], posts["id"])
    below = spread.below.append_column("place", place).filter(pc.is_valid(place))
    authors = posts["actor"].take(below["place"])
    is_other = pc.fill_null(pc.not_equal(below["actor"], authors), fill_value=True)
    below = below.filter(is_other)
    columns: dict[str, Any] = {name: posts[name] for name in ("id", "actor", "time")}
    for name, kind in (("reposts", Verb.REPOST), ("likes", Verb.LIKE), ("comments", Verb.COMMENT)):
        chosen = below.filter(pc.equal(below["type"], str(kind)))["place"]
        columns[name] = pa.array(np.bincount(chosen.to_numpy(), minlength=len(posts)).astype(np.int64))
    return pa.table(columns)


def measure_performance(spread: Spread) -> dict[str, Performance]:
    """Return what each account did, by actor: only those with a post or a repost in the period."""
    own = {row["id"]: row["actor"] for row in spread.own.select(["id", "actor"]).to_pylist()}
    carried: dict[str, set[str]] = {actor: set() for actor in own.values()}
    people: dict[str, set[str]] = {actor: set() for actor in own.values()}
    for row in spread.below.to_pylist():
        actor = own[row["root"]]
        if row["actor"] == actor:
            continue
        if row["type"] == Verb.REPOST:
            carried[actor].add(row["id"])
        if row["actor"]:
            people[actor].add(row["actor"])
    posts = count_posts(spread)
    reposts: dict[str, list[int]] = {}
    reactions: dict[str, int] = {}
    for row in posts.to_pylist():
        reposts.setdefault(row["actor"], []).append(row["reposts"])
        told = row["reposts"] + row["likes"] + row["comments"]
        reactions[row["actor"]] = reactions.get(row["actor"], 0) + told
    return {
        actor: Performance(
            posts=len(mine := reposts.get(actor, [])),
            median_reposts=float(np.median(mine)) if mine else None,
            carried=len(carried[actor]),
            people=len(people[actor]),
            reactions_per_post=reactions[actor] / len(mine) if mine else None,
        )
        for actor in carried
    }


def read_followers(lake: Lake, actors: Collection[str]) -> list[tuple[str, datetime, int]]:
    """Return what was observed of these accounts' followers: actor, time, count; by time.

    Such an event is an ``observe`` whose object is the actor, whose value is the count, and whose props say
    ``{"metric": "followers"}``.
    """
    events = lake.scan("events")
    seen = events.filter(events.type == str(Verb.OBSERVE), events.value >= 0, events.props.contains(FOLLOWERS))
    names = ibis.memtable(pa.table({"name": pa.array(sorted(actors), pa.string())}))
    mine = seen.semi_join(names, seen.object == names.name).select("object", "time", "value", "props")
    found = lake.engine.run(mine.order_by("time", "object")).to_pylist()
    return [
        (row["object"], row["time"], row["value"])
        for row in found
        if parse_json(row["props"]).get("metric") == FOLLOWERS
    ]
