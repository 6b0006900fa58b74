"""The board of reach behind the page: the graph opened once per process, its sets drawn in the background and kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from canyu.kit.errors import CanyuError
from canyu.measure.kept import Kept
from canyu.ops.config import load_config
from canyu.ops.kols.planning.engine import draw_board, name_model
from canyu.spread.graphs import Graph, open_graph
from canyu.spread.selection import ReachBoard

QUICK_S = 1.5  # a board that is built within this is there on the first page
ARCS_FILE = "in_tails.npy"
_GRAPHS, _BOARDS = Kept(2), Kept(4)
_POOL = ThreadPoolExecutor(1, "canyu-board")
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class GraphAbout:
    """What is known of the graph behind the page: where it lies, when it was made, how large it is, and its model."""

    folder: str
    made_at: datetime
    nodes: int
    arcs: int
    model: str
    self_arcs: int
    repeated: int


@dataclass(slots=True)
class Building:
    """One board, whole or being built: ``done`` of ``total`` sets are drawn. ``missing``: ids that are no nodes."""

    about: GraphAbout
    graph: Graph
    key: object
    hours: int
    total: int
    done: int = 0
    seconds: float = 0.0
    board: ReachBoard | None = None
    missing: frozenset[str] = frozenset()
    error: CanyuError | None = None
    future: Future[None] | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def percent(self) -> int:
        """How far it is, in whole per cent."""
        return 100 * self.done // max(self.total, 1)

    @property
    def seconds_left(self) -> float | None:
        """How long it takes yet at the pace so far, None before there is one."""
        return None if not self.done else (time.monotonic() - self.began) * (self.total / self.done - 1.0)


def find_graph_folder() -> Path | None:
    """Return the folder of the graph that is configured, None where there is none."""
    config = load_config()
    if not config.influence_graph and "://" in config.lake:
        return None
    folder = Path(config.influence_graph or Path(config.lake) / "influence.graph")
    return folder if (folder / ARCS_FILE).is_file() else None


def find_board(ids: pa.Array, hours: int, samples: int) -> Building | None:
    """Return the board of these accounts, built or being built in the background; None where there is no graph.

    One is kept per graph (folder and time of writing), accounts and hours. Raises BadInput where the graph is broken.
    """
    folder = find_graph_folder()
    if folder is None:
        return None
    about, graph = _open(folder)
    key = (about, hours, samples, hash(tuple(ids.to_pylist())), len(ids))
    with _LOCK:
        found: Building | None = _BOARDS.find(key)
        if found is None:
            found = Building(about, graph, key, hours, samples)
            found.future = _POOL.submit(_build, found, ids)
            _BOARDS.keep(key, found)
    if found.future is not None and found.board is None and found.error is None:
        _wait(found.future)
    if found.error is not None:
        raise found.error
    return found


def forget_boards() -> None:
    """Drop every graph and board of this process."""
    _GRAPHS.clear()
    _BOARDS.clear()


def _wait(future: Future[None]) -> None:
    try:
        future.result(QUICK_S)
    except TimeoutError:
        return


def _open(folder: Path) -> tuple[GraphAbout, Graph]:
    stat = (folder / ARCS_FILE).stat()
    key = (str(folder.resolve()), stat.st_mtime_ns, stat.st_ino)
    found: tuple[GraphAbout, Graph] | None = _GRAPHS.find(key)
    if found is None:
        graph = open_graph(folder)
        made_at = datetime.fromtimestamp(stat.st_mtime, UTC)
        about = GraphAbout(
            str(folder), made_at, graph.nodes, graph.arcs, name_model(graph), graph.self_arcs, graph.repeated
        )
        found = about, graph
        _GRAPHS.keep(key, found)
    return found


def _build(building: Building, ids: pa.Array) -> None:
    def tell(done: int, total: int) -> None:
        building.done, building.total = done, total

    building.began = time.monotonic()
    try:
        nodes = building.graph.find_nodes(_fit(ids, building.graph))
        is_known = nodes >= 0
        building.missing = frozenset(ids.filter(pa.array(~is_known)).to_pylist())
        known = ids.filter(pa.array(is_known))
        board = draw_board(building.graph, nodes[is_known], known, building.hours, (building.total, tell))
        building.seconds = time.monotonic() - building.began
        building.board = board
    except CanyuError as error:
        building.error = error


def _fit(ids: pa.Array, graph: Graph) -> pa.Array:
    """Return ids of the graph's own kind; a roster's id that is no number is no node of a graph of numbers."""
    if not pa.types.is_integer(graph.ids.type):
        return ids
    numbers = [int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1 for text in ids.to_pylist()]
    return pa.array(numbers, pa.int64())
