"""Small logistic regressions: from a few scores to log-odds, by Newton's method, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.listen.kernels.aspects import Floats
from canyu.listen.kernels.margin import compute_logistics

ROUNDS = 40
RIDGE = 1.0  # of slopes only; scores are of the order of one


def fit_lines(x: Floats, y: Floats, weights: Floats, ridge: float = RIDGE) -> NDArray[np.float64]:
    """Return one weight per column of ``x`` (n, k) and the offset last, fitted to ``y`` in {0, 1}, rounded to 1e-6.

    >>> line = fit_lines(np.array([[-1.0], [1.0]] * 50), np.array([0.0, 1.0] * 50), np.ones(100))
    >>> bool(line[0] > 1), bool(abs(line[1]) < 1e-6)
    (True, True)
    """
    full = np.column_stack([x, np.ones(len(x))])
    line = np.zeros(full.shape[1])
    penalty = np.append(np.full(x.shape[1], ridge), 1e-6)
    for _ in range(ROUNDS):
        p = compute_logistics((full * line).sum(axis=1))
        down = (full * ((p - y) * weights)[:, None]).sum(axis=0) + penalty * line
        curve = (full[:, :, None] * full[:, None, :] * (np.maximum(p * (1 - p), 1e-9) * weights)[:, None, None]).sum(0)
        line = line - _solve(curve + np.diag(penalty), down)
    return np.asarray(np.round(line, 6), np.float64)


def _solve(matrix: Floats, right: Floats) -> NDArray[np.float64]:
    """Solve a small symmetric system by elimination: no library whose last bit differs between machines."""
    work = np.column_stack([matrix, right])
    size = len(right)
    for pivot in range(size):
        work[pivot] /= work[pivot, pivot]
        for row in range(size):
            if row != pivot:
                work[row] -= work[row, pivot] * work[pivot]
    return work[:, -1]
