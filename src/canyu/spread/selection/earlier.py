"""Whom earlier campaigns have reached, as far as the model can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.ahead import work_ahead
from canyu.spread.graphs import Graph
from canyu.spread.kernels.timed import count_reached
from canyu.spread.selection.models import find_numbers, read_arcs
from canyu.spread.selection.options import PlanOptions
from canyu.spread.selection.seeds import refuse
from canyu.spread.selection.timing import TimedSampler, make_clock

CHUNK = 4096


def estimate_reached(
    graph: Graph, posted: Mapping[str | int, float], model: str = "wc", runs: int = 200, **options: Unpack[PlanOptions]
) -> NDArray[np.float64]:
    """Return the probability that each node was reached by accounts that posted, float64, (nodes,).

    ``posted``: ids and hours. Of ``options``, ``probability``, ``timing``, ``seed`` and ``workers`` count; without a
    timing everybody whom they ever reach counts. Each node is drawn ``runs`` times: the standard error is at most
    half over the root of ``runs``. Raises BadInput where an id is no node or ``runs`` is below 1.

    >>> from canyu.spread.graphs import build_graph
    >>> graph = build_graph(pa.table({"src": ["a", "b"], "dst": ["b", "c"]}), "src", "dst")
    >>> estimate_reached(graph, {"b": 0.0}).tolist()
    [0.0, 1.0, 1.0]
    """
    if runs < 1:
        raise refuse("runs", runs, "runs >= 1")
    posts = np.full(graph.nodes, np.inf)
    posts[find_numbers(graph, pa.array(list(posted), graph.ids.type))] = list(posted.values())
    clock = make_clock(graph, options.get("timing"), posts)
    seed, workers = options.get("seed", 7), options.get("workers", 1)
    sampler = TimedSampler(read_arcs(graph, model, options.get("probability")), clock, np.zeros(0), seed)

    def count(first: int) -> NDArray[np.int64]:
        size = min(CHUNK, graph.nodes - first)
        found: NDArray[np.int64] = count_reached(sampler.arcs, clock, seed, first, size, runs)
        return found

    firsts = range(0, graph.nodes, CHUNK)
    parts = [count(first) for first in firsts] if workers == 1 else list(work_ahead(count, firsts, workers=workers))
    return np.asarray(np.concatenate([np.zeros(0, np.int64), *parts]) / runs, np.float64)
