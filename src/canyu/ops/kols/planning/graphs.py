"""The graph of influence behind the page: opened once per process, with what is known of how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from canyu.kit.jsonio import parse_json
from canyu.measure.kept import Kept
from canyu.ops.config import load_config
from canyu.ops.kols.planning.engine import name_model
from canyu.spread.graphs import Graph, open_graph
from canyu.spread.influence import Family, Scope
from canyu.spread.selection import Timing, match_delays

ARCS_FILE = "in_tails.npy"
ABOUT, DELAYS, ARCS = "about.json", "delays.json", "arcs.parquet"
"""What ``canyu spread learn`` keeps beside a graph that it learned; one that was built from a table has none."""
HOUR_S = 3600.0
_GRAPHS = Kept(2)


@dataclass(frozen=True, slots=True)
class Delays:
    """How long influence takes along the arcs of a learned graph, in hours; one number for all, or one each."""

    centres_h: float | NDArray[np.float64]
    sigma: float
    family: Family

    def make_timing(self, hours: int) -> Timing:
        """Return the deadline of so many hours under these delays."""
        return Timing(float(hours), self.centres_h, self.sigma, self.family)


@dataclass(frozen=True, slots=True)
class OpenGraph:
    """A graph with where it lies, when it was written, its model, its delays where it has any, and its own account."""

    graph: Graph
    folder: str
    made_at: datetime
    model: str
    delays: Delays | None
    told: dict[str, Any]
    key: tuple[str, int, int]


def find_graph_folder() -> Path | None:
    """Return the folder of the graph that is configured, None where there is none."""
    config = load_config()
    if not config.influence_graph and "://" in config.lake:
        return None
    folder = Path(config.influence_graph or Path(config.lake) / "influence.graph")
    return folder if (folder / ARCS_FILE).is_file() else None


def find_graph() -> OpenGraph | None:
    """Return the graph, memory-mapped and kept per process, or None. Raises BadInput for a broken one."""
    folder = find_graph_folder()
    if folder is None:
        return None
    stat = (folder / ARCS_FILE).stat()
    key = (str(folder.resolve()), stat.st_mtime_ns, stat.st_ino)
    found: OpenGraph | None = _GRAPHS.find(key)
    if found is None:
        graph = open_graph(folder)
        made_at = datetime.fromtimestamp(stat.st_mtime, UTC)
        told = _read_json(folder / ABOUT)
        found = OpenGraph(graph, str(folder), made_at, name_model(graph), _read_delays(graph, folder), told, key)
        _GRAPHS.keep(key, found)
    return found


def forget_graphs() -> None:
    """Drop the graphs of this process."""
    _GRAPHS.clear()


def _read_delays(graph: Graph, folder: Path) -> Delays | None:
    told = _read_json(folder / DELAYS)
    centre_s = told.get("median_s") or told.get("mean_s")
    if not told.get("family") or not centre_s:
        return None
    centres: float | NDArray[np.float64] = float(centre_s) / HOUR_S
    if told.get("scope") == str(Scope.ARC) and (folder / ARCS).is_file():
        table = pq.read_table(folder / ARCS)
        if "delay_s" in table.column_names:
            hours = pa.array(table["delay_s"].to_numpy() / HOUR_S)
            listed = pa.table({"source": table["source"], "target": table["target"], "delay_h": hours})
            centres = match_delays(graph, listed, "source", "target", float(centre_s) / HOUR_S)
    return Delays(centres, float(told.get("sigma") or 0.0), Family(told["family"]))


def _read_json(path: Path) -> dict[str, Any]:
    """Return what a file beside the graph says; nothing where it is missing or is no such file."""
    try:
        found = parse_json(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
