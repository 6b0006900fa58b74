"""Weights of donors: not negative, one together, found exactly."""

from __future__ import annotations

import numpy as np

from canyu.measure.lift.panel import Array


def find_weights(pool: Array, outcome: Array, ridge: float = 0.0) -> Array:
    """Return the weights (not negative, of sum 1) whose mix of ``pool`` is nearest to ``outcome``.

    ``pool`` has a row per time and a column per donor. ``ridge`` adds that multiple of the squared weights. With sum 1
    the distance is that of ``gaps x weights`` from nothing, and least squares with one more row that asks for sum 1
    finds its direction exactly: by homogeneity its length does not matter, and is set afterwards.

    >>> find_weights(np.array([[1.0, 3.0], [2.0, 2.0]]), np.array([1.5, 2.0])).round(6).tolist()
    [0.75, 0.25]
    """
    from scipy.optimize import nnls  # a second that only a study pays

    gaps = outcome[:, None] - pool
    size = np.sqrt((gaps**2).sum(axis=0)).min() or 1.0
    rows = [gaps / size]
    if ridge > 0:
        rows.append(np.sqrt(ridge) / size * np.eye(pool.shape[1]))
    system = np.vstack([*rows, np.ones((1, pool.shape[1]))])
    wanted = np.zeros(len(system))
    wanted[-1] = 1.0
    found, _ = nnls(system, wanted, maxiter=50 * pool.shape[1] + 1000)
    weights: Array = found / found.sum()
    return weights
