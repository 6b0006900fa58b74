"""What a rebuilt cascade tells: its shape, its pace, and which accounts carried it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.cascades.how import CONFIDENCES
from canyu.spread.cascades.rebuild import Cascades, make_times, take_known
from canyu.spread.kernels import cascades as kernels
from canyu.spread.kernels.cascades import NO_TIME

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Measures:
    """``cascades``: one row per post. ``accounts``: one row per post and account that reposted it."""

    cascades: pa.Table
    accounts: pa.Table

    def sum_accounts(self) -> pa.Table:
        """Return one row per account over all its cascades, who carried most first.

        Columns: author, cascades (int64), reposts, direct, carried, joined (sums of those of ``accounts``).
        """
        names = ("reposts", "direct", "carried", "joined")
        wanted: list[tuple[str, str]] = [("root", "count"), *((name, "sum") for name in names)]
        found = self.accounts.group_by("author", use_threads=False).aggregate(wanted)
        found = found.select(["author", "root_count", *(f"{name}_sum" for name in names)])
        found = found.rename_columns(["author", "cascades", *names])
        return found.sort_by([("carried", "descending"), ("author", "ascending")])


class Groups(NamedTuple):
    """The reposts of one account in one cascade are a group: ``nodes[starts[g]:starts[g + 1]]``, in preorder."""

    tree_of: NDArray[np.int32]
    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]


def measure_cascades(cascades: Cascades) -> Measures:
    """Measure every tree, in time linear in the reposts but for one sort.

    ``cascades``: root, reposts, size (reposts and the post), depth, width (most nodes at one depth),
    structural_virality (mean distance of all pairs of nodes; Goel, Anderson, Hofman and Watts, The Structural Virality
    of Online Diffusion, Management Science 62(1), 2016; null for a post without reposts), half_life_s (from the post
    until half of its timed reposts have come; from the first of them where the post has no time), authors (distinct
    accounts that reposted), by_depth (nodes at depth 0, 1, …), confidence (mean over the edges), first and last (time).

    ``accounts``: root, author, reposts, direct (reposts by others that hang on its own), carried (all reposts by
    others below its own, each once), share (carried of the reposts by others), joined (pairs of other nodes whose way
    leads through the account), bridging (joined of all such pairs: betweenness of the account, Freeman 1977).
    """
    groups = group_accounts(cascades)
    return Measures(measure_shapes(cascades, groups.tree_of), measure_carriers(cascades, groups))


def measure_shapes(cascades: Cascades, tree_of_account: NDArray[np.int32]) -> pa.Table:
    """Return one row per cascade, in order of first appearance."""
    starts = cascades.starts
    depth, width, virality, places, by_depth = kernels.measure_trees(starts, cascades.depth, cascades.size)
    reposts = (np.diff(starts) - 1).astype(np.int32)
    trees = cascades.cascade_of[cascades.below]
    sums = np.bincount(trees, CONFIDENCES[cascades.how[cascades.below]].astype(np.float64), len(reposts))
    first, last, half = find_pace(cascades)
    return pa.table(
        {
            "root": cascades.fields.roots.cast(pa.string()),
            "reposts": pa.array(reposts),
            "size": pa.array(reposts + 1),
            "depth": pa.array(depth),
            "width": pa.array(width),
            "structural_virality": pa.array(virality, mask=np.isnan(virality)),
            "half_life_s": half,
            "authors": pa.array(np.bincount(tree_of_account, minlength=len(reposts)).astype(np.int32)),
            "by_depth": pa.ListArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(by_depth)),
            "confidence": pa.array(sums / np.maximum(reposts, 1), mask=reposts == 0),
            "first": make_times(first),
            "last": make_times(last),
        }
    )


def find_pace(cascades: Cascades) -> tuple[NDArray[np.int64], NDArray[np.int64], pa.Array]:
    """Return the first and last time of a repost per cascade (NO_TIME: none), and the half-life in seconds.

    Timed reposts stand sorted at the front of their cascade. A half-life below zero, where the post's clock is
    behind, is given as zero.
    """
    starts, times = cascades.starts, cascades.times
    is_timed = times != NO_TIME
    is_timed[starts[:-1]] = False
    timed = np.add.reduceat(is_timed, starts[:-1], dtype=np.int64) if len(starts) > 1 else np.zeros(0, np.int64)
    has_any = timed > 0
    roots = starts[:-1]
    end = len(times) - 1
    first = np.where(has_any, times[np.minimum(roots + 1, end)], NO_TIME)
    last = np.where(has_any, times[roots + timed], NO_TIME)
    begin = np.where(times[roots] != NO_TIME, times[roots], first)
    middle = times[np.minimum(roots + (timed + 1) // 2, end)]
    half = np.maximum(np.where(has_any, middle, 0) - np.where(has_any, begin, 0), 0) / SECOND
    return first, last, pa.array(half, mask=~has_any)


def group_accounts(cascades: Cascades) -> Groups:
    """Return the reposts by cascade and account."""
    nodes = cascades.below
    nodes = nodes[cascades.authors[nodes] >= 0]
    trees = cascades.cascade_of[nodes]
    keys = trees * (len(cascades.fields.accounts) + 1) + cascades.authors[nodes]
    order = np.lexsort((cascades.enter[nodes], keys))
    nodes, keys = nodes[order], keys[order]
    is_first = np.ones(len(nodes), np.bool_)
    is_first[1:] = keys[1:] != keys[:-1]
    groups = np.append(np.flatnonzero(is_first), len(nodes))
    return Groups(trees[order][is_first].astype(np.int32), nodes, groups)


def measure_carriers(cascades: Cascades, found: Groups) -> pa.Table:
    """Return one row per cascade and account, by cascade: who carried most, then joined most, then came first."""
    tree_of, nodes, groups = found
    tree = (cascades.enter, cascades.size, cascades.child_starts, cascades.children)
    direct, carried, joined = kernels.measure_accounts(cascades.starts, tree_of, nodes, groups, tree)
    reposts = np.diff(groups).astype(np.int32)
    others = np.diff(cascades.starts)[tree_of] - reposts  # the post included
    pairs = others * (others - 1) // 2
    authors = cascades.authors[nodes[groups[:-1]]]
    order = np.lexsort((nodes[groups[:-1]], -joined, -carried, tree_of))
    share = carried / np.maximum(others - 1, 1)
    return pa.table(
        {
            "root": cascades.fields.roots.take(pa.array(tree_of[order])).cast(pa.string()),
            "author": take_known(cascades.fields.accounts, authors[order]),
            "reposts": pa.array(reposts[order]),
            "direct": pa.array(direct[order]),
            "carried": pa.array(carried[order]),
            "share": pa.array(share[order]),
            "joined": pa.array(joined[order]),
            "bridging": pa.array((joined / np.maximum(pairs, 1))[order]),
        }
    )
