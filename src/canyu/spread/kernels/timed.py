"""Reverse-reachable sets in time: who would have reached a node drawn at random before a deadline.

Influence takes a delay drawn for each arc that works; a set holds the accounts whose post, at its hour, would have
reached the root in time: those on a path whose delays sum to no more (continuous-time cascades, Du et al. 2013; Tang
et al. 2015). Nodes are found in the order of their time to the root (Dijkstra). What chance decides at a node is drawn
from the set's number and the node alone, so that a set under a later deadline holds all it holds under an earlier one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.delays import draw_delay, draw_unit
from canyu.spread.kernels.queues import DONE, Queue, clear, make_queue, offer, take_first
from canyu.spread.kernels.samples import (
    BY_DEGREE,
    CONSTANT,
    GAMMA,
    STREAM,
    WALK,
    Arcs,
    draw_root,
    list_arcs,
    open_stream,
)

COIN = np.uint64(0xA0761D6478BD642F)  # apart from what arcs draw from
AGAIN = np.uint64(0xE7037ED1A0B428DB)  # apart from both
TRIES = 64  # until a draw agrees with what was seen; one that never does is as good as an arc that failed

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]


class Clock(NamedTuple):
    """When what happens; hours count from the start of the plan.

    ``tails``: who is read, by arc; ``Arcs.tails`` then holds each arc's own number instead. ``centres``: median of a
    log-normal or mean of an exponential delay, (arcs,) or (1,); ``sigma``: of log delays, 0 where every delay is
    ``centres``. ``posts``: when each node would post, infinite where it cannot be had, (nodes,). ``keeps``: the chance
    that a node's post has any effect, (nodes,) or (0,) for 1. ``is_taken``: 1 for accounts that post anyway: whom they
    reach counts no more, uint8, (nodes,) or (0,). ``since``: when a node was seen to be reached, infinite where it was
    not by ``now``, (nodes,) or (0,). ``earliest``: before which nothing new happens. ``is_again``: 1 for nodes seen to
    be reached whose new post counts all the same, uint8, (nodes,) or (0,).
    """

    tails: Ints
    family: int
    centres: Floats
    sigma: float
    deadline: float
    posts: Floats
    keeps: Floats
    is_taken: NDArray[np.uint8]
    since: Floats
    now: float
    earliest: float
    is_again: NDArray[np.uint8]


@compile_kernel(None, inline=True)
def draw_arc_delay(clock: Clock, arc: int, state: np.uint64) -> float:
    """Return an arc's delay in hours."""
    centre = clock.centres[arc if clock.centres.size > 1 else 0]
    return float(draw_delay(clock.family, centre, clock.sigma, 0.0, state))


@compile_kernel(None)
def get_chance(arcs: Arcs, node: int, arc: int) -> float:
    """Return the probability of one arc into a node."""
    if arcs.kind == BY_DEGREE:
        return float(1.0 / (arcs.starts[node + 1] - arcs.starts[node]))
    if arcs.kind == CONSTANT:
        return float(arcs.chance)
    return float(arcs.chances[arc])


@compile_kernel(None)
def await_arrival(arcs: Arcs, clock: Clock, node: int, arc: int, state: np.uint64) -> float:
    """Return the delay of an arc from a node seen reached to one not seen so, infinite where it fails.

    It is drawn as always, and again where it would have arrived by ``now``: that was not seen.
    """
    passed = clock.now - clock.since[clock.tails[arc]]
    if passed == np.inf or (clock.centres.size == 1 and clock.centres[0] == 0.0):
        return np.inf
    state = mix(state ^ COIN)
    delay = draw_arc_delay(clock, arc, state)
    for _ in range(TRIES):
        if delay > passed:
            return float(delay)
        state += GAMMA + GAMMA + GAMMA
        if draw_unit(state) > get_chance(arcs, node, arc):  # not asked where at most one arc works: see list_awaited
            break
        delay = draw_arc_delay(clock, arc, state)
    return np.inf


@compile_kernel(None)
def list_awaited(arcs: Arcs, clock: Clock, node: int, state: np.uint64, working: Ints) -> tuple[int, np.uint64]:
    """Do as ``list_arcs`` where at most one arc works, and choose again where it would have arrived by ``now``."""
    for _ in range(TRIES):
        many, after = list_arcs(arcs, node, state, working)
        if many == 0:
            return 0, after
        since = clock.since[clock.tails[working[0]]]
        first = mix((mix(after + GAMMA) + GAMMA + GAMMA) ^ COIN)  # what ``await_arrival`` draws from at first
        if since == np.inf or draw_arc_delay(clock, working[0], first) > clock.now - since:
            return many, after
        state = mix(state ^ COIN)
    return 0, state


@compile_kernel(None)
def offer_again(arcs: Arcs, clock: Clock, node: int, own: np.uint64, queue: Queue, working: Ints) -> None:
    """Offer those whom a node reads who may post anew: each arc is tried again for the new post, with a new delay.

    Where at most one arc works (linear threshold) a node follows whom it follows, and is not asked again.
    """
    state = mix(own ^ AGAIN)
    if arcs.kind == WALK:
        many, _ = list_awaited(arcs, clock, node, own, working)
    else:
        many, state = list_arcs(arcs, node, state, working)
    state = mix(state + GAMMA)
    for place in range(many):
        arc = working[place]
        other = clock.tails[arc]
        state += GAMMA + GAMMA
        if clock.is_again[other] and clock.since[other] < np.inf and queue.places[other] != DONE:
            reached = queue.keys[node] + draw_arc_delay(clock, arc, state)
            if reached + clock.earliest <= clock.deadline:
                offer(queue, other, reached, 0)


@compile_kernel(None)
def draw_timed(arcs: Arcs, clock: Clock, root: int, base: np.uint64, queue: Queue, room: tuple[Ints, Ints]) -> int:
    """Write the accounts of one set to ``room[0]`` and return how many; -1 where the root is reached without any.

    ``room[1]``: for the arcs into one node. Both are int32, (nodes,).
    """
    if clock.since.size and clock.since[root] < np.inf:
        return -1
    found, working = room
    count, is_reached = 0, False
    clear(queue)
    offer(queue, root, 0.0, 0)
    while not is_reached:
        node = take_first(queue)
        if node < 0:
            break
        time = queue.keys[node]
        own = mix(base ^ (np.uint64(node) + np.uint64(1)) * STREAM)
        is_there = clock.posts[node] < np.inf and time + clock.posts[node] <= clock.deadline
        if is_there and (clock.keeps.size == 0 or draw_unit(own ^ COIN) <= clock.keeps[node]):
            is_reached |= clock.is_taken.size > 0 and clock.is_taken[node] > 0
            found[count] = node
            count += 1
        if clock.since.size and clock.since[node] < np.inf:  # it posts anew; what reaches it goes no further
            continue
        if clock.is_again.size:
            offer_again(arcs, clock, node, own, queue, working)
        if arcs.kind == WALK and clock.since.size:
            many, state = list_awaited(arcs, clock, node, own, working)
        else:
            many, state = list_arcs(arcs, node, own, working)
        state = mix(state + GAMMA)
        for place in range(many):
            arc = working[place]
            other = clock.tails[arc]
            state += GAMMA + GAMMA
            if clock.since.size and clock.since[other] < np.inf:
                arrival = clock.since[other] + await_arrival(arcs, clock, node, arc, state)
                is_reached |= arrival < np.inf and arrival + time <= clock.deadline
                continue
            if queue.places[other] == DONE:
                continue
            reached = time + draw_arc_delay(clock, arc, state)
            if reached + clock.earliest <= clock.deadline:
                offer(queue, other, reached, 0)
    return -1 if is_reached else count


@compile_kernel(None)
def draw_timed_sets(
    arcs: Arcs, clock: Clock, values: Floats, seed: int, stream: int, first: int, count: int
) -> tuple[Ints, Places]:
    """Return sets ``first`` to ``first + count`` of a stream: their accounts, and where each begins.

    ``values``: running sum of what reaching each node is worth, or empty. A set whose root is reached without any new
    account is empty. Shapes (members,) and (count + 1,).
    """
    nodes = arcs.starts.size - 1
    queue, found = make_queue(nodes), np.empty(nodes, np.int32)
    room = (found, np.empty(nodes, np.int32))
    members, begins = np.empty(max(4 * count, 1024), np.int32), np.zeros(count + 1, np.int64)
    total = 0
    for number in range(count):
        base = open_stream(seed, stream, first + number)
        size = max(draw_timed(arcs, clock, draw_root(values, nodes, base), base, queue, room), 0)
        while total + size > members.size:
            more = np.empty(2 * members.size, np.int32)
            more[:total] = members[:total]
            members = more
        members[total : total + size] = found[:size]
        total += size
        begins[number + 1] = total
    return members[:total].copy(), begins


@compile_kernel(None)
def count_reached(arcs: Arcs, clock: Clock, seed: int, first: int, count: int, runs: int) -> Places:
    """Return how often of ``runs`` each of the nodes from ``first`` on is reached in time by an account, (count,)."""
    nodes = arcs.starts.size - 1
    queue, hits = make_queue(nodes), np.zeros(count, np.int64)
    room = (np.empty(nodes, np.int32), np.empty(nodes, np.int32))
    for place in range(count):
        for run in range(runs):
            base = open_stream(seed, run, first + place)
            hits[place] += draw_timed(arcs, clock, first + place, base, queue, room) > 0
    return hits
