"""Groups of accounts that post as one: shared rare traces, closer in time than shuffled times allow.

"Coordinated" tells what was seen. It is no accusation: who arranged it, and whether anybody did, the posts do not say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.copies.groups import Group, describe_group
from canyu.listen.copies.index import TIME, assign_clusters
from canyu.listen.copies.traces import Traces, build_traces
from canyu.listen.kernels.coordination import (
    DAY_S,
    NULL_SYNCHRONOUS,
    NULL_VARIATION,
    NULL_VARIATION_ERROR,
    SYNCHRONOUS,
    VARIATION,
    measure_traces,
)
from canyu.listen.kernels.copies import join_pairs

REQUIRED = ("event_id", "time", "text")
OPTIONAL = ("actor", "channel", "type", "parent", "props", "cluster_id")


@dataclass(frozen=True, slots=True)
class CoordinationRules:
    """What counts as coordinated.

    ``fewest_accounts``: that share a trace. ``window_s``: two posts within it are synchronous. ``false_discoveries``:
    the share of chance findings allowed among traces (Benjamini and Hochberg 1995). ``draws``: shuffles of the times.
    ``zone``: whose days the times are shuffled within.
    """

    fewest_accounts: int = 3
    window_s: int = 300
    false_discoveries: float = 0.01
    draws: int = 200
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Background:
    """All posts' accounts and local times, and where each post's day lies among the sorted times."""

    actors: NDArray[np.int64]
    times: NDArray[np.int64]
    all_times: NDArray[np.int64]
    day_first: NDArray[np.int64]
    day_posts: NDArray[np.int64]

    def measure(
        self, rows: NDArray[np.int64], starts: NDArray[np.int64], rules: CoordinationRules, seed: int
    ) -> NDArray[np.float64]:
        """Return what :func:`measure_traces` finds in these rows."""
        first, posts = self.day_first[rows], self.day_posts[rows]
        times, actors = self.times[rows], self.actors[rows]
        rest = (first, posts, self.all_times, rules.window_s, rules.draws, np.uint64(seed))
        return measure_traces(times, actors, starts, *rest)


def find_coordination(posts: pa.Table, *, seed: int, rules: CoordinationRules | None = None) -> list[Group]:
    """Return the groups of accounts whose shared traces are closer in time or more regular than chance, largest first.

    ``posts``: ``event_id``, ``time`` (aware), ``text``, and where known ``actor``, ``channel``, ``type``, ``parent``,
    ``props`` and ``cluster_id`` (computed here where absent). Give all posts of the days, not only suspect ones: the
    times are shuffled among them. A post without an actor counts as an account of its own. The same rows and seed give
    the same groups. Raises BadInput where a column is missing, an id or a time is null, or times have no zone.
    """
    rules = rules or CoordinationRules()
    table = _prepare(posts)
    if not table.num_rows:
        return []
    background = _build_background(table, rules)
    traces = build_traces(table, background.actors, rules.fewest_accounts)
    if not traces.kinds:
        return []
    measured = background.measure(traces.rows, traces.starts, rules, seed)
    p_values = np.array([compute_p_value(row, rules.draws) for row in measured])
    q_values = adjust_p_values(p_values)
    linked = [trace for trace in range(len(p_values)) if q_values[trace] <= rules.false_discoveries]
    groups = [
        describe_group(table, background, (traces, p_values, q_values), members, (rules, seed))
        for members in _gather_groups(background, traces, measured, linked, rules)
    ]
    return sorted(groups, key=lambda group: (-group.posts, group.group_id))


def compute_p_value(measured: NDArray[np.float64], draws: int) -> float:
    """Return how likely chance is to give a trace's synchrony or regularity: twice the smaller of both, at most 1.

    Synchronous neighbours: Poisson, its mean that of the draws and one more. Regularity: the normal distribution,
    mean and error of the draws.
    """
    mean = measured[NULL_SYNCHRONOUS] + 1.0 / draws
    synchronous = compute_poisson_tail(int(measured[SYNCHRONOUS]), float(mean))
    regular = 1.0
    if measured[VARIATION] >= 0.0 and measured[NULL_VARIATION] >= 0.0 and measured[NULL_VARIATION_ERROR] > 0.0:
        score = (measured[VARIATION] - measured[NULL_VARIATION]) / measured[NULL_VARIATION_ERROR]
        regular = 0.5 * math.erfc(-float(score) / math.sqrt(2.0))
    return min(1.0, 2.0 * min(synchronous, regular))


def compute_poisson_tail(count: int, mean: float) -> float:
    """Return P(X >= count) for a Poisson X of this mean.

    >>> compute_poisson_tail(0, 3.0), round(compute_poisson_tail(2, 1.0), 6)
    (1.0, 0.264241)
    """
    if count <= mean:
        return 1.0 - sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count))
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total, k = 0.0, count
    while term > total * 1e-16:
        total += term
        k += 1
        term *= mean / k
    return min(total, 1.0)


def adjust_p_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the false discovery rate at which each would be found (Benjamini and Hochberg 1995).

    >>> adjust_p_values(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(p_values[order] * len(p_values) / ranks), 1.0)
    return adjusted


def _gather_groups(
    background: Background, traces: Traces, measured: NDArray[np.float64], linked: list[int], rules: CoordinationRules
) -> list[tuple[NDArray[np.int64], list[int]]]:
    """Return the rows and the traces of each group: accounts tied by neighbours of a found trace."""
    ties: list[NDArray[np.int64]] = []
    owners: list[int] = []
    for trace in linked:
        rows = traces.rows[traces.starts[trace] : traces.starts[trace + 1]]
        rows = rows[np.argsort(background.times[rows], kind="stable")]
        gaps = np.diff(background.times[rows])
        is_regular = 0.0 <= measured[trace, VARIATION] < measured[trace, NULL_VARIATION] / 2.0
        near = gaps <= (DAY_S // 2 if is_regular else rules.window_s)
        pairs = np.stack([rows[:-1], rows[1:]], axis=1)[near]
        ties.append(pairs)
        owners += [trace] * len(pairs)
    if not owners:
        return []
    pairs = np.concatenate(ties)
    roots = join_pairs(int(background.actors.max()) + 1, np.ascontiguousarray(background.actors[pairs]))
    of_pair = roots[background.actors[pairs[:, 0]]]
    found = []
    for root in np.unique(of_pair).tolist():
        chosen = np.flatnonzero(of_pair == root)
        rows = np.unique(pairs[chosen])
        if len(np.unique(background.actors[rows])) >= rules.fewest_accounts:
            found.append((rows, sorted({owners[pair] for pair in chosen.tolist()})))
    return found


def _prepare(posts: pa.Table) -> pa.Table:
    missing = [name for name in REQUIRED if name not in posts.column_names]
    if missing:
        raise BadInput(
            Words(f"表里缺少这些列：{'、'.join(missing)}。", f"The table lacks these columns: {', '.join(missing)}."),
            mend=Words("请补上它们。", "Add them."),
        )
    if not pa.types.is_timestamp(posts.schema.field("time").type) or posts.schema.field("time").type.tz is None:
        raise BadInput(
            Words("time 列没有时区。", "The column time has no time zone."),
            mend=Words("请使用带时区的时间。", "Give aware times."),
        )
    columns = {"event_id": posts["event_id"].cast(pa.string()), "time": posts["time"].cast(TIME, safe=False)}
    columns["text"] = posts["text"].cast(pa.large_string())
    for name in OPTIONAL:
        known = name in posts.column_names
        columns[name] = posts[name].cast(pa.string()) if known else pa.nulls(len(posts), pa.string())
    table = pa.table(columns)
    clusters = table["cluster_id"] if "cluster_id" in posts.column_names else assign_clusters(table).rows["cluster_id"]
    table = table.set_column(table.column_names.index("cluster_id"), "cluster_id", clusters)
    return table.sort_by([("time", "ascending"), ("event_id", "ascending")]).combine_chunks()


def _build_background(table: pa.Table, rules: CoordinationRules) -> Background:
    local = pc.local_timestamp(table["time"].cast(pa.timestamp("us", str(ZoneInfo(rules.zone)))))
    times = pc.floor_temporal(local, unit="second").cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    known = table["actor"].combine_chunks().dictionary_encode().indices
    numbers = pc.fill_null(known, -1).to_numpy().astype(np.int64)
    nameless = np.flatnonzero(numbers < 0)
    numbers[nameless] = numbers.max() + 1 + np.arange(len(nameless))
    ordered = np.sort(times)
    first = np.searchsorted(ordered, times // DAY_S * DAY_S)
    after = np.searchsorted(ordered, (times // DAY_S + 1) * DAY_S)
    return Background(numbers, times, ordered, first.astype(np.int64), (after - first).astype(np.int64))
