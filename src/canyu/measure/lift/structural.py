"""A local level with controls, solved exactly: what a series would have been, as a mixture of Student's t.

The model is that of CausalImpact's default: ``y = level + controls x weights + season + noise``, where the level walks
at random. Given the walk's share of the noise and the width of the weights' prior, everything is conjugate, so the
prediction is a Student's t; both are summed over a grid with their exact likelihood. Nothing is simulated: the same
input gives the same digits. Whether there is a season is weighed in the same way.

Source: K. H. Brodersen et al. (2015), Annals of Applied Statistics 9, 247-274.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

WALK = 0.02
"""The scale of the half-Cauchy prior of the walk's deviation over the noise's: as small as CausalImpact guesses, but
with a heavy tail, so that a series which does wander says so."""
WALK_ALONE = 1.0
"""The same without controls: a history of some dozens of periods cannot show that a level stays where it is, and with
the small scale a level that wandered by 30 % of the noise was held in 84 % of the intervals instead of 93 to 95 %."""
WALK_WARY = 0.3
"""With controls, for the second look: of worlds in which controls are noisy themselves and the noise remembers a third,
the narrow scale holds the truth in 88 %, this one in 96 %; CausalImpact's published verdicts need the narrow one."""
TRIFLE = 1e-10
"""Grid points of less weight than this are left out of the mixture."""
RATIOS = np.concatenate([[0.0], np.geomspace(1e-3, 3.0, 18)])
_EDGES = np.concatenate([[0.0], (RATIOS[1:] + RATIOS[:-1]) / 2, RATIOS[-1:]])
WIDTHS = (0.1, 0.3, 1.0, 3.0)
"""How wide the prior of the controls' weights may be, in deviations of the outcome by one of the control."""
SEASON_WIDTH = 1.0


@dataclass(frozen=True, slots=True)
class History:
    """What is known before the start, and the controls after it; times count periods, gaps included."""

    outcome: Array
    controls: Array
    times: npt.NDArray[np.int64]
    later_controls: Array
    later_times: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of Student's t with one number of degrees of freedom: a row per grid point, a column per quantity."""

    weights: Array
    centres: Array
    scales: Array
    freedom: int

    def find_mean(self) -> Array:
        """Return the mean of each quantity."""
        mean: Array = self.weights @ self.centres
        return mean

    def compute_below(self, values: Array) -> Array:
        """Return how probable it is that each quantity is below its value."""
        from scipy.special import stdtr  # a second that only a study pays

        below: Array = self.weights @ stdtr(self.freedom, (values - self.centres) / self.scales)
        return below

    def find_quantile(self, level: float) -> Array:
        """Return the value of each quantity below which it is with this probability, by bisection."""
        low = (self.centres - 60 * self.scales).min(axis=0)
        high = (self.centres + 60 * self.scales).max(axis=0)
        for _ in range(60):
            middle = (low + high) / 2
            is_low = self.compute_below(middle) < level
            low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
        return np.asarray((low + high) / 2)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would have been: ``mean`` of the whole span and ``each`` period; ``fitted`` is one step ahead, before it."""

    mean: Mixture
    each: Mixture
    fitted: Array


def forecast_level(history: History, cycle: int = 1, walk: float | None = None) -> Forecast:
    """Predict the outcome after the start from the history before it and the controls.

    ``cycle`` is the number of periods after which a season may come round (7 for days of the week); 1 for none. How
    far it does is weighed against no season at all. A gap in ``times`` lets the level walk on unseen. ``walk`` is the
    scale of the prior of the level's walk; by default the narrow one with controls, the wide one without.

    >>> rng = np.random.default_rng(1)
    >>> control = np.cumsum(rng.normal(size=(80, 1)), axis=0)
    >>> outcome = 20 + 2 * control[:, 0] + rng.normal(size=80)
    >>> times = np.arange(80)
    >>> found = forecast_level(History(outcome[:60], control[:60], times[:60], control[60:], times[60:]))
    >>> bool(abs(found.mean.find_mean()[0] - outcome[60:].mean()) < 1.0)
    True
    """
    scale = _standardise(history)
    designs = [_lay_out(history, season) for season in sorted({1, cycle})]
    fits = [_solve(scale, design, ratio) for design in designs for ratio in RATIOS.tolist()]
    usual = WALK if history.controls.shape[1] else WALK_ALONE
    priors = np.tile(_weigh_ratios(usual if walk is None else walk), len(designs))
    logs = np.concatenate([fit.logs + prior for fit, prior in zip(fits, priors, strict=True)])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    kept = weights > TRIFLE
    freedom = len(history.outcome) - 1

    def mix(pick: Callable[[_Fit], tuple[Array, Array]]) -> Mixture:
        parts = [pick(fit) for fit in fits]
        centres = np.concatenate([part[0] for part in parts])[kept] * scale.spread + scale.centre
        scales = np.concatenate([part[1] for part in parts])[kept] * scale.spread
        return Mixture(weights[kept] / weights[kept].sum(), centres, scales, freedom)

    best = fits[int(np.argmax(logs)) // len(WIDTHS)]
    fitted = np.concatenate([[np.nan], best.fitted * scale.spread + scale.centre])
    return Forecast(mix(lambda fit: fit.mean), mix(lambda fit: fit.each), fitted)


@dataclass(frozen=True, slots=True)
class _Scale:
    outcome: Array
    centre: float
    spread: float


@dataclass(frozen=True, slots=True)
class _Design:
    before: Array
    after: Array
    precision: Array
    gaps: Array
    ahead: Array


@dataclass(frozen=True, slots=True)
class _Fit:
    logs: Array
    mean: tuple[Array, Array]
    each: tuple[Array, Array]
    fitted: Array


def _weigh_ratios(walk: float) -> Array:
    """Return the logarithm of the prior of each ratio of deviations: a half-Cauchy of this scale."""
    weighed: Array = np.log(np.diff(_EDGES)) - np.log1p((RATIOS / walk) ** 2)
    return weighed


def _standardise(history: History) -> _Scale:
    centre, spread = float(history.outcome.mean()), float(history.outcome.std()) or 1.0
    return _Scale((history.outcome - centre) / spread, centre, spread)


def _lay_out(history: History, season: int) -> _Design:
    middle, width = history.controls.mean(axis=0), history.controls.std(axis=0)
    width = np.where(width > 0, width, 1.0)
    before, after = (history.controls - middle) / width, (history.later_controls - middle) / width
    penalty = np.ones((len(WIDTHS), before.shape[1])) / np.square(WIDTHS)[:, None]
    if season > 1:
        phases = np.eye(season)[:, 1:]
        before = np.hstack([before, phases[history.times % season]])
        after = np.hstack([after, phases[history.later_times % season]])
        penalty = np.hstack([penalty, np.full((len(WIDTHS), season - 1), SEASON_WIDTH**-2)])
    gaps = np.diff(history.times).astype(float)
    ahead = (history.later_times - history.times[-1]).astype(float)
    return _Design(before, after, penalty, gaps, ahead)


def _solve(scale: _Scale, design: _Design, ratio: float) -> _Fit:
    """Solve the model for one ratio of deviations, all widths of the prior.

    The unknown first level drops out of the differences, whose covariance is tridiagonal: time and memory grow with
    the length of the history only.
    """
    from scipy.linalg import cholesky_banded, solve_banded, solveh_banded

    steps, changes = np.diff(scale.outcome), np.diff(design.before, axis=0)
    count = len(steps)
    band = np.zeros((2, count))
    band[0], band[1, :-1] = 2 + ratio**2 * design.gaps, -1
    factor = cholesky_banded(band, lower=True)
    white = solve_banded((1, 0), factor, np.column_stack([steps, changes]))
    ends = np.zeros(count)
    ends[-1] = 1
    back = solveh_banded(band, ends, lower=True)
    level, known = scale.outcome[-1] - back @ steps, 1 - back[-1]
    reach = design.after - design.before[-1] + back @ changes
    cover = known + ratio**2 * np.minimum.outer(design.ahead, design.ahead) + np.eye(len(reach))
    inner, cross = white[:, 1:].T @ white[:, 1:], white[:, 1:].T @ white[:, 0]
    found = [_weigh(white, inner, cross, precision) for precision in design.precision]
    logs, weights, noise, spread = (np.array([each[place] for each in found]) for place in range(4))
    each_variance = np.diagonal(cover) + np.einsum("jk,wkl,jl->wj", reach, spread, reach)
    average = reach.mean(axis=0)
    mean_variance = cover.mean() + np.einsum("k,wkl,l->w", average, spread, average)
    centres = level + weights @ reach.T
    innovations = (white[:, 0] - weights[int(np.argmax(logs))] @ white[:, 1:].T) * factor[0]
    return _Fit(
        logs - np.log(factor[0]).sum(),
        (centres.mean(axis=1)[:, None], np.sqrt(mean_variance * noise)[:, None]),
        (centres, np.sqrt(each_variance * noise[:, None])),
        scale.outcome[1:] - innovations,
    )


def _weigh(white: Array, inner: Array, cross: Array, precision: Array) -> tuple[float, Array, float, Array]:
    """Return the log-likelihood, the weights, the noise's variance and the weights' covariance by that."""
    count = len(white)
    curvature = inner + np.diag(precision)
    spread: Array = np.linalg.inv(curvature).astype(float)
    weights = spread @ cross
    rest = max(float(white[:, 0] @ white[:, 0] - cross @ weights), 1e-12)
    _, size = np.linalg.slogdet(curvature)
    log = -0.5 * size + 0.5 * np.log(precision).sum() - 0.5 * count * np.log(rest)
    return float(log), weights, rest / count, spread
