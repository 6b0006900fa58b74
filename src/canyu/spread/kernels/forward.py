"""Cascades played forward: each run from a generator of its own, so that threads change nothing but the time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.samples import GAMMA, UNIT, is_new, jump, open_stream

BY_ARC, EQUAL, THRESHOLD = 0, 1, 2

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


class OutArcs(NamedTuple):
    """The outgoing arcs of each node and what makes them work.

    ``kind``: BY_ARC: an arc works where 32 random bits are at most its ``asked``; EQUAL: geometric jumps by ``gap``;
    THRESHOLD: ``weights`` per arc are added up against a threshold of the node reached.
    """

    kind: int
    starts: Places
    heads: Ints
    asked: NDArray[np.uint32]  # (arcs,): a probability times 2 to the 32nd, less one
    gap: float
    weights: NDArray[np.float32]


@compile_kernel(None)
def play_cascades(arcs: OutArcs, seeds: Ints, seed: int, first: int, runs: int) -> Ints:
    """Return how many nodes each run reaches, seeds included, int32, shape (runs,)."""
    nodes = arcs.starts.size - 1
    seen, queue = np.zeros((nodes >> 6) + 1, np.uint64), np.empty(nodes, np.int32)
    working, sizes = np.empty(nodes + 1, np.int32), np.empty(runs, np.int32)
    for run in range(runs):
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
            low, high = arcs.starts[node], arcs.starts[node + 1]
            if arcs.kind == EQUAL:
                state += GAMMA
                arc = low + jump(state, arcs.gap, high - low)
                while arc < high:
                    if is_new(seen, arcs.heads[arc]):
                        queue[ends] = arcs.heads[arc]
                        ends += 1
                    state += GAMMA
                    arc += 1 + jump(state, arcs.gap, high - arc)
                continue
            count = 0
            for arc in range(low, high, 2):  # two arcs of one number, without a branch: a coin cannot be foretold
                state += GAMMA
                both = mix(state)
                working[count] = arcs.heads[arc]
                count += np.uint32(both) <= arcs.asked[arc]
                second = min(arc + 1, high - 1)
                working[count] = arcs.heads[second]
                count += (np.uint32(both >> np.uint64(32)) <= arcs.asked[second]) & (second > arc)
            for place in range(count):
                if is_new(seen, working[place]):
                    queue[ends] = working[place]
                    ends += 1
        for place in range(ends):
            seen[queue[place] >> 6] = np.uint64(0)
        sizes[run] = ends
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
