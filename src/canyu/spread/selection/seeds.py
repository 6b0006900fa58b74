"""Seeds that reach the most people, with a proof of how good they are at least."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.selection.certificate import GREEDY
from canyu.spread.selection.greedy import Greedy
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.options import Options
from canyu.spread.selection.rounds import Rounds, Selection, Task
from canyu.spread.selection.sampling import ReverseSampler
from canyu.spread.selection.spark import share

FIX_QUICKLY, FIX_SURELY = 4096, 65_536  # sets, before seeds may be fixed: where the proof is enough, and where not


def select(
    graph: Graph, k: int, model: str = "wc", epsilon: float = 0.1, seed: int = 7, **options: Unpack[Options]
) -> Selection:
    """Choose ``k`` nodes that reach as many as can be; see ``Options`` for what else can be said.

    ``epsilon``: sampling goes on until the ratio is 1 - 1/e - epsilon at least, and then until more of it would not
    help. The same seed gives the same answer on any machine. Raises BadInput where an argument is out of its range, or
    the graph lacks what the model asks for.

    >>> import pyarrow as pa
    >>> from canyu.spread.graphs import build_graph
    >>> stars = pa.table({"src": ["a"] * 5 + ["b"] * 3, "dst": ["c", "d", "e", "f", "g", "h", "i", "j"]})
    >>> chosen = select(build_graph(stars, "src", "dst"), k=2)
    >>> chosen.seeds.to_pylist(), round(chosen.spread)
    (['a', 'b'], 10)
    """
    nodes = graph.nodes
    task = read_task(nodes, epsilon, seed, options)
    if k < 0:
        raise refuse("k", k, "k >= 0")
    arcs, chosen = read_arcs(graph, model, options.get("probability")), min(k, nodes)
    if chosen == 0:
        return make_empty(graph, task)
    largest = np.argsort(-np.diff(graph.out_starts), kind="stable")[:chosen].astype(np.int32)
    sampler = ReverseSampler(graph, arcs, np.zeros(0), seed, task.workers)
    fix_at = FIX_QUICKLY if task.is_quick else FIX_SURELY
    with share(sampler, options.get("spark")) as shared:
        return Rounds(graph, shared, task, Greedy(shared, nodes, chosen, fix_at)).run({"degree": largest})


def read_task(nodes: int, epsilon: float, seed: int, options: Options) -> Task:
    """Return what is asked, with what is left unsaid filled in; raises BadInput where a number is out of its range."""
    delta, workers, samples = (
        options.get("delta", 1.0 / max(nodes, 2)),
        options.get("workers", 1),
        options.get("samples"),
    )
    ranges = (
        ("epsilon", epsilon, 0.0 < epsilon < GREEDY, "0 < epsilon < 0.632"),
        ("delta", delta, 0.0 < delta < 1.0, "0 < delta < 1"),
        ("samples", samples, samples is None or samples >= 1, "samples >= 1"),
        ("workers", workers, workers >= 1, "workers >= 1"),
    )
    for name, value, fits, allowed in ranges:
        if not fits:
            raise refuse(name, value, allowed)
    return Task(epsilon, delta, seed, workers, options.get("is_quick", False), samples)


def refuse(name: str, value: object, allowed: str) -> BadInput:
    """Return the error of a number out of its range."""
    return BadInput(
        Words(f"{name} 不能是 {value}。", f"{name} cannot be {value}."),
        mend=Words(f"范围：{allowed}。", f"Its range: {allowed}."),
    )


def make_empty(graph: Graph, task: Task) -> Selection:
    """Return the selection of nobody."""
    ids = graph.ids.slice(0, 0)
    return Selection(ids, np.zeros(0), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, task.delta, "greedy", 0, (0, 0))
