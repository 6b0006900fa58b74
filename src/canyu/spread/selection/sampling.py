"""Where reverse-reachable sets come from: a sampler per question, its sets numbered, so that any may be shared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from canyu.kit.ahead import work_ahead
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import count_groups
from canyu.spread.kernels.samples import Arcs, count_hits, draw_sets

CHUNK = 8192  # sets drawn at a time by one thread
Sets = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Nodes of sets one after another, and where each set begins, (sets + 1,)."""
Marks = NDArray[np.uint8]
Found = TypeVar("Found")


class Sampler(ABC):
    """Draws numbered sets: set ``number`` of a ``stream`` is the same whoever draws it, and in whatever company.

    ``worth``: what all nodes together are worth; a choice that hits a share of the sets reaches that share of it.
    """

    worth: float

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    @abstractmethod
    def draw_part(self, stream: int, first: int, count: int) -> Sets:
        """Return sets ``first`` to ``first + count`` of a stream."""

    def count_part(self, stream: int, first: int, count: int, marks: Marks, groups: int) -> NDArray[np.int64]:
        """Return in how many of these sets a node of each group stands, int64, (groups,); ``marks``: a bit per group.

        ``marks`` are of nodes that may be chosen: others may have been left out of the sets.
        """
        hits: NDArray[np.int64] = count_groups(*self.draw_part(stream, first, count), marks, groups)
        return hits

    def draw(self, stream: int, first: int, stop: int) -> Iterator[Sets]:
        """Return sets ``first`` to ``stop`` of a stream in order, part by part."""
        return self._share(lambda at, count: self.draw_part(stream, at, count), first, stop)

    def count(self, stream: int, stop: int, marks: Marks, groups: int) -> NDArray[np.int64]:
        """Return in how many of the first ``stop`` sets of a stream a node of each group stands, int64, (groups,)."""
        parts = self._share(lambda at, count: self.count_part(stream, at, count, marks, groups), 0, stop)
        return sum(parts, np.zeros(groups, np.int64))

    def _share(self, work: Callable[[int, int], Found], first: int, stop: int) -> Iterator[Found]:
        parts = ((at, min(CHUNK, stop - at)) for at in range(first, stop, CHUNK))
        if self.workers == 1:
            return (work(*part) for part in parts)
        return work_ahead(lambda part: work(*part), parts, workers=self.workers)


class ReverseSampler(Sampler):
    """Sets of those who would have reached a node, drawn evenly or by what reaching it is worth.

    ``sentinels``: once it is set to marks of nodes, (nodes,), every set that is drawn from then on ends at one of them,
    and comes back empty: it is covered.
    """

    def __init__(self, graph: Graph, arcs: Arcs, values: NDArray[np.float64], seed: int, workers: int = 1) -> None:
        """``values``: what reaching each node is worth, float64, (nodes,), or empty for 1 each."""
        super().__init__(workers)
        self.arcs, self.seed = arcs, seed
        self.sentinels: Marks = np.zeros(0, np.uint8)
        self.heap: NDArray[np.float64] = np.cumsum(values, dtype=np.float64)
        self.worth = float(values.sum()) if len(values) else float(graph.nodes)

    def draw_part(self, stream: int, first: int, count: int) -> Sets:
        """Return sets ``first`` to ``first + count`` of a stream."""
        found: Sets = draw_sets(self.arcs, self.heap, self.seed, stream, first, count, self.sentinels)
        return found

    def count_part(self, stream: int, first: int, count: int, marks: Marks, groups: int) -> NDArray[np.int64]:
        """Return in how many of these sets a node of each group stands, each drawn no further than that takes."""
        hits: NDArray[np.int64] = count_hits(self.arcs, self.heap, self.seed, stream, first, count, marks, groups)
        return hits
