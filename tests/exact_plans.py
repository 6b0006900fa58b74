"""Every choice of accounts that limits leave, on tables so small that all are gone through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.selection import Limits
from exact_spread import list_falls, list_heads


def list_choices(accounts: pa.Table, limits: Limits) -> list[tuple[int, ...]]:
    """Return every choice that keeps to the limits, each sorted."""
    rows = {row["id"]: row for row in accounts.to_pylist()}
    found = []
    for size in range(len(rows) + 1):
        for chosen in combinations(sorted(set(rows) - set(limits.never)), size):
            fits = sum(rows[one]["cost"] for one in chosen) <= limits.budget and set(limits.must) <= set(chosen)
            for quotas, sign in ((limits.quotas, 1), (limits.least, -1)):
                for column, quota in quotas.items():
                    had = [rows[one][column] for one in chosen]
                    fits = fits and all(sign * had.count(value) <= sign * number for value, number in quota.items())
            if fits:
                found.append(chosen)
    return found


@dataclass(frozen=True)
class Exact:
    """Reach by every way the arcs can fall, each with a delay that is known.

    ``chances``: of each way, (ways,); ``times``: how long it takes each to reach each, (ways, nodes, nodes).
    ``posts``: when each account posts; ``keeps``: the chance that its post works; ``values``: of each node.
    """

    chances: NDArray[np.float64]
    times: NDArray[np.float64]
    deadline: float
    posts: NDArray[np.float64]
    keeps: NDArray[np.float64]
    values: NDArray[np.float64]

    def measure(self, seeds: Iterable[int]) -> float:
        """Return what the seeds reach on average."""
        chosen = list(seeds)
        is_in_time = self.times[:, chosen] + self.posts[chosen, None] <= self.deadline + 1e-12
        missed = np.where(is_in_time, 1.0 - self.keeps[chosen, None], 1.0).prod(axis=1)
        return float(self.chances @ (1.0 - missed) @ self.values)

    def find_best(self, choices: list[tuple[int, ...]]) -> float:
        """Return the most that any of these choices reaches."""
        return max(self.measure(one) for one in choices)


def list_timed_worlds(graph: Graph, model: str, delays: NDArray[np.float64]) -> list[tuple[float, NDArray[np.float64]]]:
    """Return each way the arcs can fall: its probability, and how long it takes each to reach each, (nodes, nodes)."""
    heads, found = list_heads(graph), []
    for chance, arcs in list_falls(graph, model):
        times = np.full((graph.nodes, graph.nodes), np.inf)
        np.fill_diagonal(times, 0.0)
        for arc in arcs:
            tail, head = graph.in_tails[arc], heads[arc]
            times[tail, head] = min(times[tail, head], delays[arc])
        for middle in range(graph.nodes):
            times = np.minimum(times, times[:, middle : middle + 1] + times[middle : middle + 1])
        found.append((chance, times))
    return found


def make_exact(graph: Graph, model: str, delays: NDArray[np.float64], deadline: float) -> Exact:
    """Return the exact reach where every account can post at hour 0, its post works, and each node is worth 1."""
    ones = np.ones(graph.nodes)
    chances, times = zip(*list_timed_worlds(graph, model, delays), strict=True)
    return Exact(np.array(chances), np.array(times), deadline, 0.0 * ones, ones, ones)
