"""A deadline: when accounts post, how long influence takes, and sets of those who reach somebody in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.influence.delays import Delays, Family
from canyu.spread.kernels.delays import EXPONENTIAL, LOG_NORMAL, STEPS
from canyu.spread.kernels.samples import Arcs
from canyu.spread.kernels.timed import Clock, draw_timed_sets
from canyu.spread.selection.sampling import Sampler, Sets
from canyu.spread.selection.seeds import refuse

Real = NDArray[np.float64]
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """By when people are to be reached, and how long influence takes along an arc.

    ``deadline_h``: hours from the start of the plan, the last one included. ``centres_h``: the median of log-normal or
    the mean of exponential delays in hours, one for all arcs, or float64, (arcs,), in the order of ``Graph.in_tails``.
    ``sigma``: the standard deviation of log delays; 0: every delay is its centre. An exponential has none.
    """

    deadline_h: float
    centres_h: float | Real
    sigma: float = 0.0
    family: Family = Family.LOG_NORMAL


def check_timing(graph: Graph, timing: Timing) -> Real:
    """Return the centres as float64, (arcs,) or (1,); raises BadInput where a number is out of its range."""
    if not timing.deadline_h >= 0.0:
        raise refuse("deadline_h", timing.deadline_h, "deadline_h >= 0")
    if not 0.0 <= timing.sigma < np.inf:
        raise refuse("sigma", timing.sigma, "sigma >= 0")
    centres = np.atleast_1d(np.asarray(timing.centres_h, np.float64))
    if np.ndim(timing.centres_h) and len(centres) != graph.arcs:
        raise BadInput(
            Words(f"给了 {len(centres):,} 个延迟，图有 {graph.arcs:,} 条边。", f"{len(centres):,} delays were given."),
            mend=Words("给一个数，或每条边一个。", f"Give one number, or one for each of {graph.arcs:,} arcs."),
        )
    wrong = centres[~((centres >= 0.0) & np.isfinite(centres))]
    if len(wrong):
        raise refuse("centres_h", float(wrong[0]), "centres_h >= 0")
    return centres


def find_family(timing: Timing) -> int:
    """Return how the kernels of ``canyu.spread.kernels.delays`` draw these delays."""
    if timing.family is Family.EXPONENTIAL:
        return EXPONENTIAL
    return LOG_NORMAL if timing.sigma > 0.0 else STEPS


def make_timing(graph: Graph, delays: Delays, arcs: pa.Table, deadline_h: float) -> Timing:
    """Return fitted delays as a timing; ``arcs``: columns source and target, in the order that they were fitted in.

    Arcs of the graph that were not fitted take the median of the others.
    """
    hours = delays.centres / HOUR_S
    listed = pa.table({"source": arcs["source"], "target": arcs["target"], "delay_h": hours})
    usual = float(np.median(hours)) if len(hours) else 0.0
    return Timing(deadline_h, match_delays(graph, listed, "source", "target", usual), delays.sigma, delays.family)


def match_delays(graph: Graph, table: pa.Table, source: str, target: str, usual_h: float) -> Real:
    """Return the delay of each arc of the graph in hours, (arcs,), from a table with a column ``delay_h``.

    Arcs that do not stand in it take ``usual_h``; rows that are no arcs of the graph are left out. Raises BadInput
    where a column is missing, or with the row where a delay is no number from 0 up.
    """
    missing = [name for name in (source, target, "delay_h") if name not in table.column_names]
    if missing:
        raise BadInput(
            Words(f"延迟表里没有列“{missing[0]}”。", f"the table of delays has no column {missing[0]}."),
            mend=Words(
                f"要有 {source}、{target} 和 delay_h（小时）。", f"It needs {source}, {target} and delay_h, in hours."
            ),
        )
    column = table["delay_h"]
    is_number = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    hours = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy() if is_number else np.full(len(table), np.nan)
    wrong = np.flatnonzero(~((hours >= 0.0) & np.isfinite(hours)))
    if len(wrong):
        row = int(wrong[0])
        raise BadInput(
            Words(f"第 {row + 1} 行的 delay_h 不是延迟。", f"row {row + 1}: delay_h is {column[row]}, no delay."),
            mend=Words("延迟是不小于 0 的小时数。", "A delay is a number of hours from 0 up."),
        )
    tails, heads = (graph.find_nodes(table[name].combine_chunks()) for name in (source, target))
    is_known = (tails >= 0) & (heads >= 0)
    keys = (heads * graph.nodes + tails)[is_known]
    own = np.repeat(np.arange(graph.nodes, dtype=np.int64), np.diff(graph.in_starts)) * graph.nodes + graph.in_tails
    order = np.argsort(own, kind="stable")
    places = np.searchsorted(own[order], keys)
    is_arc = places < len(own)
    is_arc[is_arc] = own[order[places[is_arc]]] == keys[is_arc]
    centres = np.full(graph.arcs, usual_h)
    centres[order[places[is_arc]]] = hours[is_known][is_arc]
    return centres


def make_clock(graph: Graph, timing: Timing | None, posts: Real) -> Clock:
    """Return when accounts post, float64, (nodes,), with the delays; without a timing nothing takes any time."""
    timing = timing or Timing(np.inf, 0.0)
    centres = check_timing(graph, timing)
    family = find_family(timing)
    none, nobody = np.zeros(0), np.zeros(0, np.uint8)
    tails, earliest = np.ascontiguousarray(graph.in_tails), float(posts.min(initial=np.inf))
    return Clock(
        tails, family, centres, timing.sigma, float(timing.deadline_h), posts, none, nobody, none, 0.0, earliest, nobody
    )


class TimedSampler(Sampler):
    """Sets of the accounts that would have reached a node by the deadline, drawn by what reaching it is worth."""

    def __init__(self, arcs: Arcs, clock: Clock, values: Real, seed: int, workers: int = 1) -> None:
        """``values``: what reaching each node is worth, float64, (nodes,), or empty for 1 each."""
        super().__init__(workers)
        self.arcs = arcs._replace(tails=np.arange(len(clock.tails), dtype=np.int32))
        self.clock, self.seed = clock, seed
        self.heap: Real = np.cumsum(values, dtype=np.float64)
        self.worth = float(values.sum()) if len(values) else float(len(clock.posts))

    def draw_part(self, stream: int, first: int, count: int) -> Sets:
        """Return sets ``first`` to ``first + count`` of a stream."""
        found: Sets = draw_timed_sets(self.arcs, self.clock, self.heap, self.seed, stream, first, count)
        return found
