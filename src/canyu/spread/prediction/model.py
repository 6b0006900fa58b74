"""The predictor: from what was seen of a cascade until an age, its size at a day and at the end, and its peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, load_version, read_arrays
from canyu.kit.words import Words
from canyu.spread.prediction.curve import LAST_H, Course, CurvePoint, unpack_course
from canyu.spread.prediction.features import HOUR_S, NAMES, Root, compute_features, find_peak
from canyu.spread.prediction.horizon import (
    AGES_H,
    DAY,
    FINAL,
    HORIZONS,
    LEAST_SEEN,
    Horizon,
    unpack_horizon,
)
from canyu.spread.prediction.seen import SeenCascade
from canyu.spread.prediction.trees import Forest, unpack_forest

Numbers = NDArray[np.float64]
MODEL_NAME = "cascade-size"


@dataclass(frozen=True)
class Size:
    """A predicted number of reactions, its 80 % interval, and the probability that it passes the asked size.

    ``size`` is the forecast of least expected loss (``choose_points``), nearer to what is likeliest than a mean.
    """

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
class Predictor:
    """A trained model; load it with ``load_predictor``."""

    version: str
    hours: Numbers
    largest: int
    horizons: Mapping[str, Horizon]
    course: Course
    peak_passed: Forest
    peak_ahead: Forest

    def predict(self, cascade: SeenCascade, age: timedelta, passes: int | None = None) -> Prediction:
        """Return the prediction from the reactions seen until ``age`` after the post; later ones are not read.

        ``passes``: also give the probabilities that the cascade has more reactions than this. Raises BadInput below
        ten reactions, or at an age that the model was not made for (15 minutes to 12 hours).
        """
        times, row = self.read_seen(cascade, age)
        seen, age_s = len(times), age.total_seconds()
        sizes = {}
        read = self.read_sizes(row[None, :], np.array([float(seen)]))[:, 0]
        for name, (size, low, high) in zip(HORIZONS, read.tolist(), strict=True):
            sizes[name] = Size(int(size), int(low), int(high), self.find_pass(name, row, seen, passes))
        peak = self.predict_peak(cascade.root, row, times, age_s)
        is_beyond = sizes[FINAL].high > self.largest
        return Prediction(self.version, age, seen, sizes[DAY], sizes[FINAL], peak, is_beyond)

    def find_chance(self, cascade: SeenCascade, age: timedelta, passes: int) -> float:
        """Return the probability of ``predict`` that the cascade passes a size in the end, in a third of its time.

        Raises BadInput as ``predict`` does.
        """
        times, row = self.read_seen(cascade, age)
        return self.find_pass(FINAL, row, len(times), passes) or 0.0

    def predict_curve(self, cascade: SeenCascade, age: timedelta, hours: Sequence[float]) -> tuple[CurvePoint, ...]:
        """Return the reactions expected until each of ``hours`` after the post with their 80 % band, in that order.

        Until the age they are those seen; at 24 hours they are the ``day`` of ``predict``, later they near its
        ``final``; none falls with time. Raises BadInput as ``predict`` does, and for hours not above 0 or past a week.
        """
        asked = np.array(hours, np.float64).reshape(-1)
        check_hours(asked)
        times, row = self.read_seen(cascade, age)
        now = age.total_seconds() / HOUR_S
        day, final = self.read_sizes(row[None, :], np.array([float(len(times))]))[:, 0]
        ahead = self.course.follow(row, len(times), (day, final), np.maximum(asked, now))
        behind = np.searchsorted(times, asked * HOUR_S, side="right")
        table = np.where((asked <= now)[:, None], behind[:, None], ahead).astype(np.int64).tolist()
        return tuple(CurvePoint(hour, *ends) for hour, ends in zip(asked.tolist(), table, strict=True))

    def read_seen(self, cascade: SeenCascade, age: timedelta) -> tuple[Numbers, Numbers]:
        """Return the times seen until an age, and their features; refuse what nothing was measured for."""
        age_s = age.total_seconds()
        times, parents = cascade.list_until(age_s)
        check_seen(age_s / HOUR_S, len(times))
        return times, compute_features(times, parents, cascade.root, age_s, self.hours)

    def read_sizes(self, rows: Numbers, seen: Numbers) -> Numbers:
        """Return size, low and high of the day and of the end, shape (2, n, 3); the end is never the smaller."""
        return np.maximum.accumulate(np.array([self.horizons[name].read(rows, seen) for name in HORIZONS]), axis=0)

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


def check_hours(hours: Numbers) -> None:
    """Refuse hours for which no course was measured."""
    wrong = hours[~((hours > 0.0) & (hours <= LAST_H))]
    if wrong.size:
        raise BadInput(
            Words(f"发布后 {wrong[0]:g} 小时没有预期曲线。", f"there is no curve {wrong[0]:g} hours after the post."),
            mend=Words(f"请取大于 0、至多 {LAST_H:g} 小时。", f"Take hours above 0, at most {LAST_H:g}."),
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
        course = unpack_course(arrays)
        hours, largest = arrays["hours"], int(arrays["largest"][0])
    except KeyError as error:
        raise BadInput(
            Words(f"{path} 中没有传播规模模型。", f"{path} holds no model of cascade size."), mend=TRAIN_AGAIN
        ) from error
    if any(one.ridge.means.shape != (len(NAMES),) for one in horizons.values()) or hours.shape != (24,):
        raise BadInput(Words(f"{path} 中权重的形状不对。", f"{path} has weights of the wrong shape."), mend=TRAIN_AGAIN)
    version = f"{path.parent.name}+{sha256[:VERSION_DIGITS]}"
    return Predictor(version, hours, largest, horizons, course, forests[0], forests[1])
