"""What a lift study answers: the effect with its interval, the path it was read from, and the placebos beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.figure import Proof
from canyu.measure.lift.design import KINDS, LiftDesign
from canyu.measure.lift.panel import Array, Time

LEVEL = 0.95
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """One period of the path, per treated unit: what was, and what would have been with its 95 % interval."""

    time: Time
    actual: float | None
    expected: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the donors follow the treated before the start.

    ``distance`` is the root of the summed squares (L2), ``scaled`` its share of what equal weights leave.
    """

    distance: float
    scaled: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The placebo in space: the same method with each donor as if it had been treated.

    ``values`` are effects; ``ratios`` are comparable between units of any size, and ``share`` is how many of all,
    the treated among them, moved at least as much as the treated: the permutation's p-value.
    """

    units: tuple[str, ...]
    values: tuple[float, ...]
    ratios: tuple[float, ...]
    treated_ratio: float
    share: float


@dataclass(frozen=True, slots=True)
class Lift:
    """The answer to a design. ``effect`` is per treated unit and period, ``total`` over all of them observed.

    ``relative`` is in per cent of what would have been. ``any_p_value`` asks another question: whether any period at
    all was different, the average one or not. ``in_time`` is the placebo in time: an effect where there was none.
    ``wary`` is the effect under a weaker assumption, where the method has one: verdicts on claims go by it.
    """

    design: LiftDesign
    effect: Estimate
    total: Estimate
    relative: Estimate
    periods: int = 0
    path: tuple[Point, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    fit: Fit | None = None
    trend: Estimate | None = None
    any_p_value: float | None = None
    wary: Estimate | None = None
    in_time: Estimate | None = None
    in_space: Spread | None = None
    notes: tuple[Words, ...] = ()
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Treated:
    """What the treated were over the periods of the effect: their average, and how many unit-periods that is of."""

    average: float
    cells: int


def refuse(design: LiftDesign, reason: Words, notes: tuple[Words, ...] = ()) -> Lift:
    """Return the answer that says why there is none."""
    missing = tell_missing(reason, KINDS[design.kind], notes)
    return Lift(design, missing, missing, missing, notes=notes)


def derive(effect: Estimate, treated: Treated) -> tuple[Estimate, Estimate]:
    """Return the total and the relative effect: the same estimate on other scales, so that they never contradict it.

    >>> effect = Estimate(2.0, 1.0, 3.0, 0.01, Words("", ""))
    >>> total, relative = derive(effect, Treated(12.0, 10))
    >>> total.value, relative.value, round(relative.low, 2)
    (20.0, 20.0, 9.09)
    """
    total = scale(effect, lambda value: value * treated.cells)
    ends = [each for each in (effect.value, effect.low, effect.high) if each is not None]
    if any(treated.average - end <= 0 for end in ends):
        reason = Words("基准不为正，无法给出百分比。", "The baseline is not positive, so there is no per cent.")
        return total, tell_missing(reason, effect.method)
    return total, scale(effect, lambda value: 100 * value / (treated.average - value))


def scale(estimate: Estimate, change: Callable[[float], float]) -> Estimate:
    """Return the estimate on another scale that rises with its own."""
    ends = [None if end is None else change(end) for end in (estimate.value, estimate.low, estimate.high)]
    return replace(estimate, value=ends[0], low=ends[1], high=ends[2])


def judge(value: float, error: float, freedom: float, method: Words, notes: tuple[Words, ...] = ()) -> Estimate:
    """Return the estimate whose error over its deviation is a Student's t; interval and p-value are of the same.

    >>> found = judge(2.0, 1.0, 10, Words("", ""))
    >>> round(found.low, 3), round(found.high, 3), round(found.p_value, 4)
    (-0.228, 4.228, 0.0734)
    """
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error
    p_value = 2 * float(stdtr(freedom, -abs(value) / error)) if error > 0 else 1.0 if value == 0 else 0.0
    return Estimate(value, value - half, value + half, p_value, method, notes)


def drop_rounding(effect: float, outcome: Array) -> float:
    """Return the effect, or 0 where it is nothing but the rounding of sums of the outcome.

    >>> drop_rounding(1e-12, np.array([5.0, 7.0])), drop_rounding(0.5, np.array([5.0, 7.0]))
    (0.0, 0.5)
    """
    return effect if abs(effect) > ROUNDING * float(np.abs(outcome).max()) else 0.0


def measure_fit(gaps: Array, flat: Array) -> Fit:
    """Return the fit before the start: of the gaps left, against those that equal weights leave."""
    distance, most = float(np.sqrt((gaps**2).sum())), float(np.sqrt((flat**2).sum()))
    return Fit(distance, distance / most if most > 0 else 0.0)
