"""Under what conditions a choice is made: deadline, values, fatigue, and what stands already; as a sampler of sets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.selection.accounts import find_accounts, read_numbers
from canyu.spread.selection.fatigue import compute_keeps
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.options import PlanOptions, SeededOptions
from canyu.spread.selection.sampling import ReverseSampler, Sampler
from canyu.spread.selection.timing import TimedSampler, make_clock

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands before accounts are chosen.

    ``hour_h``: before which none can post. ``taken``, ``taken_h``: accounts whose post is settled, by node, and when:
    whom they reach counts no more, but where ``is_weighed``: then they stand in sets like others. ``since_h``: when
    each node was seen to be reached, infinite where it was not, minus infinity where the hour is unknown, (nodes,);
    empty where nothing has been seen; ``now_h``: up to when was looked. ``again``: nodes seen to be reached whose new
    post counts all the same.
    """

    hour_h: float = 0.0
    taken: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    taken_h: Real = field(default_factory=lambda: np.zeros(0))
    since_h: Real = field(default_factory=lambda: np.zeros(0))
    now_h: float = 0.0
    is_weighed: bool = False
    again: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))


NOTHING = Standing()


def make_sampler(
    graph: Graph, accounts: pa.Table, model: str, options: PlanOptions, standing: Standing = NOTHING
) -> Sampler:
    """Return what draws sets under these conditions; raises BadInput where one of them is wrong.

    Sets are plain ones where nothing asks for more: then each holds every node that would have reached its root. Else
    it holds only accounts, in time, whose post works.
    """
    arcs = read_arcs(graph, model, options.get("probability"))
    values = read_worth(graph, options, standing)
    seed, workers = options.get("seed", 7), options.get("workers", 1)
    fatigue, is_beside = options.get("fatigue"), len(standing.taken) > 0 and not standing.is_weighed
    if "timing" not in options and fatigue is None and not is_beside and not len(standing.since_h):
        return ReverseSampler(graph, arcs, values, seed, workers)
    numbers = find_accounts(graph, accounts)
    posts, keeps = np.full(graph.nodes, np.inf), np.zeros(0)
    posts[numbers] = read_hours(accounts, standing.hour_h)
    posts[standing.taken] = standing.taken_h
    if fatigue is not None:
        keeps = np.ones(graph.nodes)
        keeps[numbers] = compute_keeps(accounts, fatigue)
    clock = make_clock(graph, options.get("timing"), posts)
    is_taken = np.zeros(graph.nodes if is_beside else 0, np.uint8)
    if is_beside:
        is_taken[standing.taken] = 1
    earliest = min(clock.earliest, standing.now_h) if len(standing.since_h) else clock.earliest
    is_again = np.zeros(graph.nodes if len(standing.again) else 0, np.uint8)
    is_again[standing.again] = 1
    clock = clock._replace(
        keeps=keeps,
        is_taken=is_taken,
        since=standing.since_h,
        now=standing.now_h,
        earliest=earliest,
        is_again=is_again,
    )
    return TimedSampler(arcs, clock, values, seed, workers)


def read_hours(accounts: pa.Table, hour_h: float) -> Real:
    """Return when each account posts if it is chosen at ``hour_h``: then, or at its own ``start_h`` if later."""
    return np.maximum(np.nan_to_num(read_numbers(accounts, "start_h"), nan=0.0), hour_h)


def read_worth(graph: Graph, options: PlanOptions, standing: Standing) -> Real:
    """Return what reaching each node is still worth, (nodes,), or empty for 1 each; raises BadInput for nothing."""
    values, reached = read_values(graph, options), options.get("reached")
    if reached is not None:
        if len(reached) != graph.nodes or not np.all((reached >= 0.0) & (reached <= 1.0)):
            raise BadInput(
                Words("reached 要给每个节点一个 0 到 1 的概率。", "reached must be one probability per node."),
                mend=Words(f"共 {graph.nodes:,} 个节点。", f"There are {graph.nodes:,} nodes; write 0 to 1 for each."),
            )
        values = (values if len(values) else np.ones(graph.nodes)) * (1.0 - reached)
    if len(standing.since_h):
        values = np.where(standing.since_h < np.inf, 0.0, values if len(values) else 1.0)
    if len(values) and values.sum() <= 0.0:
        raise BadInput(
            Words("没有人还需要触达。", "nobody is left to be reached."),
            mend=Words("所有人都已触达，或价值为 0。", "All have been reached already, or are worth 0."),
        )
    return values


def read_values(graph: Graph, options: SeededOptions) -> Real:
    """Return what reaching each node is worth, (nodes,), or empty for 1 each; raises BadInput where they are none."""
    values = options.get("values")
    if values is None:
        return np.zeros(0)
    if len(values) != graph.nodes or not np.all(np.isfinite(values) & (values >= 0.0)) or values.sum() <= 0.0:
        raise BadInput(
            Words(
                "values 要给每个节点一个不小于 0 的数，且不全为 0。", "values must be one number from 0 up per node."
            ),
            mend=Words(f"共 {graph.nodes:,} 个节点。", f"There are {graph.nodes:,} nodes, not all worth 0."),
        )
    return values.astype(np.float64)
