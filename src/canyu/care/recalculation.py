"""A policy or calendar was changed: how many due times of running cases would move, before anybody says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from canyu.care.case import Case, derive_case
from canyu.care.case_events import CaseEvent, PolicyGiven
from canyu.care.policies import ClockName, Policy


@dataclass(frozen=True, slots=True)
class Move:
    """A due time that would move; ``before`` or ``after`` is None where the clock has none under that policy."""

    case: str
    clock: ClockName
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Recalculation:
    """What recalculating would do: how many dues were looked at, and those that move."""

    dues: int
    moves: tuple[Move, ...]

    @property
    def earlier(self) -> int:
        """How many become due earlier, or due at all."""
        return sum(_is_earlier(move) for move in self.moves)

    @property
    def later(self) -> int:
        """How many become due later, or are due no more."""
        return len(self.moves) - self.earlier


def preview_recalculation(
    cases: Iterable[tuple[str, Sequence[CaseEvent]]], policy: Policy | None, now: datetime
) -> Recalculation:
    """Return what giving every running case (name, events) this policy would do; nothing is changed.

    Cases keep the copy of the policy that they were given until a person recalculates: then each is given a
    ``PolicyGiven`` event. Pauses that were taken are kept, and a breach stays on record.
    """
    dues, moves = 0, []
    for name, happened in cases:
        before = derive_case(happened, now)
        if before.is_closed:
            continue
        after = derive_case([*happened, PolicyGiven(now, "", policy)], now)
        for clock in ClockName:
            pair = [_find_limit(case, clock) for case in (before, after)]
            dues += pair != [None, None]
            if pair[0] != pair[1]:
                moves.append(Move(name, clock, *pair))
    return Recalculation(dues, tuple(moves))


def _find_limit(case: Case, clock: ClockName) -> datetime | None:
    found = case.find_clock(clock)
    return None if found is None or found.stopped_at is not None else found.limit


def _is_earlier(move: Move) -> bool:
    if move.before is None:
        return True
    return move.after is not None and move.after < move.before
