"""The only door to the engine: sets for a deadline, the choice within limits, and its proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import CanyuError
from canyu.measure.kept import Kept
from canyu.ops.kols.planning.options import (
    LOOSE,
    Ends,
    RumourAsked,
    RumourFound,
    Seen,
    WaveFound,
    WavesAsked,
    WavesFound,
)
from canyu.ops.kols.planning.schemas import Best, PlanQuery, Quota, Roster
from canyu.spread.graphs import Graph
from canyu.spread.influence.intervals import compute_wilson
from canyu.spread.selection import (
    BlockingOptions,
    Draw,
    Fatigue,
    Goal,
    Happened,
    Limits,
    Model,
    Plan,
    PlanOptions,
    ReachBoard,
    Rumour,
    Selection,
    Timing,
    Wave,
    WaveOptions,
    build_board,
    plan_waves,
    replan,
    select_blockers,
    select_within,
    simulate_blocking,
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
WAVE_SETS = 1 << 18  # of each wave: one round, so that the wait is known
RUMOUR_SETS = (1 << 18, 1 << 20)
"""Of a choice against a rumour, and of a second one where the first proves less than ``LOOSE``: a rumour that reaches
one person in a hundred leaves 99 sets in 100 empty. On a rehearsed year (60,881 people, two of its largest accounts,
20,000 yuan) the first proved 12 % in 2 CPU seconds, the second 35 % in 7; four times more 64 % in 26, too long for a
page."""
PLAYS = 1000  # of a rumour, alone and against us
_POOL = ThreadPoolExecutor(1, "canyu-plan")
_CHOICES = Kept(64)
Found = TypeVar("Found")
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a plan is counted: the deadline with the graph's delays, if it has any; whether uses count."""

    timing: Timing | None
    is_tired: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted on: the graph, the accounts that are nodes of it, and the conditions."""

    graph: Graph
    accounts: pa.Table
    conditions: Conditions


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

    def choose() -> Best:
        return _choose(choosing, roster, query, share)

    share = 0.0 if _is_kept(choosing, roster, limits) else choosing.estimate_share()
    return _ask(choosing, roster, limits, choose)


def ask_waves(choosing: Choosing, roster: Roster, query: PlanQuery, asked: WavesAsked) -> Future[WavesFound]:
    """Return who posts in which wave, as it will be: worked out once in the background, and kept.

    ``roster``: those that may be chosen, nodes of the graph; the query's quotas, must and never hold, its budget is
    that of ``asked``. The future raises BadInput as ``plan_waves`` and ``replan``.
    """
    limits = (query.hours, query.quotas, query.must, query.never)
    return _ask(choosing, roster, (limits, asked), lambda: _plan_waves(choosing, roster, query, asked))


def ask_blockers(choosing: Choosing, roster: Roster, query: PlanQuery, asked: RumourAsked) -> Future[RumourFound]:
    """Return whom to set against a rumour, as it will be; else as ``ask_waves``. Raises BadInput as the engine."""
    limits = (query.hours, query.quotas, query.must, query.never)
    return _ask(choosing, roster, (limits, asked), lambda: _choose_blockers(choosing, roster, query, asked))


def count_hits_by_part(
    counting: Counting, chosen: list[str], parts: NDArray[np.int32], samples: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return in how many sets of people of each part one of the chosen stands, int64, (parts,).

    ``parts``: each node's part, from 0, -1 for none, (nodes,); ``samples``: how many sets of each, (parts,).
    """
    graph, hits = counting.graph, np.zeros(len(samples), np.int64)
    marks = np.zeros(graph.nodes, np.uint8)
    marks[graph.find_nodes(_fit(pa.array(chosen, pa.string()), graph))] = 1
    for part in np.flatnonzero(samples).tolist():
        options = _make_options(counting.conditions)
        options["values"] = (parts == part).astype(np.float64)
        sampler = make_sampler(graph, _prepare(counting.accounts, graph), name_model(graph), options)
        hits[part] = sampler.count(FRESH_STREAM + 1, int(samples[part]), marks, 1)[0]
    return hits


def find_nodes(graph: Graph, ids: list[str]) -> set[str]:
    """Return which of these ids are nodes of the graph."""
    fits = [name for name in ids if not pa.types.is_integer(graph.ids.type) or (name.isascii() and name.isdigit())]
    fits = [name for name in fits if len(name) < 19 or not pa.types.is_integer(graph.ids.type)]
    is_node = graph.find_nodes(_fit(pa.array(fits, pa.string()), graph)) >= 0
    return {name for name, is_one in zip(fits, is_node.tolist(), strict=True) if is_one}


def find_error(future: Future[Found]) -> CanyuError | None:
    """Return why there is no choice, None where there is one or it is not known yet."""
    error = future.exception() if future.done() else None
    return error if isinstance(error, CanyuError) else None


def forget_choices() -> None:
    """Drop every choice that is kept."""
    _CHOICES.clear()


def _ask(choosing: Choosing, roster: Roster, asked: object, work: Callable[[], Found]) -> Future[Found]:
    key = _make_key(choosing, roster, asked)
    found: Future[Found] | None = _CHOICES.find(key)
    if found is None:
        found = _POOL.submit(work)
        _CHOICES.keep(key, found)
    return found


def _is_kept(choosing: Choosing, roster: Roster, asked: object) -> bool:
    return _CHOICES.find(_make_key(choosing, roster, asked)) is not None


def _make_key(choosing: Choosing, roster: Roster, asked: object) -> tuple[object, ...]:
    return (choosing.key, np.array(roster.keys, np.int64).tobytes(), roster.costs.tobytes(), asked)


def _choose(choosing: Choosing, roster: Roster, query: PlanQuery, share: float) -> Best:
    began, graph = time.perf_counter(), choosing.graph
    accounts, limits = _prepare(roster.table, graph), _make_limits(graph, roster, query, query.budget_minor)
    options = _make_options(choosing.conditions)
    if share < LARGE_SHARE:
        options["samples"] = MOST_SETS
    found = select_within(graph, accounts, limits, name_model(graph), **options)
    return Best(
        keys=_find_keys(roster, accounts, found),
        most_share=found.upper / max(graph.nodes, 1),
        delta=found.delta,
        samples=found.samples,
        seconds=time.perf_counter() - began,
    )


def _plan_waves(choosing: Choosing, roster: Roster, query: PlanQuery, asked: WavesAsked) -> WavesFound:
    began, graph = time.perf_counter(), choosing.graph
    accounts, limits = _prepare(roster.table, graph), _make_limits(graph, roster, query, asked.budget)
    waves = _divide(asked)
    options = WaveOptions(**_make_options(choosing.conditions), model=name_model(graph), samples=WAVE_SETS)
    if asked.seen is None:
        plan = plan_waves(graph, accounts, limits, waves, **options)
    else:
        plan = replan(graph, accounts, limits, waves, _read_seen(graph, asked.seen), **options)
    so_far = _count_so_far(choosing, accounts, plan) if asked.seen is None else np.zeros(0, np.int64)
    if asked.seen is None:
        adds, reach = _bound(np.diff(so_far, prepend=0)), _bound(so_far)[-1]
    else:
        chosen = [wave.selection for wave in plan.waves]
        adds = [_share(graph, one.spread, one.spread_low, one.spread_high) for one in chosen]
        reach = _share(graph, plan.spread, plan.spread_low, plan.spread_high)
    return WavesFound(
        waves=tuple(
            WaveFound(wave.hour_h, wave.budget, wave.cost, _find_keys(roster, accounts, wave.selection), ends)
            for wave, ends in zip(plan.waves, adds, strict=True)
        ),
        reach=reach,
        so_far=tuple(_bound(so_far)),
        ratio=plan.ratio,
        delta=plan.delta,
        samples=(WAVE_SETS, WAVE_SETS),
        seconds=time.perf_counter() - began,
    )


def _divide(asked: WavesAsked) -> list[Wave]:
    """Return waves that share alike what is left; what is spent already belongs to the first."""
    spent, count = 0 if asked.seen is None else asked.seen.spent, len(asked.hours_h)
    left = max(asked.budget - spent, 0)
    ends = [spent + left * number // count for number in range(count + 1)]
    amounts = [ends[1], *(ends[number + 1] - ends[number] for number in range(1, count))]
    return [Wave(hour, amount=amount) for hour, amount in zip(asked.hours_h, amounts, strict=True)]


def _count_so_far(choosing: Choosing, accounts: pa.Table, plan: Plan) -> NDArray[np.int64]:
    """Return how many of ``WAVE_SETS`` fresh sets the waves up to each hit by the deadline, int64, (waves,)."""
    graph, marks = choosing.graph, np.zeros(choosing.graph.nodes, np.uint8)
    starts = np.zeros(len(accounts))
    places = {name: at for at, name in enumerate(accounts["id"].to_pylist())}
    for number, wave in enumerate(plan.waves):
        for name, hour in zip(wave.selection.seeds.to_pylist(), wave.hours_h.tolist(), strict=True):
            starts[places[name]] = hour
        later = np.uint8(0xFF & ~((1 << number) - 1))  # a wave counts in every sum from its own on
        marks[graph.find_nodes(wave.selection.seeds)] |= later
    timed = accounts.append_column("start_h", pa.array(starts))
    sampler = make_sampler(graph, timed, name_model(graph), _make_options(choosing.conditions))
    return sampler.count(FRESH_STREAM, WAVE_SETS, marks, len(plan.waves))


def _bound(hits: NDArray[np.int64]) -> list[Ends]:
    """Return shares of ``WAVE_SETS`` with their 95 % intervals (Wilson)."""
    shares = hits / WAVE_SETS
    lows, highs = compute_wilson(shares, np.full(len(hits), float(WAVE_SETS)))
    return list(zip(shares.tolist(), lows.tolist(), highs.tolist(), strict=True))


def _read_seen(graph: Graph, seen: Seen) -> Happened:
    """Return what happened as the engine reads it; whoever is no node of the graph is left out."""
    sides: list[dict[str | int, float]] = []
    for told in (seen.posted, seen.reached):
        known = find_nodes(graph, [name for name, _ in told])
        kept = [(name, hour) for name, hour in told if name in known]
        ids = _fit(pa.array([name for name, _ in kept], pa.string()), graph).to_pylist()
        sides.append(dict(zip(ids, (hour for _, hour in kept), strict=True)))
    posted, reached = sides
    again = tuple(posted) if seen.is_again else ()
    return Happened(seen.now_h, posted, {**reached}, seen.spent, again)


def _choose_blockers(choosing: Choosing, roster: Roster, query: PlanQuery, asked: RumourAsked) -> RumourFound:
    began, graph = time.perf_counter(), choosing.graph
    accounts, limits = _prepare(roster.table, graph), _make_limits(graph, roster, query, asked.budget)
    carriers = _fit(pa.array([name for name, _ in asked.carriers], pa.string()), graph)
    rumour = Rumour(carriers, np.array([age for _, age in asked.carriers], np.float64))
    goal = Goal.REACHED_FIRST if asked.is_first else Goal.SAVED
    options = BlockingOptions(seed=SEED, delay_h=asked.delay_h, goal=str(goal))
    if choosing.conditions.timing is not None:
        options["timing"] = choosing.conditions.timing
    options["delta"] = 1.0 / (len(RUMOUR_SETS) * max(graph.nodes, 2))  # whichever is shown, both bounds hold together
    for samples in RUMOUR_SETS:
        options["samples"] = samples
        found = select_blockers(graph, rumour, accounts, limits, name_model(graph), **options)
        if found.ratio >= LOOSE or not len(found.seeds):
            break
    played = simulate_blocking(graph, rumour, found.seeds, name_model(graph), PLAYS, **options)
    nodes = max(graph.nodes, 1)
    return RumourFound(
        keys=_find_keys(roster, accounts, found),
        saved=_share(graph, found.spread, found.spread_low, found.spread_high),
        least=found.lower / nodes,
        most=found.upper / nodes,
        ratio=found.ratio,
        alone=played.alone / nodes,
        against=played.against / nodes,
        delta=found.delta * len(RUMOUR_SETS),
        samples=found.samples,
        seconds=time.perf_counter() - began,
    )


def _share(graph: Graph, *spread: float) -> Ends:
    value, low, high = (one / max(graph.nodes, 1) for one in spread)
    return value, low, high


def _make_limits(graph: Graph, roster: Roster, query: PlanQuery, budget: int) -> Limits:
    keys = dict(zip(roster.keys, roster.table["id"].to_pylist(), strict=True))
    names = [[keys[key] for key in some if key in keys] for some in (query.must, query.never)]
    must, never = (tuple(_fit(pa.array(some, pa.string()), graph).to_pylist()) for some in names)
    return Limits(budget, _bound_quotas(query.quotas, "most"), must, never, _bound_quotas(query.quotas, "least"))


def _find_keys(roster: Roster, accounts: pa.Table, found: Selection) -> tuple[int, ...]:
    places = {name: key for key, name in zip(roster.keys, accounts["id"].to_pylist(), strict=True)}
    return tuple(places[name] for name in found.seeds.to_pylist())


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


def _bound_quotas(quotas: tuple[Quota, ...], end: str) -> dict[str, dict[str, int]]:
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
    "Counting",
    "ask_best",
    "ask_blockers",
    "ask_waves",
    "count_fresh_hits",
    "count_hits_by_part",
    "draw_board",
    "find_error",
    "find_nodes",
    "forget_choices",
    "name_model",
]
