"""A linear classifier of the widest margin, the same to the bit on every machine.

Dual coordinate descent for the squared hinge loss (Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, "A Dual
Coordinate Descent Method for Large-scale Linear SVM"): only additions, multiplications, divisions and square roots.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel
from canyu.kit.mixing import mix
from canyu.listen.kernels.adagrad import BUCKETS, FLOATS, ROWS, compute_logistic, shuffle_rows


@compile_kernel(
    types.float64[::1](BUCKETS, OFFSETS, ROWS, FLOATS, FLOATS, FLOATS, types.int64, types.float64, types.uint64)
)
def fit_margin(
    buckets: NDArray[np.int32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    features: NDArray[np.float64],
    epochs: int,
    softness: float,
    seed: np.uint64,
) -> NDArray[np.float64]:
    """Return the weight of each bucket, float64, fitted to tell ``y`` = 1 from 0 over ``rows``.

    ``features``: the value a bucket has where it occurs; the score of a row is the sum of weight times value over its
    buckets, divided by the square root of their number. ``softness`` times ``weights`` is what an error costs (the C
    of a support vector machine). A bias is fitted beside the weights and left out: lines are fitted to scores later.
    """
    fitted = np.zeros(features.size)
    bias = 0.0
    count = rows.size
    duals, curves, norms = np.zeros(count), np.zeros(count), np.zeros(count)
    for place in range(count):
        row = rows[place]
        square = 0.0
        for at in range(starts[row], starts[row + 1]):  # a bucket may occur many times in a row: "哈哈哈哈"
            fitted[buckets[at]] += features[buckets[at]]
        for at in range(starts[row], starts[row + 1]):
            square += fitted[buckets[at]] * features[buckets[at]]
        for at in range(starts[row], starts[row + 1]):
            fitted[buckets[at]] = 0.0
        size = max(np.float64(starts[row + 1] - starts[row]), 1.0)
        norms[place] = 1.0 / np.sqrt(size)
        curves[place] = square / size + 1.0 + 0.5 / (softness * weights[row])
    order = np.arange(count)
    for epoch in range(epochs):
        shuffle_rows(order, mix(seed + np.uint64(epoch)))
        for turn in order:
            row = rows[turn]
            side = 1.0 if y[row] > 0.5 else -1.0
            score = 0.0
            for at in range(starts[row], starts[row + 1]):
                score += fitted[buckets[at]] * features[buckets[at]]
            gap = side * (score * norms[turn] + bias) - 1.0 + duals[turn] * 0.5 / (softness * weights[row])
            moved = max(duals[turn] - gap / curves[turn], 0.0)
            step = (moved - duals[turn]) * side
            duals[turn] = moved
            bias += step
            for at in range(starts[row], starts[row + 1]):
                fitted[buckets[at]] += step * norms[turn] * features[buckets[at]]
    return fitted * features


@compile_kernel(types.float64[::1](FLOATS))
def compute_logistics(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log-odds."""
    found = np.empty(scores.size)
    for place in range(scores.size):
        found[place] = compute_logistic(scores[place])
    return found
