"""The only door to the engine: sets for a deadline, the choice within limits, and its proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import CanyuError
from canyu.measure.kept import Kept
from canyu.ops.kols.planning.schemas import Best, PlanQuery, Quota, Roster
from canyu.spread.graphs import Graph
from canyu.spread.selection import Draw, Limits, Model, ReachBoard, build_board, select_within
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.sampling import ReverseSampler, Sampler

SEED = 7
FRESH_STREAM = 1 << 22  # beyond the streams of plans and boards
_POOL = ThreadPoolExecutor(1, "canyu-plan")
_CHOICES = Kept(64)
Tell = Callable[[int, int], None]


def name_model(graph: Graph) -> str:
    """Return the model that a graph is read with: its own probabilities, or weighted cascade where it has none."""
    return str(Model.IC if len(graph.chances) else Model.WC)


def make_sampler(graph: Graph, hours: int) -> Sampler:  # noqa: ARG001 - the deadline comes with the engine's own
    """Return what draws the sets of people reached within so many hours."""
    return ReverseSampler(graph, read_arcs(graph, name_model(graph), None), np.zeros(0), SEED)


def draw_board(graph: Graph, nodes: NDArray[np.int64], ids: pa.Array, hours: int, draw: tuple[int, Tell]) -> ReachBoard:
    """Return the board of these accounts; ``draw``: how many sets, and who hears how far it is."""
    return build_board(make_sampler(graph, hours), nodes, ids, Draw(draw[0]), draw[1])


def count_fresh_hits(graph: Graph, ids: list[str], hours: int, samples: int) -> int:
    """Return in how many sets of a stream that nothing else reads one of these accounts stands; all are nodes."""
    marks = np.zeros(graph.nodes, np.uint8)
    marks[graph.find_nodes(_fit(pa.array(ids, pa.string()), graph))] = 1
    return int(make_sampler(graph, hours).count(FRESH_STREAM, samples, marks, 1)[0])


def ask_best(graph: Graph, key: object, roster: Roster, query: PlanQuery) -> Future[Best]:
    """Return the engine's choice within the query's limits, as it will be: worked out once in the background, and kept.

    ``roster``: those that may be chosen, nodes of the graph. ``key``: what the graph and the roster are known by. The
    chosen of ``query`` do not count, its ``must`` and ``never`` do. The future raises BadInput as ``select_within``.
    """
    limits = (query.budget_minor, query.hours, query.quotas, query.must, query.never)
    whole = (key, limits)
    found: Future[Best] | None = _CHOICES.find(whole)
    if found is None:
        found = _POOL.submit(_choose, graph, roster, query)
        _CHOICES.keep(whole, found)
    return found


def find_error(future: Future[Best]) -> CanyuError | None:
    """Return why there is no choice, None where there is one or it is not known yet."""
    error = future.exception() if future.done() else None
    return error if isinstance(error, CanyuError) else None


def _choose(graph: Graph, roster: Roster, query: PlanQuery) -> Best:
    began = time.perf_counter()
    keys = dict(zip(roster.keys, roster.table["id"].to_pylist(), strict=True))
    names = [[keys[key] for key in some if key in keys] for some in (query.must, query.never)]
    must, never = (tuple(_fit(pa.array(some, pa.string()), graph).to_pylist()) for some in names)
    accounts = roster.table.set_column(0, "id", _fit(roster.table["id"].combine_chunks(), graph))
    limits = Limits(query.budget_minor, _cap(query.quotas), must, never)
    found = select_within(graph, accounts, limits, name_model(graph), seed=SEED)
    places = {name: key for key, name in zip(roster.keys, accounts["id"].to_pylist(), strict=True)}
    return Best(
        keys=tuple(places[name] for name in found.seeds.to_pylist()),
        most_share=found.upper / max(graph.nodes, 1),
        delta=found.delta,
        samples=found.samples,
        seconds=time.perf_counter() - began,
    )


def _cap(quotas: tuple[Quota, ...]) -> dict[str, dict[str, int]]:
    caps: dict[str, dict[str, int]] = {}
    for quota in quotas:
        if quota.most is not None:
            caps.setdefault(quota.column, {})[quota.value] = quota.most
    return caps


def _fit(ids: pa.Array, graph: Graph) -> pa.Array:
    """Return texts as ids of the graph's own kind; they are nodes of it."""
    return ids.cast(graph.ids.type)
