"""Trees drawn anew where their edges are not sure, and what is measured on them, tree by tree to bound memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.cascades import STATED, cut_cycles, order_nodes

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]

GAMMA = np.uint64(0x9E3779B97F4A7C15)  # the step of splitmix64
UNIT = 1.0 / (1 << 53)
TRIES = 8  # to draw another parent than the guess
TAIL = 0.025
PER_STATED = 4  # the weight of a stated repost below, beside 1: of 1, 2, 4, 10, 20 the likeliest on CED


@compile_kernel(None, inline=True)
def find_weighted(weights: Longs, at: int, stop: int) -> np.int64:
    """Return the node below ``stop`` in whose part of the running sums ``at`` lies."""
    low, high = np.int64(0), np.int64(stop)
    while high - low > 1:
        middle = (low + high) // 2
        if weights[middle] <= at:
            low = middle
        else:
            high = middle
    return low


@compile_kernel(None)
def draw_parents(
    guess: Ints, how: Codes, rules: tuple[Floats, Floats], weights: Longs, state: np.uint64, drawn: Ints
) -> np.uint64:
    """Draw the parent of each node of one tree into ``drawn``, numbered from its root; returns the next state.

    ``rules``: per way, the chance that the guess stays, and that a wrong guess hangs on the root in truth. Else it is
    an earlier repost by weight; ``weights`` are their running sums, 0 up to and with the root, (nodes + 1,).
    """
    stays, to_root = rules
    for node in range(1, guess.size):
        above, way = guess[node], how[node]
        if stays[way] < 1.0:
            state += GAMMA
            if np.float64(mix(state) >> np.uint64(11)) * UNIT >= stays[way]:
                state += GAMMA
                above = np.int32(0)
                if node > 1 and np.float64(mix(state) >> np.uint64(11)) * UNIT >= to_root[way]:
                    for _ in range(TRIES):
                        state += GAMMA
                        at = int(np.float64(mix(state) >> np.uint64(11)) * UNIT * weights[node])
                        other = find_weighted(weights, at, node)
                        if other != guess[node]:
                            above = np.int32(other)
                            break
        drawn[node] = above
    return state


@compile_kernel(None)
def order_drawn(drawn: Ints, depth: Ints, size: Ints, enter: Ints, line: Ints) -> None:
    """Fill depth, size of subtree and preorder of a tree in which every parent stands before its children."""
    many = drawn.size
    depth[0], size[0], enter[0] = 0, 1, 0
    for node in range(1, many):
        depth[node] = depth[drawn[node]] + 1
        size[node] = 1
    for node in range(many - 1, 0, -1):
        size[drawn[node]] += size[node]
    line[0] = 1
    for node in range(1, many):
        enter[node] = line[drawn[node]]
        line[drawn[node]] += size[node]
        line[node] = enter[node] + 1


@compile_kernel(None)
def carry(size: Ints, enter: Ints, groups: Ints, line: Ints, until: Ints, counts: Ints, draw: int) -> None:
    """Add to each group what hangs below its highest reposts: a repost below another of its own is in that already."""
    for node in range(size.size):
        line[enter[node]] = node
    until[:] = 0
    for place in range(1, size.size):
        node = line[place]
        group = groups[node]
        if group >= 0 and until[group] <= place:
            counts[group, draw] += size[node]
            until[group] = place + size[node]


@compile_kernel(None)
def weigh_nodes(guess: Ints, how: Codes) -> Longs:
    """Return the running sums of how likely a repost of one tree hangs on each node, (nodes + 1,); 0 for the root."""
    weights = np.zeros(guess.size + 1, np.int64)
    for node in range(1, guess.size):
        weights[node + 1] += 1
        if how[node] == STATED and guess[node] > 0:
            weights[guess[node] + 1] += PER_STATED
    for node in range(guess.size):
        weights[node + 1] += weights[node]
    return weights


@compile_kernel(None, inline=True)
def take_ends(values: Ints, ends: Ints) -> None:
    """Write the low end, median and high end of one row of draws."""
    ordered = np.sort(values)
    last = ordered.size - 1
    ends[0], ends[1], ends[2] = (
        ordered[int(TAIL * last)],
        ordered[(last + 1) // 2],
        ordered[int(np.ceil((1 - TAIL) * last))],
    )


@compile_kernel(None)
def resample_trees(
    starts: Longs,
    parent: Ints,
    how: Codes,
    group_of: Ints,
    group_starts: Longs,
    rules: tuple[Floats, Floats],
    on_root: tuple[Codes, Longs, Longs, float],
    weakness: Codes,
    seed: int,
    draws: int,
) -> tuple[Ints, Floats, Ints]:
    """Return low end, median and high end of depth and virality, (trees, 3), and of what groups carried, (groups, 3).

    ``group_of``: the group of each node, -1 for none; groups of tree t are ``group_starts[t]:group_starts[t + 1]``.
    ``on_root``: which ways guess the root, how many reposts of each tree state it and how many state anything,
    (trees,) both, and the strength of what is known beforehand: the chance that such a guess stays is drawn for each
    tree and draw from Beta(strength x chance + stated on the root, ...). A tree whose edges all stay is measured once.
    Each tree has a generator of its own.
    """
    guesses_root, roots_stated, stated, strength = on_root
    trees = starts.size - 1
    depths, viralities = np.zeros((trees, 3), np.int32), np.full((trees, 3), np.nan)
    carried = np.zeros((group_of.max() + 1 if group_of.size else 0, 3), np.int32)
    for tree in range(trees):
        start, nodes = starts[tree], starts[tree + 1] - starts[tree]
        if nodes < 2:
            continue
        first, many = group_starts[tree], group_starts[tree + 1] - group_starts[tree]
        ways = how[start : start + nodes]
        guess, groups = np.zeros(nodes, np.int32), np.full(nodes, -1, np.int32)
        own = np.zeros(many, np.int32)
        is_sure, is_forward = True, True
        for node in range(1, nodes):
            guess[node] = parent[start + node] - start
            is_sure &= rules[0][ways[node]] >= 1.0
            is_forward &= guess[node] < node
            if group_of[start + node] >= 0:
                groups[node] = group_of[start + node] - first
                own[groups[node]] += 1
        runs = 1 if is_sure else draws
        depth_of, crossed = np.zeros(runs, np.int32), np.zeros(runs)
        counts = np.zeros((many, runs), np.int32)
        drawn, weights, stays = guess.copy(), weigh_nodes(guess, ways), rules[0].copy()
        depth, size, enter = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        line, until = np.empty(nodes, np.int32), np.empty(many, np.int32)
        whole = np.array([0, nodes])
        state = mix(np.uint64(seed) * GAMMA + np.uint64(tree))
        np.random.seed(np.uint32(state >> np.uint64(32)))
        for run in range(runs):
            if not is_sure:
                for way in range(stays.size):
                    if guesses_root[way]:
                        yes = strength * rules[0][way] + roots_stated[tree]
                        no = strength * (1.0 - rules[0][way]) + stated[tree] - roots_stated[tree]
                        stays[way] = np.random.beta(yes, no)
                state = draw_parents(guess, ways, (stays, rules[1]), weights, state, drawn)
            if is_forward:
                order_drawn(drawn, depth, size, enter, line)
            else:  # a stated parent is later than its child: a drawn one may close a circle
                drawn[0] = -1
                cut_cycles(whole, drawn, ways.copy(), weakness)
                depth, enter, size, _, _ = order_nodes(whole, drawn)
            total = 0.0
            for node in range(1, nodes):
                depth_of[run] = max(depth_of[run], depth[node])
                total += np.float64(size[node]) * np.float64(nodes - size[node])
            crossed[run] = total / (np.float64(nodes) * np.float64(nodes - 1) / 2)
            carry(size, enter, groups, line, until, counts, run)
        take_ends(depth_of, depths[tree])
        ordered = np.sort(crossed)
        for end, place in enumerate((int(TAIL * (runs - 1)), runs // 2, int(np.ceil((1 - TAIL) * (runs - 1))))):
            viralities[tree, end] = ordered[place]
        for group in range(many):
            take_ends(counts[group], carried[first + group])
            carried[first + group] -= own[group]
    return depths, viralities, carried
