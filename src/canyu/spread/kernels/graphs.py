"""Arcs sorted into rows by counting, as fast as memory allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@compile_kernel(None)
def count_starts(ends: Ints, nodes: int) -> Places:
    """Return where each node's arcs begin when arcs are sorted by ``ends``, int64, shape (nodes + 1,)."""
    starts = np.zeros(nodes + 1, np.int64)
    for arc in range(ends.size):
        starts[ends[arc] + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    return starts


@compile_kernel(None)
def order_arcs(ends: Ints, starts: Places) -> Places:
    """Return the arcs in the order of ``ends``, those of one end in the order they came, int64, shape (arcs,)."""
    cursors = starts[:-1].copy()
    order = np.empty(ends.size, np.int64)
    for arc in range(ends.size):
        order[cursors[ends[arc]]] = arc
        cursors[ends[arc]] += 1
    return order


@compile_kernel(None)
def merge_arcs(starts: Places, others: Ints, chances: NDArray[np.float32], nodes: int) -> tuple[Places, Places]:
    """Find arcs that stand twice in a row: where each row begins without them, and the arc each one merges into.

    A merged arc gets the probability that one of its arcs works, written to ``chances`` at the first of them. The
    second answer is -1 for an arc that remains, shape (arcs,).
    """
    fresh = np.zeros(nodes + 1, np.int64)
    into = np.full(others.size, -1, np.int64)
    last = np.full(nodes, -1, np.int64)
    for node in range(nodes):
        kept = 0
        for arc in range(starts[node], starts[node + 1]):
            before = last[others[arc]]
            if before >= starts[node]:
                into[arc] = before
                if chances.size:
                    chances[before] = 1.0 - (1.0 - chances[before]) * (1.0 - chances[arc])
            else:
                last[others[arc]] = arc
                kept += 1
        fresh[node + 1] = fresh[node] + kept
    return fresh, into


@compile_kernel(None)
def sort_rows(starts: Places, others: Ints, chances: NDArray[np.float32]) -> None:
    """Sort each row's arcs by falling probability, then by node: what subset sampling jumps over."""
    for node in range(starts.size - 1):
        low, high = starts[node], starts[node + 1]
        if high - low < 2:
            continue
        order = np.argsort(others[low:high], kind="mergesort")
        order = order[np.argsort(-chances[low:high][order], kind="mergesort")]
        others[low:high] = others[low:high][order]
        chances[low:high] = chances[low:high][order]


@compile_kernel(None)
def count_shared(chosen: Places, in_starts: Places, in_tails: Ints) -> NDArray[np.int64]:
    """Return how many nodes the arcs of both of each pair of chosen nodes lead to, int64, (chosen, chosen).

    On the diagonal stands how many the arcs of one lead to.
    """
    place = np.full(in_starts.size - 1, -1, np.int64)
    for at in range(chosen.size):
        place[chosen[at]] = at
    shared = np.zeros((chosen.size, chosen.size), np.int64)
    followed = np.empty(chosen.size, np.int64)
    for node in range(in_starts.size - 1):
        many = 0
        for arc in range(in_starts[node], in_starts[node + 1]):
            if place[in_tails[arc]] >= 0:
                followed[many] = place[in_tails[arc]]
                many += 1
        for first in range(many):
            for second in range(many):
                shared[followed[first], followed[second]] += 1
    return shared


@compile_kernel(None)
def count_audiences(chosen: Places, out_starts: Places, out_heads: Ints, nodes: int) -> NDArray[np.int64]:
    """Return how many nodes the arcs of each chosen node lead to that those of none before it do, (chosen,)."""
    is_reached = np.zeros(nodes, np.bool_)
    adds = np.zeros(chosen.size, np.int64)
    for at in range(chosen.size):
        for arc in range(out_starts[chosen[at]], out_starts[chosen[at] + 1]):
            if not is_reached[out_heads[arc]]:
                is_reached[out_heads[arc]] = True
                adds[at] += 1
    return adds
