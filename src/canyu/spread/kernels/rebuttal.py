"""A tree of reposts gone through again, with messages against it: who would have been reached before the rumour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.spread.kernels.delays import LOG_NORMAL, draw_delay, draw_unit
from canyu.spread.kernels.samples import GAMMA, STREAM, open_stream

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]


@compile_kernel(None)
def replay_tree(
    times: Floats, parents: Ints, voices: tuple[Places, Floats], pace: Floats, moments: tuple[float, float], seed: int
) -> NDArray[np.uint8]:
    """Return whom messages would have saved, by draw, uint8, (draws, nodes).

    ``times``: hours since the post, (nodes,). ``parents``: a node before, or -1 for the post, (nodes,). ``voices``:
    where each node's begin, (nodes + 1,), and the chance that it reads each. ``pace``: per draw median and log
    deviation of delays, (draws, 2). ``moments``: until when the cascade was seen, and when the messages begin. A node
    is saved where a message reaches it before its time, or where the node that it hangs on is; nodes up to
    ``moments[0]`` are past saving.
    """
    nodes, draws = parents.size, pace.shape[0]
    saved = np.zeros((draws, nodes), np.uint8)
    for draw in range(draws):
        for node in range(nodes):
            if times[node] <= moments[0]:
                continue
            parent = parents[node]
            if parent >= 0 and saved[draw, parent]:
                saved[draw, node] = 1
                continue
            state = open_stream(seed, draw, node)
            saved[draw, node] = is_reached(voices, node, times[node] - moments[1], pace[draw], state)
    return saved


@compile_kernel(None)
def foresee_people(
    waited: Floats, voices: tuple[Places, Floats], pace: Floats, delay: float, seed: int
) -> NDArray[np.uint8]:
    """Return whom messages will save, by draw, uint8, (draws, people).

    ``waited``: how long ago whom each hangs on took the rumour up, (people,): it comes after what is left of a delay.
    Else as ``replay_tree``; ``delay``: until the messages begin.
    """
    people, draws = waited.size, pace.shape[0]
    saved = np.zeros((draws, people), np.uint8)
    for draw in range(draws):
        for one in range(people):
            state = open_stream(seed, draw, one)
            comes = draw_delay(LOG_NORMAL, pace[draw, 0], pace[draw, 1], waited[one], state)
            saved[draw, one] = is_reached(voices, one, comes - delay, pace[draw], state + STREAM)
    return saved


@compile_kernel(None)
def is_reached(voices: tuple[Places, Floats], node: int, within: float, pace: Floats, state: np.uint64) -> bool:
    """Whether a message of some voice reaches a node in less than ``within`` hours from when it begins."""
    starts, chances = voices
    for voice in range(starts[node], starts[node + 1]):
        state += STREAM
        reads = draw_unit(state) <= chances[voice]
        if reads and draw_delay(LOG_NORMAL, pace[0], pace[1], 0.0, state + GAMMA) < within:
            return True
    return False


@compile_kernel(None)
def find_entries(parents: Places, is_seen: NDArray[np.bool_]) -> Places:
    """Return for each node that is not seen the nearest seen one above it, -1 for the post or a seen node, (nodes,).

    ``parents``: a node before, or -1.
    """
    found = np.full(parents.size, -1, np.int64)
    for node in range(parents.size):
        parent = parents[node]
        if not is_seen[node] and parent >= 0:
            found[node] = parent if is_seen[parent] else found[parent]
    return found
