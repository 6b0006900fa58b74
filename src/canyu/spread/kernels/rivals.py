"""Two messages played forward in the same world: who hears which one first, and what one alone would have done.

Each arc draws from a generator made of the run and the arc, so that a run with the second message and the run without
it differ by that message alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.delays import draw_delay, draw_unit
from canyu.spread.kernels.queues import Queue, clear, make_queue, offer, take_first
from canyu.spread.kernels.samples import STREAM, open_stream

RUMOUR, OWN = 0, 1

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]


class Ground(NamedTuple):
    """What both messages pass along.

    ``starts``, ``heads``: arcs by who is read; ``numbers``: the number of each among the arcs by who is reached, which
    ``rumour`` and ``own`` (probabilities) and ``centres`` go by. ``in_starts``, and ``is_walk``: each node follows at
    most one arc into it, drawn by weight. Else as ``World``.
    """

    starts: Places
    heads: Ints
    numbers: Places
    in_starts: Places
    is_walk: bool
    rumour: Floats
    own: Floats
    family: int
    centres: Floats
    sigma: float
    ages: Floats
    values: Floats
    delay: float
    until: float


@compile_kernel(None)
def is_followed(ground: Ground, arc: int, node: int, state: np.uint64) -> bool:
    """Whether ``arc`` is the one that ``node`` follows in this run."""
    unit = draw_unit(mix(state - np.uint64(node + 1) * STREAM))
    for other in range(ground.in_starts[node], ground.in_starts[node + 1]):
        unit -= ground.rumour[other]
        if unit <= 0.0:
            return bool(other == arc)
    return False


@compile_kernel(None)
def play_once(ground: Ground, own: Ints, state: np.uint64, queue: Queue) -> tuple[float, float]:
    """Return what those are worth who carry the rumour in the end, and those who carry the other message."""
    clear(queue)
    for node in range(ground.ages.size):
        if ground.ages[node] >= 0.0:
            offer(queue, node, 0.0, RUMOUR)
    for node in own:
        offer(queue, node, ground.delay, OWN)
    worth = np.zeros(2)
    while True:
        node = take_first(queue)
        if node < 0 or queue.keys[node] > ground.until:
            return float(worth[0]), float(worth[1])
        message, moment = queue.kinds[node], queue.keys[node]
        worth[message] += ground.values[node]
        for place in range(ground.starts[node], ground.starts[node + 1]):
            arc, head = ground.numbers[place], ground.heads[place]
            drawn = mix(state + np.uint64(arc + 1) * STREAM)
            if ground.is_walk:
                works = is_followed(ground, arc, head, state)
            else:
                works = draw_unit(drawn) <= (ground.rumour[arc] if message == RUMOUR else ground.own[arc])
            if works:
                centre = ground.centres[arc if ground.centres.size > 1 else 0]
                waited = ground.ages[node] if message == RUMOUR else 0.0
                takes = draw_delay(ground.family, centre, ground.sigma, waited, mix(drawn + STREAM))
                offer(queue, head, moment + takes, message)


@compile_kernel(None)
def play_rivals(ground: Ground, own: Ints, seed: int, first: int, runs: int) -> Floats:
    """Return per run whom the rumour reaches alone, whom against the other message, and whom the other reaches first.

    As what they are worth, float64, (runs, 3).
    """
    queue, found = make_queue(ground.ages.size), np.zeros((runs, 3))
    for run in range(runs):
        state = open_stream(seed, 1, first + run)
        found[run, 0] = play_once(ground, own[:0], state, queue)[0]
        found[run, 1], found[run, 2] = play_once(ground, own, state, queue)
    return found
