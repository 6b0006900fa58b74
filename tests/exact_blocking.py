"""Two messages on graphs so small that every way the arcs can fall is played, step by step, for every choice."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

import numpy as np

from canyu.spread.graphs import Graph

Arc = tuple[int, int]
World = tuple[float, frozenset[Arc], frozenset[Arc]]


def list_two_worlds(graph: Graph, effect: float) -> list[World]:
    """Return each way the arcs can fall: its probability, the arcs that pass the rumour, and those that pass ours."""
    heads = np.repeat(np.arange(graph.nodes), np.diff(graph.in_starts))
    pairs = list(zip(graph.in_tails.tolist(), heads.tolist(), strict=True))
    ways = []
    for chance in graph.chances.astype(np.float64).tolist():
        own = min(effect * chance, 1.0)
        least = min(own, chance)
        ways.append(
            [(1.0 - max(own, chance), (0, 0)), (least, (1, 1)), (chance - least, (1, 0)), (own - least, (0, 1))]
        )
    found = []
    for falls in product(*([way for way in arc if way[0] > 0.0] for arc in ways)):
        chance = float(np.prod([fall[0] for fall in falls]))
        passed = [frozenset(p for p, fall in zip(pairs, falls, strict=True) if fall[1][of]) for of in (0, 1)]
        found.append((chance, passed[0], passed[1]))
    return found


def play_steps(world: World, carriers: Iterable[int], chosen: Iterable[int], delay: int) -> tuple[set[int], set[int]]:
    """Return who carries the rumour in the end and who our message; who gets both at once takes up the rumour."""
    holds: dict[int, int] = {}
    arriving: dict[int, list[tuple[int, int]]] = {0: [(0, node) for node in carriers]}
    arriving.setdefault(delay, []).extend((1, node) for node in chosen)
    step = 0
    while step <= max(arriving):
        for message, node in sorted(arriving.get(step, [])):
            if node in holds:
                continue
            holds[node] = message
            for tail, head in world[1 + message]:
                if tail == node:
                    arriving.setdefault(step + 1, []).append((message, head))
        step += 1
    return {node for node, message in holds.items() if not message}, {
        node for node, message in holds.items() if message
    }


def measure_blocking(worlds: list[World], carriers: set[int], chosen: Iterable[int], delay: int, goal: str) -> float:
    """Return how many are saved, or reached first, on average."""
    total, seeds = 0.0, list(chosen)
    for world in worlds:
        against, own = play_steps(world, carriers, seeds, delay)
        alone = play_steps(world, carriers, (), delay)[0]
        total += world[0] * (len(own) if goal == "reached_first" else len(alone) - len(against))
    return total


def list_choices(nodes: int, k: int, carriers: set[int]) -> list[tuple[int, ...]]:
    """Return every choice of up to ``k`` accounts that do not carry the rumour."""
    free = [node for node in range(nodes) if node not in carriers]
    return [chosen for size in range(k + 1) for chosen in combinations(free, size)]
