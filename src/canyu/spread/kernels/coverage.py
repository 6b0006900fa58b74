"""Maximum coverage by the greedy rule, and how much any other choice could cover at most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@compile_kernel(None)
def index_members(members: Ints, begins: Places, nodes: int) -> tuple[Places, Ints]:
    """Return the sets of each node: where they begin, int64, (nodes + 1,), and their numbers, int32, (members,)."""
    starts = np.zeros(nodes + 1, np.int64)
    for member in members:
        starts[member + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    cursors = starts[:-1].copy()
    sets = np.empty(members.size, np.int32)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            node = members[at]
            sets[cursors[node]] = number
            cursors[node] += 1
    return starts, sets


@compile_kernel(None)
def sum_largest(histogram: Places, top: int, k: int) -> int:
    """Return the sum of the ``k`` largest gains; ``histogram[g]`` nodes gain g, none more than ``top``."""
    total, left, gain = 0, k, top
    while left > 0 and gain > 0:
        taken = min(histogram[gain], left)
        total += taken * gain
        left -= taken
        gain -= 1
    return int(total)


@compile_kernel(None)
def choose_greedily(members: Ints, begins: Places, allowed: NDArray[np.uint8], k: int) -> tuple[Ints, Places, int]:
    """Choose ``k`` nodes, each the one that stands in most sets not covered yet (Nemhauser et al. 1978).

    Returns the nodes, what each one adds, and how many sets any ``k`` allowed nodes can cover at most: after each
    choice that is what is covered and the ``k`` largest gains together, since gains only fall; the least of these.
    The same sets give the same choice. Fewer nodes come back where fewer are allowed.
    """
    nodes = allowed.size
    starts, sets = index_members(members, begins, nodes)
    gains = np.zeros(nodes, np.int64)
    top = 0
    for node in range(nodes):
        if allowed[node]:
            gains[node] = starts[node + 1] - starts[node]
            top = max(top, gains[node])
    histogram = np.zeros(top + 1, np.int64)
    heads, following = np.full(top + 1, -1, np.int64), np.full(nodes, -1, np.int64)
    for node in range(nodes - 1, -1, -1):
        if allowed[node]:
            histogram[gains[node]] += 1
            following[node] = heads[gains[node]]
            heads[gains[node]] = node
    covered = np.zeros(begins.size - 1, np.uint8)
    chosen, added = np.empty(k, np.int32), np.zeros(k, np.int64)
    bound, total, count = sum_largest(histogram, top, k), 0, 0
    while count < k and top >= 0:
        node = heads[top]
        if node < 0:
            top -= 1
            continue
        heads[top] = following[node]
        if gains[node] < top:  # it has lost since it was put here; those before it in the new row gained as much
            following[node] = heads[gains[node]]
            heads[gains[node]] = node
            continue
        histogram[top] -= 1
        gains[node] = 0
        chosen[count], added[count] = node, top
        total += top
        count += 1
        for at in range(starts[node], starts[node + 1]):
            number = sets[at]
            if covered[number]:
                continue
            covered[number] = 1
            for place in range(begins[number], begins[number + 1]):
                other = members[place]
                if other != node and gains[other] > 0:
                    histogram[gains[other]] -= 1
                    gains[other] -= 1
                    histogram[gains[other]] += 1
        while top > 0 and histogram[top] == 0 and heads[top] < 0:
            top -= 1
        bound = min(bound, total + sum_largest(histogram, top, k))
    return chosen[:count], added[:count], int(bound)


@compile_kernel(None)
def count_met(members: Ints, begins: Places, first: int, marks: NDArray[np.uint8]) -> int:
    """Return in how many sets from ``first`` on a marked node stands."""
    met = 0
    for number in range(first, begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            if marks[members[at]]:
                met += 1
                break
    return met
