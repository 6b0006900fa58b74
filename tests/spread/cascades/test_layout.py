"""Which reposts stand alone in a drawing, and which are drawn together: everything is counted, little is drawn."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.cascades import Cascades, build_cascades
from canyu.spread.cascades.layout import Layout, Limits, lay_out, list_ancestors


def grow(parents: list[int]) -> Cascades:
    """Rebuild a tree: repost ``n`` hangs on repost ``parents[n]``, -1 for the post; node 0 is the post."""
    ids = [f"r{number}" for number in range(len(parents))]
    above = ["p" if parent < 0 else f"r{parent}" for parent in parents]
    times = pa.array(np.arange(len(parents)) * 1_000_000, pa.timestamp("us", "UTC"))
    columns = {"root": ["p"] * len(parents), "id": ids, "parent": above, "author": ids, "time": times}
    return build_cascades(pa.table(columns))


def draw_random(many: int, seed: int) -> Cascades:
    """A tree in which each repost hangs on a random earlier one or, half of the time, on the post."""
    random = np.random.default_rng(seed)
    return grow([int(random.integers(n)) if n and random.random() < 0.5 else -1 for n in range(many)])


def count_drawn(layout: Layout) -> int:
    """Reposts that the marks stand for: each alone, with those hidden below it, and all of a rest."""
    marks = layout.marks
    below = {mark.above for mark in marks}
    alone = sum(1 for mark in marks[1:] if not mark.is_rest)
    leaves = sum(mark.below for place, mark in enumerate(marks) if place not in below and not mark.is_rest)
    return alone + leaves + sum(mark.below for mark in marks if mark.is_rest)


def test_a_small_tree_is_drawn_whole() -> None:
    layout = lay_out(grow([-1, 0, 0, 1, -1]), 0)
    assert [(mark.node, mark.level, mark.row, mark.below) for mark in layout.marks] == [
        (0, 0, 1.25, 5),
        (1, 1, 0.5, 3),
        (2, 2, 0.0, 1),
        (4, 3, 0.0, 0),
        (3, 2, 1.0, 0),
        (5, 1, 2.0, 0),
    ]
    assert (layout.rows, layout.levels) == (3, 3)


def test_a_crowd_without_successors_is_one_mark() -> None:
    layout = lay_out(grow([-1] * 500 + [3, 3]), 0)
    assert [(mark.node, mark.is_rest, mark.below, mark.branches) for mark in layout.marks] == [
        (0, False, 502, 0),
        (4, False, 2, 0),
        (501, False, 0, 0),
        (502, False, 0, 0),
        (0, True, 499, 499),
    ]


def test_a_post_that_nobody_passed_on_but_one() -> None:
    layout = lay_out(grow([-1]), 1)
    assert [(mark.node, mark.row, mark.below) for mark in layout.marks] == [(1, 0.0, 0)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limits", [Limits(40, 6), Limits(5, 2), Limits(1, 1)])
def test_every_repost_is_counted_once_and_the_rows_hold(seed: int, limits: Limits) -> None:
    trees = draw_random(2_000, seed)
    layout = lay_out(trees, 0, limits)
    assert count_drawn(layout) == 2_000
    assert layout.rows <= limits.rows
    assert layout.levels <= limits.levels
    assert len(layout.marks) <= limits.rows * (limits.levels + 1)
    leaves = [mark.row for place, mark in enumerate(layout.marks) if all(one.above != place for one in layout.marks)]
    assert leaves == [float(row) for row in range(layout.rows)]


def test_the_largest_branches_stand_alone() -> None:
    trees = draw_random(3_000, 11)
    layout = lay_out(trees, 0, Limits(12, 1))
    children = trees.children[trees.child_starts[0] : trees.child_starts[1]]
    largest = np.sort(trees.size[children])[::-1][:11]
    assert [mark.below + 1 for mark in layout.marks[1:-1]] == largest.tolist()
    assert layout.marks[-1].is_rest


def test_a_long_chain_ends_in_a_mark_that_opens_to_more() -> None:
    layout = lay_out(grow([-1, *range(59)]), 0, Limits(40, 6))
    last = layout.marks[-1]
    assert (len(layout.marks), last.level, last.below, last.branches) == (7, 6, 54, 1)


def test_the_tree_can_be_looked_at_from_a_repost_on() -> None:
    trees = grow([-1, 0, 1, 1, -1])
    assert [mark.node for mark in lay_out(trees, 2).marks] == [2, 3, 4]
    assert list_ancestors(trees, 4) == [0, 1, 2, 4]


def test_a_chain_of_ten_thousand_needs_no_recursion() -> None:
    trees = grow([-1, *range(9_999)])
    assert len(lay_out(trees, 0, Limits(40, 20_000)).marks) == 10_001
    assert len(list_ancestors(trees, 10_000)) == 10_001
