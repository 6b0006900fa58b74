"""Array code of a ranking: a treap (Seidel and Aragon, 1996) whose nodes know their parents and subtree sizes."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix

NOBODY = -1
LEFT, RIGHT, PARENT, SIZE = 0, 1, 2, 3
KEYS = types.int64[:, ::1]
NODES = types.int32[:, ::1]
SLOT = types.int64


@compile_kernel(types.boolean(KEYS, SLOT, SLOT), inline=True)
def is_ahead(keys: NDArray[np.int64], one: int, other: int) -> bool:
    """Say whether the key of ``one`` comes before that of ``other``, part by part."""
    for part in range(3):
        if keys[one, part] != keys[other, part]:
            return bool(keys[one, part] < keys[other, part])
    return False


@compile_kernel(types.boolean(SLOT, SLOT), inline=True)
def is_above(one: int, other: int) -> bool:
    """Say whether ``one`` belongs above ``other``: by a number made of the slot, so that the tree stays flat."""
    return bool(mix(np.uint64(one)) > mix(np.uint64(other)))


@compile_kernel(types.void(NODES, SLOT), inline=True)
def count(nodes: NDArray[np.int32], slot: int) -> None:
    """Set the size of a node's subtree by those of its children."""
    size = 1
    for side in range(2):
        child = nodes[slot, side]
        if child >= 0:
            size += nodes[child, SIZE]
    nodes[slot, SIZE] = size


@compile_kernel(types.void(NODES, SLOT), inline=True)
def lift(nodes: NDArray[np.int32], child: int) -> None:
    """Turn a node and its parent around; the order stays."""
    parent = nodes[child, PARENT]
    top = nodes[parent, PARENT]
    side = LEFT if nodes[parent, LEFT] == child else RIGHT
    inner = nodes[child, 1 - side]
    nodes[parent, side] = inner
    if inner >= 0:
        nodes[inner, PARENT] = parent
    nodes[child, 1 - side] = parent
    nodes[parent, PARENT] = child
    nodes[child, PARENT] = top
    if top >= 0:
        nodes[top, LEFT if nodes[top, LEFT] == parent else RIGHT] = child
    count(nodes, parent)
    count(nodes, child)


@compile_kernel(SLOT(NODES, SLOT))
def build_tree(nodes: NDArray[np.int32], total: int) -> int:
    """Make the tree of the slots 0 to ``total`` - 1, whose keys are in order already; returns the root. Linear."""
    root, last = NOBODY, NOBODY
    for slot in range(total):
        below, above = NOBODY, last
        while above >= 0 and is_above(slot, above):
            count(nodes, above)
            below, above = above, nodes[above, PARENT]
        nodes[slot, LEFT], nodes[slot, RIGHT], nodes[slot, PARENT], nodes[slot, SIZE] = below, NOBODY, above, 1
        if below >= 0:
            nodes[below, PARENT] = slot
        if above >= 0:
            nodes[above, RIGHT] = slot
        else:
            root = slot
        last = slot
    while last >= 0:
        count(nodes, last)
        last = nodes[last, PARENT]
    return root


@compile_kernel(SLOT(KEYS, NODES, SLOT, SLOT))
def put_in(keys: NDArray[np.int64], nodes: NDArray[np.int32], root: int, slot: int) -> int:
    """Put a slot at the place of its key; returns the root."""
    nodes[slot, LEFT], nodes[slot, RIGHT], nodes[slot, PARENT], nodes[slot, SIZE] = NOBODY, NOBODY, NOBODY, 1
    at, side = root, LEFT
    while at >= 0:
        nodes[at, SIZE] += 1
        nodes[slot, PARENT] = at
        side = LEFT if is_ahead(keys, slot, at) else RIGHT
        at = nodes[at, side]
    parent = nodes[slot, PARENT]
    if parent >= 0:
        nodes[parent, side] = slot
    while parent >= 0 and is_above(slot, parent):
        lift(nodes, slot)
        parent = nodes[slot, PARENT]
    return slot if parent < 0 else root


@compile_kernel(SLOT(NODES, SLOT, SLOT))
def take_out(nodes: NDArray[np.int32], root: int, slot: int) -> int:
    """Take a slot out of the tree; returns the root, ``NOBODY`` where the tree is empty."""
    while nodes[slot, LEFT] >= 0 or nodes[slot, RIGHT] >= 0:
        left, right = nodes[slot, LEFT], nodes[slot, RIGHT]
        child = right if left < 0 or (right >= 0 and is_above(right, left)) else left
        lift(nodes, child)
        if root == slot:
            root = child
    parent = nodes[slot, PARENT]
    if parent < 0:
        return NOBODY
    nodes[parent, LEFT if nodes[parent, LEFT] == slot else RIGHT] = NOBODY
    while parent >= 0:
        nodes[parent, SIZE] -= 1
        parent = nodes[parent, PARENT]
    return root


@compile_kernel(SLOT(NODES, SLOT))
def find_place(nodes: NDArray[np.int32], slot: int) -> int:
    """Return how many come before a slot, plus one."""
    left, parent = nodes[slot, LEFT], nodes[slot, PARENT]
    place = 1 + (nodes[left, SIZE] if left >= 0 else 0)
    while parent >= 0:
        if nodes[parent, RIGHT] == slot:
            place += nodes[parent, SIZE] - nodes[slot, SIZE]
        slot, parent = parent, nodes[parent, PARENT]
    return place
