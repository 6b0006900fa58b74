"""Which reposts of a tree stand alone and which are drawn as one mark, so that ten thousand can be read."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from canyu.spread.cascades.rebuild import Cascades

FEW_CHILDREN = 8
"""A repost that nobody passed on stands alone only beside fewer siblings than this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a drawing may hold: ``rows`` side by side, ``levels`` below the top."""

    rows: int = 40
    levels: int = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: a repost with all that hangs on it, or (``is_rest``) the smaller branches of one, drawn together."""

    node: int
    """The repost; of a rest, the one on which the branches hang."""
    is_rest: bool
    above: int
    """Place in ``Layout.marks`` of the mark that it hangs on; -1 for the top."""
    level: int
    """Steps from the top."""
    row: float
    """Place across: rows are whole numbers, a mark with marks below it stands in their middle."""
    below: int
    """Reposts under it; of a rest, all reposts that it stands for."""
    branches: int
    """Branches that are not drawn: of a repost, those below it (it opens to more); of a rest, those it stands for."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Marks in the order in which one reads them: each before those that hang on it, large branches first."""

    marks: tuple[Mark, ...]
    rows: int
    levels: int


@dataclass(slots=True)
class _Choice:
    """The reposts that stand alone, with their chosen children, the largest first."""

    shown: dict[int, list[int]] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)


def lay_out(cascades: Cascades, top: int, limits: Limits | None = None) -> Layout:
    """Return the marks of the tree below the node ``top``: the largest branches stand alone until the rows are used up.

    Branches of one repost that do not stand alone are one mark, so the reposts under the marks add up to those of the
    tree. The number of marks depends on ``limits`` and not on the tree: at most ``rows * (levels + 1)``. Linear in the
    children of what is shown. The same tree gives the same marks.

    >>> import pyarrow as pa
    >>> from canyu.spread.cascades.rebuild import build_cascades
    >>> names = [f"r{number}" for number in range(11)]
    >>> parents = ["p"] * 10 + ["r0"]
    >>> columns = [["p"] * 11, names, parents, names, pa.nulls(11, pa.timestamp("us", "UTC"))]
    >>> tree = build_cascades(pa.table(columns, names=["root", "id", "parent", "author", "time"]))
    >>> [(mark.is_rest, mark.level, mark.below, mark.branches) for mark in lay_out(tree, 0).marks]
    [(False, 0, 11, 0), (False, 1, 1, 0), (False, 2, 0, 0), (True, 1, 9, 9)]
    """
    limits = limits or Limits()
    choice = _choose(cascades, top, limits)
    marks: list[Mark] = []
    rows = _place(cascades, choice, top, -1, marks)
    return Layout(tuple(marks), rows, max(mark.level for mark in marks))


def _choose(cascades: Cascades, top: int, limits: Limits) -> _Choice:
    choice = _Choice({top: []}, {top: 0})
    heap: list[tuple[int, int]] = []
    rows = 1
    _offer(cascades, top, limits, heap)
    while heap:
        _, node = heapq.heappop(heap)
        above = int(cascades.parent[node])
        has_rest = _count_children(cascades, above) > len(choice.shown[above]) + 1
        if rows + has_rest > limits.rows:
            continue
        rows += has_rest
        choice.shown[above].append(node)
        choice.shown[node] = []
        choice.levels[node] = choice.levels[above] + 1
        if choice.levels[node] < limits.levels:
            _offer(cascades, node, limits, heap)
    for above, shown in choice.shown.items():  # a rest of one branch is that branch
        if shown and _count_children(cascades, above) == len(shown) + 1:
            shown.extend(child for child in _list_children(cascades, above).tolist() if child not in choice.shown)
    return choice


def _offer(cascades: Cascades, node: int, limits: Limits, heap: list[tuple[int, int]]) -> None:
    """Put the largest children of a repost among those that may stand alone."""
    children = _list_children(cascades, node)
    sizes = cascades.size[children]
    if len(children) > FEW_CHILDREN:
        children, sizes = children[sizes > 1], sizes[sizes > 1]
    largest = np.lexsort((children, -sizes))[: limits.rows]
    for place in largest.tolist():
        heapq.heappush(heap, (-int(sizes[place]), int(children[place])))


def _place(cascades: Cascades, choice: _Choice, top: int, first_above: int, marks: list[Mark]) -> int:
    """Append the marks in reading order and return the rows they take; without recursion, for trees may be deep."""
    rows = 0
    parts: list[_Part] = []
    stack: list[tuple[int, int, bool]] = [(top, first_above, False)]
    while stack:
        node, above, is_rest = stack.pop()
        part = _Part(node, above, is_rest)
        place = len(parts)
        parts.append(part)
        shown = [] if is_rest else choice.shown.get(node, [])
        if not shown:
            part.rows = [float(rows)]
            rows += 1
        hidden = 0 if is_rest else _count_children(cascades, node) - len(shown)
        if shown and hidden:
            stack.append((node, place, True))
        stack.extend((child, place, False) for child in reversed(shown))
    for part in reversed(parts):
        if part.above >= 0:
            parts[part.above].rows.append(part.row)
    for part in parts:
        level = 0 if part.above < 0 else marks[part.above].level + 1
        below, branches = _count_hidden(cascades, choice, part)
        marks.append(Mark(part.node, part.is_rest, part.above, level, part.row, below, branches))
    return rows


@dataclass(slots=True)
class _Part:
    node: int
    above: int
    is_rest: bool
    rows: list[float] = field(default_factory=list)

    @property
    def row(self) -> float:
        return (min(self.rows) + max(self.rows)) / 2


def _count_hidden(cascades: Cascades, choice: _Choice, part: _Part) -> tuple[int, int]:
    """Return the reposts under a mark and its branches that are not drawn."""
    shown = choice.shown.get(part.node, [])
    below = int(cascades.size[part.node]) - 1
    hidden = _count_children(cascades, part.node) - len(shown)
    if part.is_rest:
        return below - sum(int(cascades.size[child]) for child in shown), hidden
    return below, 0 if shown else hidden


def _list_children(cascades: Cascades, node: int) -> NDArray[np.int32]:
    return cascades.children[cascades.child_starts[node] : cascades.child_starts[node + 1]]


def _count_children(cascades: Cascades, node: int) -> int:
    return int(cascades.child_starts[node + 1] - cascades.child_starts[node])


def list_ancestors(cascades: Cascades, node: int) -> list[int]:
    """Return the way from the post to a repost, both included."""
    return list(reversed(list(_climb(cascades, node))))


def _climb(cascades: Cascades, node: int) -> Iterator[int]:
    while node >= 0:
        yield node
        node = int(cascades.parent[node])
