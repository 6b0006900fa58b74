"""The predictor: from what was seen of a cascade until an age, its size at a day and at the end, and its peak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, load_version, read_arrays
from canyu.kit.words import Words
from canyu.spread.prediction.features import HOUR_S, NAMES, Root, compute_features, find_peak
from canyu.spread.prediction.seen import SeenCascade
from canyu.spread.prediction.trees import Forest, Ridge, unpack_forest, unpack_ridge

Numbers = NDArray[np.float64]
MODEL_NAME = "cascade-size"
LEAST_SEEN = 10  # below this nothing was measured
AGES_H = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 6.0, 8.0, 12.0)
LEVELS = np.linspace(0.0, 1.0, 101)
LOW, HIGH = 0.10, 0.90
RIDGE_SHARE = 0.6  # of the blend, the trees have the rest; chosen on earlier posts only
LEAST_SCALE = 0.2
DAY, FINAL = "day", "final"
HORIZONS = (DAY, FINAL)


@dataclass(frozen=True)
class Size:
    """A predicted number of reactions, its 80 % interval, and the probability that it passes the asked size."""

    size: int
    low: int
    high: int
    pass_probability: float | None = None


@dataclass(frozen=True)
class Peak:
    """The middle of the busiest hour, and the probability that it lies behind."""

    time: datetime
    passed_probability: float


@dataclass(frozen=True)
class Prediction:
    """What ``seen`` reactions until ``age`` tell: reactions in the first 24 hours (``day``), in all, and the peak.

    ``version`` is that of the model; sizes count reactions, without the post. ``is_beyond_data``: the interval
    reaches past the largest cascade that the model was made from, so nothing measured stands behind it.
    """

    version: str
    age: timedelta
    seen: int
    day: Size
    final: Size
    peak: Peak
    is_beyond_data: bool


@dataclass(frozen=True)
class Horizon:
    """One target: the log of 1 + reactions still to come, its spread, and how far it missed on later posts.

    ``trees`` tell the log of size by seen, which the share missed of the size is about; ``ridge`` the growth itself.
    ``misses``: shape (ages, levels), quantiles of (truth - prediction) / spread at each of ``AGES_H``.
    """

    ridge: Ridge
    spread: Ridge
    trees: Forest
    misses: Numbers

    def predict(self, rows: Numbers, seen: Numbers) -> tuple[Numbers, Numbers]:
        """Return the log of 1 + reactions to come and its spread, each of shape (n,)."""
        grown = np.log2(1 + seen * (np.exp2(np.maximum(self.trees.predict(rows), 0.0)) - 1))
        centre = RIDGE_SHARE * self.ridge.predict(rows, NAMES) + (1 - RIDGE_SHARE) * grown
        return np.maximum(centre, 0.0), np.maximum(self.spread.predict(rows, NAMES), LEAST_SCALE)

    def find_misses(self, log_age: float) -> Numbers:
        """Return the quantiles of misses at an age (log of hours), between those of the nearest two ages."""
        knots = np.log2(AGES_H)
        after = int(np.clip(np.searchsorted(knots, log_age), 1, len(knots) - 1))
        share = float(np.clip((log_age - knots[after - 1]) / (knots[after] - knots[after - 1]), 0.0, 1.0))
        return np.asarray((1 - share) * self.misses[after - 1] + share * self.misses[after])

    def read(self, rows: Numbers, seen: Numbers) -> Numbers:
        """Return size, low and high for each row of features, shape (n, 3), whole numbers."""
        centres, spreads = self.predict(rows, seen)
        misses = [self.find_misses(log_age) for log_age in rows[:, 0]]
        ends = np.array([np.interp([LOW, HIGH], LEVELS, one) for one in misses]).reshape(-1, 2)
        logs = np.column_stack([centres, centres + spreads * ends[:, 0], centres + spreads * ends[:, 1]])
        return np.asarray(np.round(seen[:, None] + np.exp2(np.clip(logs, 0.0, 30.0)) - 1))

    def measure_pass(self, row: Numbers, seen: int, passes: int) -> float:
        """Return the probability that one cascade has more than ``passes`` reactions."""
        if seen > passes:
            return 1.0
        centre, spread = self.predict(row[None, :], np.array([float(seen)]))
        bound = np.log2(passes - seen + 1.5)  # half-way to the next whole number
        return float(1 - np.interp((bound - centre[0]) / spread[0], self.find_misses(float(row[0])), LEVELS))


@dataclass(frozen=True)
class Predictor:
    """A trained model; load it with ``load_predictor``."""

    version: str
    hours: Numbers
    largest: int
    horizons: Mapping[str, Horizon]
    peak_passed: Forest
    peak_ahead: Forest

    def predict(self, cascade: SeenCascade, age: timedelta, passes: int | None = None) -> Prediction:
        """Return the prediction from the reactions seen until ``age`` after the post; later ones are not read.

        ``passes``: also give the probabilities that the cascade has more reactions than this. Raises BadInput below
        ten reactions, or at an age that the model was not made for (15 minutes to 12 hours).
        """
        age_s = age.total_seconds()
        times, parents = cascade.list_until(age_s)
        check_seen(age_s / HOUR_S, len(times))
        row = compute_features(times, parents, cascade.root, age_s, self.hours)
        seen = len(times)
        read = {name: self.horizons[name].read(row[None, :], np.array([float(seen)]))[0] for name in HORIZONS}
        read[FINAL] = np.maximum(read[FINAL], read[DAY])  # the end is never below the first day
        sizes = {}
        for name in HORIZONS:
            size, low, high = (int(value) for value in read[name])
            sizes[name] = Size(size, low, high, self.find_pass(name, row, seen, passes))
        peak = self.predict_peak(cascade.root, row, times, age_s)
        is_beyond = sizes[FINAL].high > self.largest
        return Prediction(self.version, age, seen, sizes[DAY], sizes[FINAL], peak, is_beyond)

    def find_pass(self, name: str, row: Numbers, seen: int, passes: int | None) -> float | None:
        """Return the probability that a horizon passes a size; that of the end is never below that of the day."""
        if passes is None:
            return None
        among = HORIZONS[: HORIZONS.index(name) + 1]
        return max(self.horizons[one].measure_pass(row, seen, passes) for one in among)

    def predict_peak(self, root: Root, row: Numbers, times: Numbers, age_s: float) -> Peak:
        """Return the busiest hour: the one seen where it has likelier passed, else the one foreseen."""
        passed = float(1 / (1 + np.exp(-self.peak_passed.predict(row[None, :])[0])))
        behind = min(find_peak(times)[0], age_s)
        ahead = max(HOUR_S * float(np.exp2(self.peak_ahead.predict(row[None, :])[0])), age_s)
        return Peak(root.time + timedelta(seconds=round(behind if passed >= 0.5 else ahead)), passed)


def check_seen(age_h: float, seen: int) -> None:
    """Refuse ages and numbers for which nothing was measured."""
    if not AGES_H[0] <= age_h <= AGES_H[-1]:
        raise BadInput(
            Words(f"无法在发布后 {age_h:g} 小时预测。", f"no prediction is made {age_h:g} hours after the post."),
            mend=Words(f"请取 {AGES_H[0]:g} 至 {AGES_H[-1]:g} 小时。", f"Take {AGES_H[0]:g} to {AGES_H[-1]:g} hours."),
        )
    if seen < LEAST_SEEN:
        raise BadInput(
            Words(f"到此时只有 {seen} 条转发。", f"reactions seen by then: {seen}, too few."),
            mend=Words(f"请等到至少 {LEAST_SEEN} 条。", f"Wait until there are {LEAST_SEEN}."),
        )


def load_predictor(version: str = "", *, folders: list[Path] | None = None) -> Predictor:
    """Load the newest installed model, or exactly ``version`` (a name, or a name with its digits after ``+``)."""
    return load_version(version, read_predictor, default=MODEL_NAME, folders=folders)


def read_predictor(path: Path) -> Predictor:
    """Read one weights file; its version is the folder's name and the first digits of the file's SHA-256."""
    arrays, sha256 = read_arrays(path)
    try:
        horizons = {name: unpack_horizon(arrays, name) for name in HORIZONS}
        forests = [unpack_forest(arrays, name) for name in ("peak_passed", "peak_ahead")]
        hours, largest = arrays["hours"], int(arrays["largest"][0])
    except KeyError as error:
        raise BadInput(
            Words(f"{path} 中没有传播规模模型。", f"{path} holds no model of cascade size."), mend=TRAIN_AGAIN
        ) from error
    if any(one.ridge.means.shape != (len(NAMES),) for one in horizons.values()) or hours.shape != (24,):
        raise BadInput(Words(f"{path} 中权重的形状不对。", f"{path} has weights of the wrong shape."), mend=TRAIN_AGAIN)
    return Predictor(f"{path.parent.name}+{sha256[:VERSION_DIGITS]}", hours, largest, horizons, forests[0], forests[1])


def pack_horizon(horizon: Horizon, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a weights file that hold one target."""
    return {
        **horizon.ridge.pack(f"{name}_ridge"),
        **horizon.spread.pack(f"{name}_spread"),
        **horizon.trees.pack(f"{name}_trees"),
        f"{name}_misses": horizon.misses,
    }


def unpack_horizon(arrays: Mapping[str, NDArray[Any]], name: str) -> Horizon:
    """Return one target of a weights file."""
    return Horizon(
        unpack_ridge(arrays, f"{name}_ridge"),
        unpack_ridge(arrays, f"{name}_spread"),
        unpack_forest(arrays, f"{name}_trees"),
        arrays[f"{name}_misses"],
    )
