"""The spread of seeds on graphs so small that every way the arcs can fall is gone through."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph, build_graph


def make_graph(rng: np.random.Generator, nodes: int, arcs: int, *, probability: str = "p") -> Graph:
    """Return a random graph of node ids 0 to ``nodes`` - 1, each of them in it; probabilities of all sizes, or none."""
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    chosen = rng.choice(len(pairs), arcs, replace=False)
    chances = rng.choice([0.05, 0.2, 0.5, 0.9, 1.0], arcs)
    rows = [(node, node, 0.5) for node in range(nodes)]  # left out as arcs, but each node is known, by its own number
    rows += [(*pairs[place], chance) for place, chance in zip(chosen, chances, strict=True)]
    columns = {name: [row[place] for row in rows] for place, name in enumerate(("a", "b", "p"))}
    return build_graph(pa.table(columns), "a", "b", probability=probability)


def list_falls(graph: Graph, model: str) -> list[tuple[float, list[int]]]:
    """Return each way the arcs can fall: its probability, and the arcs that then work."""
    nodes = graph.nodes
    heads = list_heads(graph)
    degrees = np.diff(graph.in_starts)
    if model == "lt":
        choices = []
        for node in range(nodes):
            arcs = range(graph.in_starts[node], graph.in_starts[node + 1])
            choices.append([(arc, 1.0 / degrees[node]) for arc in arcs] or [(-1, 1.0)])
        worlds = [
            (float(np.prod([chance for _, chance in world])), [arc for arc, _ in world if arc >= 0])
            for world in product(*choices)
        ]
    else:
        chances = graph.chances if model == "ic" else 1.0 / degrees[heads]
        worlds = []
        for falls in product((False, True), repeat=graph.arcs):
            chance = float(np.prod(np.where(falls, chances, 1.0 - chances.astype(np.float64))))
            worlds.append((chance, list(np.flatnonzero(falls))))
    return [(chance, arcs) for chance, arcs in worlds if chance > 0.0]


def list_heads(graph: Graph) -> NDArray[np.int64]:
    """Return who reads, of each arc."""
    return np.repeat(np.arange(graph.nodes), np.diff(graph.in_starts))


def list_worlds(graph: Graph, model: str) -> list[tuple[float, NDArray[np.bool_]]]:
    """Return each way the arcs can fall: its probability, and who then reaches whom, bool, (nodes, nodes)."""
    nodes, heads, found = graph.nodes, list_heads(graph), []
    for chance, arcs in list_falls(graph, model):
        reach = np.eye(nodes, dtype=bool)
        for arc in arcs:
            reach[graph.in_tails[arc], heads[arc]] = True
        for middle in range(nodes):
            reach |= reach[:, middle : middle + 1] & reach[middle : middle + 1]
        found.append((chance, reach))
    return found


def measure(worlds: list[tuple[float, NDArray[np.bool_]]], seeds: list[int]) -> float:
    """Return how many nodes the seeds reach on average."""
    return sum(chance * reach[seeds].any(axis=0).sum() for chance, reach in worlds) if seeds else 0.0


def find_best(worlds: list[tuple[float, NDArray[np.bool_]]], nodes: int, k: int) -> float:
    """Return the most that any ``k`` seeds reach."""
    return max(measure(worlds, list(seeds)) for seeds in combinations(range(nodes), k))
