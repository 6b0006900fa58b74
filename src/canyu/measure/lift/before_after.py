"""Before and after with controls: what a series would have been, from its own past and series that were not touched."""

from __future__ import annotations

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.lift.answer import LEVEL, ROUNDING, Lift, Point, Spread, Treated, derive, refuse
from canyu.measure.lift.cells import Cells, arrange
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.panel import Array, Panel, find_cycle
from canyu.measure.lift.structural import WALK_WARY, Forecast, History, forecast_level

FEWEST_BEFORE = 20
TAIL = (1 - LEVEL) / 2

METHOD = Words(
    "区间与 p 值：局部水平加对照的状态空间模型，后验分布精确求和，不用模拟。",
    "Interval and p-value: a state space model of a local level with controls, its posterior summed exactly, "
    "not simulated.",
)
SHORT = Words(
    f"开始前不足 {FEWEST_BEFORE} 个时段，或短于之后的时段，预测不可靠。",
    f"Fewer than {FEWEST_BEFORE} periods before the start, or fewer than after it: too short to predict from.",
)
CONSTANT = Words(
    "开始前数值从未变化，误差无从估计。",
    "The outcome never changed before the start, so the error cannot be estimated.",
)
NO_CONTROLS = Words(
    "没有对照：同期发生的其他事情也会算进效果里。",
    "There are no controls: whatever else happened at the time counts as effect too.",
)
WARY = Words(
    "若允许水平自行游走，效果的 95% 区间为 {low:.4g} 至 {high:.4g}；说法按此区间判定。",
    "If the level may wander by itself, the effect's 95 % interval is {low:.4g} to {high:.4g}; "
    "claims are judged by it.",
)
WANDERS = Words("这个区间含 0：不要称之为已证实。", "That interval holds 0: do not call the effect proven.")


def estimate_before_after(panel: Panel, design: LiftDesign) -> Lift:
    """Answer a design by a structural time series of the treated units' average."""
    cells = arrange(panel, design)
    if isinstance(cells, Words):
        return refuse(design, cells, panel.notes)
    if cells.before < max(FEWEST_BEFORE, cells.after):
        return refuse(design, SHORT, cells.notes)
    past = cells.outcome[: cells.before]
    if np.ptp(past) <= ROUNDING * np.abs(past).max():
        return refuse(design, CONSTANT, cells.notes)
    cycle = design.cycle or find_cycle(panel)
    forecast = _forecast(cells, cells.outcome, cells.pool, cycle)
    after = cells.outcome[cells.before :]
    estimate = measure_effect(forecast, float(after.mean()))
    wary = _look_again(cells, cycle, float(after.mean())) if cells.donor_names else None
    total, relative = derive(estimate, Treated(float(after.mean()), after.size * len(design.treated)))
    return Lift(
        design,
        estimate,
        total,
        relative,
        periods=after.size,
        path=_draw_path(cells, forecast),
        wary=wary,
        in_space=_place_in_space(cells, cycle, estimate),
        notes=(*cells.notes, *(_tell_wary(wary, estimate) if wary else (NO_CONTROLS,))),
        proof=panel.proof,
    )


def measure_effect(forecast: Forecast, actual: float) -> Estimate:
    """Return what was more than forecast, on average: both ends and the p-value are of the same distribution."""
    low, high = (float(forecast.mean.find_quantile(level)[0]) for level in (TAIL, 1 - TAIL))
    below = float(forecast.mean.compute_below(np.array([actual]))[0])
    middle = float(forecast.mean.find_mean()[0])
    return Estimate(actual - middle, actual - high, actual - low, 2 * min(below, 1 - below), METHOD)


def _forecast(cells: Cells, outcome: Array, pool: Array, cycle: int, walk: float | None = None) -> Forecast:
    times = np.asarray(cells.places, dtype=np.int64)
    before = cells.before
    return forecast_level(
        History(outcome[:before], pool[:before], times[:before], pool[before:], times[before:]), cycle, walk
    )


def _look_again(cells: Cells, cycle: int, actual: float) -> Estimate:
    """Return the effect where the level may wander although there are controls."""
    return measure_effect(_forecast(cells, cells.outcome, cells.pool, cycle, WALK_WARY), actual)


def _tell_wary(wary: Estimate, estimate: Estimate) -> tuple[Words, ...]:
    if wary.low is None or wary.high is None or estimate.low is None or estimate.high is None:
        return ()
    told = WARY.fill(low=wary.low, high=wary.high)
    is_lost = wary.low <= 0 <= wary.high and not estimate.low <= 0 <= estimate.high
    return (told, WANDERS) if is_lost else (told,)


def _draw_path(cells: Cells, forecast: Forecast) -> tuple[Point, ...]:
    ends = [forecast.each.find_quantile(level) for level in (TAIL, 1 - TAIL)]
    middles = forecast.each.find_mean()
    points = []
    for place, time in enumerate(cells.times):
        actual, later = float(cells.outcome[place]), place - cells.before
        if later >= 0:
            points.append(Point(time, actual, float(middles[later]), float(ends[0][later]), float(ends[1][later])))
        else:
            fitted = float(forecast.fitted[place])
            points.append(Point(time, actual, None if np.isnan(fitted) else fitted))
    return tuple(points)


def _place_in_space(cells: Cells, cycle: int, estimate: Estimate) -> Spread | None:
    """Predict each control from the others, as if it had been treated; ratios are effects by half their interval."""
    if len(cells.donor_names) < 2:
        return None
    found = []
    for place in range(len(cells.donor_names)):
        outcome = cells.pool[:, place]
        forecast = _forecast(cells, outcome, np.delete(cells.pool, place, axis=1), cycle)
        found.append(measure_effect(forecast, float(outcome[cells.before :].mean())))
    ratios = tuple(_divide(each) for each in found)
    own = _divide(estimate)
    share = (1 + sum(abs(ratio) >= abs(own) for ratio in ratios)) / (1 + len(ratios))
    return Spread(cells.donor_names, tuple(each.value or 0.0 for each in found), ratios, own, share)


def _divide(estimate: Estimate) -> float:
    width = (estimate.high or 0.0) - (estimate.low or 0.0)
    return 2 * (estimate.value or 0.0) / width if width > 0 else 0.0
