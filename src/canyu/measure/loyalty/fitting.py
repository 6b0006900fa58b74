"""The likelihood made as large as it goes, on the scale of logarithms, with intervals from its curvature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.intervals import Z95

Floats = NDArray[np.float64]

STEP = 1e-4
DRAWS, SEED = 400, 5
FEWEST_FINITE = 0.99
EDGE = 9.0  # a parameter beyond exp(9) or below exp(-9) has run away
FAR = 1e12  # what a place without a likelihood is worth
OPTIONS = {
    "BFGS": {"gtol": 1e-8},
    "Nelder-Mead": {"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000, "adaptive": True},
}

METHOD = Words(
    "最大似然；区间来自观测信息（对数尺度）", "maximum likelihood; interval from the observed information, on logs"
)
RAN_AWAY = Words(
    "数据不足以确定这个模型的参数（似然没有内部极大值）。",
    "The data do not settle the parameters of this model: the likelihood has no peak inside.",
)
UNSURE = Words(
    "参数太不确定：在其可能的取值中，这个数值并不总是有限。",
    "The parameters are too uncertain: for some that are possible the figure is not finite.",
)
NO_FIGURE = Words("由参数得不出有限的数值。", "No finite figure follows from the parameters.")


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
            else tell_missing(RAN_AWAY, METHOD)
            for name, value, error in zip(self.names, self.values, errors, strict=True)
        }


def follow(fits: Sequence[Fit], compute: Callable[..., float], notes: tuple[Words, ...] = ()) -> Estimate:
    """Return a positive figure that follows from the parameters, with the interval that their uncertainty makes.

    ``compute`` takes the parameters of each fit as an array. Delta method on logarithms; the fits are of separate
    likelihoods, so their errors are independent.
    """
    if not all(each.is_settled for each in fits):
        return tell_missing(RAN_AWAY, METHOD, notes)
    logs = [np.log(each.values) for each in fits]
    value = compute(*(np.exp(each) for each in logs))
    if not (np.isfinite(value) and value > 0):
        return tell_missing(NO_FIGURE, METHOD, notes)
    variance = 0.0
    for place, each in enumerate(fits):
        slopes = np.zeros(len(each.values))
        for at in range(len(slopes)):
            ends = []
            for step in (STEP, -STEP):
                moved = [row.copy() for row in logs]
                moved[place][at] += step
                ends.append(np.log(compute(*(np.exp(row) for row in moved))))
            slopes[at] = (ends[0] - ends[1]) / (2 * STEP)
        variance += float(slopes @ each.covariance @ slopes)
    width = float(np.exp(Z95 * np.sqrt(variance)))
    return Estimate(value, value / width, value * width, None, METHOD, notes)


def follow_drawn(
    fits: Sequence[Fit], compute: Callable[..., float], notes: tuple[Words, ...] = (), fixed: float = 0.0
) -> Estimate:
    """Return a positive figure whose interval is read from draws of the parameters, for what bends too much for slopes.

    At the likeliest parameters the average worth of a purchase hardly has a slope, so that ``follow`` is too narrow
    (84 % of 95). The draws are normal on logarithms, in pairs about the middle, and the same each time. ``fixed`` is
    the variance of the figure's logarithm by what is not drawn.
    """
    if not all(each.is_settled for each in fits):
        return tell_missing(RAN_AWAY, METHOD, notes)
    value = compute(*(np.array(each.values) for each in fits))
    if not (np.isfinite(value) and value > 0):
        return tell_missing(NO_FIGURE, METHOD, notes)
    chance = np.random.default_rng(SEED)
    half = [chance.standard_normal((DRAWS // 2, len(each.values))) for each in fits]
    noise = chance.standard_normal(DRAWS // 2) * np.sqrt(fixed)
    logs = []
    for sign in (1.0, -1.0):
        moved = [
            np.log(each.values) + sign * z @ np.linalg.cholesky(each.covariance).T
            for each, z in zip(fits, half, strict=True)
        ]
        with np.errstate(all="ignore"):
            drawn = np.array([compute(*(np.exp(rows[place]) for rows in moved)) for place in range(DRAWS // 2)])
            logs.append(np.log(drawn) + sign * noise)
    found = np.concatenate(logs)
    found = found[np.isfinite(found)]
    if len(found) < FEWEST_FINITE * DRAWS:
        return tell_missing(UNSURE, METHOD, notes)
    low, high = np.exp(np.quantile(found, (0.025, 0.975)))
    return Estimate(value, float(min(low, value)), float(max(high, value)), None, METHOD, notes)


def fit(log_likelihood: Callable[[Floats], float], names: tuple[str, ...], units: Floats) -> Fit:
    """Return the parameters that make the data likeliest.

    The likelihood takes parameters in a scaled time (or money) in which usual values are about 1, so that the search
    converges whatever the unit was; ``units`` are what one of each is in the unit given.
    """
    from scipy.optimize import minimize

    def miss(logs: Floats) -> float:
        with np.errstate(all="ignore"):
            value = -log_likelihood(np.exp(logs)) if np.all(np.abs(logs) < EDGE + 1) else np.inf
        return value if np.isfinite(value) else FAR

    at = np.zeros(len(names))
    scale = max(1.0, miss(at)) if miss(at) < FAR else 1.0
    for method in ("BFGS", "Nelder-Mead"):  # the second is ten times slower, and finds its way where the first does not
        with np.errstate(all="ignore"):
            at = minimize(partial(_scale, miss, scale), at, method=method, options=OPTIONS[method]).x
        covariance, is_peak = _invert(_measure_curvature(miss, at))
        if is_peak:
            break
    values = tuple(float(value) for value in np.exp(at) * units)
    is_settled = bool(is_peak and np.all(np.abs(at) < EDGE))
    return Fit(names, values, covariance, -miss(at), is_settled)


def _scale(miss: Callable[[Floats], float], scale: float, logs: Floats) -> float:
    return miss(logs) / scale


def _measure_curvature(miss: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the matrix of second differences."""
    count = len(at)
    steps = np.eye(count) * STEP
    found = np.empty((count, count))
    for i in range(count):
        for j in range(count):
            corners = [miss(at + a * steps[i] + b * steps[j]) * a * b for a in (1, -1) for b in (1, -1)]
            found[i, j] = sum(corners) / (4 * STEP * STEP)
    return np.asarray((found + found.T) / 2, np.float64)


def _invert(curvature: Floats) -> tuple[Floats, bool]:
    values = np.linalg.eigvalsh(curvature) if np.all(np.isfinite(curvature)) else np.zeros(1)
    if values.min() <= 1e-6 * max(1e-12, values.max()):
        return np.zeros_like(curvature), False
    return np.asarray(np.linalg.inv(curvature), np.float64), True
