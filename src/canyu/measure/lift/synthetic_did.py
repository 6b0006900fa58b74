"""Synthetic difference in differences: donors weighted to run alongside the treated, times to be like those after.

Source: D. Arkhangelsky, S. Athey, D. Hirshberg, G. Imbens, S. Wager (2021), American Economic Review 111, 4088-4118;
its placebo variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.kit.words import Words
from canyu.measure.lift.answer import Lift, Spread, Treated, derive, drop_rounding, judge, measure_fit, refuse
from canyu.measure.lift.cells import arrange
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.panel import Array, Panel
from canyu.measure.lift.placebo import SEED
from canyu.measure.lift.synthetic import FEWEST_BEFORE, SHORT, draw_path
from canyu.measure.lift.weights import find_weights

FEWEST_UNITS = 8
DRAWS = 200
METHOD = Words(
    "区间与 p 值：在对照上做安慰剂，其离散度作为标准误，服从 t 分布（Arkhangelsky 等 2021）。",
    "Interval and p-value: placebos on the donors give the standard error of a Student's t (Arkhangelsky et al. 2021).",
)
FEW_UNITS = Words(
    f"单元不足 {FEWEST_UNITS} 个，或对照不比被处理单元多，安慰剂给不出误差。",
    f"Fewer than {FEWEST_UNITS} units, or no more donors than treated: placebos cannot give the error.",
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The estimate with what it was read from."""

    effect: float
    expected: Array
    weights: Array


def weigh_both(pool: Array, outcome: Array, before: int, many: int = 1) -> Weighed:
    """Return the estimate for the average of ``many`` treated units, its path and the donors' weights."""
    noise = float(np.diff(pool[:before], axis=0).std(ddof=1))
    after = len(outcome) - before
    early = pool[:before]
    ridge = np.sqrt(many * after) * noise**2 * before
    weights = find_weights(early - early.mean(axis=0), outcome[:before] - outcome[:before].mean(), ridge)
    late = pool[before:].mean(axis=0)
    moments = find_weights((early - early.mean(axis=1)[:, None]).T, late - late.mean(), (1e-6 * noise) ** 2 * len(late))
    mixed = pool @ weights
    expected = mixed + moments @ (outcome[:before] - mixed[:before])
    return Weighed(float((outcome - expected)[before:].mean()), expected, weights)


def estimate_synthetic_did(panel: Panel, design: LiftDesign) -> Lift:
    """Answer a design by synthetic difference in differences."""
    cells = arrange(panel, design)
    if isinstance(cells, Words):
        return refuse(design, cells, panel.notes)
    if cells.before < FEWEST_BEFORE:
        return refuse(design, SHORT, cells.notes)
    many, count = len(design.treated), len(cells.donor_names)
    if many + count < FEWEST_UNITS or count <= many:
        return refuse(design, FEW_UNITS, cells.notes)
    found = weigh_both(cells.pool, cells.outcome, cells.before, many)
    singles = [_pretend(cells.pool, [place], cells.before) for place in range(count)]
    draws = singles if many == 1 else _draw_placebos(cells.pool, many, cells.before)
    error = float(np.std(draws))
    estimate = judge(drop_rounding(found.effect, cells.outcome), error, count - 1, METHOD)
    after = cells.outcome[cells.before :]
    total, relative = derive(estimate, Treated(float(after.mean()), after.size * many))
    flat = cells.outcome - cells.pool.mean(axis=1)
    gaps = cells.outcome - found.expected
    order = np.argsort(-found.weights, kind="stable")
    return Lift(
        design,
        estimate,
        total,
        relative,
        periods=after.size,
        path=draw_path(cells, found.expected, None),
        weights=tuple((cells.donor_names[each], float(found.weights[each])) for each in order if found.weights[each]),
        fit=measure_fit(
            gaps[: cells.before] - gaps[: cells.before].mean(), flat[: cells.before] - flat[: cells.before].mean()
        ),
        in_space=_compare(cells.donor_names, singles, found.effect),
        notes=cells.notes,
        proof=panel.proof,
    )


def _pretend(pool: Array, chosen: list[int], before: int) -> float:
    return weigh_both(np.delete(pool, chosen, axis=1), pool[:, chosen].mean(axis=1), before, len(chosen)).effect


def _draw_placebos(pool: Array, many: int, before: int) -> list[float]:
    random = np.random.default_rng(SEED)
    chosen = [random.choice(pool.shape[1], many, replace=False).tolist() for _ in range(DRAWS)]
    return [_pretend(pool, each, before) for each in chosen]


def _compare(names: tuple[str, ...], values: list[float], effect: float) -> Spread:
    scale = float(np.std(values)) or 1.0
    share = (1 + sum(abs(value) >= abs(effect) for value in values)) / (1 + len(values))
    return Spread(names, tuple(values), tuple(value / scale for value in values), effect / scale, share)
