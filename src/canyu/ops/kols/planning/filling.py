"""Adding accounts for the viewer: what quotas ask for first, then the engine's choice, or the cheapest to a target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.ops.kols.planning.schemas import PlanQuery, Quota, Roster
from canyu.spread.selection import Purse

UNLIMITED = 1 << 40
MOST_BUDGET = 1 << 60


@dataclass(slots=True)
class Room:
    """What may still be added to a plan: rows that are allowed, the money left, and the quotas with what they hold."""

    roster: Roster
    quotas: tuple[Quota, ...]
    allowed: NDArray[np.bool_]
    left: int
    columns: dict[str, list[object]] = field(default_factory=dict)
    held: Counter[tuple[str, object]] = field(default_factory=Counter)

    def fits(self, row: int) -> bool:
        """Whether a row may be added."""
        caps = ((quota, self.columns[quota.column][row]) for quota in self.quotas if quota.most is not None)
        is_free = all(value != quota.value or not self.is_full(quota) for quota, value in caps)
        return is_free and bool(self.allowed[row]) and int(self.roster.costs[row]) <= self.left

    def is_full(self, quota: Quota) -> bool:
        """Whether a quota holds as many as it may."""
        return quota.most is not None and self.held[quota.column, quota.value] >= quota.most

    def find_fits(self) -> NDArray[np.bool_]:
        """Return which rows may be added, bool, (accounts,)."""
        found = self.allowed & (self.roster.costs <= self.left)
        for quota in self.quotas:
            if self.is_full(quota):
                found &= np.array([value != quota.value for value in self.columns[quota.column]], bool)
        return found

    def take(self, row: int) -> None:
        """Add a row."""
        self.left -= int(self.roster.costs[row])
        self.allowed[row] = False
        for column, values in self.columns.items():
            self.held[column, values[row]] += 1

    def find_unmet(self) -> Quota | None:
        """Return the first quota that holds fewer than it asks for and could hold more."""
        fits = self.find_fits()
        for quota in self.quotas:
            if quota.least is not None and self.held[quota.column, quota.value] < quota.least:
                values = self.columns[quota.column]
                if any(values[row] == quota.value for row in np.flatnonzero(fits).tolist()):
                    return quota
        return None


def make_room(roster: Roster, query: PlanQuery, is_known: NDArray[np.bool_]) -> Room:
    """Return what may be added to the query's plan; ``is_known``: rows whose reach is known, bool, (accounts,)."""
    keys = np.array(roster.keys, np.int64)
    allowed = is_known & is_within(roster, query) & ~np.isin(keys, query.chosen) & ~np.isin(keys, query.never)
    columns = {quota.column: roster.table[quota.column].to_pylist() for quota in query.quotas}
    room = Room(roster, query.quotas, allowed, query.budget_minor or MOST_BUDGET, columns)
    for key in query.chosen:
        if key in roster.places:
            room.take(roster.places[key])
    return room


def is_within(roster: Roster, query: PlanQuery) -> NDArray[np.bool_]:
    """Return which rows are of the platform, market and topic asked for, bool, (accounts,); any market of a row."""
    found = np.ones(len(roster.table), bool)
    if query.market:
        found &= np.array([query.market in markets for markets in roster.markets], bool)
    for name in ("platform", "topic"):
        asked = getattr(query, name)
        if asked:
            found &= np.array([value == asked for value in roster.table[name].to_pylist()], bool)
    return found


def make_purse(room: Room, rows: NDArray[np.int64]) -> Purse:
    """Return the room as the board takes it, for the rows that are on the board, in its order."""
    costs = np.where(room.allowed, room.roster.costs, -1)[rows]
    capped = [name for name in room.columns if any(q.most is not None for q in room.quotas if q.column == name)]
    widest = 1 + max((sum(q.column == name for q in room.quotas) for name in capped), default=0)
    labels, caps = np.zeros((len(capped), len(rows)), np.int32), np.full((len(capped), widest), UNLIMITED, np.int64)
    for place, name in enumerate(capped):
        quotas = [quota for quota in room.quotas if quota.column == name and quota.most is not None]
        for number, quota in enumerate(quotas, 1):
            values = np.array([value == quota.value for value in room.columns[name]], bool)
            # the chosen are counted by the room: what it has left is what the board may add
            labels[place, (values & room.allowed)[rows]] = number
            caps[place, number] = max((quota.most or 0) - room.held[name, quota.value], 0)
    return Purse(costs, room.left, labels, caps)


def narrow_roster(roster: Roster, rows: NDArray[np.int64]) -> Roster:
    """Return the roster of these rows alone."""
    table = roster.table.take(pa.array(rows))
    return replace(roster, table=table, places={key: at for at, key in enumerate(table["account"].to_pylist())})
