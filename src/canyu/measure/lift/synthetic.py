"""Synthetic control and geo lift: the mix of donors that went as the treated did before the start.

Source: A. Abadie, A. Diamond, J. Hainmueller (2010), JASA 105, 493-505; with an intercept (each series about its own
mean before the start) N. Doudchenko, G. Imbens (2016), and GeoLift's fixed effects.
"""

from __future__ import annotations

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.lift.answer import (
    LEVEL,
    Lift,
    Point,
    Spread,
    Treated,
    derive,
    drop_rounding,
    judge,
    measure_fit,
    refuse,
)
from canyu.measure.lift.cells import Cells, arrange
from canyu.measure.lift.design import LiftDesign, LiftKind
from canyu.measure.lift.panel import Array, Panel
from canyu.measure.lift.placebo import (
    FEWEST_STRETCHES,
    FEWEST_UNITS,
    HELD_OUT,
    Fitting,
    Misses,
    hold_out,
    invert_ranks,
    place_in_space,
    test_any,
)
from canyu.measure.lift.weights import find_weights

FEWEST_BEFORE = 10
FEWEST_DONORS = 2
POOR_FIT = 0.5
WEIGHTY = 0.05

SHORT = Words(
    f"开始前不足 {FEWEST_BEFORE} 个时段，对照的权重只会是偶然。",
    f"Fewer than {FEWEST_BEFORE} periods before the start: the donors' weights would be chance.",
)
FEW_DONORS = Words(f"对照不足 {FEWEST_DONORS} 个。", f"There are fewer than {FEWEST_DONORS} donors.")
NO_SPREAD = Words(
    f"开始前不足之后的 {FEWEST_STRETCHES} 倍长，对照又不足 {FEWEST_UNITS} 个，量不出误差。",
    f"The history is shorter than {FEWEST_STRETCHES} times the span after the start, and there are fewer than "
    f"{FEWEST_UNITS} donors: the error cannot be measured.",
)
ILL_FITTED = Words(
    "开始前拟合不好：剩余差距超过等权对照的一半。",
    "The fit before the start is poor: over half of what equal weights leave is left.",
)


def mix_levels(pool: Array, outcome: Array, before: int) -> tuple[Array, Array]:
    """Return what would have been as a mix of the donors' own levels, and the weights."""
    weights = find_weights(pool[:before], outcome[:before])
    return pool @ weights, weights


def mix_changes(pool: Array, outcome: Array, before: int) -> tuple[Array, Array]:
    """Return what would have been as a mix of the donors about their own means before the start, and the weights."""
    middles = pool[:before].mean(axis=0)
    centre = outcome[:before].mean()
    weights = find_weights(pool[:before] - middles, outcome[:before] - centre)
    return (pool - middles) @ weights + centre, weights


def estimate_synthetic(panel: Panel, design: LiftDesign) -> Lift:
    """Answer a design by synthetic control; a geo lift lets each market have a level of its own."""
    cells = arrange(panel, design)
    if isinstance(cells, Words):
        return refuse(design, cells, panel.notes)
    if cells.before < FEWEST_BEFORE:
        return refuse(design, SHORT, cells.notes)
    if len(cells.donor_names) < FEWEST_DONORS:
        return refuse(design, FEW_DONORS, cells.notes)
    fit = choose_fit(design)
    expected, weights = fit(cells.pool, cells.outcome, cells.before)
    gaps = cells.outcome - expected
    effect = drop_rounding(float(gaps[cells.before :].mean()), cells.outcome)
    root = float(np.sqrt((gaps[: cells.before] ** 2).mean()))
    spread = place_in_space(cells.pool, cells.donor_names, cells.before, fit, (effect, root))
    misses = measure_misses(cells, fit)
    estimate = _estimate(effect, root, misses, spread)
    if estimate.value is None:
        return refuse(design, estimate.missing or NO_SPREAD, cells.notes)
    whole, _ = fit(cells.pool, cells.outcome, len(cells.times))
    flat = cells.pool.mean(axis=1)
    shift = (cells.outcome - flat)[: cells.before].mean() if design.kind is LiftKind.GEO_LIFT else 0.0
    found = measure_fit(gaps[: cells.before], (cells.outcome - flat - shift)[: cells.before])
    after = cells.outcome[cells.before :]
    total, relative = derive(estimate, Treated(float(after.mean()), after.size * len(design.treated)))
    order = np.argsort(-weights, kind="stable")
    return Lift(
        design,
        estimate,
        total,
        relative,
        periods=after.size,
        path=draw_path(cells, expected, misses),
        weights=tuple((cells.donor_names[place], float(weights[place])) for place in order if weights[place] > 0),
        fit=found,
        any_p_value=test_any(cells.outcome - whole, cells.before),
        in_space=spread,
        notes=(
            *cells.notes,
            *((ILL_FITTED,) if found.scaled > POOR_FIT else ()),
            *_tell_moved(estimate, spread, weights),
        ),
        proof=panel.proof,
    )


def choose_fit(design: LiftDesign) -> Fitting:
    """Return the fitting of a kind: markets keep their own levels in a geo lift."""
    return mix_changes if design.kind is LiftKind.GEO_LIFT else mix_levels


def measure_misses(cells: Cells, fit: Fitting) -> Misses | None:
    """Return the misses of stretches before the start that are as long as the one after it."""

    def predict(pool: Array, outcome: Array, whole: Array) -> Array:
        stacked = np.vstack([pool, whole])
        padded = np.concatenate([outcome, np.zeros(len(whole))])
        return fit(stacked, padded, len(outcome))[0][len(outcome) :]

    return hold_out(cells.pool[: cells.before], cells.outcome[: cells.before], cells.after, predict)


def draw_path(cells: Cells, expected: Array, misses: Misses | None) -> tuple[Point, ...]:
    """Return what was and what would have been, with the interval of single periods after the start."""
    from scipy.special import stdtrit

    half = None if misses is None else float(stdtrit(misses.freedom, (1 + LEVEL) / 2)) * misses.of_period
    points = []
    for place, time in enumerate(cells.times):
        middle = float(expected[place])
        band = (middle - half, middle + half) if half is not None and place >= cells.before else (None, None)
        points.append(Point(time, float(cells.outcome[place]), middle, *band))
    return tuple(points)


def _estimate(effect: float, root: float, misses: Misses | None, spread: Spread) -> Estimate:
    if misses is not None:
        return judge(effect, misses.of_mean, misses.freedom, HELD_OUT)
    return invert_ranks(effect, root, spread) or tell_missing(NO_SPREAD, HELD_OUT)


def _tell_moved(estimate: Estimate, spread: Spread, weights: Array) -> tuple[Words, ...]:
    """Beside an effect, name the donors with weight that moved as much: they may have been reached after all."""
    if estimate.low is None or estimate.high is None or estimate.low <= 0 <= estimate.high:
        return ()
    moved = [
        unit
        for unit, ratio, weight in zip(spread.units, spread.ratios, weights, strict=True)
        if weight >= WEIGHTY and abs(ratio) >= abs(spread.treated_ratio)
    ]
    if not moved:
        return ()
    listed = ", ".join(moved[:5])
    return (
        Words(
            f"这些对照自身的变动不小于被处理单元，请确认它们未受影响：{listed}。",
            f"These donors moved as much as the treated; make sure that they were not reached: {listed}.",
        ),
    )
