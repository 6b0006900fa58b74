"""Signals of an account's authenticity: what is unusual about it, with the rows that show it; never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.intervals import compute_wilson

Real = NDArray[np.float64]
Ends = tuple[float, float]

USUAL_Z = (-6.0, 6.0)  # steps that vary normally pass it twice in a thousand million
FEWEST_STEPS = 8
LEAST_GROWTH = 0.001  # a tenth of a per cent a day is no jump, however even the history
MAD_TO_DEVIATION = 1.4826
DAY_US = 86_400_000_000
PEERS, FEWEST_PEERS, FEWEST_POSTS = 50, 20, 5
BAND = (0.05, 0.95)
DRAWS = 2000

JUMP_SCHEMA = pa.schema(
    [
        ("begin", pa.timestamp("us", "UTC")),
        ("end", pa.timestamp("us", "UTC")),
        ("followers_before", pa.int64()),
        ("followers_after", pa.int64()),
        ("growth_per_day", pa.float64()),
        ("z", pa.float64()),
    ]
)
"""Steps outside the band, the furthest first; ``growth_per_day`` is that of log(followers + 1)."""
PEER_SCHEMA = pa.schema(
    [("account", pa.string()), ("followers", pa.float64()), ("posts", pa.int64()), ("rate", pa.float64())]
)
"""The account itself, then its peers from the nearest in size: mean followers, posts, (likes + reposts) / followers."""
COPY_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("cluster_id", pa.string()),
        ("first_event_id", pa.string()),
        ("first_actor", pa.string()),
    ]
)
"""The account's copies in order of time, each with the first post of its cluster."""


class SignalKind(StrEnum):
    """What a signal measures."""

    FOLLOWER_JUMP = "follower_jump"
    ENGAGEMENT = "engagement"
    COPY_SHARE = "copy_share"


SIGNAL_NAMES = {
    SignalKind.FOLLOWER_JUMP: Words("粉丝增长突变", "Jump in followers"),
    SignalKind.ENGAGEMENT: Words("互动率", "Engagement per follower"),
    SignalKind.COPY_SHARE: Words("抄发占比", "Share of posts that copy others"),
}
CAUTION = Words(
    "这是线索，不是结论：爆款、活动或清理僵尸粉也会如此。请看证据。",
    "A signal, not a verdict: a hit, a campaign or a platform's clean-up looks like this too. See the evidence.",
)


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured property of an account beside its usual band.

    ``value`` is None where there is too little to measure it.
    ``interval``: its 95 % interval, None for a z-score, which has none.
    ``band``: where it usually is, None where too few peers say so; ``evidence``: the rows behind it.
    """

    kind: SignalKind
    value: float | None
    interval: Ends | None
    band: Ends | None
    evidence: pa.Table

    @property
    def is_outside(self) -> bool:
        """Whether the value is measured and beyond its band."""
        if self.value is None or self.band is None:
            return False
        return not self.band[0] <= self.value <= self.band[1]


def measure_follower_jumps(history: pa.Table) -> Signal:
    """Return the furthest step in followers as a robust z-score against the account's own steps.

    ``history``: ``time`` (aware) and ``followers``, any order, any spacing. A step is the growth of log(followers + 1)
    per day between neighbours; z = (step - median) / (1.4826 MAD) (Iglewicz and Hoaglin, How to Detect and Handle
    Outliers, 1993), the divisor at least LEAST_GROWTH. Falls count like rises. Fewer than FEWEST_STEPS steps measure
    nothing. Evidence: JUMP_SCHEMA. Raises BadInput for a null, followers below zero or times without a zone.
    """
    _check(history, ("time", "followers"))
    if getattr(history["time"].type, "tz", None) is None:
        raise BadInput(
            Words("列“time”没有时区。", "column time has no time zone."),
            mend=Words("请给出带时区的时间。", "Give times with their time zone."),
        )
    times = history["time"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    followers = _read_counts(history, "followers")
    times, first = np.unique(times, return_index=True)
    followers = followers[first]
    if len(times) <= FEWEST_STEPS:
        return Signal(SignalKind.FOLLOWER_JUMP, None, None, USUAL_Z, JUMP_SCHEMA.empty_table())
    steps = np.diff(np.log1p(followers)) / (np.diff(times) / DAY_US)
    middle = np.median(steps)
    scale = max(MAD_TO_DEVIATION * float(np.median(np.abs(steps - middle))), LEAST_GROWTH)
    z = (steps - middle) / scale
    order = np.argsort(-np.abs(z), kind="stable")
    shown = order[(z[order] < USUAL_Z[0]) | (z[order] > USUAL_Z[1])]
    counts = followers.astype(np.int64)
    columns = [times[shown], times[shown + 1], counts[shown], counts[shown + 1], steps[shown], z[shown]]
    evidence = pa.table([pa.array(column) for column in columns], names=JUMP_SCHEMA.names).cast(JUMP_SCHEMA)
    return Signal(SignalKind.FOLLOWER_JUMP, float(z[order[0]]), None, USUAL_Z, evidence)


def measure_engagement(posts: pa.Table, account: str, *, seed: int = 0) -> Signal:
    """Return likes and reposts per follower of an account beside those of the PEERS accounts nearest in size.

    ``posts``: one row per post of anybody: ``account``, ``followers`` (at the post), ``likes``, ``reposts``. The rate
    is sum(likes + reposts) / sum(followers); its interval the percentile bootstrap over the account's posts from
    ``seed``; the band the 5 % and 95 % quantiles of peers, nearest by log followers, with at least FEWEST_POSTS posts
    each; fewer than FEWEST_PEERS peers give no band. Both ends tell: bought followers are silent, bought likes are
    loud. Evidence: PEER_SCHEMA. An account with fewer than FEWEST_POSTS posts is not measured.
    """
    _check(posts, ("account", "followers", "likes", "reposts"))
    encoded = posts["account"].cast(pa.string()).combine_chunks().dictionary_encode()
    names, of = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
    acts = _read_counts(posts, "likes") + _read_counts(posts, "reposts")
    followers = _read_counts(posts, "followers")
    many = np.bincount(of, minlength=len(names))
    sizes = np.bincount(of, followers, minlength=len(names)) / np.maximum(many, 1)
    rates = np.bincount(of, acts, minlength=len(names)) / np.maximum(sizes * many, 1e-300)
    usable = (many >= FEWEST_POSTS) & (sizes > 0)
    if account not in names or not usable[names.index(account)]:
        return Signal(SignalKind.ENGAGEMENT, None, None, None, PEER_SCHEMA.empty_table())
    own = names.index(account)
    others = np.flatnonzero(usable & (np.arange(len(names)) != own))
    distance = np.abs(np.log(sizes[others] / sizes[own]))
    peers = others[np.argsort(distance, kind="stable")][:PEERS]
    band = _get_band(rates[peers])
    shown = [own, *peers.tolist()]
    columns = [[names[place] for place in shown], sizes[shown], many[shown], rates[shown]]
    evidence = pa.table(columns, names=PEER_SCHEMA.names).cast(PEER_SCHEMA)
    interval = _draw_ratio(acts[of == own], followers[of == own], seed)
    return Signal(SignalKind.ENGAGEMENT, float(rates[own]), interval, band, evidence)


def measure_copy_share(posts: pa.Table, account: str) -> Signal:
    """Return the share of an account's posts whose text another account posted before.

    ``posts``: one row per post of anybody: ``event_id``, ``actor``, ``time``, ``cluster_id`` (the cluster of
    near-copies, null where a post stands alone). A post is a copy when the first post of its cluster, by time and then
    event id, is another account's; reposts are no copies: leave them out. The interval is Wilson's (JASA 1927); the
    band runs from 0 to the 95 % quantile of other accounts with at least FEWEST_POSTS posts, where there are
    FEWEST_PEERS. Evidence: COPY_SCHEMA. An account with fewer than FEWEST_POSTS posts is not measured.
    """
    _check(posts, ("event_id", "actor", "time"))
    if "cluster_id" not in posts.column_names:
        _refuse("cluster_id")
    rows = posts.select(["event_id", "actor", "time", "cluster_id"]).sort_by(
        [("time", "ascending"), ("event_id", "ascending")]
    )
    events, actors = (rows[name].cast(pa.string()).to_pylist() for name in ("event_id", "actor"))
    clusters = rows["cluster_id"].cast(pa.string()).to_pylist()
    firsts: dict[str, int] = {}
    copied: dict[str, list[int]] = {}
    many: dict[str, int] = {}
    for row, (actor, cluster) in enumerate(zip(actors, clusters, strict=True)):
        many[actor] = many.get(actor, 0) + 1
        if cluster is not None and actors[firsts.setdefault(cluster, row)] != actor:
            copied.setdefault(actor, []).append(row)
    if many.get(account, 0) < FEWEST_POSTS:
        return Signal(SignalKind.COPY_SHARE, None, None, None, COPY_SCHEMA.empty_table())
    others = [name for name, count in many.items() if name != account and count >= FEWEST_POSTS]
    band = _get_band(np.array([len(copied.get(name, [])) / many[name] for name in others]))
    own = copied.get(account, [])
    shown = [(events[row], clusters[row], events[firsts[clusters[row]]], actors[firsts[clusters[row]]]) for row in own]
    listed = [dict(zip(COPY_SCHEMA.names, row, strict=True)) for row in shown]
    evidence = pa.Table.from_pylist(listed, schema=COPY_SCHEMA)
    value = len(own) / many[account]
    low, high = compute_wilson(np.array([value]), np.array([float(many[account])]))
    interval = (float(low[0]), float(high[0]))
    return Signal(SignalKind.COPY_SHARE, value, interval, None if band is None else (0.0, band[1]), evidence)


def _get_band(values: Real) -> Ends | None:
    if len(values) < FEWEST_PEERS:
        return None
    low, high = np.quantile(values, BAND)
    return float(low), float(high)


def _draw_ratio(acts: Real, followers: Real, seed: int) -> Ends:
    rows = np.random.default_rng(seed).integers(0, len(acts), (DRAWS, len(acts)))
    low, high = np.quantile(acts[rows].sum(axis=1) / np.maximum(followers[rows].sum(axis=1), 1e-300), (0.025, 0.975))
    return float(low), float(high)


def _read_counts(table: pa.Table, name: str) -> Real:
    values: Real = table[name].to_numpy().astype(np.float64)
    if len(values) and not (np.isfinite(values) & (values >= 0)).all():
        row = int(np.argmin(np.isfinite(values) & (values >= 0)))
        raise BadInput(
            Words(f"第 {row + 1} 行：{name} 为 {values[row]:g}。", f"row {row + 1}: {name} is {values[row]:g}."),
            mend=Words("请给出不小于 0 的数。", "Give counts of zero or more."),
        )
    return values


def _check(table: pa.Table, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in table.column_names or table[name].null_count:
            _refuse(name)


def _refuse(name: str) -> NoReturn:
    raise BadInput(
        Words(f"列“{name}”缺少或有空值。", f"column {name} is missing or has empty rows."),
        mend=Words("请补上，或去掉空行。", "Fill it in, or leave the rows out."),
    )
