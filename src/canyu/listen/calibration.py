"""Whether a probability means what it says: measured, and mended by a line fitted to texts not trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.listen.kernels.platt import fit_line

BINS = 15


@dataclass(frozen=True, slots=True)
class Calibration:
    """The line from raw scores to log-odds."""

    slope: float
    offset: float


def fit_calibration(scores: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> Calibration:
    """Fit the line from ``scores`` to the log-odds of ``y`` = 1 (Platt scaling); each row counts ``weights``.

    >>> line = fit_calibration(np.array([-2.0, -1.0, 1.0, 2.0] * 50), np.array([0.0, 0, 1, 1] * 50), np.ones(200))
    >>> line.slope > 1
    True
    """
    return Calibration(*fit_line(scores, y, weights))


def compute_ece(confidence: NDArray[np.float64], is_right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error: the mean gap between confidence and share right, over equal bins.

    Parameters
    ----------
    confidence
        Probability given to the answer, in [0, 1], shape (n,).
    is_right
        Whether the answer was right, shape (n,).
    bins
        Number of bins of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks").

    Examples
    --------
    >>> compute_ece(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, True, False]))
    0.0

    """
    if confidence.size == 0:
        return 0.0
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    counts = np.bincount(places, minlength=bins)
    gaps = np.bincount(places, confidence, bins) - np.bincount(places, is_right.astype(np.float64), bins)
    return float(np.abs(gaps).sum() / counts.sum())


def compute_chance_ece(confidence: NDArray[np.float64], bins: int = BINS) -> float:
    """Return the calibration error that so many answers show by chance where every probability means what it says.

    The gap of a bin is then near to normal with variance sum p (1 - p), and its mean size is that normal's.

    >>> round(compute_chance_ece(np.full(100, 0.5)), 4), round(compute_chance_ece(np.full(10_000, 0.5)), 4)
    (0.0399, 0.004)
    """
    if confidence.size == 0:
        return 0.0
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    spreads = np.sqrt(np.bincount(places, confidence * (1.0 - confidence), bins))
    return float(spreads.sum() * math.sqrt(2.0 / math.pi) / confidence.size)
