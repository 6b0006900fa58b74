"""Logistic regression by AdaGrad over hashed grams, the same to the bit on every machine.

Only additions, multiplications, divisions and square roots are used: IEEE 754 fixes their last bit, which no library's
``exp`` or ``log`` does.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel, read_only, tuple_of
from canyu.kit.mixing import mix

BUCKETS, FLOATS, ROWS = read_only(types.int32), read_only(types.float64), read_only(types.int64)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST_GRADIENT = 1e-3  # keeps the first step finite


@compile_kernel(types.float64(types.float64))
def compute_logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)) from basic arithmetic, exact to 1e-12; ends at ±40."""
    x = min(max(x, -40.0), 40.0)
    power = -x / 1024.0  # |power| < 0.04: eight terms leave less than 1e-16
    series = 1.0
    for term in range(8, 0, -1):
        series = 1.0 + series * power / term
    for _ in range(10):
        series *= series
    return 1.0 / (1.0 + series)


@compile_kernel(types.void(types.int64[::1], types.uint64))
def shuffle_rows(rows: NDArray[np.int64], seed: np.uint64) -> None:
    """Shuffle ``rows`` in place (Fisher-Yates over splitmix64)."""
    for last in range(rows.size - 1, 0, -1):
        seed += GOLDEN
        other = np.int64(mix(seed) % np.uint64(last + 1))
        rows[last], rows[other] = rows[other], rows[last]


@compile_kernel(types.float64[::1](BUCKETS, OFFSETS, ROWS, FLOATS, FLOATS, types.int64))
def compute_leanings(
    buckets: NDArray[np.int32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Return how one-sided each bucket is, float64, shape (size,): the root of its absolute log-ratio.

    The ratio is between the bucket's shares in rows with y = 1 and y = 0, half a count added (Wang and Manning 2012,
    "Baselines and Bigrams"); its logarithm by the first three terms of 2 atanh.
    """
    ones, zeros = np.full(size, 0.5), np.full(size, 0.5)
    for row in rows:
        for at in range(starts[row], starts[row + 1]):
            ones[buckets[at]] += y[row] * weights[row]
            zeros[buckets[at]] += (1.0 - y[row]) * weights[row]
    all_ones = all_zeros = 0.0
    for bucket in range(size):
        all_ones += ones[bucket]
        all_zeros += zeros[bucket]
    leanings = np.empty(size)
    for bucket in range(size):
        one, zero = ones[bucket] / all_ones, zeros[bucket] / all_zeros
        tilt = abs(one - zero) / (one + zero)
        leanings[bucket] = np.sqrt(2.0 * (tilt + tilt**3 / 3.0 + tilt**5 / 5.0))
    return leanings


@compile_kernel(
    tuple_of((types.float64[::1], types.float64))(
        BUCKETS, OFFSETS, ROWS, FLOATS, FLOATS, FLOATS, types.int64, types.float64, types.float64, types.uint64
    )
)
def fit_logistic(
    buckets: NDArray[np.int32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    features: NDArray[np.float64],
    epochs: int,
    rate: float,
    decay: float,
    seed: np.uint64,
) -> tuple[NDArray[np.float64], float]:
    """Return the weight of each bucket, float64, and the bias, fitted to ``y`` over ``rows``.

    ``features``: the value a bucket has where it occurs; the score of a row is the sum of weight times value over
    its grams, divided by the square root of their number, plus the bias. ``decay`` (L2) touches a bucket's weight
    only when the bucket occurs. ``weights``: how much each row counts.
    """
    fitted = np.zeros(features.size)
    gradients = np.full(features.size, FIRST_GRADIENT)
    bias, bias_gradient = 0.0, FIRST_GRADIENT
    order = rows.copy()
    for epoch in range(epochs):
        shuffle_rows(order, mix(seed + np.uint64(epoch)))
        for row in order:
            start, stop = starts[row], starts[row + 1]
            if start == stop:
                continue
            norm = 1.0 / np.sqrt(np.float64(stop - start))
            score = 0.0
            for at in range(start, stop):
                score += fitted[buckets[at]] * features[buckets[at]]
            error = (compute_logistic(score * norm + bias) - y[row]) * weights[row]
            for at in range(start, stop):
                bucket = buckets[at]
                step = error * norm * features[bucket] + decay * fitted[bucket]
                gradients[bucket] += step * step
                fitted[bucket] -= rate * step / np.sqrt(gradients[bucket])
            bias_gradient += error * error
            bias -= rate * error / np.sqrt(bias_gradient)
    return fitted * features, bias


@compile_kernel(
    types.float64[::1](
        BUCKETS, OFFSETS, ROWS, FLOATS, FLOATS, FLOATS, types.int64, types.int64, types.float64, types.float64
    )
)
def fit_shift(
    buckets: NDArray[np.int32],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    log_odds: NDArray[np.float64],
    size: int,
    epochs: int,
    rate: float,
    decay: float,
) -> NDArray[np.float64]:
    """Return what to add to each bucket's weight so that ``log_odds`` come nearer to ``y``, float64, shape (size,).

    ``log_odds``: what the model said of each row before; ``y`` may lie between 0 and 1. Bucket 0 is never moved.
    ``decay`` (L2) pulls what is added back to zero: what the rows do not ask for stays as it was.
    """
    shift, gradients = np.zeros(size), np.full(size, FIRST_GRADIENT)
    order = rows.copy()
    for epoch in range(epochs):
        shuffle_rows(order, mix(np.uint64(epoch)))
        for row in order:
            start, stop = starts[row], starts[row + 1]
            if start == stop:
                continue
            norm = 1.0 / np.sqrt(np.float64(stop - start))
            score = log_odds[row]
            for at in range(start, stop):
                score += shift[buckets[at]] * norm
            error = (compute_logistic(score) - y[row]) * weights[row]
            for at in range(start, stop):
                bucket = buckets[at]
                if bucket:
                    step = error * norm + decay * shift[bucket]
                    gradients[bucket] += step * step
                    shift[bucket] -= rate * step / np.sqrt(gradients[bucket])
    return shift
