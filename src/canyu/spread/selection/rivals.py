"""Two messages played forward against each other: the judge of whom blocking chooses."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.ahead import work_ahead
from canyu.spread.graphs import Graph
from canyu.spread.kernels.rivals import play_rivals
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.rounds import Z95
from canyu.spread.selection.rumours import BlockingOptions, Goal, Rumour
from canyu.spread.selection.scenes import Scene, read_scene
from canyu.spread.selection.seeds import refuse

CHUNK = 256


@dataclass(frozen=True, slots=True)
class Plays:
    """People per run, float64, (runs,), or what they are worth.

    ``alone``: whom the rumour reaches without us, ``against``: in spite of us, ``first``: whom we reach first;
    ``saved``: what is counted, by the goal, those of ``alone`` who are not in ``against``, or ``first``.
    """

    alone: NDArray[np.float64]
    against: NDArray[np.float64]
    first: NDArray[np.float64]
    saved: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blocked:
    """People (or what they are worth) saved on average, or reached first, with the 95 % interval of that average.

    ``alone``: whom the rumour reaches without us, ``against``: in spite of us, ``first``: who hear from us first; on
    average. Carriers at the outset count in none. ``plays``: each run.
    """

    mean: float
    low: float
    high: float
    alone: float
    against: float
    first: float
    plays: Plays


def simulate_blocking(
    graph: Graph,
    rumour: Rumour,
    chosen: pa.Array,
    model: str = "ic",
    runs: int = 10_000,
    **options: Unpack[BlockingOptions],
) -> Blocked:
    """Play the rumour alone, and against the message of the ``chosen`` accounts (ids), ``runs`` times; see ``Blocked``.

    Both plays of a run draw the same arcs and delays. It shares with the saving sets what an arc's probability and
    delay are, not how they are drawn or searched. The same seed gives the same runs on any number of ``workers``.
    Raises BadInput as ``select_blockers`` does.

    >>> from canyu.spread.graphs import build_graph
    >>> chain = build_graph(pa.table({"src": [1, 2, 3], "dst": [2, 3, 4]}), "src", "dst")
    >>> simulate_blocking(chain, Rumour(pa.array([1])), pa.array([3]), "wc", runs=10).mean
    2.0
    """
    if runs < 1:
        raise refuse("runs", runs, "runs >= 1")
    scene = read_scene(graph, rumour, model, options)
    plays = play_scene(scene, find_numbers(graph, chosen), runs, options.get("seed", 7), options.get("workers", 1))
    mean = float(plays.saved.mean())
    error = Z95 * float(plays.saved.std(ddof=1)) / sqrt(runs) if runs > 1 else inf
    alone, against, first = (float(part.mean()) for part in (plays.alone, plays.against, plays.first))
    return Blocked(mean, mean - error, mean + error, alone, against, first, plays)


def play_scene(scene: Scene, chosen: NDArray[np.int32], runs: int, seed: int, workers: int = 1) -> Plays:
    """Return every run of a scene."""

    def work(first: int) -> NDArray[np.float64]:
        found: NDArray[np.float64] = play_rivals(scene.ground, chosen, seed, first, min(CHUNK, runs - first))
        return found

    firsts = range(0, runs, CHUNK)
    parts = list(map(work, firsts) if workers == 1 else work_ahead(work, firsts, workers=workers))
    alone, against, first = (np.ascontiguousarray(column) for column in np.concatenate(parts).T)
    return Plays(alone, against, first, alone - against if scene.goal is Goal.SAVED else first)
