"""Reach of any accounts within milliseconds: sets drawn once and kept, so that a plan can be changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence.intervals import compute_wilson
from canyu.spread.kernels.live import (
    BLOCK,
    Block,
    Held,
    add_block,
    extend_choice,
    pack_block,
    weigh_choice,
    weigh_swaps,
)
from canyu.spread.selection.certificate import bound_below
from canyu.spread.selection.sampling import Sampler

SAMPLES = 200_000
STREAM = 1 << 21  # beyond the streams that plans are chosen, judged and explained on
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draw:
    """Which sets a board keeps: the first ``samples`` of a stream."""

    samples: int = SAMPLES
    stream: int = STREAM


@dataclass(frozen=True, slots=True)
class BoardReach:
    """What accounts reach together, and each for itself; reach is in nodes, or in value where the sampler has values.

    ``reach`` with ``low`` and ``high``: the 95 % interval that the number of sets gives (Wilson). Of each chosen
    account in order, float64, (chosen,): ``adds``: what none before it reaches; ``so_far``, ``so_far_low``,
    ``so_far_high``: what those up to it reach; ``alone``, ``alone_low``, ``alone_high``: what it reaches; ``unique``,
    ``unique_low``, ``unique_high``: what nobody else of the choice reaches; ``shared``: the share of ``alone`` that
    others reach too. ``gains``: what each account of the board would add, (accounts,), 0 for those chosen. ``hits``:
    sets that hold one of the chosen, of ``samples``.
    """

    reach: float
    low: float
    high: float
    adds: Floats
    so_far: Floats
    so_far_low: Floats
    so_far_high: Floats
    alone: Floats
    alone_low: Floats
    alone_high: Floats
    unique: Floats
    unique_low: Floats
    unique_high: Floats
    shared: Floats
    gains: Floats
    hits: int
    samples: int

    def bound_share(self, chance: float) -> float:
        """Return the share of the whole that the chosen reach at least, but for ``chance``; see ``bound_below``.

        It holds for accounts that were not chosen on the board's own sets, such as those of ``select_within``; after
        many changes by hand that follow the board's gains it is an upper figure by the little that they were fitted.
        """
        return bound_below(self.hits, self.samples, chance)


@dataclass(frozen=True, slots=True)
class Purse:
    """What may be added: ``costs`` of each account of the board, -1 for never, int64, (accounts,), and the budget.

    ``labels``: which value an account has in each limited column, int32, (columns, accounts), and ``caps``: how many of
    each value at most, int64, (columns, values).
    """

    costs: NDArray[np.int64]
    budget: int
    labels: NDArray[np.int32]
    caps: NDArray[np.int64]


class ReachBoard:
    """The sets that hold any of some accounts, kept; answers are the same from any thread and in any order of asking.

    ``ids``: the accounts, in the order of every answer's columns. ``worth``: what the whole graph is worth.
    """

    def __init__(self, ids: pa.Array, held: Held, worth: float) -> None:
        self.ids, self.worth = ids, worth
        self._held = held
        self.samples = held.samples

    @property
    def bytes(self) -> int:
        """How much memory the sets take; never more than one bit per account and set, and twelve bytes an account."""
        return sum(part.nbytes for part in self._held[:-1])

    def find_places(self, ids: pa.Array) -> NDArray[np.int32]:
        """Return each account's place on the board, int32; raises BadInput where one is not on it or stands twice."""
        found = pc.fill_null(pc.index_in(ids.cast(self.ids.type), self.ids), -1).to_numpy(False).astype(np.int32)
        if (found < 0).any():
            missing = ids[int(np.flatnonzero(found < 0)[0])].as_py()
            raise BadInput(
                Words(f"没有账号 {missing}。", f"there is no account {missing} on the board."),
                mend=Words("请检查编号。", "Check the id."),
            )
        if len(np.unique(found)) < len(found):
            raise BadInput(
                Words("同一个账号出现了两次。", "an account stands twice in the choice."),
                mend=Words("每个账号只列一次。", "Name each once."),
            )
        return np.asarray(found, np.int32)

    def measure(self, ids: pa.Array) -> BoardReach:
        """Return what these accounts reach, in their order; raises BadInput as ``find_places`` does.

        >>> from canyu.spread.graphs import build_graph
        >>> from canyu.spread.selection.models import read_arcs
        >>> from canyu.spread.selection.sampling import ReverseSampler
        >>> graph = build_graph(pa.table({"src": ["a", "a", "b"], "dst": ["c", "d", "d"]}), "src", "dst")
        >>> sampler = ReverseSampler(graph, read_arcs(graph, "uniform", 1.0), np.zeros(0), seed=7)
        >>> board = build_board(sampler, graph.find_nodes(pa.array(["a", "b"])), pa.array(["a", "b"]))
        >>> found = board.measure(pa.array(["a", "b"]))
        >>> round(found.reach, 1), found.unique.round(1).tolist()
        (4.0, [2.0, 1.0])
        """
        places = self.find_places(ids)
        found = weigh_choice(self._held, places)
        scale = self.worth / max(self.samples, 1)
        hits = int(found.adds.sum())
        adds, alone, unique, gains = (part.astype(np.float64) * scale for part in found)
        low, high = self._bound(np.array([hits]))
        so_far_low, so_far_high = self._bound(np.cumsum(found.adds))
        alone_low, alone_high = self._bound(found.alone)
        unique_low, unique_high = self._bound(found.unique)
        shared = np.where(found.alone > 0, 1.0 - found.unique / np.maximum(found.alone, 1), 0.0)
        return BoardReach(
            reach=hits * scale,
            low=float(low[0]),
            high=float(high[0]),
            adds=adds,
            so_far=np.cumsum(adds),
            so_far_low=so_far_low,
            so_far_high=so_far_high,
            alone=alone,
            alone_low=alone_low,
            alone_high=alone_high,
            unique=unique,
            unique_low=unique_low,
            unique_high=unique_high,
            shared=shared,
            gains=gains,
            hits=hits,
            samples=self.samples,
        )

    def measure_swaps(self, ids: pa.Array, most: int | None = None) -> Floats:
        """Return how the reach changes if an account outside takes the place of a chosen one, (chosen, accounts).

        Of a chosen account with itself it is 0, with another chosen one what leaving it out changes. ``most``: of the
        first so many of the chosen alone.
        """
        places = self.find_places(ids)
        rows = len(places) if most is None else min(most, len(places))
        found, instead = weigh_choice(self._held, places), weigh_swaps(self._held, places, rows)
        unique = found.unique[:rows, None]
        changes = (found.gains[None, :] + instead.T - unique) * (self.worth / max(self.samples, 1))
        changes[np.arange(rows), places[:rows]] = 0.0
        return np.asarray(changes, np.float64)

    def extend(self, ids: pa.Array, purse: Purse, target: float | None = None) -> pa.Array:
        """Return the accounts to add to ``ids``, most new reach per cost first, until ``target`` is reached.

        Stops where the purse or its quotas allow nobody more, or nobody would add anything. Without a target it spends
        what there is. It judges on the sets that it chooses on: the reach of what it finds looks a little high.
        """
        sets = self.samples if target is None else int(np.ceil(target / max(self.worth, 1e-300) * self.samples))
        task = (purse.costs, purse.budget, purse.labels, purse.caps)
        added = extend_choice(self._held, self.find_places(ids), *task, sets)
        return self.ids.take(pa.array(added))

    def _bound(self, hits: NDArray[np.int64]) -> tuple[Floats, Floats]:
        samples = np.full(len(hits), float(max(self.samples, 1)))
        low, high = compute_wilson(hits / samples, samples)
        return low * self.worth, high * self.worth


def build_board(
    sampler: Sampler,
    nodes: NDArray[np.int64],
    ids: pa.Array,
    draw: Draw | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> ReachBoard:
    """Draw sets and keep which of them hold which account; ``tell`` hears how many of how many are drawn.

    ``nodes``: each account's node, int64, and its id, both (accounts,). Memory: at most one bit per account and set
    (80 MB for 3,200 accounts and 200,000 sets), twice that while it is built, and one block of sets at a time. Raises
    BadInput where an account is no node of the graph or two are the same.
    """
    drawn = draw or Draw()
    blocks: list[Block] = []
    place_of = _place_nodes(nodes, ids)
    for first in range(0, drawn.samples, BLOCK):
        members, begins = sampler.draw_part(drawn.stream, first, min(BLOCK, drawn.samples - first))
        blocks.append(pack_block(members, begins, place_of, len(ids)))
        if tell is not None:
            tell(min(first + BLOCK, drawn.samples), drawn.samples)
    return ReachBoard(ids, _join_blocks(blocks, drawn.samples, len(ids)), sampler.worth)


def _place_nodes(nodes: NDArray[np.int64], ids: pa.Array) -> NDArray[np.int32]:
    if (nodes < 0).any():
        missing = ids[int(np.flatnonzero(nodes < 0)[0])].as_py()
        raise BadInput(
            Words(f"图里没有账号 {missing}。", f"the graph has no account {missing}."),
            mend=Words("请检查编号，或去掉它。", "Check the id, or leave it out."),
        )
    if len(np.unique(nodes)) < len(nodes):
        raise BadInput(
            Words("同一个账号出现了两次。", "an account stands twice."),
            mend=Words("每个账号只列一次。", "Name each once."),
        )
    place_of = np.full(int(nodes.max(initial=-1)) + 1, -1, np.int32)
    place_of[nodes] = np.arange(len(nodes), dtype=np.int32)
    return place_of


def _join_blocks(blocks: list[Block], samples: int, accounts: int) -> Held:
    words = (samples + 63) >> 6
    counts = np.sum([block.counts for block in blocks], axis=0, dtype=np.int64) if blocks else np.zeros(accounts)
    has_row = counts > 2 * words  # four-byte numbers would take more room than bits
    row_of = np.where(has_row, np.cumsum(has_row) - 1, -1).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(np.where(has_row, 0, counts))]).astype(np.int64)
    rows = np.zeros((int(has_row.sum()), words), np.uint64)
    held = Held(starts, np.empty(int(starts[-1]), np.int32), row_of, rows, samples)
    cursors = starts[:-1].copy()
    for number, block in enumerate(blocks):
        add_block(held, block, number * BLOCK, cursors)
    return held
