"""Reverse-reachable sets: who would have reached a node drawn at random (Borgs et al. 2014).

Set number i of a stream draws from a generator of its own, so it is the same whoever draws it: one thread, two, or
a machine of a cluster. A node costs what comes of it, not its degree (subset sampling, Guo et al. 2020): where its arcs
share a probability, either how many work is drawn, and then which, or the gap to the next one that works.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.instructions import prefetch

GAMMA = np.uint64(0x9E3779B97F4A7C15)  # the step of splitmix64
STREAM = np.uint64(0xD1B54A32D192ED03)
UNIT = 1.0 / (1 << 53)
BY_DEGREE, CONSTANT, SORTED, WALK = 0, 1, 2, 3
CELLS = 256  # of a table of gaps
FEW = 128  # arcs: below it how many work is read from a table
COLUMNS = 8  # of that table
BATCH = 32  # sets that are drawn at once: a bit each
RARE = 1e-3

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arcs(NamedTuple):
    """The incoming arcs of each node and what makes them work.

    ``kind``: BY_DEGREE: each with one over the number of arcs (weighted cascade); CONSTANT: each with ``chance``;
    SORTED: ``chances``, falling within a node; WALK: at most one arc per node, by ``chances`` or, where there are
    none, any of them (linear threshold as live edges, Kempe et al. 2003). ``gaps``: 1 / ln(1 - p) by degree, or once.
    ``nones``: by degree, how likely none of the arcs works. ``counts``: see ``make_counts``. ``odds``, ``aliases``: see
    ``make_jumps``.
    """

    kind: int
    starts: Places  # (nodes + 1,)
    tails: Ints  # (arcs,)
    chances: NDArray[np.float32]  # (arcs,) or (0,)
    chance: float
    gaps: Floats
    nones: Floats = np.zeros(1)
    counts: Floats = np.zeros(0)
    odds: NDArray[np.uint64] = np.zeros(1, np.uint64)
    aliases: NDArray[np.uint8] = np.zeros(1, np.uint8)


class Room(NamedTuple):
    """Where one thread works, on BATCH sets at once."""

    found: Ints  # the nodes of sets, one after another
    mixed: Ints  # of those at hand, as they are found
    owners: NDArray[np.uint8]  # which of them each is of
    seen: NDArray[np.uint32]  # a bit for each of them that a node stands in, (nodes,)
    states: NDArray[np.uint64]  # of each, (BATCH,), as the two below
    places: Places  # how many nodes, then where the next is written
    met: NDArray[np.uint8]  # bits of the marks of its nodes
    working: Ints  # arcs that work


@compile_kernel(None, inline=True, borrow=True)
def begin_stream(seed: int, stream: int) -> np.uint64:
    """Return what the generators of all numbered things of a stream are made of."""
    return mix(np.uint64(seed) * GAMMA + np.uint64(stream) * STREAM)


@compile_kernel(None, inline=True, borrow=True)
def open_stream(seed: int, stream: int, number: int) -> np.uint64:
    """Return the first state of the generator of one numbered thing of a stream."""
    return mix(begin_stream(seed, stream) + np.uint64(number) * GAMMA)


@compile_kernel(None, inline=True, borrow=True)
def jump(state: np.uint64, gap: float, most: int) -> int:
    """Return how many arcs fail before the next one works, at most ``most``; ``gap`` is 1 / ln(1 - p)."""
    unit = (np.float64(mix(state) >> np.uint64(11)) + 1.0) * UNIT  # above 0, at most 1
    skipped = np.log(unit) * gap
    return most if skipped >= most else int(skipped)


def make_counts(chances: Floats) -> Floats:
    """Return how likely at most 0, 1, up to 7 of d arcs work, each with ``chances[d]``; float64, (degrees * 8,).

    Ends before the first degree at which more than 7 are not rare, and before 128.
    """
    degrees, chances = np.arange(min(len(chances), FEW)), chances[:FEW]
    shares = np.zeros((len(degrees), COLUMNS))
    shares[:, 0] = np.where(degrees == 0, 1.0, (1.0 - chances) ** degrees)
    for count in range(1, COLUMNS):  # where all work for sure, the row is never read beyond its degree
        odds = chances / np.maximum(1.0 - chances, 1e-300)
        shares[:, count] = shares[:, count - 1] * np.maximum(degrees - count + 1, 0) / count * odds
    rows = np.cumsum(shares, axis=1)
    rows[np.arange(COLUMNS) >= degrees[:, None]] = 2.0  # no more than there are, whatever was rounded
    are_rare = rows[:, -1] >= 1.0 - RARE
    most = len(degrees) if are_rare.all() else int(np.argmin(are_rare))
    return rows[:most].ravel().copy()


def make_jumps(chance: float) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return a table that draws the gap to the next arc of probability ``chance`` that works: odds and aliases, (256,).

    Cell g is gap g, the last one any gap from 255 up, after which another is drawn: gaps have no memory. Walker's
    alias method as built by Vose (1991): one random number gives a cell and says whether it or its alias is meant.
    """
    gaps = np.arange(CELLS - 1)
    parts = np.append(chance * (1.0 - chance) ** gaps, (1.0 - chance) ** (CELLS - 1)) * CELLS
    odds, aliases = np.ones(CELLS), np.arange(CELLS)
    small, large = [cell for cell in range(CELLS) if parts[cell] < 1.0], np.flatnonzero(parts >= 1.0).tolist()
    while small and large:
        low, high = small.pop(), large[-1]
        odds[low], aliases[low] = parts[low], high
        parts[high] -= 1.0 - parts[low]
        if parts[high] < 1.0:
            small.append(large.pop())
    whole = 1 << 56  # the bits of a number that are left beside the cell's
    return np.minimum(odds * whole, float(whole)).astype(np.uint64), aliases.astype(np.uint8)


@compile_kernel(None, inline=True, borrow=True)
def jump_table(
    odds: NDArray[np.uint64], aliases: NDArray[np.uint8], arc: int, high: int, state: np.uint64
) -> tuple[int, np.uint64]:
    """Return the next arc from ``arc`` on that works, ``high`` or more where none does; see ``make_jumps``."""
    while arc < high:
        state += GAMMA
        drawn = mix(state)
        cell = int(drawn & np.uint64(CELLS - 1))
        alias = int(aliases[cell])
        gap = alias + int((drawn >> np.uint64(8)) < odds[cell]) * (cell - alias)
        arc += gap
        if gap < CELLS - 1:
            break
    return arc, state


@compile_kernel(None, inline=True, borrow=True)
def is_new(seen: NDArray[np.uint64], node: int) -> bool:
    """Mark a node as seen; whether it was not."""
    word, bit = node >> 6, np.uint64(1) << np.uint64(node & 63)
    if seen[word] & bit:
        return False
    seen[word] |= bit
    return True


@compile_kernel(None, inline=True, borrow=True)
def walk_back(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take at most one arc of a node, by weight; as live edges of the linear threshold model have it."""
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


@compile_kernel(None, inline=True, borrow=True)
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


@compile_kernel(None, inline=True, borrow=True)
def draw_some(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take each arc of a node by the probability that they share: how many is binomial, and which they are any.

    Few arcs have their row of ``counts``, read without a branch: a coin cannot be foretold, and each wrong guess of the
    processor takes longer than all the rest.
    """
    low, high = int(arcs.starts[node]), int(arcs.starts[node + 1])
    degree, row, count = high - low, (high - low) * COLUMNS, 0
    state += GAMMA
    left, is_open = np.float64(mix(state) >> np.uint64(11)) * UNIT, True
    if row < arcs.counts.size:
        for column in range(COLUMNS):
            count += int(left >= arcs.counts[row + column])
        is_open = count == COLUMNS
    if is_open:
        count = 0
        share = arcs.counts[row] if row < arcs.counts.size else arcs.nones[degree]
        step = arcs.chance / (1.0 - arcs.chance) if arcs.kind == CONSTANT else 1.0 / (degree - 1)
        while left >= share and count < degree:  # by inversion: each count's share is made of the last one's
            left -= share
            share *= (degree - count) * step / (count + 1)
            count += 1
    chosen = 0
    while chosen < count:
        state += GAMMA
        tail = arcs.tails[low + int(np.float64(mix(state) >> np.uint64(11)) * UNIT * degree)]
        is_fresh = True
        for place in range(chosen):  # no tail stands twice, so that tails tell arcs apart
            is_fresh = is_fresh and working[place] != tail
        working[chosen] = tail
        chosen += int(is_fresh)
    return count, state


@compile_kernel(None, inline=True, borrow=True)
def jump_equal(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Take each arc of a node by the probability that all share: by how many work where it is cheap, else by jumps."""
    low, high, count = int(arcs.starts[node]), int(arcs.starts[node + 1]), 0
    if arcs.kind == BY_DEGREE or (high - low) * COLUMNS < arcs.counts.size:
        return draw_some(arcs, node, state, working)
    arc, state = jump_table(arcs.odds, arcs.aliases, low, high, state)
    while arc < high:
        working[count] = arcs.tails[arc]
        count += 1
        arc, state = jump_table(arcs.odds, arcs.aliases, arc + 1, high, state)
    return count, state


@compile_kernel(None, inline=True, borrow=True)
def list_arcs(arcs: Arcs, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Write the tails of the arcs into a node that work; how many they are, and the generator's state."""
    if arcs.starts[node] == arcs.starts[node + 1]:
        return 0, state
    if arcs.kind == WALK:
        return walk_back(arcs, node, state, working)
    if arcs.kind == SORTED:
        return jump_sorted(arcs, node, state, working)
    return jump_equal(arcs, node, state, working)


def make_room(nodes: int, members: int) -> Room:
    """Return room for sets of so many members together; arcs of one node are at most ``nodes``, none stands twice.

    One place more is for the node at hand, written before it is known to be new.
    """
    mixed, owners = np.empty(BATCH * nodes + 1, np.int32), np.empty(BATCH * nodes + 1, np.uint8)
    seen, states = np.zeros(nodes, np.uint32), np.zeros(BATCH, np.uint64)
    places, met, working = np.zeros(BATCH, np.int64), np.zeros(BATCH, np.uint8), np.empty(nodes, np.int32)
    return Room(np.empty(members, np.int32), mixed, owners, seen, states, places, met, working)


@compile_kernel(None, inline=True, borrow=True)
def draw_root(heap: Floats, nodes: int, state: np.uint64) -> int:
    """Return a node: any with the same chance, or by the running sum ``heap`` of their values where it is not empty."""
    unit = np.float64(mix(state) >> np.uint64(11)) * UNIT
    if heap.size == 0:
        return int(unit * nodes)
    sought, low, high = unit * heap[nodes - 1], 0, nodes - 1
    while low < high:  # the first whose sum is above; compiles in a tenth of the time of searchsorted
        middle = (low + high) >> 1
        if heap[middle] <= sought:
            low = middle + 1
        else:
            high = middle
    return low


@compile_kernel(None, inline=True, borrow=True)
def open_sets(
    arcs: Arcs, values: Floats, begun: np.uint64, first: int, many: int, room: Room, marks: NDArray[np.uint8]
) -> None:
    """Write the roots of ``many`` sets from number ``first`` on."""
    nodes = arcs.starts.size - 1
    for own in range(many):
        state = mix(begun + np.uint64(first + own) * GAMMA)
        root = draw_root(values, nodes, state)
        prefetch(arcs.starts, root)
        room.states[own], room.mixed[own], room.owners[own] = state, root, own
        room.seen[root] |= np.uint32(1) << np.uint32(own)
        room.met[own] = marks[root] if marks.size else 0


@compile_kernel(None, inline=True, borrow=True)
def go_back(arcs: Arcs, many: int, room: Room, marks: NDArray[np.uint8], wanted: int) -> int:
    """Write the sets of ``many`` roots to ``room.mixed``, and return how many nodes they have.

    They take turns, so that while one waits for the memory another goes on; each finds its nodes in the order in which
    it would alone, by a generator of its own. Where ``marks`` is not empty, a set ends as soon as its nodes have all
    bits of ``wanted`` between them: nothing beyond matters then.
    """
    mixed, owners, seen, states, working = room.mixed, room.owners, room.seen, room.states, room.working
    ends, at = many, 0
    while at < ends:
        node, own = mixed[at], owners[at]
        at += 1
        if marks.size and room.met[own] == wanted:
            continue
        bit = np.uint32(own)
        count, states[own] = list_arcs(arcs, node, states[own], working)
        for place in range(count):
            tail = working[place]
            prefetch(arcs.starts, tail)
            mixed[ends], owners[ends] = tail, own
            ends += int(~(seen[tail] >> bit) & np.uint32(1))
            seen[tail] |= np.uint32(1) << bit
            if marks.size:
                room.met[own] |= marks[tail]
    return ends


@compile_kernel(None, inline=True, borrow=True)
def sort_out(many: int, ends: int, place: int, room: Room, begins: Places) -> None:
    """Write mixed sets one after another from ``place`` on, those that met a mark empty, and where each ends."""
    found, mixed, owners, places, met = room.found, room.mixed, room.owners, room.places, room.met
    places[:] = 0
    for at in range(ends):
        places[owners[at]] += 1
    for own in range(many):
        size = 0 if met[own] else places[own]
        places[own] = place
        place += size
        begins[own] = place
    for at in range(ends):
        own = owners[at]
        if not met[own]:
            found[places[own]] = mixed[at]
            places[own] += 1


@compile_kernel(None, borrow=True)
def fill_room(
    arcs: Arcs, values: Floats, seed: int, stream: int, first: int, begins: Places, done: int, room: Room,
    marks: NDArray[np.uint8], hits: Places,
) -> int:  # fmt: skip
    """Draw sets from ``done`` on while there is room, write where each ends to ``begins``; return how many are done.

    A set that meets a mark is left empty. Where ``hits`` has places, a set is only counted there, for each group that
    it meets, and none is kept: one loop for both, for it takes seconds to compile.
    """
    count, groups = begins.size - 1, hits.size
    begun, wanted = begin_stream(seed, stream), (1 << groups) - 1 if groups else 1
    while done < count:
        many = min(BATCH, count - done)
        open_sets(arcs, values, begun, first + done, many, room, marks)
        ends = go_back(arcs, many, room, marks, wanted)
        for at in range(ends):
            room.seen[room.mixed[at]] = 0
        if groups:
            for own in range(many):
                for group in range(groups):
                    hits[group] += (room.met[own] >> np.uint8(group)) & np.uint8(1)
        elif begins[done] + ends > room.found.size:
            break  # they are drawn again where there is more room
        else:
            sort_out(many, ends, begins[done], room, begins[done + 1 :])
        done += many
    return done


def draw_sets(
    arcs: Arcs, values: Floats, seed: int, stream: int, first: int, count: int, marks: NDArray[np.uint8]
) -> tuple[Ints, Places]:
    """Return sets ``first`` to ``first + count`` of a stream: their nodes one after another, and where each begins.

    ``marks``: empty, or 1 for the nodes at which a set ends (sentinels, Guo et al. 2020), uint8, shape (nodes,): a set
    that meets one is left empty, though it keeps its number. ``values``: running sum of what reaching each node is
    worth, or empty. Shapes (members,) and (count + 1,).
    """
    nodes = arcs.starts.size - 1
    room = make_room(nodes, max(16 * count, 1024) + nodes)
    begins = np.zeros(count + 1, np.int64)
    done = 0
    while done < count:
        done = fill_room(arcs, values, seed, stream, first, begins, done, room, marks, np.zeros(0, np.int64))
        if done < count:
            more = np.empty(2 * room.found.size, np.int32)
            more[: int(begins[done])] = room.found[: int(begins[done])]
            room = room._replace(found=more)
    return room.found[: begins[count]].copy(), begins


def count_hits(
    arcs: Arcs, values: Floats, seed: int, stream: int, first: int, count: int, marks: NDArray[np.uint8], groups: int
) -> Places:
    """Return in how many of these sets a node of each group stands, int64, shape (groups,).

    ``marks``: a bit per group that a node is in, uint8, shape (nodes,). A set is drawn no further than it takes to
    meet all groups; it is the same set for each, so that their differences are sharper than they are.
    """
    hits = np.zeros(groups, np.int64)
    room = make_room(arcs.starts.size - 1, 0)
    fill_room(arcs, values, seed, stream, first, np.zeros(count + 1, np.int64), 0, room, marks, hits)
    return hits
