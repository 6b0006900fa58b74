"""A rumour, or a rival's message, that is spreading already, and how long messages take: what blocking starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.options import SeededOptions
from canyu.spread.selection.timing import Timing


class Goal(StrEnum):
    """What is counted: people whom the rumour would have reached and does not; or all who hear from us first."""

    SAVED = "saved"
    REACHED_FIRST = "reached_first"


@dataclass(frozen=True, slots=True)
class Rumour:
    """Who carries the rumour now, by id, and for how many hours each has, float64, (carriers,); None: since now."""

    carriers: pa.Array
    ages_h: NDArray[np.float64] | None = None


class BlockingOptions(SeededOptions, total=False):
    """What else may be said to ``select_blockers`` and ``simulate_blocking``, besides ``SeededOptions``.

    ``timing``: delays of one hour without end by default; its deadline is the last hour that counts. ``delay_h``:
    hours until the chosen accounts speak, 0 by default. ``effect``: how much likelier our message passes an arc than
    the rumour does, 1 by default; never above probability 1. ``goal``: a ``Goal``.
    """

    timing: Timing
    delay_h: float
    effect: float
    goal: str


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
