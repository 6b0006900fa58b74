"""Array code of repost trees: who hangs on whom, cycles cut, and every measure in time linear in the reposts.

Nodes of a cascade stand together: its root first, then its reposts by time, those without a time last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]

NO_TIME = np.iinfo(np.int64).max
UNKNOWN = -1  # no parent is named
ABSENT = -2  # the parent that is named is not in the cascade
ITSELF = -3  # a repost that names itself

STATED, QUOTED, QUOTED_SEVERAL, QUOTED_FURTHER, ANSWERED, OWN, ANSWERED_SEVERAL = range(7)
ROOT, ROOT_UNFOUND, ORPHAN, CUT = range(7, 11)
CHAIN, REPLY = 0, 1
EXACT = 2_000_000  # nodes up to which the sum of distances fits into 63 bits


@compile_kernel(None)
def place_rows(
    order: Longs, cascade: Ints, ids: Ints, parents: Ints, times: Longs, roots: Ints, vocabulary: int
) -> tuple[Longs, Longs, Ints, Longs, int]:
    """Return each cascade's first node, and row, parent code and time per node; and how many rows were repeats.

    ``order`` lists the rows by cascade, then time. The first row of an id is kept; it takes the parent that only a
    repeat states. A row whose id is its root's gives the root node its facts (row -1: no such row).
    """
    starts = np.zeros(len(roots) + 1, np.int64)
    rows = np.empty(len(order) + len(roots), np.int64)
    stated = np.empty(len(rows), np.int32)
    moments = np.empty(len(rows), np.int64)
    seen = np.full(vocabulary, -1, np.int64)
    node, at, repeats = 0, 0, 0
    for tree in range(len(roots)):
        start = node
        rows[node], stated[node], moments[node] = -1, -1, NO_TIME
        seen[roots[tree]] = node
        node += 1
        while at < len(order) and cascade[order[at]] == tree:
            row = order[at]
            at += 1
            code = ids[row]
            if code >= 0 and seen[code] >= start:
                old = seen[code]
                if old == start and rows[old] < 0:
                    rows[old], moments[old] = row, times[row]
                    continue
                repeats += 1
                if old > start and stated[old] < 0:
                    stated[old] = parents[row]
                continue
            if code >= 0:
                seen[code] = node
            rows[node], stated[node], moments[node] = row, parents[row], times[row]
            node += 1
        starts[tree + 1] = node
    return starts, rows[:node], stated[:node], moments[:node], repeats


@compile_kernel(None)
def link_stated(starts: Longs, ids: Ints, stated: Ints, vocabulary: int) -> Ints:
    """Return the node of each stated parent, or UNKNOWN, ABSENT, ITSELF."""
    parent = np.full(len(ids), UNKNOWN, np.int32)
    place = np.full(vocabulary, -1, np.int64)
    for tree in range(len(starts) - 1):
        start, end = starts[tree], starts[tree + 1]
        for node in range(start, end):
            if ids[node] >= 0:
                place[ids[node]] = node
        for node in range(start + 1, end):
            if stated[node] < 0:
                continue
            found = place[stated[node]]
            if found < start:
                parent[node] = ABSENT
            else:
                parent[node] = ITSELF if found == node else found
    return parent


@compile_kernel(None, inline=True)
def find_account(
    name: int, name_starts: Longs, name_authors: Ints, latest: Longs, counts: Longs, start: int, root_author: int
) -> tuple[np.int64, bool]:
    """Return the latest repost so far by an account of that name (-1: none), and whether others were as possible."""
    found, is_several = np.int64(-1), False
    for at in range(name_starts[name], name_starts[name + 1]):
        author = name_authors[at]
        place = latest[author]
        if place < start:
            if author != root_author:
                continue
            place = start  # the post itself is all that its author has here
        elif counts[author] > 1:
            is_several = True
        if found < 0:
            found = place
        else:
            is_several = True
    return found, is_several


@compile_kernel(None)
def link_quoted(
    starts: Longs,
    authors: Ints,
    parent: Ints,
    quote_starts: Longs,
    quote_names: Ints,
    quote_marks: Codes,
    name_starts: Longs,
    name_authors: Ints,
    accounts: int,
) -> Codes:
    """Give every node below a root a parent, in ``parent``; return how each was found."""
    how = np.zeros(len(parent), np.int8)
    latest = np.full(accounts, -1, np.int64)
    counts = np.zeros(accounts, np.int64)
    for tree in range(len(starts) - 1):
        start = starts[tree]
        for node in range(start + 1, starts[tree + 1]):
            me = authors[node]
            if parent[node] < 0:
                kind = ROOT
                if parent[node] == ABSENT:
                    kind = ORPHAN
                elif parent[node] == ITSELF:
                    kind = CUT
                found, hop, answered = np.int64(-1), 0, -1
                for quote in range(quote_starts[node], quote_starts[node + 1]):
                    if quote_marks[quote] == REPLY:
                        answered = quote_names[quote]
                        continue
                    found, is_several = find_account(
                        quote_names[quote], name_starts, name_authors, latest, counts, start, authors[start]
                    )
                    if found >= 0:
                        kind = QUOTED_SEVERAL if is_several else QUOTED
                        if hop > 0:
                            kind = QUOTED_FURTHER
                        break
                    hop += 1
                if found < 0 and answered >= 0:
                    found, is_several = find_account(
                        answered, name_starts, name_authors, latest, counts, start, authors[start]
                    )
                    if found >= 0 and not is_several:
                        kind = ANSWERED
                    elif me >= 0 and latest[me] >= start:
                        found, kind = latest[me], OWN
                    elif found >= 0:
                        kind = ANSWERED_SEVERAL
                if found < 0:
                    found = np.int64(start)
                    if kind == ROOT and quote_starts[node + 1] > quote_starts[node]:
                        kind = ROOT_UNFOUND
                parent[node] = found
                how[node] = kind
            if me >= 0:
                counts[me] = counts[me] + 1 if latest[me] >= start else 1
                latest[me] = node
    return how


@compile_kernel(None)
def cut_cycles(starts: Longs, parent: Ints, how: Codes, weakness: Codes) -> int:
    """Hang one repost of every cycle on its root, the one whose edge is weakest, the earliest of such; count them."""
    cycles = 0
    seen = np.full(len(parent), -1, np.int64)
    for tree in range(len(starts) - 1):
        start = starts[tree]
        seen[start] = start
        for node in range(start + 1, starts[tree + 1]):
            at = np.int64(node)
            while seen[at] < 0:
                seen[at] = node
                at = np.int64(parent[at])
            if seen[at] != node:
                continue
            weakest, step = at, np.int64(parent[at])
            while step != at:
                now, best = weakness[how[step]], weakness[how[weakest]]
                if now > best or (now == best and step < weakest):
                    weakest = step
                step = np.int64(parent[step])
            parent[weakest], how[weakest] = start, CUT
            cycles += 1
    return cycles


@compile_kernel(None)
def order_nodes(starts: Longs, parent: Ints) -> tuple[Ints, Ints, Ints, Longs, Ints]:
    """Return per node its depth, place in preorder and size of subtree (itself included), and its children, flat."""
    total = len(parent)
    child_starts = np.zeros(total + 1, np.int64)
    for node in range(total):
        if parent[node] >= 0:
            child_starts[parent[node] + 1] += 1
    for node in range(total):
        child_starts[node + 1] += child_starts[node]
    children = np.empty(total, np.int32)
    filled = child_starts[:-1].copy()
    for node in range(total):
        if parent[node] >= 0:
            children[filled[parent[node]]] = node
            filled[parent[node]] += 1
    depth, size, enter = np.zeros(total, np.int32), np.ones(total, np.int32), np.zeros(total, np.int32)
    line = np.empty(total, np.int32)
    for tree in range(len(starts) - 1):
        start, end = starts[tree], starts[tree + 1]
        line[start] = start
        filled_to, at = start + 1, start
        while at < filled_to:
            node = line[at]
            for place in range(child_starts[node], child_starts[node + 1]):
                depth[children[place]] = depth[node] + 1
                line[filled_to] = children[place]
                filled_to += 1
            at += 1
        for back in range(end - 1, start, -1):
            size[parent[line[back]]] += size[line[back]]
        enter[start] = start
        for forward in range(start, end):
            node = line[forward]
            place_of = enter[node] + 1
            for place in range(child_starts[node], child_starts[node + 1]):
                enter[children[place]] = place_of
                place_of += size[children[place]]
    return depth, enter, size, child_starts, children


@compile_kernel(None)
def measure_trees(starts: Longs, depth: Ints, size: Ints) -> tuple[Ints, Ints, Floats, Longs, Ints]:
    """Return depth, width and structural virality per cascade, and the counts by depth with their first places.

    The mean distance of all pairs is the sum over edges of s (n - s), s the size of the subtree below the edge,
    divided by n (n - 1) / 2: every path between the two sides crosses that edge once. NaN for a root alone.
    """
    trees = len(starts) - 1
    deepest, widest = np.zeros(trees, np.int32), np.zeros(trees, np.int32)
    virality = np.full(trees, np.nan)
    places = np.zeros(trees + 1, np.int64)
    for tree in range(trees):
        for node in range(starts[tree], starts[tree + 1]):
            deepest[tree] = max(deepest[tree], depth[node])
        places[tree + 1] = places[tree] + deepest[tree] + 1
    by_depth = np.zeros(places[trees], np.int32)
    for tree in range(trees):
        start, end = starts[tree], starts[tree + 1]
        nodes = end - start
        crossed, crossed_many = np.int64(0), 0.0
        for node in range(start, end):
            by_depth[places[tree] + depth[node]] += 1
            if node > start:
                below = np.int64(size[node])
                if nodes <= EXACT:
                    crossed += below * (nodes - below)
                else:
                    crossed_many += float(below) * float(nodes - below)
        for place in range(places[tree], places[tree + 1]):
            widest[tree] = max(widest[tree], by_depth[place])
        if nodes > 1:
            virality[tree] = (float(crossed) + crossed_many) / (float(nodes) * float(nodes - 1) / 2)
    return deepest, widest, virality, places, by_depth


@compile_kernel(None, inline=True)
def find_branch(above: int, node: int, tree: tuple[Ints, Ints, Longs, Ints]) -> np.int64:
    """Return the child of ``above`` whose subtree holds ``node``; children come in preorder."""
    enter, _, child_starts, children = tree
    low, high = child_starts[above], child_starts[above + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if enter[children[middle]] <= enter[node]:
            low = middle
        else:
            high = middle
    return np.int64(children[low])


@compile_kernel(None)
def measure_accounts(
    starts: Longs, tree_of: Ints, nodes: Longs, groups: Longs, tree: tuple[Ints, Ints, Longs, Ints]
) -> tuple[Ints, Ints, Longs]:
    """Return per account in a cascade: direct reposts by others, all reposts by others below it, and pairs it joins.

    ``nodes`` lists the reposts by cascade, account and preorder; group g is ``nodes[groups[g]:groups[g + 1]]``, in
    cascade ``tree_of[g]``. ``tree``: preorder, sizes, and the children of each node. Without the account its cascade
    falls into pieces: the pairs joined are those of the others whose ends lie in two of them.
    """
    enter, size, child_starts, children = tree
    direct, carried = np.zeros(len(tree_of), np.int32), np.zeros(len(tree_of), np.int32)
    joined = np.zeros(len(tree_of), np.int64)
    lost = np.zeros(
        len(enter), np.int64
    )  # per branch: what the account above it takes away from it; a branch hangs on one account
    stack = np.empty(len(enter), np.int64)
    for group in range(len(tree_of)):
        total = starts[tree_of[group] + 1] - starts[tree_of[group]]
        own = groups[group + 1] - groups[group]
        apart, cut_off = np.int64(0), np.int64(0)
        height = 0
        for at in range(groups[group], groups[group + 1]):
            node = nodes[at]
            direct[group] += child_starts[node + 1] - child_starts[node]
            for place in range(child_starts[node], child_starts[node + 1]):
                piece = np.int64(size[children[place]])
                apart += piece * (piece - 1) // 2
            while height > 0 and enter[node] >= enter[stack[height - 1]] + size[stack[height - 1]]:
                height -= 1
            if height == 0:
                cut_off += size[node]
            else:
                branch = find_branch(stack[height - 1], node, tree)
                direct[group] -= branch == node
                before = size[branch] - lost[branch]
                after = before - size[node]
                apart -= before * (before - 1) // 2 - after * (after - 1) // 2
                lost[branch] += size[node]
            stack[height] = node
            height += 1
        others, rest = total - own, total - cut_off
        carried[group] = cut_off - own
        joined[group] = others * (others - 1) // 2 - rest * (rest - 1) // 2 - apart
    return direct, carried, joined


@compile_kernel(None)
def find_roots(above: Ints) -> Longs:
    """Return where the way up from each row ends: at a row without one above it, or at a circle's first row."""
    top = np.full(len(above), -1, np.int64)
    seen = np.full(len(above), -1, np.int64)
    for row in range(len(above)):
        at = np.int64(row)
        while top[at] < 0 and seen[at] != row and above[at] >= 0:
            seen[at] = row
            at = np.int64(above[at])
        end = top[at]
        if end < 0:
            end = at
            if above[at] >= 0:
                step = np.int64(above[at])
                while step != at:
                    end = min(end, step)
                    step = np.int64(above[step])
        at = np.int64(row)
        while top[at] < 0:
            top[at] = end
            if above[at] < 0:
                break
            at = np.int64(above[at])
    return top
