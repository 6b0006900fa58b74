"""The greedy choice, and the seeds at which large sets may end because they are chosen anyway (Guo et al. 2020)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from canyu.spread.kernels.coverage import choose_greedily, empty_sets, weigh_ends
from canyu.spread.selection.rounds import Choice
from canyu.spread.selection.sampling import Marks

LARGE = 16  # members of a set on average, from which on ending sets early is worth fixing seeds
ENDED = 31 / 32  # of all members: no more seeds are fixed than it takes to end the sets that hold so many
CERTAIN = 1000  # sets that a seed adds: nobody reaches many more, though another one may be first next time
WORTH = 1 / 2  # of all members: where those that may be fixed end less, none is


class Ending(Protocol):
    """A sampler that ends sets at nodes, once told which; see ``ReverseSampler``."""

    sentinels: Marks


class Greedy:
    """Chooses ``k`` nodes by the greedy rule; where sets are large it fixes the first of them, once.

    A seed may be fixed when the round before has chosen it too or it adds very many sets, ``settled_at`` sets have been
    drawn, and they have ``large`` members on average. From then on it is a sentinel: every later choice has it, so a
    set that meets it is covered and need not be drawn further. The proof is in docs/spread/selection.md.
    """

    def __init__(self, sampler: Ending, nodes: int, k: int, settled_at: int, large: float = LARGE) -> None:
        self.sampler, self.nodes, self.k = sampler, nodes, k
        self.settled_at, self.large = settled_at, large
        self.fixed, self.shares = np.zeros(0, np.int32), np.zeros(0)
        self.before = np.zeros(0, np.int32)

    def __call__(self, members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
        """Choose on these sets; empty ones are those that ended at a sentinel."""
        allowed = np.ones(self.nodes, np.uint8)
        allowed[self.fixed] = 0
        seeds, added, most = choose_greedily(members, begins, allowed, self.k - len(self.fixed), len(self.fixed))
        ended = int((np.diff(begins) == 0).sum()) if len(self.fixed) else 0
        whole = np.concatenate([self.fixed, seeds])
        counts = np.concatenate([share_out(ended, self.shares), added])
        kept = self._fix(members, begins, seeds, added) if self._may_fix(members, begins) else None
        self.before = whole
        return Choice(whole, counts, int(most) + ended, is_whole=self.k == self.nodes, kept=kept)

    def _may_fix(self, members: NDArray[np.int32], begins: NDArray[np.int64]) -> bool:
        sets = len(begins) - 1
        return not len(self.fixed) and sets >= self.settled_at and len(members) >= self.large * sets

    def _fix(
        self, members: NDArray[np.int32], begins: NDArray[np.int64], seeds: NDArray[np.int32], added: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]] | None:
        """Fix the first seeds; return the sets with those emptied that meet one, or None where it is not worth it."""
        is_known = np.isin(seeds, self.before) | (added >= CERTAIN)
        free = len(seeds) if is_known.all() else int(np.argmin(is_known))
        ended = np.cumsum(weigh_ends(members, begins, seeds, self.nodes))[: min(free, self.k // 2)]
        if not len(ended) or ended[-1] < WORTH * len(members):
            return None
        count = min(int(np.searchsorted(ended, ENDED * len(members))) + 1, len(ended))
        self.fixed, self.shares = seeds[:count], added[:count] / added[:count].sum()
        marks = np.zeros(self.nodes, np.uint8)
        marks[self.fixed] = 1
        self.sampler.sentinels = marks
        kept: tuple[NDArray[np.int32], NDArray[np.int64]] = empty_sets(members, begins, marks)
        return kept


def share_out(total: int, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole parts of ``total`` by ``shares``, which sum to 1; the parts sum to it, int64, (shares,)."""
    ends = np.rint(np.cumsum(shares) * total).astype(np.int64)
    return np.diff(ends, prepend=0)
