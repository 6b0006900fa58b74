"""Cascades at ages, as training and its figures read them: features, what was seen and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.prediction.curve import KNOTS_H
from canyu.spread.prediction.features import DAY_S, HOUR_S, UTC8_S, compute_features, find_peak
from canyu.spread.prediction.horizon import AGES_H, DAY, FINAL
from canyu.spread.prediction.public_set import Cascades
from canyu.spread.prediction.trees import DECIMALS

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
LEAST_FITTED = 5  # cascades below the least that is predicted still teach


@dataclass(frozen=True)
class Snapshots:
    """Cascades at ages, one row each: its cascade, age in hours, reactions seen, and what became of it.

    ``course``: shape (n, knots), reactions until each of ``KNOTS_H`` hours after the post.
    """

    features: Numbers
    cascades: Rows
    ages: Numbers
    seen: Numbers
    sizes: dict[str, Numbers]
    peaks: Numbers
    course: Numbers

    def take(self, rows: NDArray[Any]) -> Snapshots:
        """Return some of the rows."""
        sizes = {name: values[rows] for name, values in self.sizes.items()}
        known = (self.features[rows], self.cascades[rows], self.ages[rows], self.seen[rows])
        return Snapshots(*known, sizes, self.peaks[rows], self.course[rows])

    def get_target(self, name: str) -> Numbers:
        """Return the log of base 2 of 1 + the reactions still to come by a horizon."""
        return np.asarray(np.log2(1 + self.sizes[name] - self.seen))


def measure_hours(cascades: Cascades, rows: Rows) -> Numbers:
    """Return the share of a day's reactions in each hour of UTC+8, every cascade counting the same."""
    hours = np.zeros(24)
    for cascade in rows:
        times, _ = cascades.get(cascade)
        begun = cascades.roots[cascade].time.timestamp() + UTC8_S
        clock = ((begun + times) % DAY_S // HOUR_S).astype(np.int64)
        hours += np.bincount(clock, minlength=24) / max(len(times), 1)
    return np.asarray((hours / hours.sum()).round(DECIMALS))


def take_snapshots(cascades: Cascades, hours: Numbers, ages: tuple[float, ...] = AGES_H) -> Snapshots:
    """Return every cascade at every age at which it had five reactions, in order of posting."""
    features, facts = [], []
    for cascade, root in enumerate(cascades.roots):
        times, parents = cascades.get(cascade)
        until = np.searchsorted(times, [DAY_S, *(HOUR_S * hour for hour in KNOTS_H)], side="right")
        for age in ages:
            seen = int(np.searchsorted(times, age * HOUR_S, side="right"))
            if seen >= LEAST_FITTED:
                features.append(compute_features(times[:seen], parents[:seen], root, age * HOUR_S, hours))
                facts.append((cascade, age, seen, len(times), find_peak(times)[0], *until))
    table = np.array(facts)
    sizes = {DAY: table[:, 5], FINAL: table[:, 3]}
    return Snapshots(
        np.array(features), table[:, 0].astype(np.int64), table[:, 1], table[:, 2], sizes, table[:, 4], table[:, 6:]
    )
