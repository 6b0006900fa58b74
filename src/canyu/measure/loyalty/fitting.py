"""The likelihood made as large as it goes, on the scale of logarithms, with intervals from its curvature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.intervals import Z95

Floats = NDArray[np.float64]

STEP = 1e-4
EDGE = 9.0  # a parameter beyond exp(9) or below exp(-9) has run away
DRAWS = 400
SEED = 20250401

METHOD = Words("最大似然；区间来自观测信息（对数尺度）", "maximum likelihood; interval from the observed information, on logs")
RAN_AWAY = Words(
    "数据不足以确定这个模型的参数（似然没有内部极大值）。",
    "The data do not settle the parameters of this model: the likelihood has no peak inside.",
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The parameters by name, how likely the data are under them, and how uncertain their logarithms are.

    ``is_settled``: the likelihood has a peak; else the values say nothing and there are no intervals.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    covariance: Floats
    log_likelihood: float
    is_settled: bool

    @property
    def parameters(self) -> dict[str, Estimate]:
        """Each parameter with its 95 % interval."""
        errors = np.sqrt(np.diag(self.covariance))
        return {
            name: Estimate(value, value * float(np.exp(-Z95 * error)), value * float(np.exp(Z95 * error)), None, METHOD)
            if self.is_settled
            else Estimate(None, None, None, None, METHOD, (), RAN_AWAY)
            for name, value, error in zip(self.names, self.values, errors, strict=True)
        }

    def estimate(self, compute: Callable[[Floats], float], notes: tuple[Words, ...] = ()) -> Estimate:
        """Return what follows from the parameters, with the interval that their own uncertainty makes.

        Parameters are drawn 400 times, log-normal, from a fixed seed.
        """
        if not self.is_settled:
            return Estimate(None, None, None, None, METHOD, notes, RAN_AWAY)
        random = np.random.default_rng(SEED)
        drawn = np.exp(random.multivariate_normal(np.log(self.values), self.covariance, DRAWS))
        found = np.array([compute(row) for row in drawn])
        low, high = np.quantile(found[np.isfinite(found)], [0.025, 0.975])
        return Estimate(compute(np.array(self.values)), float(low), float(high), None, METHOD, notes)


def fit(log_likelihood: Callable[[Floats], float], names: tuple[str, ...], units: Floats) -> Fit:
    """Return the parameters that make the data likeliest.

    The likelihood takes parameters in a scaled time (or money) in which usual values are about 1, so that the search
    converges whatever the unit was; ``units`` are what one of each is in the unit given.
    """
    from scipy.optimize import minimize

    def miss(logs: Floats) -> float:
        value = -log_likelihood(np.exp(logs)) if np.all(np.abs(logs) < EDGE + 1) else np.inf
        return value if np.isfinite(value) else 1e300

    options = {"xatol": 1e-7, "fatol": 1e-7, "maxiter": 4000, "maxfev": 4000, "adaptive": True}
    first = minimize(miss, np.zeros(len(names)), method="Nelder-Mead", options=options)
    found = minimize(miss, first.x, method="Nelder-Mead", options=options)  # once more, from a fresh simplex
    covariance, is_peak = _invert(_measure_curvature(miss, found.x))
    values = tuple(float(value) for value in np.exp(found.x) * units)
    is_settled = bool(is_peak and np.all(np.abs(found.x) < EDGE))
    return Fit(names, values, covariance, -float(found.fun), is_settled)


def _measure_curvature(miss: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the matrix of second differences."""
    count = len(at)
    steps = np.eye(count) * STEP
    found = np.empty((count, count))
    for i in range(count):
        for j in range(count):
            corners = [miss(at + a * steps[i] + b * steps[j]) * a * b for a in (1, -1) for b in (1, -1)]
            found[i, j] = sum(corners) / (4 * STEP * STEP)
    return (found + found.T) / 2


def _invert(curvature: Floats) -> tuple[Floats, bool]:
    values = np.linalg.eigvalsh(curvature) if np.all(np.isfinite(curvature)) else np.zeros(1)
    if values.min() <= 1e-6 * max(1e-12, values.max()):
        return np.zeros_like(curvature), False
    inverse: Floats = np.linalg.inv(curvature)
    return inverse, True
