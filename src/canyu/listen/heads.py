"""Yes-or-no questions over hashed grams: fitted weights, and how they are rounded to one byte each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.listen.calibration import Calibration

INT8_END = 127
DECIMALS = 6  # of scales and biases: beyond what any figure shows
END_QUANTILE = 0.99999


@dataclass(frozen=True, slots=True)
class Grams:
    """The hashed grams of every row of a corpus."""

    buckets: NDArray[np.int32]
    starts: NDArray[np.int64]

    def score(self, weights: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each row: its weights' sum over the square root of its number of grams."""
        sums = np.concatenate([[0.0], np.cumsum(weights[self.buckets])])
        lengths = np.maximum(np.diff(self.starts)[rows], 1)
        return np.asarray((sums[self.starts[rows + 1]] - sums[self.starts[rows]]) / np.sqrt(lengths))


@dataclass(frozen=True, slots=True)
class Head:
    """One fitted question: weight per bucket, and the calibrated line from score to log-odds."""

    weights: NDArray[np.float64]
    bias: float
    calibration: Calibration


def pack_heads(heads: list[Head]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a weights file: both heads rounded to int8, their scales and biases."""
    quantised, scales, biases = [], [], []
    for head in heads:
        whole, step = round_weights(head.weights)
        quantised.append(whole)
        line = head.calibration
        scales.append(round(line.slope * step, DECIMALS + 3))
        biases.append(round(line.slope * head.bias + line.offset, DECIMALS))
    low, high = quantised
    table = (high.astype(np.int16) << 8) | (low.astype(np.int16) & 0xFF)
    return {"table": table, "scales": np.array(scales), "biases": np.array(biases)}


def round_weights(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], float]:
    """Return weights as int8 and the step of one unit: the 0.99999 quantile of the used weights' sizes is 127."""
    sizes = np.sort(np.abs(weights[weights != 0.0]))
    end = sizes[min(int(sizes.size * END_QUANTILE), sizes.size - 1)] if sizes.size else 1.0
    step = float(end) / INT8_END
    return np.clip(np.rint(weights / step), -INT8_END, INT8_END).astype(np.int8), step
