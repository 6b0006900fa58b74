"""The tables that the signs of authenticity are measured on, and what is kept of each sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.kit.words import Words
from canyu.ops.insight.posts import Reading
from canyu.spread.influence.authenticity import FEWEST_PEERS, FEWEST_POSTS, FEWEST_STEPS, Signal, SignalKind

MOST_ROWS = 12
PEERS = 200
"""Accounts whose posts say how usual copies are: those with most posts; the same for every account measured."""
NO_ACTOR, FEW_COUNTS, FEW_POSTS, FEW_PEERS = "no_actor", "few_counts", "few_posts", "few_peers"
NOT_LISTENED, NO_FOLLOWERS = "not_listened", "no_followers"
MISSING_WORDS = {
    NO_ACTOR: Words("没有填写编号，找不到它的帖子", "no actor is stated, so its posts cannot be found"),
    FEW_COUNTS: Words(
        f"粉丝数不足 {FEWEST_STEPS + 1} 次，看不出突变",
        f"fewer than {FEWEST_STEPS + 1} follower counts: no jump can be told",
    ),
    FEW_POSTS: Words(f"90 天内不足 {FEWEST_POSTS} 条帖子", f"fewer than {FEWEST_POSTS} posts in 90 days"),
    FEW_PEERS: Words(
        f"可比的账号不足 {FEWEST_PEERS} 个，不知道通常在什么范围",
        f"fewer than {FEWEST_PEERS} comparable accounts: the usual band is not known",
    ),
    NOT_LISTENED: Words("还没有识别雷同：请运行 canyu listen", "copies are not known yet: run canyu listen"),
    NO_FOLLOWERS: Words("没有粉丝数", "no follower count is known"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One sign as the database keeps it."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    is_outside: bool
    missing: str
    evidence: dict[str, Any]


def build_history(counts: Sequence[tuple[date, int]]) -> pa.Table:
    """Return counts of followers as the measure of jumps reads them."""
    times = [datetime.combine(day, time(), UTC) for day, _followers in counts]
    followers = [followers for _day, followers in counts]
    return pa.table({"time": pa.array(times, pa.timestamp("us", "UTC")), "followers": pa.array(followers, pa.int64())})


def build_engagement(posts: pa.Table, followers: Mapping[str, Sequence[tuple[date, int]]]) -> pa.Table:
    """Return posts with the followers that their account had then: the newest count before, else the first after."""
    known = {
        actor: (np.array([day.toordinal() for day, _n in rows]), rows) for actor, rows in followers.items() if rows
    }
    sizes: list[int | None] = []
    for row in posts.select(["actor", "time"]).to_pylist():
        found = known.get(row["actor"])
        if found is None:
            sizes.append(None)
            continue
        at = int(np.searchsorted(found[0], row["time"].date().toordinal(), side="right")) - 1
        sizes.append(found[1][max(at, 0)][1])
    table = posts.append_column("followers", pa.array(sizes, pa.int64()))
    table = table.filter(pc.is_valid(table["followers"]))
    return table.select(["actor", "followers", "likes", "reposts"]).rename_columns(
        ["account", "followers", "likes", "reposts"]
    )


def read_copies(reading: Reading, posts: pa.Table) -> pa.Table | None:
    """Return posts with their cluster of copies, and the first post of each cluster; None before a listening."""
    if "scores" not in reading.versions or not posts.num_rows:
        return None
    first_day = pc.min(posts["time"]).as_py().date()
    ids = ibis.memtable(pa.table({"own": posts["id"]}))
    scores = reading.scan_model("scores")
    scores = scores.filter(scores.day >= ibis.literal(first_day))
    mine = scores.semi_join(ids, scores.event_id == ids.own).select("event_id", "actor", "time", "cluster_id")
    own = reading.lake.engine.run(mine)
    heads = pc.unique(own["cluster_id"].combine_chunks()).drop_null()
    heads = heads.filter(pc.invert(pc.is_in(heads, own["event_id"].combine_chunks())))
    wanted = ibis.memtable(pa.table({"head": heads.cast(pa.string())}))
    events = reading.scan("events")
    found = events.semi_join(wanted, events.id == wanted.head)
    firsts = reading.lake.engine.run(found.select(event_id="id", actor="actor", time="time", cluster_id="id"))
    table = pa.concat_tables([own.cast(firsts.schema), firsts])
    return table.filter(pc.is_valid(table["actor"]))


def choose_peers(copies: pa.Table) -> pa.Array:
    """Return the accounts with most posts, the same ones for everybody who is measured."""
    counted = copies.group_by("actor").aggregate([("event_id", "count")])
    ordered = counted.sort_by([("event_id_count", "descending"), ("actor", "ascending")])
    return ordered["actor"].combine_chunks()[:PEERS]


def cut_copies(copies: pa.Table, account: str, peers: pa.Array) -> pa.Table:
    """Return the rows that tell of one account: its own, its peers', and the first of their clusters."""
    is_own = pc.or_(pc.equal(copies["actor"], account), pc.is_in(copies["actor"], peers))
    chosen = copies.filter(is_own)
    heads = pc.is_in(copies["event_id"], chosen["cluster_id"].combine_chunks())
    return copies.filter(pc.or_(is_own, heads))


def keep_signal(signal: Signal, missing: str) -> Kept:
    """Return what the database keeps of a sign: the value beside its band, and the first rows behind it."""
    rows = [
        {name: _spell(value) for name, value in row.items()} for row in signal.evidence.slice(0, MOST_ROWS).to_pylist()
    ]
    reason = "" if signal.value is not None and signal.band is not None else missing
    if signal.value is not None and signal.band is None:
        reason = FEW_PEERS
    low, high = signal.band or (None, None)
    evidence: dict[str, Any] = {"rows": rows, "of": signal.evidence.num_rows}
    if signal.interval:
        evidence["interval"] = list(signal.interval)
    return Kept(signal.kind.value, signal.value, low, high, signal.is_outside, reason, evidence)


def keep_nothing(kind: SignalKind, missing: str) -> Kept:
    """Return a sign that could not be measured, with the reason."""
    return Kept(kind.value, None, None, None, False, missing, {"rows": [], "of": 0})


def _spell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
