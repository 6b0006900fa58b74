"""Noise measured where nothing was done: in stretches held out before the start, and in units that were not treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.lift.answer import LEVEL, Spread
from canyu.measure.lift.panel import Array

FEWEST_STRETCHES = 4
"""So many stretches as long as the one after the start must lie before it, for their spread to be a measure."""
FEWEST_UNITS = 19
"""With fewer donors the rank of the treated among all cannot be a twentieth."""
MOST_FITS = 40
DRAWS = 4999
SEED = 20_251_111

HELD_OUT = Words(
    "区间与 p 值：逐段留出开始前同样长的时段，用其余时段预测，误差服从 t 分布。",
    "Interval and p-value: stretches of the same length before the start are held out and predicted from the rest; "
    "their misses give a Student's t.",
)
PERMUTED = Words(
    "区间与 p 值：把每个对照当作被处理单元重做一遍，按排名反推（置换检验）。",
    "Interval and p-value: the method repeated with each donor as if treated, and the rank inverted (permutation).",
)

Fitting = Callable[[Array, Array, int], tuple[Array, Array]]
"""(pool, outcome, before) -> (what would have been at every time, the weights of the donors)."""


@dataclass(frozen=True, slots=True)
class Misses:
    """How far predictions of stretches that were held out lie off: of their mean, and of single periods."""

    of_mean: float
    of_period: float
    freedom: float


def hold_out(pool: Array, outcome: Array, length: int, fit: Callable[[Array, Array, Array], Array]) -> Misses | None:
    """Return the misses of stretches of ``length`` periods held out of a history; None where it is too short.

    ``fit`` gets the history without the stretch and the donors of the whole, and returns the prediction of the whole.
    The stretches overlap; the degrees of freedom are those of the stretches that do not, less one.
    """
    whole = len(outcome)
    if whole < FEWEST_STRETCHES * length:
        return None
    step = max(1, length // 4, (whole - length) // MOST_FITS)
    means, squares = [], []
    for start in range(0, whole - length + 1, step):
        kept = np.ones(whole, dtype=bool)
        kept[start : start + length] = False
        misses = (outcome - fit(pool[kept], outcome[kept], pool))[start : start + length]
        means.append(misses.mean())
        squares.append((misses**2).mean())
    return Misses(float(np.sqrt(np.mean(np.square(means)))), float(np.sqrt(np.mean(squares))), whole / length - 1)


def place_in_space(
    pool: Array, names: tuple[str, ...], before: int, fit: Fitting, treated: tuple[float, float]
) -> Spread:
    """Repeat the method with each donor in the place of the treated, compared with the other donors.

    ``treated`` is the effect on the treated and the root mean square of its gaps before; ratios are effects over
    that root, so that a large or ill-fitted unit is no proof.
    """
    values, ratios = [], []
    for place in range(pool.shape[1]):
        outcome = pool[:, place]
        expected, _ = fit(np.delete(pool, place, axis=1), outcome, before)
        gaps = outcome - expected
        values.append(float(gaps[before:].mean()))
        ratios.append(values[-1] / max(float(np.sqrt((gaps[:before] ** 2).mean())), 1e-12))
    own = treated[0] / max(treated[1], 1e-12)
    share = (1 + sum(abs(ratio) >= abs(own) for ratio in ratios)) / (1 + len(ratios))
    return Spread(names, tuple(values), tuple(ratios), own, share)


def invert_ranks(effect: float, root: float, spread: Spread) -> Estimate | None:
    """Return the estimate whose interval holds all that the permutation does not refuse; None for few donors."""
    count = len(spread.ratios)
    if count < FEWEST_UNITS:
        return None
    refused = int((1 - LEVEL) * (count + 1) + 1e-9)
    half = root * sorted((abs(ratio) for ratio in spread.ratios), reverse=True)[refused - 1]
    return Estimate(effect, effect - half, effect + half, spread.share, PERMUTED)


def test_any(gaps: Array, before: int) -> float:
    """Return the p-value that no period after the start is different at all.

    The mean absolute gap after the start is compared with those of periods drawn from all, as GeoLift does by default.
    ``gaps`` are those of a fit to all periods, the start not known to it: V. Chernozhukov, K. Wüthrich, Y. Zhu (2021),
    Journal of the American Statistical Association 116, 1849-1864. Periods count as exchangeable.
    """
    sizes = np.abs(gaps)
    after = len(sizes) - before
    drawn = np.random.default_rng(SEED).permuted(np.tile(sizes, (DRAWS, 1)), axis=1)[:, :after].mean(axis=1)
    seen = sizes[before:].mean()
    return float((1 + (drawn >= seen * (1 - 1e-12)).sum()) / (1 + DRAWS))
