"""The place of each of half a million in a total order, told in microseconds and changed in as many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canyu.ops.campaigns.challenges.ranking.kernels import NOBODY, build_tree, find_place, put_in, take_out

__all__ = ["Ranking"]

LEAST_ROOM = 1024


class Ranking:
    """Who stands where: the higher score first, then who reached it earlier, then the lower id.

    A treap with the sizes of its subtrees, its priorities made of places so that the same calls make the same tree.
    A place is exact within ties. Not safe to share between threads while it changes.

    >>> board = Ranking([7, 8, 9], [900, 900, 40], [100_000, 50_000, 0])
    >>> board.find_rank(8), board.find_rank(7), board.find_rank(9), board.find_rank(1)
    (1, 2, 3, None)
    >>> board.put(9, 901, 200_000)
    >>> board.drop(8)
    >>> board.find_rank(9), board.find_rank(7), len(board)
    (1, 2, 2)
    """

    def __init__(self, ids: ArrayLike, scores: ArrayLike, reached_us: ArrayLike) -> None:
        given = [np.asarray(column, np.int64) for column in (scores, reached_us, ids)]
        order = np.lexsort((given[2], given[1], -given[0]))
        room = max(LEAST_ROOM, len(order) + len(order) // 8)
        self._keys: NDArray[np.int64] = np.zeros((room, 3), np.int64)
        self._nodes: NDArray[np.int32] = np.zeros((room, 4), np.int32)
        self._keys[: len(order)] = np.stack([-given[0], given[1], given[2]], axis=1)[order]
        self._root = build_tree(self._nodes, len(order))
        self._slots = dict(zip(given[2][order].tolist(), range(len(order)), strict=True))
        self._free: list[int] = []
        self._used = len(order)

    def __len__(self) -> int:
        return len(self._slots)

    def find_rank(self, ident: int) -> int | None:
        """Return the place, 1 for the first; None for who is not in."""
        slot = self._slots.get(ident)
        return None if slot is None else int(find_place(self._nodes, slot))

    def put(self, ident: int, score: int, reached_us: int) -> None:
        """Put somebody at their place, or to a new one."""
        slot = self._slots.get(ident)
        if slot is None:
            slot = self._slots[ident] = self._take_slot()
        else:
            self._root = take_out(self._nodes, self._root, slot)
        self._keys[slot] = (-score, reached_us, ident)
        self._root = put_in(self._keys, self._nodes, self._root, slot)

    def drop(self, ident: int) -> None:
        """Take somebody out; who is not in stays out."""
        slot = self._slots.pop(ident, NOBODY)
        if slot != NOBODY:
            self._root = take_out(self._nodes, self._root, slot)
            self._free.append(slot)

    def _take_slot(self) -> int:
        if self._free:
            return self._free.pop()
        if self._used == len(self._keys):
            grow: Callable[..., NDArray[np.int64]] = np.concatenate
            self._keys = grow([self._keys, np.zeros_like(self._keys)])
            self._nodes = np.concatenate([self._nodes, np.zeros_like(self._nodes)])
        self._used += 1
        return self._used - 1
