"""A rumour, or a rival's message, that is spreading already, and how long messages take: what blocking starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.influence import Delays, Family
from canyu.spread.kernels import delays as kernels
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.options import SeededOptions

HOUR_S = 3600.0


class Pace(StrEnum):
    """How long a message takes along an arc: one step, or an exponential or log-normal time."""

    STEPS = "steps"
    EXPONENTIAL = "exponential"
    LOG_NORMAL = "log_normal"


CODES = {
    Pace.STEPS: kernels.STEPS,
    Pace.EXPONENTIAL: kernels.EXPONENTIAL,
    Pace.LOG_NORMAL: kernels.LOG_NORMAL,
}


class Goal(StrEnum):
    """What is counted: people whom the rumour would have reached and does not; or all who hear from us first."""

    SAVED = "saved"
    REACHED_FIRST = "reached_first"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long messages take along arcs, in hours.

    ``centres_h``: a step, the mean of an exponential or the median of a log-normal, for all arcs, (1,), or for each in
    the order of the graph's ``in_tails``, (arcs,). ``sigma``: the deviation of the log of a log-normal.
    """

    pace: Pace = Pace.STEPS
    centres_h: NDArray[np.float64] = field(default_factory=lambda: np.ones(1))
    sigma: float = 0.0


@dataclass(frozen=True, slots=True)
class Rumour:
    """Who carries the rumour now, by id, and for how many hours each has, float64, (carriers,); None: since now."""

    carriers: pa.Array
    ages_h: NDArray[np.float64] | None = None


class BlockingOptions(SeededOptions, total=False):
    """What else may be said to ``select_blockers`` and ``simulate_blocking``, besides ``SeededOptions``.

    ``timing``: steps of an hour by default. ``delay_h``: hours until the chosen accounts speak, 0 by default.
    ``effect``: how much likelier our message passes an arc than the rumour does, 1 by default; never above
    probability 1. ``goal``: a ``Goal``. ``until_h``: the last hour that counts; without end by default.
    """

    timing: Timing
    delay_h: float
    effect: float
    goal: str
    until_h: float


def match_delays(graph: Graph, arcs: pa.Table, delays: Delays) -> Timing:
    """Return fitted delays as the timing of a graph.

    ``arcs``: source and target of each arc that ``delays`` are of, in their order. An arc of the graph that is not
    among them is given the middle of all.
    """
    pace = Pace.EXPONENTIAL if delays.family is Family.EXPONENTIAL else Pace.LOG_NORMAL
    hours = delays.centres / HOUR_S
    if not len(hours) or np.all(hours == hours[0]):
        return Timing(pace, hours[:1] if len(hours) else np.ones(1), delays.sigma)
    heads = np.repeat(np.arange(graph.nodes), np.diff(graph.in_starts))
    own = graph.in_tails.astype(np.int64) * graph.nodes + heads
    ends = [graph.find_nodes(arcs[name].combine_chunks()) for name in ("source", "target")]
    told = np.where((ends[0] >= 0) & (ends[1] >= 0), ends[0] * graph.nodes + ends[1], -1)
    order = np.argsort(told, kind="stable")
    at = np.minimum(np.searchsorted(told[order], own), len(told) - 1)
    is_known = told[order][at] == own
    return Timing(pace, np.where(is_known, hours[order][at], np.median(hours)), delays.sigma)


def read_ages(graph: Graph, rumour: Rumour) -> NDArray[np.float64]:
    """Return how many hours each node has carried the rumour, -1 for who does not, float64, (nodes,).

    Raises BadInput where a carrier is no node, or an age is missing or below 0. Of a carrier that stands twice the
    longer age counts.
    """
    numbers = find_numbers(graph, rumour.carriers)
    ages = np.zeros(len(numbers)) if rumour.ages_h is None else np.asarray(rumour.ages_h, np.float64)
    if len(ages) != len(numbers) or not np.all(np.isfinite(ages) & (ages >= 0.0)):
        raise BadInput(
            Words("ages_h 要给每个传播者一个不小于 0 的小时数。", "ages_h must be one number from 0 up per carrier."),
            mend=Words(f"共 {len(numbers):,} 个传播者。", f"There are {len(numbers):,} carriers."),
        )
    found = np.full(graph.nodes, -1.0)
    np.maximum.at(found, numbers, ages)
    return found


def check_timing(graph: Graph, timing: Timing) -> None:
    """Raise BadInput where delays are none."""
    centres = timing.centres_h
    sizes_fit = len(centres) in (1, graph.arcs)
    needs_sigma = timing.pace is Pace.LOG_NORMAL
    if not (sizes_fit and np.all(np.isfinite(centres) & (centres > 0.0)) and (timing.sigma > 0.0 or not needs_sigma)):
        raise BadInput(
            Words("传播用时无效。", "the timing is none."),
            mend=Words(
                "centres_h 给一个正数或每条边一个；log_normal 还要大于 0 的 sigma。",
                "Give one centre above 0, or one per arc; log_normal also asks for a sigma above 0.",
            ),
        )
