"""Nodes in order of a key that may fall while they wait: a binary heap that knows where each node stands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

AWAY, DONE = -1, -2


class Queue(NamedTuple):
    """``keys`` and ``kinds`` of nodes, infinite where a node has not come up; of equal keys the lower kind is first.

    ``places``: where a node waits, AWAY or DONE; ``counts``: nodes that wait, nodes that have come up.
    """

    keys: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    places: NDArray[np.int32]
    waiting: NDArray[np.int32]
    touched: NDArray[np.int32]
    counts: NDArray[np.int64]


@compile_kernel(None)
def make_queue(nodes: int) -> Queue:
    """Return an empty queue for so many nodes."""
    keys, kinds = np.full(nodes, np.inf), np.zeros(nodes, np.uint8)
    places = np.full(nodes, AWAY, np.int32)
    return Queue(keys, kinds, places, np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.zeros(2, np.int64))


@compile_kernel(None, inline=True)
def is_before(queue: Queue, one: int, other: int) -> bool:
    """Whether a node comes before another."""
    if queue.keys[one] != queue.keys[other]:
        return bool(queue.keys[one] < queue.keys[other])
    return bool(queue.kinds[one] < queue.kinds[other])


@compile_kernel(None)
def offer(queue: Queue, node: int, key: float, kind: int) -> bool:
    """Let a node wait with a key, or with a better one than it has; whether that changed anything."""
    if queue.places[node] == DONE:
        return False
    if queue.keys[node] < key or (queue.keys[node] == key and queue.kinds[node] <= kind):
        return False
    if queue.places[node] == AWAY:
        queue.touched[queue.counts[1]] = node
        queue.counts[1] += 1
        queue.places[node] = queue.counts[0]
        queue.counts[0] += 1
    queue.keys[node], queue.kinds[node] = key, kind
    at = int(queue.places[node])
    queue.waiting[at] = node
    while at > 0:
        above = (at - 1) >> 1
        other = queue.waiting[above]
        if not is_before(queue, node, other):
            break
        queue.waiting[at], queue.places[other] = other, at
        at = above
    queue.waiting[at], queue.places[node] = node, at
    return True


@compile_kernel(None)
def take_first(queue: Queue) -> int:
    """Return the first node that waits, -1 where none does; it never waits again."""
    if queue.counts[0] == 0:
        return -1
    first = int(queue.waiting[0])
    queue.places[first] = DONE
    queue.counts[0] -= 1
    size = queue.counts[0]
    if size == 0:
        return first
    node = int(queue.waiting[size])
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and is_before(queue, queue.waiting[below + 1], queue.waiting[below]):
            below += 1
        other = queue.waiting[below]
        if not is_before(queue, other, node):
            break
        queue.waiting[at], queue.places[other] = other, at
        at = below
    queue.waiting[at], queue.places[node] = node, at
    return first


@compile_kernel(None)
def clear(queue: Queue) -> None:
    """Forget every node that has come up."""
    for at in range(queue.counts[1]):
        node = queue.touched[at]
        queue.keys[node], queue.places[node] = np.inf, AWAY
    queue.counts[0] = queue.counts[1] = 0
