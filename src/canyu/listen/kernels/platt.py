"""A line from scores to log-odds, fitted by Newton's method."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel, tuple_of
from canyu.listen.kernels.adagrad import FLOATS, compute_logistic

ROUNDS = 50
RIDGE = 1e-9  # keeps the step finite where all scores are equal


@compile_kernel(tuple_of((types.float64, types.float64))(FLOATS, FLOATS, FLOATS))
def fit_line(scores: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset such that logistic(slope x score + offset) is the likeliest for ``y`` (Platt 1999).

    The targets are pulled in as Platt does, to (n1 + 1) / (n1 + 2) and 1 / (n0 + 2): separable scores stay finite.
    """
    ones = zeros = 0.0
    for row in range(y.size):
        ones += y[row]
        zeros += 1.0 - y[row]
    high, low = (ones + 1.0) / (ones + 2.0), 1.0 / (zeros + 2.0)
    slope, offset = 1.0, 0.0
    for _ in range(ROUNDS):
        down_slope = down_offset = 0.0
        curve_slope = curve_offset = RIDGE
        curve_both = 0.0
        for row in range(y.size):
            p = compute_logistic(slope * scores[row] + offset)
            error = (p - (high * y[row] + low * (1.0 - y[row]))) * weights[row]
            curve = max(p * (1.0 - p), 1e-12) * weights[row]
            down_slope += error * scores[row]
            down_offset += error
            curve_slope += curve * scores[row] * scores[row]
            curve_both += curve * scores[row]
            curve_offset += curve
        area = curve_slope * curve_offset - curve_both * curve_both
        slope -= (curve_offset * down_slope - curve_both * down_offset) / area
        offset -= (curve_slope * down_offset - curve_both * down_slope) / area
    return slope, offset


@compile_kernel(types.float64[::1](FLOATS, types.float64, types.float64))
def read_line(scores: NDArray[np.float64], slope: float, offset: float) -> NDArray[np.float64]:
    """Return logistic(slope x score + offset) of every score."""
    found = np.empty(scores.size)
    for row in range(scores.size):
        found[row] = compute_logistic(slope * scores[row] + offset)
    return found
