"""The board of reach behind the page: its sets drawn once, in the background, and kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa

from canyu.kit.errors import CanyuError
from canyu.measure.kept import Kept
from canyu.ops.kols.planning.engine import Conditions, draw_board
from canyu.ops.kols.planning.graphs import OpenGraph, find_graph, forget_graphs
from canyu.ops.kols.planning.schemas import PlanQuery, Roster
from canyu.spread.graphs import Graph
from canyu.spread.selection import ReachBoard

_BOARDS = Kept(4)
_POOL = ThreadPoolExecutor(1, "canyu-board")
_LOCK = threading.Lock()


@dataclass(slots=True)
class Building:
    """One board, whole or being built: ``done`` of ``total`` sets are drawn. ``missing``: ids that are no nodes."""

    about: OpenGraph
    conditions: Conditions
    key: object
    total: int
    done: int = 0
    seconds: float = 0.0
    board: ReachBoard | None = None
    accounts: pa.Table | None = None
    missing: frozenset[str] = frozenset()
    error: CanyuError | None = None
    future: Future[None] | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def graph(self) -> Graph:
        """The graph that the sets are drawn from."""
        return self.about.graph

    @property
    def percent(self) -> int:
        """How far it is, in whole per cent."""
        return 100 * self.done // max(self.total, 1)

    @property
    def seconds_left(self) -> float | None:
        """How long it takes yet at the pace so far, None before there is one."""
        return None if not self.done else (time.monotonic() - self.began) * (self.total / self.done - 1.0)


def find_board(roster: Roster, query: PlanQuery, samples: int, wait_s: float) -> Building | None:
    """Return the board of the roster, built or being built in the background; None where there is no graph.

    One is kept per graph, accounts and conditions: the hours, where the graph has delays, and the uses, where they
    count. One that is being built is waited for, ``wait_s`` at most. Raises BadInput where the graph is broken.
    """
    about = find_graph()
    if about is None:
        return None
    timing = None if about.delays is None else about.delays.make_timing(query.hours)
    uses = tuple(roster.table["uses_30d"].to_pylist()) if query.is_tired else ()
    ids = tuple(roster.table["id"].to_pylist())
    key = (about.key, query.hours if timing else 0, samples, hash(ids), len(ids), hash(uses), query.is_tired)
    with _LOCK:
        found: Building | None = _BOARDS.find(key)
        if found is None:
            found = Building(about, Conditions(timing, query.is_tired), key, samples)
            found.future = _POOL.submit(_build, found, roster.table)
            _BOARDS.keep(key, found)
    if found.future is not None and found.board is None and found.error is None:
        _wait(found.future, wait_s)
    if found.error is not None:
        raise found.error
    return found


def forget_boards() -> None:
    """Drop every graph and board of this process."""
    forget_graphs()
    _BOARDS.clear()


def _wait(future: Future[None], wait_s: float) -> None:
    try:
        future.result(wait_s)
    except TimeoutError:
        return


def _build(building: Building, table: pa.Table) -> None:
    def tell(done: int, total: int) -> None:
        building.done, building.total = done, total

    building.began = time.monotonic()
    try:
        ids = table["id"].combine_chunks()
        is_known = pa.array(building.graph.find_nodes(_fit(ids, building.graph)) >= 0)
        building.missing = frozenset(ids.to_pylist()) - frozenset(ids.filter(is_known).to_pylist())
        building.accounts = table.filter(is_known)
        board = draw_board(building.graph, building.accounts, building.conditions, (building.total, tell))
        building.seconds = time.monotonic() - building.began
        building.board = board
    except CanyuError as error:
        building.error = error


def _fit(ids: pa.Array, graph: Graph) -> pa.Array:
    """Return ids of the graph's own kind; a roster's id that is no number is no node of a graph of numbers."""
    if not pa.types.is_integer(graph.ids.type):
        return ids
    numbers = [int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None for text in ids.to_pylist()]
    return pa.array(numbers, pa.int64())
