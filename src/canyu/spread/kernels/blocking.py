"""Saving sets: who would have reached a person drawn at random before the rumour does.

The arcs of a node, and how long each takes, are drawn from a generator made of the set's number and the node's: the
same however often and in whatever order a search comes by. docs/spread/blocking.md has the proofs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.delays import draw_delay, draw_unit
from canyu.spread.kernels.queues import Queue, clear, make_queue, offer, take_first
from canyu.spread.kernels.samples import GAMMA, STREAM, Arcs, draw_root, list_arcs, open_stream

SAVED, REACHED_FIRST = 0, 1
EXACT, LOWER, UPPER = 0, 1, 2
RUMOUR, BOTH, OWN = 0, 1, 2

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.uint8]


class World(NamedTuple):
    """Arcs that either message may pass, and how long they take.

    ``arcs``: by who is reached, each with the larger of both probabilities; its ``tails`` are the arcs' own numbers.
    ``tails``: the nodes, (arcs,). ``rumour``, ``own``: the share of working arcs that pass each message, (arcs,), both
    empty where all pass both. ``family``, ``centres`` (1,) or (arcs,), ``sigma``: see ``draw_delay``. ``ages``: how
    long ago each carrier took up the rumour, -1 for others, (nodes,). ``delay``: until the rebuttal begins; ``until``:
    the last moment that counts.
    """

    arcs: Arcs
    tails: Ints
    rumour: NDArray[np.float32]
    own: NDArray[np.float32]
    family: int
    centres: Floats
    sigma: float
    ages: Floats
    delay: float
    until: float


class Room(NamedTuple):
    """Where one thread works."""

    queue: Queue
    order: Ints  # nodes as they were taken
    following: Ints  # of each node, the next one on its way to the root
    working: Ints  # arcs of one node
    delays: Floats
    path: Ints
    times: Floats


@compile_kernel(None)
def make_saving_room(nodes: int, widest: int) -> Room:
    """Return room for graphs of so many nodes, at most ``widest`` arcs into each."""
    small = (np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(widest + 1, np.int32))
    return Room(make_queue(nodes), *small, np.empty(widest + 1), np.empty(nodes, np.int32), np.empty(nodes))


@compile_kernel(None)
def list_passing(world: World, node: int, state: np.uint64, message: int, room: Room) -> int:
    """Write the arcs into ``node`` that pass a message to ``room``, and their delays; return how many."""
    working = room.working
    count, state = list_arcs(world.arcs, node, state, working)
    kept = 0
    for place in range(count):
        arc = working[place]
        state += GAMMA
        if world.rumour.size:
            share = world.rumour[arc] if message != OWN else np.float32(1.0)
            if message != RUMOUR:
                share = min(share, world.own[arc])
            if draw_unit(state) > share:
                continue
        centre = world.centres[arc if world.centres.size > 1 else 0]
        age = world.ages[world.tails[arc]]
        room.delays[kept] = draw_delay(world.family, centre, world.sigma, age, mix(state + STREAM))
        working[kept] = arc
        kept += 1
    return kept


@compile_kernel(None)
def search(world: World, state: np.uint64, message: int, limit: float, room: Room) -> tuple[int, int]:
    """Take nodes from the queue, the nearest first, up to ``limit``, and those who would pass the message to them.

    Returns how many were taken into ``room.order``, and, for the rumour, the first carrier, -1 where there is none;
    carriers pass nothing but the rumour.
    """
    taken = 0
    while True:
        node = take_first(room.queue)
        if node < 0 or room.queue.keys[node] > limit:
            return taken, -1
        if world.ages[node] >= 0.0:
            if message == RUMOUR:
                return taken, node
            continue
        room.order[taken] = node
        taken += 1
        count = list_passing(world, node, mix(state + np.uint64(node + 1) * STREAM), message, room)
        for place in range(count):
            tail = world.tails[room.working[place]]
            if offer(room.queue, tail, room.queue.keys[node] + room.delays[place], 0):
                room.following[tail] = node


@compile_kernel(None)
def keep_before(world: World, taken: int, moment: float, room: Room) -> int:
    """Keep of the nodes taken those whose message, sent after the delay, arrives before ``moment``; how many."""
    kept = 0
    while kept < taken:
        arrives = room.queue.keys[room.order[kept]] + world.delay
        if not (arrives < moment and arrives <= world.until):
            break
        kept += 1
    return kept


@compile_kernel(None)
def draw_saving_set(world: World, root: int, state: np.uint64, goal: int, bound: int, room: Room) -> int:
    """Write to ``room.order`` who would reach ``root`` before the rumour; return how many.

    ``goal``: SAVED, nobody where the rumour does not come; REACHED_FIRST, everybody who reaches it then. ``bound``:
    EXACT where each arc passes both messages alike; else LOWER, who reaches it along arcs that pass both; UPPER, who
    reaches it or anybody on the rumour's way to it.
    """
    clear(room.queue)
    offer(room.queue, root, 0.0, 0)
    taken, carrier = search(world, state, RUMOUR, world.until, room)
    moment = room.queue.keys[carrier] if carrier >= 0 else np.inf
    if carrier < 0 and goal == SAVED:
        return 0
    if bound == EXACT:
        return int(keep_before(world, taken, moment, room))
    message = BOTH if bound == LOWER else OWN
    if carrier < 0 or bound == LOWER:
        clear(room.queue)
        offer(room.queue, root, 0.0, 0)
        taken, _ = search(world, state, message, min(moment, world.until) - world.delay, room)
        return int(keep_before(world, taken, moment, room))
    steps, node = 0, room.following[carrier]
    while True:
        room.path[steps], room.times[steps] = node, moment - room.queue.keys[node]
        steps += 1
        if node == root:
            break
        node = room.following[node]
    clear(room.queue)
    for step in range(steps):  # a head start: as long as the rumour takes to each
        offer(room.queue, room.path[step], -room.times[step], 0)
    taken, _ = search(world, state, message, -world.delay, room)
    return int(keep_before(world, taken, 0.0, room))


@compile_kernel(None)
def draw_saving_sets(
    world: World, values: Floats, can: Marks, asked: tuple[int, int], seed: int, stream: int, first: int, count: int
) -> tuple[Ints, Places]:
    """Return sets ``first`` to ``first + count`` of a stream: their nodes one after another, and where each begins.

    ``values``: running sum of what each person is worth, (nodes,). ``can``: 1 for nodes that may be chosen, (nodes,).
    ``asked``: goal and bound. Shapes (members,) and (count + 1,).
    """
    nodes = values.size
    room = make_saving_room(nodes, find_widest(world.arcs.starts))
    found, begins, place = np.empty(max(4 * count, 1024) + nodes, np.int32), np.zeros(count + 1, np.int64), 0
    for number in range(count):
        state = open_stream(seed, stream, first + number)
        size = draw_saving_set(world, draw_root(values, nodes, state), state, asked[0], asked[1], room)
        if place + size > found.size:
            more = np.empty(2 * found.size + size, np.int32)
            more[:place] = found[:place]
            found = more
        for at in range(size):
            if can[room.order[at]]:
                found[place] = room.order[at]
                place += 1
        begins[number + 1] = place
    return found[:place].copy(), begins


@compile_kernel(None)
def find_widest(starts: Places) -> int:
    """Return the most arcs that one node has."""
    widest = 0
    for node in range(starts.size - 1):
        widest = max(widest, starts[node + 1] - starts[node])
    return int(widest)


@compile_kernel(None)
def find_reachable(starts: Places, heads: Ints, passes: NDArray[np.bool_], carriers: Ints) -> NDArray[np.bool_]:
    """Return whom the carriers could reach at all, themselves included, (nodes,); ``passes``: by outgoing arc."""
    nodes = starts.size - 1
    found, queue, ends = np.zeros(nodes, np.bool_), np.empty(nodes, np.int32), 0
    for node in carriers:
        if not found[node]:
            found[node] = True
            queue[ends] = node
            ends += 1
    at = 0
    while at < ends:
        node = queue[at]
        at += 1
        for arc in range(starts[node], starts[node + 1]):
            if passes[arc] and not found[heads[arc]]:
                found[heads[arc]] = True
                queue[ends] = heads[arc]
                ends += 1
    return found
