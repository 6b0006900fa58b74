"""From sums of weights to probabilities."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel, read_only

SUMS = read_only(types.int32, 2)
FLOATS = read_only(types.float64)
FOUND = types.float32[:, ::1]
END = 40.0  # log-odds beyond which a probability is one or zero


@compile_kernel(types.float64(types.float64))
def compute_chance(log_odds: float) -> float:
    """Return the probability of log-odds."""
    return float(1.0 / (1.0 + np.exp(-min(max(log_odds, -END), END))))


@compile_kernel(types.float64(types.int64))
def compute_share(characters: int) -> float:
    """Return one over the root of the number of grams of a text of so many characters."""
    return float(1.0 / np.sqrt(3.0 * characters + 2.0))


@compile_kernel(FOUND(SUMS, OFFSETS, read_only(types.int8), read_only(types.float64, 3)))
def finish_sentiments(
    sums: NDArray[np.int32], offsets: NDArray[np.int64], kinds: NDArray[np.int8], lines: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return P(negative), P(neutral) and P(positive), float32, shape (texts, 3), by the line of each text's kind."""
    count = offsets.size - 1
    found = np.empty((count, 3), np.float32)
    for text in range(count):
        share = compute_share(offsets[text + 1] - offsets[text])
        kind = kinds[text]
        polarity = compute_chance(sums[text, 0] * share * lines[kind, 0, 0] + lines[kind, 0, 1])
        neutrality = compute_chance(sums[text, 1] * share * lines[kind, 1, 0] + lines[kind, 1, 1])
        found[text, 0] = (1.0 - neutrality) * (1.0 - polarity)
        found[text, 1] = neutrality
        found[text, 2] = (1.0 - neutrality) * polarity
    return found


@compile_kernel(FOUND(SUMS, OFFSETS, FLOATS, FLOATS))
def finish_emotions(
    sums: NDArray[np.int32], offsets: NDArray[np.int64], scales: NDArray[np.float64], biases: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the probability of each emotion, float32, shape (texts, 6); the last one's log-odds is its bias alone."""
    count, feelings = offsets.size - 1, biases.size
    found = np.empty((count, feelings), np.float32)
    odds = np.empty(feelings)
    for text in range(count):
        share = compute_share(offsets[text + 1] - offsets[text])
        total = 0.0
        for feeling in range(feelings):
            score = biases[feeling]
            if feeling < scales.size:
                score += sums[text, 2 + feeling] * share * scales[feeling]
            odds[feeling] = np.exp(min(max(score, -END), END))
            total += odds[feeling]
        for feeling in range(feelings):
            found[text, feeling] = odds[feeling] / total
    return found


@compile_kernel(types.int8[::1](read_only(types.float32, 2)))
def find_winners(probabilities: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return the place of the largest of each row, the first of equals, int8, shape (rows,)."""
    found = np.zeros(probabilities.shape[0], np.int8)
    for row in range(probabilities.shape[0]):
        best = 0
        for place in range(1, probabilities.shape[1]):
            if probabilities[row, place] > probabilities[row, best]:
                best = place
        found[row] = best
    return found
