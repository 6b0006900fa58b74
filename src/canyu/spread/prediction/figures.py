"""How good a prediction was: error of the growth, error of the size, coverage of the interval, the peak."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from canyu.spread.influence.intervals import compute_wilson
from canyu.spread.prediction.curve import KNOTS_H
from canyu.spread.prediction.features import HOUR_S
from canyu.spread.prediction.horizon import HORIZONS, LEAST_SEEN
from canyu.spread.prediction.model import Predictor

if TYPE_CHECKING:
    from canyu.spread.prediction.snapshots import Snapshots

Numbers = NDArray[np.float64]
SHOWN_AGES_H = (0.5, 1.0, 2.0, 6.0)
SHOWN_COURSE_H = (4.0, 8.0, 12.0, 48.0)
DRAWS = 1000


@dataclass(frozen=True)
class Errors:
    """Mean squared error of the log of the growth (base 2), median of |size - truth| / truth; 95 % intervals."""

    cascades: int
    msle: float
    msle_low: float
    msle_high: float
    median_ape: float
    median_ape_low: float
    median_ape_high: float


def judge_sizes(predicted: Numbers, truth: Numbers, seen: Numbers, seed: int = 7) -> Errors:
    """Return the errors of predicted sizes; intervals by drawing cascades anew a thousand times (percentiles)."""
    growth = np.log2(1 + np.maximum(predicted - seen, 0.0))
    squares = (growth - np.log2(1 + truth - seen)) ** 2
    shares = np.abs(predicted - truth) / truth
    draws = np.random.default_rng(seed).integers(0, len(truth), (DRAWS, len(truth)))
    around_msle = np.quantile(squares[draws].mean(axis=1), [0.025, 0.975])
    around_ape = np.quantile(np.median(shares[draws], axis=1), [0.025, 0.975])
    found = [np.mean(squares), *around_msle, np.median(shares), *around_ape]
    return Errors(len(truth), *(float(value) for value in found))


def list_figures(model: Predictor, tested: Snapshots) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of errors and coverage per horizon and age, those of the course and of the peak."""
    sizes, courses, peaks = [], [], []
    for age in SHOWN_AGES_H:
        part = tested.take((tested.ages == age) & (tested.seen >= LEAST_SEEN))
        both = model.read_sizes(part.features, part.seen)
        for name, read in zip(HORIZONS, both, strict=True):
            truth = part.sizes[name]
            inside = (read[:, 1] <= truth) & (truth <= read[:, 2])
            line = {"horizon": name, "age_h": age, **asdict(judge_sizes(read[:, 0], truth, part.seen))}
            width = float(np.median(read[:, 2] / read[:, 1]))
            sizes.append(line | describe_coverage(inside) | {"median_high_to_low": width})
        courses += list_courses(model, part, both)
        peaks.append({"age_h": age, "cascades": len(part.seen), **judge_peaks(model, part)})
    return {"sizes": sizes, "courses": courses, "peaks": peaks}


def describe_coverage(inside: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of truths inside their interval, with its own 95 % interval (Wilson)."""
    share, trials = np.array([inside.mean()]), np.array([float(len(inside))])
    low, high = compute_wilson(share, trials)
    return {"coverage": float(share[0]), "coverage_low": float(low[0]), "coverage_high": float(high[0])}


def list_courses(model: Predictor, part: Snapshots, both: Numbers) -> list[dict[str, Any]]:
    """Return how good the course is at hours that lie ahead of one age; ``both``: the sizes read at that age."""
    age = float(part.ages[0])
    hours = np.array([hour for hour in SHOWN_COURSE_H if hour > age])
    rows = zip(part.features, part.seen, *both, strict=True)
    told = np.array([model.course.follow(row, int(seen), (day, end), hours) for row, seen, day, end in rows])
    lines = []
    for at, hour in enumerate(hours):
        low, size, high = told[:, at].T
        truth = part.course[:, KNOTS_H.index(hour)]
        line = {"age_h": age, "hour": float(hour), "cascades": len(truth)}
        line["coverage"] = float(((low <= truth) & (truth <= high)).mean())
        line["median_ape"] = float(np.median(np.abs(size - truth) / truth))
        lines.append(line | {"median_high_to_low": float(np.median(high / low))})
    return lines


def judge_peaks(model: Predictor, part: Snapshots) -> dict[str, float]:
    """Return the share of peaks passed, accuracy and Brier score of "passed", and how far those ahead are missed."""
    passed = part.peaks <= part.ages * HOUR_S
    chance = 1 / (1 + np.exp(-model.peak_passed.predict(part.features)))
    ahead = np.maximum(np.exp2(model.peak_ahead.predict(part.features)), part.ages)[~passed]
    factors = np.abs(np.log2(ahead / (part.peaks[~passed] / HOUR_S)))
    return {
        "passed": float(passed.mean()),
        "accuracy": float(((chance >= 0.5) == passed).mean()),
        "brier": float(np.mean((chance - passed) ** 2)),
        "ahead_median_factor": float(np.exp2(np.median(factors))) if factors.size else 1.0,
    }
