"""The ranking of each challenge in this process: made from the table once, then kept fresh by the changes after it."""

from __future__ import annotations

import threading

import numpy as np

from canyu.ops.campaigns.challenges.models import Challenge, Entrant
from canyu.ops.campaigns.challenges.queries import read_seq
from canyu.ops.campaigns.challenges.ranking import Ranking

MOST_BOARDS = 8
"""Challenges whose ranking a process keeps; half a million entrants take about 100 MB."""


class Board:
    """One challenge's ranking up to one number of its changes."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._ranking: Ranking | None = None
        self._seq = 0

    def find_rank(self, challenge: Challenge, entrant_id: int) -> tuple[int | None, int]:
        """Return the place of an entrant (None without one) and how many places there are, as of now."""
        with self._turn:
            ranking = self._refresh(challenge, read_seq(challenge.pk))
            return ranking.find_rank(entrant_id), len(ranking)

    def _refresh(self, challenge: Challenge, seq: int) -> Ranking:
        if self._ranking is None:
            self._ranking, self._seq = _build(challenge), seq
        elif seq > self._seq:
            changed = Entrant.objects.filter(challenge=challenge, seq__gt=self._seq).order_by("seq")
            for ident, score, reached_us, at in changed.values_list("pk", "score", "reached_us", "seq"):
                if score is None or reached_us is None:
                    self._ranking.drop(ident)
                else:
                    self._ranking.put(ident, score, reached_us)
                self._seq = at
        return self._ranking


def _build(challenge: Challenge) -> Ranking:
    rows = Entrant.objects.filter(challenge=challenge, score__isnull=False).values_list("pk", "score", "reached_us")
    return Ranking(*np.fromiter(rows.iterator(chunk_size=10_000), np.dtype((np.int64, 3))).T)


_boards: dict[str, Board] = {}
_choosing = threading.Lock()


def find_rank(challenge: Challenge, entrant_id: int) -> tuple[int | None, int]:
    """Return the place of an entrant (None where no entry of theirs is shown) and how many places there are.

    Equal to the order of the table as it is now: what other processes changed is read first.
    """
    with _choosing:
        board = _boards.pop(challenge.mark, None) or Board()
        _boards[challenge.mark] = board  # the newest stands last
        while len(_boards) > MOST_BOARDS:
            del _boards[next(iter(_boards))]
    return board.find_rank(challenge, entrant_id)
