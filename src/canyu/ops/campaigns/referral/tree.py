"""The share tree as arrays: generations, who counts, and the K-factor of each generation with its interval; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from canyu.kit.poisson import bound_poisson


@dataclass(frozen=True, slots=True)
class Node:
    """One member: ``parent`` is the member who brought them; ``counts`` says whether the edge between them does."""

    id: int
    parent: int | None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: who is in it, who counts, and how many the next one gained per member that counts."""

    number: int
    members: int
    counted: int
    next_counted: int
    k: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Factor:
    """The K-factor over all generations but the last, whose people may still be inviting."""

    inviters: int
    invited: int
    k: float | None
    low: float | None
    high: float | None


def find_generations(nodes: Sequence[Node]) -> dict[int, int]:
    """Return how many steps each member stands below its root, in any order of the input.

    Raises ValueError where members bring each other in a circle or a parent is missing.
    """
    parents = {node.id: node.parent for node in nodes}
    depth: dict[int, int] = {}
    for start in parents:
        way: list[int] = []
        at: int | None = start
        while at is not None and at not in depth:
            if at not in parents or len(way) > len(parents):
                raise ValueError("no tree: a circle, or a parent that is not there")
            way.append(at)
            at = parents[at]
        above = -1 if at is None else depth[at]
        for step, member in enumerate(reversed(way), 1):
            depth[member] = above + step
    return depth


def find_counted(nodes: Sequence[Node], depth: Mapping[int, int]) -> set[int]:
    """Return the members whose whole way to the root counts: below a held edge nobody does until it is released."""
    counted: set[int] = set()
    for node in sorted(nodes, key=lambda one: depth[one.id]):
        if node.counts and (node.parent is None or node.parent in counted):
            counted.add(node.id)
    return counted


def measure_generations(nodes: Sequence[Node]) -> list[Generation]:
    """Return the generations from the seeds on; members and counted members of all add up to those of the tree.

    K of a generation is the counted members of the next one per counted member of its own; the interval is the exact
    Poisson one at 95% (Garwood 1936).

    >>> [one.members for one in measure_generations([Node(1, None), Node(2, 1), Node(3, 2), Node(4, 1)])]
    [1, 2, 1]
    """
    depth = find_generations(nodes)
    counted = find_counted(nodes, depth)
    size = max(depth.values(), default=-1) + 1
    members, counts = [0] * size, [0] * (size + 1)
    for member, step in depth.items():
        members[step] += 1
        counts[step] += member in counted
    return [
        Generation(step, members[step], counts[step], counts[step + 1], *_rate(counts[step], counts[step + 1]))
        for step in range(size)
    ]


def measure_factor(generations: Sequence[Generation]) -> Factor:
    """Return K over all generations but the last one that has counted members; with one generation, over that.

    >>> measure_factor(measure_generations([Node(1, None), Node(2, 1)])).k
    1.0
    """
    filled = [one for one in generations if one.counted]
    asked = filled[:-1] or filled
    inviters, invited = sum(one.counted for one in asked), sum(one.next_counted for one in asked)
    return Factor(inviters, invited, *_rate(inviters, invited))


def _rate(inviters: int, invited: int) -> tuple[float | None, float | None, float | None]:
    if not inviters:
        return None, None, None
    low, high = _bound(invited)
    return invited / inviters, low / inviters, high / inviters


@lru_cache(maxsize=4096)
def _bound(invited: int) -> tuple[float, float]:
    return bound_poisson(invited)  # a deep tree has thousands of generations with the same few counts
