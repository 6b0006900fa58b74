"""The expected course of a cascade between now, the end of the first day and a week, with a band that is calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.prediction.features import NAMES
from canyu.spread.prediction.horizon import find_at_age
from canyu.spread.prediction.trees import Ridge, unpack_ridge

Numbers = NDArray[np.float64]
DAY_H = 24.0
STEPS_H = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)
LATER_H = (36.0, 48.0, 72.0, 120.0, 168.0)
KNOTS_H = (*STEPS_H, *LATER_H)
LAST_H = LATER_H[-1]
THINNEST = 0.05  # of a band, in logs, when misses are measured in it


@dataclass(frozen=True)
class CurvePoint:
    """Reactions expected until ``hour`` hours after the post, with their 80 % band; exact until the age asked at."""

    hour: float
    low: int
    size: int
    high: int


@dataclass(frozen=True)
class Course:
    """How growth spreads over time: ``steps`` tell the share of the day's growth reached at each of ``STEPS_H``.

    ``bands``: shape (ages, steps, 2), how many times the day's distance (in logs) from size to low and to high the
    band is wide then. ``later``: the share of the growth after the day that is reached at each of ``LATER_H``.
    """

    steps: tuple[Ridge, ...]
    bands: Numbers
    later: Numbers

    def share(self, rows: Numbers) -> Numbers:
        """Return the share of the day's growth reached at each of ``STEPS_H``, shape (n, steps), never falling.

        None is reached at a step that is not later than the age.
        """
        told = np.column_stack([step.predict(rows, NAMES) for step in self.steps])
        told = np.where(np.array(STEPS_H) > np.exp2(rows[:, :1]), np.clip(told, 0.0, 1.0), 0.0)
        return np.asarray(np.maximum.accumulate(told, axis=1))

    def follow(self, row: Numbers, seen: int, ends: tuple[Numbers, Numbers], hours: Numbers) -> Numbers:
        """Return low, size and high at hours from the age on, shape (n, 3), none of them falling.

        ``ends``: size, low and high at the end of the day, and in the end. Shares and bands lie in line between the
        hours at which they were measured.
        """
        age = float(np.exp2(row[0]))
        ahead = np.array(STEPS_H) > age
        places = np.array([age, *np.array(STEPS_H)[ahead], DAY_H])
        share = np.interp(hours, places, [0.0, *self.share(row[None, :])[0][ahead], 1.0])
        day, final = (np.asarray(end, np.float64) for end in ends)
        size, low, high = (np.log2(1 + share * (value - seen)) for value in day)
        band = find_at_age(self.bands.reshape(len(self.bands), -1), float(row[0])).reshape(-1, 2)[ahead]
        wide = [np.interp(hours, places, [band[0, side], *band[:, side], 1.0]) for side in (0, 1)]
        logs = np.column_stack([size - wide[0] * (size - low), size, size + wide[1] * (high - size)])
        day, final = day[[1, 0, 2]], final[[1, 0, 2]]
        table = np.minimum(seen + np.exp2(np.maximum(logs, 0.0)) - 1, day)
        after = np.interp(hours, [DAY_H, *LATER_H], [0.0, *self.later])
        table = np.where(hours[:, None] > DAY_H, day + after[:, None] * (final - day), table)
        order = np.argsort(hours, kind="stable")
        table[order] = np.maximum.accumulate(table[order], axis=0)
        return np.asarray(np.round(table))

    def pack(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a weights file that hold this."""
        packed: dict[str, NDArray[Any]] = {"course_bands": self.bands, "course_later": self.later}
        for number, step in enumerate(self.steps):
            packed |= step.pack(f"course_step{number}")
        return packed


def unpack_course(arrays: Mapping[str, NDArray[Any]]) -> Course:
    """Return the course of a weights file."""
    steps = tuple(unpack_ridge(arrays, f"course_step{number}") for number in range(len(STEPS_H)))
    return Course(steps, arrays["course_bands"], arrays["course_later"])
