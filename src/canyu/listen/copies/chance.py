"""How likely chance is to give what was seen, and how many findings of many are chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from canyu.listen.kernels.coordination import (
    NULL_SYNCHRONOUS,
    NULL_VARIATION,
    NULL_VARIATION_ERROR,
    SYNCHRONOUS,
    VARIATION,
)


def compute_p_value(measured: NDArray[np.float64], draws: int) -> float:
    """Return how likely chance is to give a trace's synchrony or regularity: twice the smaller of both, at most 1.

    Synchronous neighbours: Poisson, its mean that of the draws and one more. Regularity: the normal distribution,
    mean and error of the draws.
    """
    mean = measured[NULL_SYNCHRONOUS] + 1.0 / draws
    synchronous = compute_poisson_tail(int(measured[SYNCHRONOUS]), float(mean))
    regular = 1.0
    if measured[VARIATION] >= 0.0 and measured[NULL_VARIATION] >= 0.0 and measured[NULL_VARIATION_ERROR] > 0.0:
        score = (measured[VARIATION] - measured[NULL_VARIATION]) / measured[NULL_VARIATION_ERROR]
        regular = 0.5 * math.erfc(-float(score) / math.sqrt(2.0))
    return min(1.0, 2.0 * min(synchronous, regular))


def compute_poisson_tail(count: int, mean: float) -> float:
    """Return P(X >= count) for a Poisson X of this mean.

    >>> compute_poisson_tail(0, 3.0), round(compute_poisson_tail(2, 1.0), 6)
    (1.0, 0.264241)
    """
    if count <= mean:
        return 1.0 - sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count))
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total, k = 0.0, count
    while term > total * 1e-16:
        total += term
        k += 1
        term *= mean / k
    return min(total, 1.0)


def adjust_p_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the false discovery rate at which each would be found (Benjamini and Hochberg 1995).

    >>> adjust_p_values(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(p_values[order] * len(p_values) / ranks), 1.0)
    return adjusted
