"""How sure a cascade's measures are: intervals from trees drawn anew by the confidence of each edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.cascades.how import CONFIDENCES, WAYS, WEAKNESS, How
from canyu.spread.cascades.measures import group_accounts
from canyu.spread.cascades.rebuild import Cascades, take_known
from canyu.spread.kernels.uncertainty import resample_trees

DRAWS = 200
FEWEST_DRAWS = 40  # below it a 2.5 % end is the smallest draw

STAND_IN = (How.ORPHAN, How.CUT)
"""Their true parent is not there; they are drawn as reposts of which nothing is known."""
ROOT_WHEN_WRONG = {
    How.QUOTED: 0.07,  # 4 of the 55 wrong guesses, with several
    How.QUOTED_SEVERAL: 0.07,
    How.QUOTED_FURTHER: 0.07,
    How.ANSWERED: 0.53,  # 23 of 43
    How.OWN: 0.62,  # 1,577 of 2,557
    How.ANSWERED_SEVERAL: 0.21,  # 3 of 14
}
"""Of guesses that were wrong on CED (2026-11-30), the part whose true parent was the post; 0 where it was the guess."""

ON_ROOT = (How.ROOT, How.ROOT_UNFOUND, *STAND_IN)
"""The ways that guess the post itself."""
STRENGTH = 4.0  # stated reposts: how much the share of them on the post differs between CED's cascades


@dataclass(frozen=True, slots=True)
class Intervals:
    """95 % ends and the median over the draws; ``cascades``: one row per post, ``accounts``: per post and account.

    ``cascades``: root, and depth and structural_virality with ``_low``, ``_mid`` and ``_high`` (virality null for a
    post without reposts). ``accounts``: root, author, and carried and share with the same ends, by cascade, who carried
    most by the median first. ``draws``: how many trees were drawn of each post.
    """

    cascades: pa.Table
    accounts: pa.Table
    draws: int


def estimate_intervals(cascades: Cascades, draws: int = DRAWS, seed: int = 0) -> Intervals:
    """Draw each tree ``draws`` times by the confidence of its edges and measure what ``measure_cascades`` does.

    An edge stays with its confidence; a stated one always. Else the repost hangs on the post with the chance that a
    wrong guess of its kind does (ROOT_WHEN_WRONG), or else on an earlier repost of the cascade, drawn with weight 1 +
    4 x the reposts that are stated to hang on it. Where the post was guessed, the chance that this is right differs
    from cascade to cascade: it is drawn anew for each, from a Beta of the confidence (STRENGTH trials) and of the
    cascade's stated edges, if any row of the table states its post as parent; where none does, a missing parent may
    well mean the post, and stated edges tell nothing of the others. What hangs on a missing parent, or was cut from a
    circle, is drawn like a repost of which nothing is known. Reposts below one that moves move with it.

    The same input and seed give the same ends; memory is bounded by the largest tree, ``draws`` numbers per account of
    it. Raises BadInput for fewer than FEWEST_DRAWS draws.
    """
    if draws < FEWEST_DRAWS:
        raise BadInput(
            Words(f"draws={draws} 太少。", f"draws={draws} are too few."),
            mend=Words(f"请用 {FEWEST_DRAWS} 或更多。", f"Use {FEWEST_DRAWS} or more."),
        )
    tree_of, nodes, starts = group_accounts(cascades)
    own = np.diff(starts)
    group_of = np.full(len(cascades.parent), -1, np.int32)
    group_of[nodes] = np.repeat(np.arange(len(own), dtype=np.int32), own)
    trees = len(cascades.starts) - 1
    group_starts = np.searchsorted(tree_of, np.arange(trees + 1)).astype(np.int64)
    depths, viralities, carried = resample_trees(
        cascades.starts,
        cascades.parent,
        cascades.how,
        group_of,
        group_starts,
        make_rules(),
        count_stated(cascades),
        WEAKNESS,
        seed,
        draws,
    )
    roots = cascades.fields.roots.cast(pa.string())
    shapes = {"root": roots}
    for end, name in enumerate(("low", "mid", "high")):
        shapes[f"depth_{name}"] = pa.array(depths[:, end])
        shapes[f"structural_virality_{name}"] = pa.array(viralities[:, end], mask=np.isnan(viralities[:, end]))
    order = np.lexsort((nodes[starts[:-1]], -carried[:, 1], tree_of))
    others = np.diff(cascades.starts)[tree_of[order]] - own[order] - 1  # reposts by others
    found = {
        "root": roots.take(pa.array(tree_of[order])),
        "author": take_known(cascades.fields.accounts, cascades.authors[nodes[starts[:-1]]][order]),
    }
    for end, name in enumerate(("low", "mid", "high")):
        found[f"carried_{name}"] = pa.array(carried[order, end])
        found[f"share_{name}"] = pa.array(carried[order, end] / np.maximum(others, 1))
    return Intervals(pa.table(shapes), pa.table(found), draws)


def make_rules() -> tuple[np.ndarray, np.ndarray]:
    """Return per way the chance that an edge stays, and that a wrong one hangs on the post, both (ways,)."""
    stays = CONFIDENCES.astype(np.float64)
    for way in STAND_IN:
        stays[WAYS.index(way)] = stays[WAYS.index(How.ROOT)]
    return stays, np.array([ROOT_WHEN_WRONG.get(way, 0.0) for way in WAYS])


def count_stated(cascades: Cascades) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return which ways guess the post, edges stated on it and all stated, by cascade, and STRENGTH.

    Nothing is counted where no row states its post as parent.
    """
    below, trees = cascades.below, len(cascades.starts) - 1
    stated = below[cascades.how[below] == WAYS.index(How.STATED)]
    tree_of = cascades.cascade_of[stated]
    on_post = np.bincount(tree_of[cascades.parent[stated] == cascades.starts[tree_of]], minlength=trees)
    known = np.bincount(tree_of, minlength=trees) if on_post.any() else np.zeros(trees, np.int64)
    ways = np.array([way in ON_ROOT for way in WAYS], np.int8)
    return ways, on_post.astype(np.int64), known.astype(np.int64), STRENGTH
