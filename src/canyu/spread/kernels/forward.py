"""Cascades played forward: each run from a generator of its own, so that threads change nothing but the time.

64 arcs are tried at once: the thresholds of a block of arcs are kept bit by bit (all first bits in one word, all second
bits in the next), and a random word is compared with each. An arc is decided by the first bit at which it differs, so
64 arcs of any probabilities take about eight words, and what comes after costs the arcs that work alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.instructions import count_trailing_zeros, prefetch
from canyu.spread.kernels.samples import GAMMA, UNIT, is_new, jump_table, open_stream

BY_ARC, EQUAL, THRESHOLD = 0, 1, 2
BITS = 32  # of a probability
AHEAD = 4  # nodes in the queue, whose arcs are asked for before they are read
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Words64 = NDArray[np.uint64]


class OutArcs(NamedTuple):
    """The outgoing arcs of each node and what makes them work.

    ``kind``: BY_ARC: an arc works where 32 random bits are at most what it asks, by ``planes`` (``slice_bits``); EQUAL:
    jumps by ``odds`` and ``aliases`` (``make_jumps``); THRESHOLD: ``weights`` per arc are added up against a threshold
    of the node reached.
    """

    kind: int
    starts: Places
    heads: Ints
    planes: Words64  # (32 * blocks of 64 arcs,), or (0,)
    odds: Words64
    aliases: NDArray[np.uint8]
    weights: NDArray[np.float32]


@compile_kernel(None)
def slice_bits(asked: NDArray[np.uint32]) -> Words64:
    """Return the bits of each 64 numbers, first bits first: word i of a block has bit 31 - i of each, by its place.

    A number is what an arc asks: a probability times 2 to the 32nd, less one. Shape (32 * blocks,). A block is turned
    over in six steps, each of which swaps halves of squares (Warren, Hacker's Delight, 7-3).
    """
    blocks = (asked.size + 63) >> 6
    planes = np.zeros(blocks * BITS, np.uint64)
    rows = np.zeros(64, np.uint64)
    for block in range(blocks):
        for lane in range(64):
            arc = (block << 6) + lane
            rows[63 - lane] = np.uint64(asked[arc]) << np.uint64(32) if arc < asked.size else np.uint64(0)
        half, mask = 32, np.uint64(0x00000000FFFFFFFF)
        while half:
            for square in range(0, 64, 2 * half):
                for row in range(square, square + half):
                    swapped = (rows[row] ^ (rows[row + half] >> np.uint64(half))) & mask
                    rows[row] ^= swapped
                    rows[row + half] ^= swapped << np.uint64(half)
            half >>= 1
            mask ^= mask << np.uint64(half)
        for row in range(BITS):
            planes[block * BITS + row] = rows[row]
    return planes


@compile_kernel(None, inline=True, borrow=True)
def try_arcs(planes: Words64, block: int, lanes: np.uint64, state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return which of the arcs ``lanes`` of a block work, a bit each, and the state of the generator after."""
    working, open_lanes = np.uint64(0), lanes
    word = block * BITS
    stop = word + BITS
    while open_lanes and word < stop:
        state += GAMMA
        drawn, asked = mix(state), planes[word]
        working |= open_lanes & asked & ~drawn
        open_lanes &= ~(drawn ^ asked)
        word += 1
    return working | open_lanes, state  # what is still open is equal to the last bit


@compile_kernel(None, borrow=True)
def fill_cascades(arcs: OutArcs, seeds: Ints, seed: int, first: int, seen: Words64, queue: Ints, sizes: Ints) -> None:
    """Write to ``sizes`` how many nodes each run reaches; ``seen`` is clear before and after."""
    for run in range(sizes.size):
        state = open_stream(seed, 0, first + run)
        ends = 0
        for node in seeds:
            if is_new(seen, node):
                queue[ends] = node
                ends += 1
        at = 0
        while at < ends:
            node = queue[at]
            at += 1
            if at + AHEAD < ends:
                soon = arcs.starts[queue[at + AHEAD]]
                prefetch(arcs.planes, (soon >> 6) * BITS)
                prefetch(arcs.heads, soon)
            low, high = arcs.starts[node], arcs.starts[node + 1]
            if arcs.kind == EQUAL:
                arc, state = jump_table(arcs.odds, arcs.aliases, low, high, state)
                while arc < high:
                    if is_new(seen, arcs.heads[arc]):
                        queue[ends] = arcs.heads[arc]
                        ends += 1
                    arc, state = jump_table(arcs.odds, arcs.aliases, arc + 1, high, state)
                continue
            while low < high:
                base = low & ~63
                lanes = ALL << np.uint64(low & 63)
                if base + 64 > high:
                    lanes &= (np.uint64(1) << np.uint64(high & 63)) - np.uint64(1)
                working, state = try_arcs(arcs.planes, base >> 6, lanes, state)
                while working:
                    head = arcs.heads[base + count_trailing_zeros(working)]
                    working &= working - np.uint64(1)
                    if is_new(seen, head):
                        prefetch(arcs.starts, head)
                        queue[ends] = head
                        ends += 1
                low = base + 64
        for place in range(ends):
            seen[queue[place] >> 6] = np.uint64(0)
        sizes[run] = ends


def play_cascades(arcs: OutArcs, seeds: Ints, seed: int, first: int, runs: int) -> Ints:
    """Return how many nodes each run reaches, seeds included, int32, shape (runs,)."""
    nodes = arcs.starts.size - 1
    seen, queue = np.zeros((nodes >> 6) + 1, np.uint64), np.empty(nodes, np.int32)
    sizes = np.empty(runs, np.int32)
    fill_cascades(arcs, seeds, seed, first, seen, queue, sizes)
    return sizes


@compile_kernel(None)
def play_thresholds(arcs: OutArcs, seeds: Ints, seed: int, first: int, count: int) -> Ints:
    """Return how many nodes each run reaches under linear thresholds, seeds included, int32, shape (count,)."""
    nodes = arcs.starts.size - 1
    seen, queue = np.zeros((nodes >> 6) + 1, np.uint64), np.empty(nodes, np.int32)
    left = np.full(nodes, -1.0)  # of the threshold of a node that somebody has reached
    touched = np.empty(nodes, np.int32)
    sizes = np.empty(count, np.int32)
    for run in range(count):
        state = open_stream(seed, 0, first + run)
        ends = met = at = 0
        for node in seeds:
            if is_new(seen, node):
                queue[ends] = node
                ends += 1
        while at < ends:
            node = queue[at]
            at += 1
            for arc in range(arcs.starts[node], arcs.starts[node + 1]):
                head = arcs.heads[arc]
                if seen[head >> 6] >> np.uint64(head & 63) & np.uint64(1):
                    continue
                if left[head] < 0.0:
                    state += GAMMA
                    left[head] = (np.float64(mix(state) >> np.uint64(11)) + 1.0) * UNIT
                    touched[met] = head
                    met += 1
                left[head] -= arcs.weights[arc]
                if left[head] <= 0.0:
                    is_new(seen, head)
                    queue[ends] = head
                    ends += 1
        for place in range(ends):
            seen[queue[place] >> 6] = np.uint64(0)
        for place in range(met):
            left[touched[place]] = -1.0
        sizes[run] = ends
    return sizes
