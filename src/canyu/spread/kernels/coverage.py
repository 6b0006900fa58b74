"""Maximum coverage by the greedy rule, and how much any other choice could cover at most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.spread.kernels.instructions import prefetch

AHEAD = 8  # sets

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


@compile_kernel(None, inline=True, borrow=True)
def fetch_ahead(members: Ints, begins: Places, sets: Ints, at: int) -> None:
    """Bring the sets listed soon after ``at`` into the cache: they stand anywhere, and reading them is what takes."""
    if at + 2 * AHEAD < sets.size:
        prefetch(begins, sets[at + 2 * AHEAD])
        prefetch(members, begins[sets[at + AHEAD]])


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
            fetch_ahead(members, begins, sets, at)
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
def count_groups(members: Ints, begins: Places, marks: NDArray[np.uint8], groups: int) -> Places:
    """Return in how many sets a node of each group stands, int64, (groups,); ``marks``: a bit per group, (nodes,)."""
    hits = np.zeros(groups, np.int64)
    for number in range(begins.size - 1):
        met = np.uint8(0)
        for at in range(begins[number], begins[number + 1]):
            met |= marks[members[at]]
        for group in range(groups):
            hits[group] += (met >> np.uint8(group)) & np.uint8(1)
    return hits


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


class Rules(NamedTuple):
    """What nodes chosen within a budget must keep to.

    ``costs``: of each node, -1 where it must not be chosen, int64, (nodes,). ``budget``: what they may cost, and
    ``later``: what comes later, to be spent only on what ``floors`` then still ask for. ``labels``: which value a node
    has in each column that is limited, (columns, nodes); ``caps`` and ``floors``: how many of each value at most and at
    least, (columns, values). ``must``: nodes that are chosen first, within budget and caps. ``reserve``: nodes that
    fill, beside ``must``, all floors within caps and money, the dearest first. ``is_last``: what the floors ask for is
    chosen now, not later; ``is_whole``: nothing was chosen before, so that any choice keeps the floors by itself.
    """

    costs: Places
    budget: int
    later: int
    labels: Ints
    caps: Places
    floors: Places
    must: Ints
    reserve: Ints
    is_last: bool
    is_whole: bool = True


class Kept(NamedTuple):
    """What is kept back for the floors: whether a node is, how many of each value are chosen or kept back, and money.

    ``money``: left of the budget, and what all that is kept back costs, (2,).
    """

    is_kept: NDArray[np.uint8]  # (nodes,)
    counts: Places  # (columns, values)
    money: Places


@compile_kernel(None)
def take(rules: Rules, kept: Kept, node: int, is_trial: bool) -> bool:
    """Take a node where what is left still fills every floor; whether it does. A trial changes nothing.

    Who is kept back and no longer needed is let go, the dearest first: ``rules.reserve`` is in that order.
    """
    price, columns = rules.costs[node], rules.labels.shape[0]
    freed = np.int64(0)
    gone = np.zeros(rules.reserve.size, np.uint8)
    if kept.is_kept[node]:
        freed = price
    else:
        for column in range(columns):
            kept.counts[column, rules.labels[column, node]] += 1
        for place in range(rules.reserve.size):
            other = rules.reserve[place]
            if not kept.is_kept[other]:
                continue
            is_needed = False
            for column in range(columns):
                value = rules.labels[column, other]
                is_needed |= kept.counts[column, value] <= rules.floors[column, value]
            if not is_needed:
                gone[place] = 1
                freed += rules.costs[other]
                for column in range(columns):
                    kept.counts[column, rules.labels[column, other]] -= 1
    fits = price <= kept.money[0] and kept.money[0] - price + rules.later >= kept.money[1] - freed
    for column in range(columns):
        value = rules.labels[column, node]
        fits = fits and kept.counts[column, value] <= rules.caps[column, value]
    if fits and not is_trial:
        kept.money[0] -= price
        kept.money[1] -= freed
        kept.is_kept[node] = 0
        for place in range(rules.reserve.size):
            if gone[place]:
                kept.is_kept[rules.reserve[place]] = 0
    elif not kept.is_kept[node]:
        for column in range(columns):
            kept.counts[column, rules.labels[column, node]] -= 1
            for place in range(rules.reserve.size):
                if gone[place]:
                    kept.counts[column, rules.labels[column, rules.reserve[place]]] += 1
    return bool(fits)


@compile_kernel(None)
def keep_back(rules: Rules) -> Kept:
    """Return what is kept back before anything is chosen."""
    kept = Kept(np.zeros(rules.costs.size, np.uint8), np.zeros(rules.caps.shape, np.int64), np.zeros(2, np.int64))
    kept.money[0] = rules.budget
    for node in rules.reserve:
        kept.is_kept[node] = 1
        kept.money[1] += rules.costs[node]
        for column in range(rules.labels.shape[0]):
            kept.counts[column, rules.labels[column, node]] += 1
    return kept


@compile_kernel(None)
def price_floors(rules: Rules, candidates: Ints) -> tuple[Places, Places]:
    """Return how many of each value ``must`` leaves owed, (columns, values), and what the cheapest cost by column."""
    owed = rules.floors.copy()
    is_must = np.zeros(rules.costs.size, np.uint8)
    for node in rules.must:
        is_must[node] = 1
    columns = rules.labels.shape[0]
    for column in range(columns):
        for node in rules.must:
            owed[column, rules.labels[column, node]] -= 1
    owed = np.maximum(owed, 0)
    costs, asked = np.zeros(columns, np.int64), owed.copy()
    for place in np.argsort(rules.costs[candidates], kind="mergesort"):
        node = candidates[place]
        for column in range(columns):
            value = rules.labels[column, node]
            if not is_must[node] and asked[column, value] > 0:
                asked[column, value] -= 1
                costs[column] += rules.costs[node]
    return owed, costs


@compile_kernel(None)
def bound_floors(
    gains: Places, rules: Rules, candidates: Ints, order: Places, owed: Places, least: Places, free: int
) -> float:
    """Return the most that gains can add to where the floors must be kept; ``owed``, ``least``: of ``price_floors``.

    Any choice holds, for a column, the accounts that its floors ask for: they gain no more than the best of each value,
    and cost no less than the cheapest; the rest of it is within what they leave.
    """
    bound = np.inf
    by_gain = np.argsort(-gains[candidates], kind="mergesort")
    for column in range(rules.labels.shape[0]):
        if least[column] == 0:
            continue
        asked, total = owed[column].copy(), 0.0
        for place in by_gain:
            value = rules.labels[column, candidates[place]]
            if asked[value] > 0:
                asked[value] -= 1
                total += max(gains[candidates[place]], 0)
        bound = min(bound, total + fill_budget(gains, rules.costs, candidates, order, free - least[column]))
    return bound


@compile_kernel(None)
def choose_within(members: Ints, begins: Places, rules: Rules, by_cost: bool) -> tuple[Ints, Places, float]:
    """Choose nodes within a budget, each the one of most new sets, or of most per cost where ``by_cost``.

    A node is chosen only where the money left still fills every floor, by the nodes kept back for them. Returns the
    nodes, what each adds, and how many sets any nodes within the budget that hold ``must`` can cover at most: after
    each choice, what is covered and the best that the gains left add to where part of a node may be bought; the least
    of these.
    """
    nodes, costs = rules.costs.size, rules.costs
    starts, sets = index_members(members, begins, nodes)
    gains = starts[1:] - starts[:-1]
    candidates = np.flatnonzero(costs >= 0).astype(np.int32)
    covered, taken = np.zeros(begins.size - 1, np.uint8), np.zeros(nodes, np.uint8)
    kept, has_floors = keep_back(rules), rules.is_whole and rules.reserve.size > 0
    chosen, added = np.empty(candidates.size, np.int32), np.zeros(candidates.size, np.int64)
    owed, least = price_floors(rules, candidates)
    total, count, bound, free = 0, 0, np.inf, np.int64(rules.budget)
    for node in rules.must:
        free -= costs[node]
    while True:
        best = -1
        if count < rules.must.size:
            best = int(rules.must[count])
        else:
            worth = np.zeros(candidates.size)
            for place in range(candidates.size):
                node = candidates[place]
                worth[place] = -gains[node] / max(costs[node], 1e-9)
            order = np.argsort(worth, kind="mergesort")
            bound = min(bound, total + fill_budget(gains, costs, candidates, order, int(free)))
            if has_floors:
                bound = min(bound, total + bound_floors(gains, rules, candidates, order, owed, least, int(free)))
            most = -1.0
            for place in range(candidates.size):
                node = candidates[place]
                value = -worth[place] if by_cost else np.float64(gains[node])
                if gains[node] > 0 and value > most and taken[node] == 0 and take(rules, kept, node, True):
                    best, most = int(node), value
            if best < 0 and rules.is_last:
                for node in rules.reserve:  # who adds nothing more but is owed
                    if kept.is_kept[node]:
                        best = int(node)
        if best < 0:
            break
        take(rules, kept, best, False)
        taken[best] = 1
        chosen[count], added[count] = best, gains[best]
        total += gains[best]
        count += 1
        for at in range(starts[best], starts[best + 1]):
            fetch_ahead(members, begins, sets, at)
            number = sets[at]
            if covered[number] == 0:
                covered[number] = 1
                for place in range(begins[number], begins[number + 1]):
                    gains[members[place]] -= 1
    return chosen[:count], added[:count], float(min(bound, np.float64(begins.size - 1)))


@compile_kernel(None)
def may_replace(rules: Rules, counts: Places, seed: int, node: int) -> bool:
    """Whether a node may stand for a seed: no dearer, and within quotas; ``counts``: of each value, all seeds in."""
    if rules.costs[node] < 0 or rules.costs[node] > rules.costs[seed]:
        return False
    for column in range(rules.labels.shape[0]):
        old, new = rules.labels[column, seed], rules.labels[column, node]
        if old != new and (
            counts[column, old] <= rules.floors[column, old] or counts[column, new] >= rules.caps[column, new]
        ):
            return False
    return True


@compile_kernel(None)
def count_overlaps(members: Ints, begins: Places, seeds: Ints, nodes: int) -> tuple[Ints, Places]:
    """Return of each seed which other one shares most sets with it, by place, -1 for none, and how many, (seeds,)."""
    count = seeds.size
    place_of = np.full(nodes, -1, np.int32)
    for place in range(count):
        place_of[seeds[place]] = place
    shared, there = np.zeros((count, count), np.int32), np.empty(count, np.int32)
    for number in range(begins.size - 1):
        met = 0
        for at in range(begins[number], begins[number + 1]):
            place = place_of[members[at]]
            if place >= 0:
                for earlier in range(met):
                    shared[place, there[earlier]] += 1
                    shared[there[earlier], place] += 1
                there[met] = place
                met += 1
    closest, most = np.full(count, -1, np.int32), np.zeros(count, np.int64)
    for place in range(count):
        for other in range(count):
            if shared[place, other] > most[place]:
                closest[place], most[place] = other, shared[place, other]
    return closest, most


@compile_kernel(None)
def find_alone(members: Ints, begins: Places, seeds: Ints, nodes: int) -> tuple[Places, Ints]:
    """Return in how many sets each seed stands, (seeds,), and each set's only seed by place, -1 none, -2 several."""
    place_of = np.full(nodes, -1, np.int32)
    for place in range(seeds.size):
        place_of[seeds[place]] = place
    sole, alone = np.full(begins.size - 1, -1, np.int32), np.zeros(seeds.size, np.int64)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            place = place_of[members[at]]
            if place >= 0:
                alone[place] += 1
                sole[number] = place if sole[number] == -1 else -2
    return alone, sole


@compile_kernel(None)
def weigh_seeds(members: Ints, begins: Places, seeds: Ints, rules: Rules) -> tuple[Places, Places, Ints, Places]:
    """Return of each seed in how many sets it stands, in how many as the only one, and who would replace it best.

    The third answer is the node that may replace the seed and would cover most of what nobody covers once the seed is
    left out, -1 where there is none, and the fourth how many sets those are. Shapes (seeds,).
    """
    nodes, count = rules.costs.size, seeds.size
    alone, sole = find_alone(members, begins, seeds, nodes)
    is_seed, counts = np.zeros(nodes, np.uint8), np.zeros(rules.caps.shape, np.int64)
    for seed in seeds:
        is_seed[seed] = 1
        for column in range(rules.labels.shape[0]):
            counts[column, rules.labels[column, seed]] += 1
    open_gains, extra, starts = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64), np.zeros(count + 1, np.int64)
    for number in range(begins.size - 1):
        if sole[number] >= 0:
            starts[sole[number] + 1] += 1
        elif sole[number] == -1:
            for at in range(begins[number], begins[number + 1]):
                open_gains[members[at]] += 1
    unique = starts[1:].copy()
    for place in range(count):
        starts[place + 1] += starts[place]
    cursors, order = starts[:-1].copy(), np.empty(starts[-1], np.int64)
    for number in range(sole.size):
        if sole[number] >= 0:
            order[cursors[sole[number]]] = number
            cursors[sole[number]] += 1
    candidates = np.flatnonzero(rules.costs >= 0)
    best, most = np.full(count, -1, np.int32), np.zeros(count, np.int64)
    for place in range(count):
        seed = seeds[place]
        for node in candidates:
            is_better = best[place] < 0 or open_gains[node] > most[place]
            if is_better and not is_seed[node] and may_replace(rules, counts, int(seed), int(node)):
                best[place], most[place] = node, open_gains[node]
        for step in range(starts[place], starts[place + 1]):
            number = order[step]
            for at in range(begins[number], begins[number + 1]):
                node = members[at]
                extra[node] += 1
                gain = open_gains[node] + extra[node]
                if gain > most[place] and not is_seed[node] and may_replace(rules, counts, int(seed), int(node)):
                    best[place], most[place] = node, gain
        for step in range(starts[place], starts[place + 1]):
            for at in range(begins[order[step]], begins[order[step] + 1]):
                extra[members[at]] = 0
    return alone, unique, best, most
