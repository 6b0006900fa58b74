"""Maximum coverage by the greedy rule, and how much any other choice could cover at most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Ints = NDArray[np.int32]
Places = NDArray[np.int64]


@compile_kernel(None)
def index_members(members: Ints, begins: Places, nodes: int) -> tuple[Places, Ints]:
    """Return the sets of each node: where they begin, int64, (nodes + 1,), and their numbers, int32, (members,)."""
    starts = np.zeros(nodes + 1, np.int64)
    for member in members:
        starts[member + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    cursors = starts[:-1].copy()
    sets = np.empty(members.size, np.int32)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            node = members[at]
            sets[cursors[node]] = number
            cursors[node] += 1
    return starts, sets


@compile_kernel(None)
def sum_largest(histogram: Places, top: int, k: int) -> int:
    """Return the sum of the ``k`` largest gains; ``histogram[g]`` nodes gain g, none more than ``top``."""
    total, left, gain = 0, k, top
    while left > 0 and gain > 0:
        taken = min(histogram[gain], left)
        total += taken * gain
        left -= taken
        gain -= 1
    return int(total)


@compile_kernel(None)
def choose_greedily(
    members: Ints, begins: Places, allowed: NDArray[np.uint8], k: int, more: int = 0
) -> tuple[Ints, Places, int]:
    """Choose ``k`` nodes, each the one that stands in most sets not covered yet (Nemhauser et al. 1978).

    Returns the nodes, what each one adds, and how many sets any ``k + more`` allowed nodes can cover at most: after
    each choice that is what is covered and as many largest gains together, since gains only fall; the least of these.
    The same sets give the same choice. Fewer nodes come back where fewer are allowed.
    """
    nodes = allowed.size
    starts, sets = index_members(members, begins, nodes)
    gains = np.zeros(nodes, np.int64)
    top = 0
    for node in range(nodes):
        if allowed[node]:
            gains[node] = starts[node + 1] - starts[node]
            top = max(top, gains[node])
    histogram = np.zeros(top + 1, np.int64)
    heads, following = np.full(top + 1, -1, np.int64), np.full(nodes, -1, np.int64)
    for node in range(nodes - 1, -1, -1):
        if allowed[node]:
            histogram[gains[node]] += 1
            following[node] = heads[gains[node]]
            heads[gains[node]] = node
    covered = np.zeros(begins.size - 1, np.uint8)
    chosen, added = np.empty(k, np.int32), np.zeros(k, np.int64)
    bound, total, count = sum_largest(histogram, top, k + more), 0, 0
    while count < k and top >= 0:
        node = heads[top]
        if node < 0:
            top -= 1
            continue
        heads[top] = following[node]
        if gains[node] < top:  # it has lost since it was put here; those before it in the new row gained as much
            following[node] = heads[gains[node]]
            heads[gains[node]] = node
            continue
        histogram[top] -= 1
        gains[node] = 0
        chosen[count], added[count] = node, top
        total += top
        count += 1
        for at in range(starts[node], starts[node + 1]):
            number = sets[at]
            if covered[number]:
                continue
            covered[number] = 1
            for place in range(begins[number], begins[number + 1]):
                other = members[place]
                if other != node and gains[other] > 0:
                    histogram[gains[other]] -= 1
                    gains[other] -= 1
                    histogram[gains[other]] += 1
        while top > 0 and histogram[top] == 0 and heads[top] < 0:
            top -= 1
        bound = min(bound, total + sum_largest(histogram, top, k + more))
    return chosen[:count], added[:count], int(bound)


@compile_kernel(None)
def count_met(members: Ints, begins: Places, first: int, marks: NDArray[np.uint8]) -> int:
    """Return in how many sets from ``first`` on a marked node stands."""
    met = 0
    for number in range(first, begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            if marks[members[at]]:
                met += 1
                break
    return met


@compile_kernel(None)
def compare_choices(members: Ints, begins: Places, half: int, marks: NDArray[np.uint8]) -> Places:
    """Return how many sets only one of two choices holds: the first or the second, before set ``half`` and after.

    ``marks``: bits 1 and 2 for the nodes of each choice, uint8, shape (nodes,). int64, shape (4,).
    """
    found = np.zeros(4, np.int64)
    for number in range(begins.size - 1):
        met = np.uint8(0)
        for at in range(begins[number], begins[number + 1]):
            met |= marks[members[at]]
        if met == 1 or met == 2:
            found[2 * int(number >= half) + met - 1] += 1
    return found


@compile_kernel(None)
def weigh_ends(members: Ints, begins: Places, seeds: Ints, nodes: int) -> Places:
    """Return how many members the sets have that each seed is the first to cover, int64, shape (seeds,)."""
    places = np.full(nodes, seeds.size, np.int64)
    for place in range(seeds.size):
        places[seeds[place]] = place
    weights = np.zeros(seeds.size + 1, np.int64)
    for number in range(begins.size - 1):
        first = seeds.size
        for at in range(begins[number], begins[number + 1]):
            first = min(first, places[members[at]])
        weights[first] += begins[number + 1] - begins[number]
    return weights[:-1]


@compile_kernel(None)
def empty_sets(members: Ints, begins: Places, marks: NDArray[np.uint8]) -> tuple[Ints, Places]:
    """Return the sets with those emptied in which a marked node stands."""
    kept, fresh = np.empty(members.size, np.int32), np.zeros(begins.size, np.int64)
    place = 0
    for number in range(begins.size - 1):
        low, high, met = begins[number], begins[number + 1], np.uint8(0)
        for at in range(low, high):
            met |= marks[members[at]]
        if met == 0:
            kept[place : place + high - low] = members[low:high]
            place += high - low
        fresh[number + 1] = place
    return kept[:place].copy(), fresh


@compile_kernel(None)
def fill_budget(gains: Places, costs: Places, candidates: Ints, order: Places, budget: int) -> float:
    """Return the most that gains can add to within ``budget``, where part of a candidate may be bought (Dantzig 1957).

    ``order``: places in ``candidates`` by falling gain per cost. Candidates dearer than the whole budget count as none.
    """
    total, left = 0.0, np.float64(budget)
    for place in order:
        node = candidates[place]
        if gains[node] <= 0 or costs[node] > budget:
            continue
        if costs[node] <= left:
            total += gains[node]
            left -= costs[node]
        else:
            return float(total + gains[node] * (left / costs[node]))
    return total


@compile_kernel(None)
def choose_within(
    members: Ints, begins: Places, costs: Places, budget: int, labels: Ints, caps: Places, must: Ints, by_cost: bool
) -> tuple[Ints, Places, float]:
    """Choose nodes within a budget, each the one of most new sets, or of most per cost where ``by_cost``.

    ``costs``: of each node, -1 where it must not be chosen, int64, (nodes,). ``labels``: which value a node has in each
    column that is limited, (columns, nodes), and ``caps``: how many of each value, (columns, values). ``must``: nodes
    that are chosen first, within the budget and the caps. Returns the nodes, what each adds, and how many sets any
    nodes within the budget that hold ``must`` can cover at most: after each choice, what is covered and the best that
    the gains left add to where part of a node may be bought; the least of these.
    """
    nodes, columns = costs.size, labels.shape[0]
    starts, sets = index_members(members, begins, nodes)
    gains = starts[1:] - starts[:-1]
    candidates = np.flatnonzero(costs >= 0).astype(np.int32)
    covered, taken = np.zeros(begins.size - 1, np.uint8), np.zeros(nodes, np.uint8)
    counts = np.zeros(caps.shape, np.int64)
    chosen, added = np.empty(candidates.size, np.int32), np.zeros(candidates.size, np.int64)
    left, total, count, bound = budget, 0, 0, np.inf
    free = budget
    for node in must:
        free -= costs[node]
    while True:
        best = -1
        if count < must.size:
            best = int(must[count])
        else:
            worth = np.zeros(candidates.size)
            for place in range(candidates.size):
                node = candidates[place]
                worth[place] = -gains[node] / max(costs[node], 1e-9)
            filled = fill_budget(gains, costs, candidates, np.argsort(worth, kind="mergesort"), free)
            bound = min(bound, total + filled)
            most = -1.0
            for place in range(candidates.size):
                node = candidates[place]
                fits = taken[node] == 0 and costs[node] <= left
                for column in range(columns):
                    fits = fits and counts[column, labels[column, node]] < caps[column, labels[column, node]]
                value = -worth[place] if by_cost else np.float64(gains[node])
                if fits and gains[node] > 0 and value > most:
                    best, most = int(node), value
        if best < 0:
            break
        taken[best] = 1
        left -= costs[best]
        for column in range(columns):
            counts[column, labels[column, best]] += 1
        chosen[count], added[count] = best, gains[best]
        total += gains[best]
        count += 1
        for at in range(starts[best], starts[best + 1]):
            number = sets[at]
            if covered[number] == 0:
                covered[number] = 1
                for place in range(begins[number], begins[number + 1]):
                    gains[members[place]] -= 1
    return chosen[:count], added[:count], float(min(bound, np.float64(begins.size - 1)))


@compile_kernel(None)
def weigh_seeds(members: Ints, begins: Places, seeds: Ints, costs: Places) -> tuple[Places, Places, Ints, Places]:
    """Return of each seed in how many sets it stands, in how many as the only one, and who would replace it best.

    ``costs``: of each node, -1 where it cannot be had. The third answer is the node no dearer than the seed that would
    cover most of what nobody covers once the seed is left out, -1 where there is none, and the fourth how many sets
    those are. Shapes (seeds,).
    """
    nodes, count = costs.size, seeds.size
    place_of = np.full(nodes, -1, np.int32)
    for place in range(count):
        place_of[seeds[place]] = place
    sole = np.full(begins.size - 1, -1, np.int32)  # the only seed of a set; -1 none, -2 several
    alone, unique = np.zeros(count, np.int64), np.zeros(count, np.int64)
    open_gains, extra = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            place = place_of[members[at]]
            if place >= 0:
                alone[place] += 1
                sole[number] = place if sole[number] == -1 else -2
        if sole[number] >= 0:
            unique[sole[number]] += 1
        elif sole[number] == -1:
            for at in range(begins[number], begins[number + 1]):
                open_gains[members[at]] += 1
    candidates = np.flatnonzero(costs >= 0)
    starts = np.zeros(count + 1, np.int64)
    for place in range(count):
        starts[place + 1] = starts[place] + unique[place]
    cursors, order = starts[:-1].copy(), np.empty(starts[-1], np.int64)
    for number in range(sole.size):
        if sole[number] >= 0:
            order[cursors[sole[number]]] = number
            cursors[sole[number]] += 1
    best, most = np.full(count, -1, np.int32), np.zeros(count, np.int64)
    for place in range(count):
        price = costs[seeds[place]]
        for node in candidates:
            if place_of[node] < 0 and costs[node] <= price and (best[place] < 0 or open_gains[node] > most[place]):
                best[place], most[place] = node, open_gains[node]
        for step in range(starts[place], starts[place + 1]):
            number = order[step]
            for at in range(begins[number], begins[number + 1]):
                node = members[at]
                extra[node] += 1
                gain = open_gains[node] + extra[node]
                if 0 <= costs[node] <= price and place_of[node] < 0 and gain > most[place]:
                    best[place], most[place] = node, gain
        for step in range(starts[place], starts[place + 1]):
            for at in range(begins[order[step]], begins[order[step] + 1]):
                extra[members[at]] = 0
    return alone, unique, best, most
