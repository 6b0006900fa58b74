"""Several classes at once: multinomial logistic regression over grams and over a few scores, the same bits everywhere.

Like :mod:`canyu.listen.kernels.adagrad`, only arithmetic is used whose last bit IEEE 754 fixes.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel, read_only
from canyu.kit.mixing import mix
from canyu.listen.kernels.adagrad import BUCKETS, FIRST_GRADIENT, FLOATS, ROWS, shuffle_rows

TABLE = read_only(types.float64, 2)
MATRIX = types.float64[:, ::1]
RIDGE = 1.0  # of the scores' matrix, in rows: a class or score without evidence stays at zero


@compile_kernel(types.float64(types.float64))
def compute_power(x: float) -> float:
    """Return exp(x) for x <= 0 from basic arithmetic, exact to 1e-12; below -40 it is taken as -40."""
    part = max(x, -40.0) / 1024.0
    series = 1.0
    for term in range(8, 0, -1):
        series = 1.0 + series * part / term
    for _ in range(10):
        series *= series
    return series


@compile_kernel(types.void(types.float64[::1]))
def normalise(scores: NDArray[np.float64]) -> None:
    """Turn log-odds into probabilities, in place."""
    top = scores[0]
    for score in scores:
        top = max(top, score)
    total = 0.0
    for place in range(scores.size):
        scores[place] = compute_power(scores[place] - top)
        total += scores[place]
    for place in range(scores.size):
        scores[place] /= total


@compile_kernel(
    MATRIX(
        BUCKETS,
        OFFSETS,
        ROWS,
        read_only(types.int64),
        FLOATS,
        read_only(types.int64),
        TABLE,
        types.int64,
        types.float64,
        types.float64,
        types.uint64,
    )
)
def fit_softmax(
    buckets: NDArray[np.int32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    domains: NDArray[np.int64],
    features: NDArray[np.float64],
    epochs: int,
    rate: float,
    decay: float,
    seed: np.uint64,
) -> NDArray[np.float64]:
    """Return the weight of each bucket for each class, float64, shape (buckets, classes), by AdaGrad.

    ``features``: the value a bucket has for a class where it occurs, shape (buckets, classes); a bucket of zeros is
    counted in a text's length and learns nothing. ``domains``: each has intercepts of its own, which are not
    returned: what only tells the domain is not learnt as a feeling. The epochs after the second are averaged.
    """
    size, classes = features.shape
    fitted, gradients = np.zeros((size, classes)), np.full((size, classes), FIRST_GRADIENT)
    total = np.zeros((size, classes))
    biases = np.zeros((domains.max() + 1, classes))
    bias_gradients = np.full((domains.max() + 1, classes), FIRST_GRADIENT)
    error = np.empty(classes)
    order = rows.copy()
    for epoch in range(epochs):
        shuffle_rows(order, mix(seed + np.uint64(epoch)))
        for row in order:
            start, stop = starts[row], starts[row + 1]
            if start == stop:
                continue
            norm, domain = 1.0 / np.sqrt(np.float64(stop - start)), domains[row]
            error[:] = 0.0
            for at in range(start, stop):
                for label in range(classes):
                    error[label] += fitted[buckets[at], label] * features[buckets[at], label]
            for label in range(classes):
                error[label] = error[label] * norm + biases[domain, label]
            normalise(error)
            error[labels[row]] -= 1.0
            for label in range(classes):
                error[label] *= weights[row]
            for at in range(start, stop):
                bucket = buckets[at]
                for label in range(classes):
                    value = features[bucket, label]
                    step = error[label] * norm * value + decay * fitted[bucket, label]
                    gradients[bucket, label] += step * step
                    fitted[bucket, label] -= rate * step / np.sqrt(gradients[bucket, label])
            for label in range(classes):
                bias_gradients[domain, label] += error[label] * error[label]
                biases[domain, label] -= rate * error[label] / np.sqrt(bias_gradients[domain, label])
        if epoch >= 2 or epoch == epochs - 1:
            total += fitted
    share = 1.0 / max(epochs - 2, 1)
    for bucket in range(size):
        for label in range(classes):
            total[bucket, label] *= features[bucket, label] * share
    return total


@compile_kernel(MATRIX(MATRIX))
def invert(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of a small positive definite matrix (Gauss and Jordan)."""
    size = matrix.shape[0]
    left, right = matrix.copy(), np.eye(size)
    for pivot in range(size):
        scale = 1.0 / left[pivot, pivot]
        for column in range(size):
            left[pivot, column] *= scale
            right[pivot, column] *= scale
        for row in range(size):
            if row != pivot:
                factor = left[row, pivot]
                for column in range(size):
                    left[row, column] -= factor * left[pivot, column]
                    right[row, column] -= factor * right[pivot, column]
    return right


@compile_kernel(MATRIX(TABLE, read_only(types.int64), types.int64, types.int64))
def fit_matrix(
    scores: NDArray[np.float64], labels: NDArray[np.int64], classes: int, rounds: int
) -> NDArray[np.float64]:
    """Return weights of scores for classes, shape (scores, classes), the likeliest for ``labels`` under a small ridge.

    Each round minimises a quadratic bound of the loss (Böhning 1992, "Multinomial logistic regression algorithm"):
    no step size to choose, and it never gets worse. Give a column of ones for the intercept.
    """
    count, width = scores.shape
    square = np.eye(width) * RIDGE
    for row in range(count):
        for left in range(width):
            for right in range(width):
                square[left, right] += scores[row, left] * scores[row, right]
    inverse = invert(square)
    found = np.zeros((width, classes))
    error = np.empty(classes)
    for _ in range(rounds):
        down = found * RIDGE
        for row in range(count):
            for label in range(classes):
                error[label] = 0.0
                for place in range(width):
                    error[label] += scores[row, place] * found[place, label]
            normalise(error)
            error[labels[row]] -= 1.0
            for place in range(width):
                for label in range(classes):
                    down[place, label] += scores[row, place] * error[label]
        for place in range(width):
            for label in range(classes):
                for other in range(width):
                    found[place, label] -= 2.0 * inverse[place, other] * down[other, label]
    return found
