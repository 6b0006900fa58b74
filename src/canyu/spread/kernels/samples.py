"""Reverse-reachable sets: who would have reached a node drawn at random (Borgs et al. 2014).

Set number i of a stream draws from a generator of its own, so it is the same whoever draws it: one thread, two, or
a machine of a cluster. Arcs that fail are jumped over (subset sampling, Guo et al. 2020): the gap to the next arc of
probability p that works is geometric, so a node costs what comes of it, not its degree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix

GAMMA = np.uint64(0x9E3779B97F4A7C15)  # the step of splitmix64
STREAM = np.uint64(0xD1B54A32D192ED03)
UNIT = 1.0 / (1 << 53)
BY_DEGREE, CONSTANT, SORTED, WALK = 0, 1, 2, 3
FEW = 12  # arcs: so few are tried one by one, two of one random number

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arcs(NamedTuple):
    """The incoming arcs of each node and what makes them work.

    ``kind``: BY_DEGREE: each with one over the number of arcs (weighted cascade); CONSTANT: each with ``chance``;
    SORTED: ``chances``, falling within a node; WALK: at most one arc per node, by ``chances`` or, where there are
    none, any of them (linear threshold as live edges, Kempe et al. 2003). ``gaps``: 1 / ln(1 - p) by degree, or once.
    """

    kind: int
    starts: Places  # (nodes + 1,)
    tails: Ints  # (arcs,)
    chances: NDArray[np.float32]  # (arcs,) or (0,)
    chance: float
    gaps: Floats


class Room(NamedTuple):
    """Where one thread works: the nodes of sets, a bit per node that stands in the one at hand, arcs that work."""

    found: Ints
    seen: NDArray[np.uint64]
    working: Ints


@compile_kernel(None, inline=True)
def open_stream(seed: int, stream: int, number: int) -> np.uint64:
    """Return the first state of the generator of one numbered thing of a stream."""
    return mix(mix(np.uint64(seed) * GAMMA + np.uint64(stream) * STREAM) + np.uint64(number) * GAMMA)


@compile_kernel(None, inline=True)
def jump(state: np.uint64, gap: float, most: int) -> int:
    """Return how many arcs fail before the next one works, at most ``most``; ``gap`` is 1 / ln(1 - p)."""
    unit = (np.float64(mix(state) >> np.uint64(11)) + 1.0) * UNIT  # above 0, at most 1
    skipped = np.log(unit) * gap
    return most if skipped >= most else int(skipped)


@compile_kernel(None, inline=True)
def is_new(seen: NDArray[np.uint64], node: int) -> bool:
    """Mark a node as seen; whether it was not."""
    word, bit = node >> 6, np.uint64(1) << np.uint64(node & 63)
    if seen[word] & bit:
        return False
    seen[word] |= bit
    return True


@compile_kernel(None, inline=True)
def walk_back(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take at most one arc of a node, by weight; see ``list_working``."""
    low, high = arcs.starts[node], arcs.starts[node + 1]
    state += GAMMA
    unit = np.float64(mix(state) >> np.uint64(11)) * UNIT
    chosen = high
    if arcs.chances.size == 0:
        chosen = low + int(unit * (high - low))
    else:
        for arc in range(low, high):
            unit -= arcs.chances[arc]
            if unit < 0.0:
                chosen = arc
                break
    if chosen == high:
        return 0, state
    working[0] = arcs.tails[chosen]
    return 1, state


@compile_kernel(None, inline=True)
def jump_sorted(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take each arc of a node by its own probability, falling: jump by the highest left, then thin; see above."""
    arc, high = int(arcs.starts[node]), int(arcs.starts[node + 1])
    bound, count = np.float64(arcs.chances[arc]), 0
    while arc < high:
        if bound < 1.0:
            state += GAMMA
            arc = int(arc + jump(state, 1.0 / np.log1p(-bound), high - arc))
            if arc >= high:
                break
        own = np.float64(arcs.chances[arc])
        state += GAMMA
        working[count] = arcs.tails[arc]
        count += int(own >= bound or np.float64(mix(state) >> np.uint64(11)) * UNIT * bound < own)
        bound = own
        arc += 1
    return count, state


@compile_kernel(None, inline=True)
def jump_equal(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take each arc of a node by the probability that they share."""
    low, high = int(arcs.starts[node]), int(arcs.starts[node + 1])
    degree, count = high - low, 0
    if (arcs.kind == BY_DEGREE and degree == 1) or (arcs.kind == CONSTANT and arcs.chance >= 1.0):
        for arc in range(low, high):
            working[arc - low] = arcs.tails[arc]
        return degree, state
    if arcs.kind == BY_DEGREE and degree <= FEW:
        asked, both = np.uint64(4294967296.0 / degree), np.uint64(0)
        for arc in range(low, high):
            if (arc - low) & 1 == 0:
                state += GAMMA
                both = mix(state)
            else:
                both >>= np.uint64(32)
            working[count] = arcs.tails[arc]
            count += int((both & np.uint64(0xFFFFFFFF)) < asked)
        return count, state
    gap = arcs.gaps[degree] if arcs.kind == BY_DEGREE else arcs.gaps[0]
    state += GAMMA
    arc = low + jump(state, gap, degree)
    while arc < high:
        working[count] = arcs.tails[arc]
        count += 1
        state += GAMMA
        arc = int(arc + 1 + jump(state, gap, high - arc))
    return count, state


@compile_kernel(None, inline=True)
def draw_set(
    arcs: Arcs, root: int, state: np.uint64, room: Room, first: int, marks: NDArray[np.uint8], wanted: int
) -> int:
    """Write a reverse-reachable set of ``root`` to ``room.found[first:]``, and return where it ends.

    Where ``marks`` is not empty, a set ends as soon as its nodes have all bits of ``wanted`` between them: nothing
    beyond matters then.
    """
    found, seen, working = room.found, room.seen, room.working
    found[first] = root
    is_new(seen, root)
    ends, at = first + 1, first
    met = marks[root] if marks.size else np.uint8(0)
    while at < ends and not (marks.size and met == wanted):
        node = found[at]
        at += 1
        if arcs.starts[node] == arcs.starts[node + 1]:
            continue
        if arcs.kind == WALK:
            count, state = walk_back(arcs, node, state, working)
        elif arcs.kind == SORTED:
            count, state = jump_sorted(arcs, node, state, working)
        else:
            count, state = jump_equal(arcs, node, state, working)
        for place in range(count):
            if is_new(seen, working[place]):
                found[ends] = working[place]
                ends += 1
                if marks.size:
                    met |= marks[working[place]]
    return ends


@compile_kernel(None)
def make_room(nodes: int, members: int) -> Room:
    """Return room for sets of so many members together; arcs of one node are at most ``nodes``, none stands twice."""
    seen = np.zeros((nodes >> 6) + 1, np.uint64)
    return Room(np.empty(members, np.int32), seen, np.empty(nodes, np.int32))


@compile_kernel(None, inline=True)
def forget(seen: NDArray[np.uint64], found: Ints, first: int, stop: int) -> None:
    """Clear what a set has marked."""
    for at in range(first, stop):
        seen[found[at] >> 6] = np.uint64(0)


@compile_kernel(None, inline=True)
def draw_root(heap: Floats, nodes: int, state: np.uint64) -> int:
    """Return a node: any with the same chance, or by the running sum ``heap`` of their values where it is not empty."""
    unit = np.float64(mix(state) >> np.uint64(11)) * UNIT
    if heap.size == 0:
        return int(unit * nodes)
    return int(np.searchsorted(heap, unit * heap[-1], "right"))


@compile_kernel(None)
def draw_sets(
    arcs: Arcs, values: Floats, seed: int, stream: int, first: int, count: int, marks: NDArray[np.uint8]
) -> tuple[Ints, Places]:
    """Return sets ``first`` to ``first + count`` of a stream: their nodes one after another, and where each begins.

    ``marks``: empty, or 1 for the nodes at which a set may end (sentinels, Guo et al. 2020), uint8, shape (nodes,).
    ``values``: running sum of what reaching each node is worth, or empty. Shapes (members,) and (count + 1,).
    """
    nodes = arcs.starts.size - 1
    room = make_room(nodes, max(16 * count, 1024) + nodes)
    begins = np.zeros(count + 1, np.int64)
    place = 0
    for number in range(count):
        if place + nodes > room.found.size:
            more = np.empty(2 * room.found.size, np.int32)
            more[:place] = room.found[:place]
            room = Room(more, room.seen, room.working)
        state = open_stream(seed, stream, first + number)
        ends = draw_set(arcs, draw_root(values, nodes, state), state, room, place, marks, 1)
        forget(room.seen, room.found, place, ends)
        place = ends
        begins[number + 1] = place
    return room.found[:place].copy(), begins


@compile_kernel(None)
def count_hits(
    arcs: Arcs, values: Floats, seed: int, stream: int, first: int, count: int, marks: NDArray[np.uint8], groups: int
) -> Places:
    """Return in how many of these sets a node of each group stands, int64, shape (groups,).

    ``marks``: a bit per group that a node is in, uint8, shape (nodes,). A set is drawn no further than it takes to
    meet all groups; it is the same set for each, so that their differences are sharper than they are.
    """
    nodes = arcs.starts.size - 1
    room = make_room(nodes, nodes)
    hits = np.zeros(groups, np.int64)
    for number in range(count):
        state = open_stream(seed, stream, first + number)
        ends = draw_set(arcs, draw_root(values, nodes, state), state, room, 0, marks, (1 << groups) - 1)
        met = np.uint8(0)
        for at in range(ends):
            met |= marks[room.found[at]]
        for group in range(groups):
            hits[group] += (met >> np.uint8(group)) & np.uint8(1)
        forget(room.seen, room.found, 0, ends)
    return hits
