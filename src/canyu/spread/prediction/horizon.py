"""One target of the predictor: what is likely by then, the forecast drawn from it, and its calibrated interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.kernels.prediction import choose_points
from canyu.spread.prediction.features import NAMES
from canyu.spread.prediction.trees import Forest, Ridge, unpack_forest, unpack_ridge

Numbers = NDArray[np.float64]
LEAST_SEEN = 10  # below this nothing was measured
AGES_H = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 6.0, 8.0, 12.0)
LEVELS = np.linspace(0.0, 1.0, 101)
LOW, HIGH = 0.10, 0.90
RIDGE_SHARE = 0.4  # of the centre, the trees have the rest; this and the four below were chosen on earlier posts only
LEAST_SCALE = 0.2
TOLD = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)  # quantiles that trees tell
HALF_LOST = 0.3  # a size missed by this share loses half of what one missed by any share can lose
LOG_WEIGHT = 0.1  # of the squared error of the log beside it
DAY, FINAL = "day", "final"
HORIZONS = (DAY, FINAL)
PLACES = (np.arange(100) + 0.5) / 100  # where each half of what is likely is read off
BETWEEN = (np.arange(2 * len(PLACES)) + 0.5) / (2 * len(PLACES))


@dataclass(frozen=True)
class Horizon:
    """One target: what is likely of the log of 1 + reactions still to come, in two halves, and how it is calibrated.

    Half is told by ``ridge`` and ``trees`` (the centre), ``spread`` and ``misses``: shape (ages, levels), quantiles of
    (truth - centre) / spread on later posts at each of ``AGES_H``. Half by ``quantiles``, trees for the log of size by
    seen at each of ``TOLD``. ``ranks``, shape (ages, levels): quantiles of where the truth of later posts stood in it.
    """

    ridge: Ridge
    spread: Ridge
    trees: Forest
    quantiles: tuple[Forest, ...]
    misses: Numbers
    ranks: Numbers

    def centre(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Return the mean of the log of 1 + reactions to come and its spread, each of shape (n,)."""
        centre = RIDGE_SHARE * self.ridge.predict(rows, NAMES) + (1 - RIDGE_SHARE) * self.trees.predict(rows)
        return np.maximum(centre, 0.0), np.maximum(self.spread.predict(rows, NAMES), LEAST_SCALE)

    def list_likely(self, rows: Numbers, seen: Numbers) -> Numbers:
        """Return equally likely logs of 1 + reactions to come, ascending, shape (n, 200)."""
        centres, spreads = self.centre(rows)
        misses = np.array([np.interp(PLACES, LEVELS, find_at_age(self.misses, age)) for age in rows[:, 0]])
        by_centre = centres[:, None] + spreads[:, None] * misses.reshape(-1, len(PLACES))
        told = np.sort(np.column_stack([forest.predict(rows) for forest in self.quantiles]), axis=1)
        by_trees = np.log2(1 + seen[:, None] * (np.exp2(np.maximum(spread_quantiles(told), 0.0)) - 1))
        return np.sort(np.clip(np.concatenate([by_centre, by_trees], axis=1), 0.0, 30.0), axis=1)

    def read(self, rows: Numbers, seen: Numbers) -> Numbers:
        """Return size, low and high for each row of features, shape (n, 3), whole numbers."""
        likely = self.list_likely(rows, seen)
        point = choose_points(likely, seen, HALF_LOST, LOG_WEIGHT)
        ends = np.array([np.interp([LOW, HIGH], LEVELS, find_at_age(self.ranks, age)) for age in rows[:, 0]])
        low, high = (
            np.array([np.interp(rank, BETWEEN, one) for rank, one in zip(ends[:, side], likely, strict=True)])
            for side in (0, 1)
        )
        logs = np.column_stack([np.clip(point, low, high), low, high])
        return np.asarray(np.round(seen[:, None] + np.exp2(logs) - 1))

    def measure_pass(self, row: Numbers, seen: int, passes: int) -> float:
        """Return the probability that one cascade has more than ``passes`` reactions."""
        if seen > passes:
            return 1.0
        bound = np.log2([passes - seen + 1.5])  # half-way to the next whole number
        rank = rank_truth(self.list_likely(row[None, :], np.array([float(seen)])), bound)[0]
        return float(1 - np.interp(rank, find_at_age(self.ranks, float(row[0])), LEVELS))

    def pack(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a weights file that hold this target."""
        packed = {
            **self.ridge.pack(f"{name}_ridge"),
            **self.spread.pack(f"{name}_spread"),
            **self.trees.pack(f"{name}_trees"),
            f"{name}_misses": self.misses,
            f"{name}_ranks": self.ranks,
        }
        for number, forest in enumerate(self.quantiles):
            packed |= forest.pack(f"{name}_quantile{number}")
        return packed


def unpack_horizon(arrays: Mapping[str, NDArray[Any]], name: str) -> Horizon:
    """Return one target of a weights file."""
    return Horizon(
        unpack_ridge(arrays, f"{name}_ridge"),
        unpack_ridge(arrays, f"{name}_spread"),
        unpack_forest(arrays, f"{name}_trees"),
        tuple(unpack_forest(arrays, f"{name}_quantile{number}") for number in range(len(TOLD))),
        arrays[f"{name}_misses"],
        arrays[f"{name}_ranks"],
    )


def find_at_age(table: Numbers, log_age: float) -> Numbers:
    """Return the row of a table by ``AGES_H`` at an age (log of hours), in line between the nearest two."""
    knots = np.log2(AGES_H)
    after = int(np.clip(np.searchsorted(knots, log_age), 1, len(knots) - 1))
    share = float(np.clip((log_age - knots[after - 1]) / (knots[after] - knots[after - 1]), 0.0, 1.0))
    return np.asarray((1 - share) * table[after - 1] + share * table[after])


def spread_quantiles(told: Numbers) -> Numbers:
    """Return the told quantiles read at 100 places, shape (n, 100); above the last they go on as an exponential tail.

    Below the first they fall in line to zero: no reaction goes away.
    """
    last, before = told[:, -1], told[:, -2]
    rate = (last - before) / np.log((1 - TOLD[-2]) / (1 - TOLD[-1]))
    knots = np.column_stack([np.zeros(len(told)), told])
    inside = np.array([np.interp(PLACES, (0.0, *TOLD), one) for one in knots]).reshape(-1, len(PLACES))
    tail = last[:, None] + rate[:, None] * np.log((1 - TOLD[-1]) / (1 - PLACES))
    return np.where(TOLD[-1] < PLACES, tail, inside)


def rank_truth(likely: Numbers, truth: Numbers) -> Numbers:
    """Return where each truth stands among what was likely, from 0 to 1, shape (n,)."""
    return np.array([np.interp(one, row, BETWEEN, left=0.0, right=1.0) for one, row in zip(truth, likely, strict=True)])
