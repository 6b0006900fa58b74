"""Spread by playing cascades forward: slower than counting sets, and the judge of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.ahead import work_ahead
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.forward import BY_ARC, EQUAL, THRESHOLD, OutArcs, play_cascades, play_thresholds, slice_bits
from canyu.spread.kernels.graphs import order_arcs
from canyu.spread.kernels.samples import CONSTANT, WALK
from canyu.spread.selection.models import find_numbers, read_arcs
from canyu.spread.selection.options import Options

CHUNK = 256
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Spread:
    """Nodes reached on average, with the 95 % interval of that average; ``sizes`` of each run, int32, shape (runs,)."""

    mean: float
    low: float
    high: float
    sizes: NDArray[np.int32]


def simulate(
    graph: Graph, seeds: pa.Array, model: str = "wc", runs: int = 10_000, seed: int = 7, **options: Unpack[Options]
) -> Spread:
    """Play ``runs`` cascades from ``seeds`` (ids of nodes) and return how many nodes they reach.

    Of ``Options``, ``probability`` and ``workers`` count. The same seed gives the same runs. Raises BadInput where an
    id is no node, ``runs`` is below 1, or the graph lacks what the model asks for.

    >>> import pyarrow as pa
    >>> from canyu.spread.graphs import build_graph
    >>> chain = build_graph(pa.table({"src": [1, 2, 3], "dst": [2, 3, 4]}), "src", "dst")
    >>> simulate(chain, pa.array([1]), runs=10).mean
    4.0
    """
    if runs < 1:
        raise BadInput(
            Words(f"runs 不能是 {runs}。", f"runs cannot be {runs}."), mend=Words("至少 1 次。", "At least 1.")
        )
    chosen = find_numbers(graph, seeds)
    arcs = read_out_arcs(graph, model, options.get("probability"))
    play = play_thresholds if arcs.kind == THRESHOLD else play_cascades

    def work(first: int) -> NDArray[np.int32]:
        found: NDArray[np.int32] = play(arcs, chosen, seed, first, min(CHUNK, runs - first))
        return found

    firsts = range(0, runs, CHUNK)
    workers = options.get("workers", 1)
    sizes = np.concatenate(list(map(work, firsts) if workers == 1 else work_ahead(work, firsts, workers=workers)))
    mean = float(sizes.mean())
    error = Z95 * float(sizes.std(ddof=1)) / np.sqrt(runs) if runs > 1 else np.inf
    return Spread(mean, mean - error, mean + error, sizes)


def read_out_arcs(graph: Graph, model: str, probability: float | None) -> OutArcs:
    """Return what playing forward reads; raises BadInput as ``read_arcs`` does."""
    arcs = read_arcs(graph, model, probability)
    starts, heads = graph.out_starts, graph.out_heads
    no_planes, no_weights = np.zeros(0, np.uint64), np.zeros(0, np.float32)
    if arcs.kind == CONSTANT:  # read_arcs gives no arcs where the probability is 0
        nobody = np.zeros_like(starts) if arcs.chance == 0.0 else starts
        return OutArcs(EQUAL, nobody, heads, no_planes, arcs.odds, arcs.aliases, no_weights)
    if len(arcs.chances):
        chances = arcs.chances[order_arcs(graph.in_tails, starts)].astype(np.float64)
    else:
        chances = (1.0 / np.maximum(np.diff(graph.in_starts), 1))[heads]
    if arcs.kind == WALK:
        return OutArcs(THRESHOLD, starts, heads, no_planes, arcs.odds, arcs.aliases, chances.astype(np.float32))
    asked = np.maximum(np.ceil(chances * (1 << 32)) - 1.0, 0.0).astype(np.uint32)
    return OutArcs(BY_ARC, starts, heads, slice_bits(asked), arcs.odds, arcs.aliases, no_weights)
