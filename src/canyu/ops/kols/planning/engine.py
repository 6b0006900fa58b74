"""The only door to the engine: sets for a deadline, the choice within limits, and its proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from canyu.kit.errors import CanyuError
from canyu.measure.kept import Kept
from canyu.ops.kols.planning.schemas import Best, PlanQuery, Quota, Roster
from canyu.spread.graphs import Graph
from canyu.spread.selection import (
    Draw,
    Fatigue,
    Limits,
    Model,
    PlanOptions,
    ReachBoard,
    Timing,
    build_board,
    select_within,
)
from canyu.spread.selection.conditions import make_sampler
from canyu.spread.selection.sampling import Sampler

SEED = 7
FRESH_STREAM = 1 << 22  # beyond the streams of plans and boards
LARGE_SHARE = 0.03
"""From this share of the audience on, the engine's own rounds end within a few seconds. Below it they would draw tens
of millions of sets to settle, so that a web process takes one round of ``MOST_SETS`` instead: the choice is a little
worse, and the guarantee says so."""
MOST_SETS = 1 << 21
_POOL = ThreadPoolExecutor(1, "canyu-plan")
_CHOICES = Kept(64)
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a plan is counted: the deadline with the graph's delays, if it has any; whether uses count."""

    timing: Timing | None
    is_tired: bool


@dataclass(frozen=True, slots=True)
class Choosing:
    """What the engine chooses on: the graph, under conditions, and what both are known by."""

    graph: Graph
    conditions: Conditions
    key: object
    estimate_share: Callable[[], float]
    """Tells the share of the audience that a quick choice reaches, which says how many sets are needed."""


def name_model(graph: Graph) -> str:
    """Return the model that a graph is read with: its own probabilities, or weighted cascade where it has none."""
    return str(Model.IC if len(graph.chances) else Model.WC)


def draw_board(graph: Graph, accounts: pa.Table, conditions: Conditions, draw: tuple[int, Tell]) -> ReachBoard:
    """Return the board of these accounts, nodes of the graph; ``draw``: how many sets, and who hears how far it is."""
    ids = _fit(accounts["id"].combine_chunks(), graph)
    return build_board(_make_sampler(graph, accounts, conditions), graph.find_nodes(ids), ids, Draw(draw[0]), draw[1])


def count_fresh_hits(graph: Graph, accounts: pa.Table, chosen: list[str], conditions: Conditions, samples: int) -> int:
    """Return in how many sets of a stream that nothing else reads one of the chosen stands; all are nodes."""
    marks = np.zeros(graph.nodes, np.uint8)
    marks[graph.find_nodes(_fit(pa.array(chosen, pa.string()), graph))] = 1
    return int(_make_sampler(graph, accounts, conditions).count(FRESH_STREAM, samples, marks, 1)[0])


def ask_best(choosing: Choosing, roster: Roster, query: PlanQuery) -> Future[Best]:
    """Return the engine's choice within the query's limits, as it will be: worked out once in the background, and kept.

    ``roster``: those that may be chosen, nodes of the graph. The chosen of ``query`` do not count, its ``must`` and
    ``never`` do. The future raises BadInput as ``select_within``.
    """
    limits = (query.budget_minor, query.hours, query.quotas, query.must, query.never)
    whole = (choosing.key, np.array(roster.keys, np.int64).tobytes(), roster.costs.tobytes(), limits)
    found: Future[Best] | None = _CHOICES.find(whole)
    if found is None:
        found = _POOL.submit(_choose, choosing, roster, query, choosing.estimate_share())
        _CHOICES.keep(whole, found)
    return found


def find_error(future: Future[Best]) -> CanyuError | None:
    """Return why there is no choice, None where there is one or it is not known yet."""
    error = future.exception() if future.done() else None
    return error if isinstance(error, CanyuError) else None


def forget_choices() -> None:
    """Drop every choice that is kept."""
    _CHOICES.clear()


def _choose(choosing: Choosing, roster: Roster, query: PlanQuery, share: float) -> Best:
    began, graph = time.perf_counter(), choosing.graph
    keys = dict(zip(roster.keys, roster.table["id"].to_pylist(), strict=True))
    names = [[keys[key] for key in some if key in keys] for some in (query.must, query.never)]
    must, never = (tuple(_fit(pa.array(some, pa.string()), graph).to_pylist()) for some in names)
    accounts = _prepare(roster.table, graph)
    limits = Limits(query.budget_minor, _bound(query.quotas, "most"), must, never, _bound(query.quotas, "least"))
    options = _make_options(choosing.conditions)
    if share < LARGE_SHARE:
        options["samples"] = MOST_SETS
    found = select_within(graph, accounts, limits, name_model(graph), **options)
    places = {name: key for key, name in zip(roster.keys, accounts["id"].to_pylist(), strict=True)}
    return Best(
        keys=tuple(places[name] for name in found.seeds.to_pylist()),
        most_share=found.upper / max(graph.nodes, 1),
        delta=found.delta,
        samples=found.samples,
        seconds=time.perf_counter() - began,
    )


def _make_sampler(graph: Graph, accounts: pa.Table, conditions: Conditions) -> Sampler:
    return make_sampler(graph, _prepare(accounts, graph), name_model(graph), _make_options(conditions))


def _make_options(conditions: Conditions) -> PlanOptions:
    options = PlanOptions(seed=SEED)
    if conditions.timing is not None:
        options["timing"] = conditions.timing
    if conditions.is_tired:
        options["fatigue"] = Fatigue()
    return options


def _prepare(table: pa.Table, graph: Graph) -> pa.Table:
    """Return the roster as the engine reads it: ids of the graph's kind, uses under their name there."""
    names = ["uses" if name == "uses_30d" else name for name in table.column_names]
    renamed = table.rename_columns(names)
    return renamed.set_column(names.index("id"), "id", _fit(table["id"].combine_chunks(), graph))


def _bound(quotas: tuple[Quota, ...], end: str) -> dict[str, dict[str, int]]:
    bounds: dict[str, dict[str, int]] = {}
    for quota in quotas:
        number = quota.most if end == "most" else quota.least
        if number is not None:
            bounds.setdefault(quota.column, {})[quota.value] = number
    return bounds


def _fit(ids: pa.Array, graph: Graph) -> pa.Array:
    """Return texts as ids of the graph's own kind; they are nodes of it."""
    return ids.cast(graph.ids.type)


__all__ = [
    "SEED",
    "Choosing",
    "Conditions",
    "ask_best",
    "count_fresh_hits",
    "draw_board",
    "find_error",
    "forget_choices",
    "name_model",
]
