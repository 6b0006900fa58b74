"""The cheapest accounts that fill least quotas in several columns at once: an exact search with bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 100_000
DEEPEST = 500  # accounts owed together: the search calls itself once for each
Grid = list[list[int]]


@dataclass(frozen=True, slots=True)
class Completion:
    """Accounts by place that fill what is owed, None where none do; ``is_sure``: no cheaper ones, or truly none."""

    places: list[int] | None
    cost: int
    is_sure: bool


@dataclass(slots=True)
class _Kind:
    """Accounts that have the same value in every column: the cheapest come first, and no other order is needed."""

    values: tuple[int, ...]
    places: list[int] = field(default_factory=list)
    used: int = 0
    is_open: bool = True


def find_completion(
    costs: NDArray[np.int64], labels: NDArray[np.int32], owed: NDArray[np.int64], room: NDArray[np.int64]
) -> Completion:
    """Return the cheapest accounts with at least ``owed`` and at most ``room`` of each value of each column.

    ``costs``: int64, (accounts,); ``labels``: value per column, int32, (columns, accounts); ``owed``, ``room``: int64,
    (columns, values). Branch and bound: a value that is owed is filled by one kind of account after another; what
    one column alone still asks for bounds the cost from below. With one column that is exact at the first try. Several
    columns are a hard problem in general: after 100,000 steps the best found is returned, not sure.
    """
    search = _Search(costs, labels, owed, room)
    if search.is_short():
        return Completion(None, 0, True)
    lowest = search.bound()
    search.rush()
    if search.best_cost == lowest or int(owed.sum()) > DEEPEST:
        return Completion(search.best, search.best_cost, search.best_cost == lowest)
    search.go_on()
    return Completion(search.best, search.best_cost if search.best is not None else 0, search.steps <= MOST_STEPS)


class _Search:
    def __init__(
        self,
        costs: NDArray[np.int64],
        labels: NDArray[np.int32],
        owed: NDArray[np.int64],
        room: NDArray[np.int64],
    ) -> None:
        self.costs: list[int] = costs.tolist()
        self.owed: Grid = owed.tolist()
        self.room: Grid = room.tolist()
        self.columns = range(len(self.owed))
        most, kinds = int(owed.sum()), dict[tuple[int, ...], _Kind]()
        self.prices: dict[tuple[int, int], list[int]] = {}
        for place in np.argsort(costs, kind="stable").tolist():
            values = tuple(labels[:, place].tolist())
            asked = [(column, values[column]) for column in self.columns if owed[column, values[column]] > 0]
            for cell in asked:
                sums = self.prices.setdefault(cell, [0])
                sums.append(sums[-1] + self.costs[place])
            kind = kinds.setdefault(values, _Kind(values))
            if asked and len(kind.places) < most:
                kind.places.append(place)
        self.kinds = [kind for kind in kinds.values() if kind.places]
        self.asked = [[(value, int(number)) for value, number in enumerate(row) if number > 0] for row in owed.tolist()]
        self.spent_on = [[0] * owed.shape[1] for _ in self.columns]
        self.spent, self.steps = 0, 0
        self.chosen: list[int] = []
        self.best: list[int] | None = None
        self.best_cost = 1 << 62

    def is_short(self) -> bool:
        """Whether a column alone has too few accounts."""
        return any(
            len(self.prices.get((column, value), [0])) <= number
            for column in self.columns
            for value, number in self.asked[column]
        )

    def bound(self) -> int:
        """Return what any way on costs at least: the column that asks for most."""
        most = self.spent
        for column in self.columns:
            total = self.spent
            for value, number in self.asked[column]:
                sums, own = self.prices[column, value], self.spent_on[column][value]
                left = max(self.owed[column][value], 0)
                total += max(sums[number], own + sums[left]) - own
            most = max(most, total)
        return most

    def rush(self) -> None:
        """Take the cheapest again and again: the answer where one column asks, and a first one elsewhere."""
        taken = []
        while ways := self.find_ways():
            self.move(ways[0], 1)
            taken.append(ways[0])
        if ways is None:
            self.best, self.best_cost = list(self.chosen), self.spent
        for kind in reversed(taken):
            self.move(kind, -1)

    def go_on(self) -> bool:
        """Search on from here; whether there is nothing more to look for."""
        self.steps += 1
        lowest = self.bound()
        if self.steps > MOST_STEPS or lowest >= self.best_cost:
            return self.steps > MOST_STEPS
        ways = self.find_ways()
        if ways is None:
            self.best, self.best_cost = list(self.chosen), self.spent
            return False
        for kind in ways:
            self.move(kind, 1)
            is_over = self.go_on()
            self.move(kind, -1)
            if is_over or lowest >= self.best_cost:
                break
            kind.is_open = False  # from here on without one more of it
        else:
            is_over = False
        for kind in ways:
            kind.is_open = True
        return is_over

    def find_ways(self) -> list[_Kind] | None:
        """Return the kinds that fill the owed value that fewest can, the cheapest first; None where nothing is owed."""
        found: list[_Kind] | None = None
        for column in self.columns:
            for value, _ in self.asked[column]:
                if self.owed[column][value] <= 0:
                    continue
                ways = [kind for kind in self.kinds if kind.values[column] == value and self.has_room(kind)]
                held = sum(len(kind.places) - kind.used for kind in ways)
                if held < self.owed[column][value]:
                    return []
                if found is None or len(ways) < len(found):
                    found = ways
        return found and sorted(found, key=lambda kind: self.costs[kind.places[kind.used]])

    def has_room(self, kind: _Kind) -> bool:
        """Whether one more of a kind may be taken."""
        if not kind.is_open or kind.used == len(kind.places):
            return False
        return all(self.room[column][value] > 0 for column, value in enumerate(kind.values))

    def move(self, kind: _Kind, step: int) -> None:
        """Take the next of a kind, or, with a step of -1, give the last one back."""
        if step < 0:
            kind.used -= 1
        place = kind.places[kind.used]
        if step > 0:
            kind.used += 1
            self.chosen.append(place)
        else:
            self.chosen.pop()
        cost = step * self.costs[place]
        self.spent += cost
        for column, value in enumerate(kind.values):
            self.owed[column][value] -= step
            self.room[column][value] -= step
            self.spent_on[column][value] += cost
