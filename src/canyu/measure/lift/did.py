"""Difference in differences, two periods or staggered: the effect, its clustered error, and the trends before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.lift.answer import Lift, Point, Spread, Treated, derive, drop_rounding, judge, refuse
from canyu.measure.lift.cells import NO_AFTER, NO_BEFORE, NO_DONORS, NOT_UNTOUCHED, limit, list_donors, tell_gaps
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.imputation import Grid, average_effect, impute
from canyu.measure.lift.panel import Array, Panel, Time

FEWEST_UNITS = 8
FEWEST_FOR_TREND = 4
FEWEST_TREATED = 4
"""With fewer treated units their own spread says too little of their noise."""

CLUSTERED = Words(
    "区间与 p 值：以单元为簇逐一剔除（刀切法），t 分布，自由度按 Satterthwaite。",
    "Interval and p-value: units are clusters, left out one by one (jackknife); Student's t, degrees of freedom after "
    "Satterthwaite.",
)
FEW_TREATED = Words(
    f"被处理单元不足 {FEWEST_TREATED} 个：其误差视同各对照的误差（Conley、Taber 2011 的思路）。",
    f"Fewer than {FEWEST_TREATED} treated units: their noise is taken to be that of the donors (in the manner of "
    "Conley and Taber 2011).",
)
FEW_UNITS = Words(
    f"单元（簇）不足 {FEWEST_UNITS} 个，误差无从估计。",
    f"There are fewer than {FEWEST_UNITS} units (clusters), so the error cannot be estimated.",
)
FEW_DONORS = Words("未被处理的单元不足 2 个。", "There are fewer than 2 units that were not treated.")
NO_TREND = Words(
    f"开始前不足 {FEWEST_FOR_TREND} 个时段，看不出趋势是否平行。",
    f"Fewer than {FEWEST_FOR_TREND} periods before the start: whether trends are parallel cannot be seen.",
)
TREND = Words(
    "开始前被处理单元与对照每期变化之差；各单元斜率为一个观测，t 检验。",
    "How much more the treated changed per period than the donors before the start; a slope per unit, Student's t.",
)
NOT_PARALLEL = Words(
    "开始前趋势就不平行，差分可能把原有趋势当作效果。",
    "Trends were not parallel before the start: the difference may take an old trend for an effect.",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """The grid of a study: treated units first, each with the place of its own start."""

    grid: Grid
    times: tuple[Time, ...]
    names: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def many(self) -> int:
        """How many units are treated."""
        return len(self.starts)

    def tell_gaps(self) -> tuple[Words, ...]:
        """Tell the periods of which nothing at all is known."""
        silent = int((~(self.grid.free | self.grid.treated)).all(axis=0).sum())
        return tell_gaps(silent, len(self.times))


def estimate_did(panel: Panel, design: LiftDesign) -> Lift:
    """Answer a design by difference in differences; units may start one after another."""
    if not design.untouched:
        return refuse(design, NOT_UNTOUCHED, panel.notes)
    setting = _set_out(panel, design)
    if isinstance(setting, Words):
        return refuse(design, setting, panel.notes)
    value = average_effect(setting.grid)
    if np.isnan(value):
        return refuse(design, NO_DONORS, panel.notes)
    value = drop_rounding(value, setting.grid.values[setting.grid.free | setting.grid.treated])
    estimate = _cluster(setting, value)
    expected = impute(setting.grid)
    told = setting.grid.treated & ~np.isnan(expected)
    total, relative = derive(estimate, Treated(float(setting.grid.values[told].mean()), int(told.sum())))
    trend = _compare_trends(setting)
    is_steep = trend.p_value is not None and trend.p_value < 0.05
    return Lift(
        design,
        estimate,
        total,
        relative,
        periods=int(told.any(axis=0).sum()),
        path=_draw_path(setting, expected),
        trend=trend,
        in_space=_place_in_space(setting, value),
        notes=(*panel.notes, *setting.tell_gaps(), *((NOT_PARALLEL,) if is_steep else ())),
        proof=panel.proof,
    )


def shift_starts(panel: Panel, design: LiftDesign, back: int) -> tuple[Panel, LiftDesign] | None:
    """Return the study with every start ``back`` periods earlier and all that was treated hidden; None if too early."""
    places = {unit: panel.find_place(start) for unit, start in design.treated.items()}
    if min(places.values()) - back < 1:
        return None
    values = panel.values.copy()
    for unit, place in places.items():
        values[panel.find_unit(unit), place:] = np.nan
    stop = max(places.values())
    earlier = {unit: panel.times[place - back] for unit, place in places.items()}
    hidden = Panel(panel.units, panel.times[:stop], values[:, :stop], panel.proof, panel.notes)
    return hidden, replace(design, treated=earlier, end=None, gaps=())


def _set_out(panel: Panel, design: LiftDesign) -> Setting | Words:
    part = limit(panel, design)
    names = (*design.treated, *list_donors(panel, design))
    values = part.values[[panel.find_unit(name) for name in names]]
    starts = tuple(part.find_place(start) for start in design.treated.values())
    known, treated = ~np.isnan(values), np.zeros(values.shape, dtype=bool)
    for row, start in enumerate(starts):
        treated[row, start:] = True
    grid = Grid(values, known & ~treated, known & treated)
    if len(names) - len(starts) < 2:
        return FEW_DONORS if len(names) > len(starts) else NO_DONORS
    if len(names) < FEWEST_UNITS:
        return FEW_UNITS
    if not grid.treated[: len(starts)].any(axis=1).all():
        return NO_AFTER
    return Setting(grid, part.times, names, starts) if grid.free.any(axis=1).all() else NO_BEFORE


def _cluster(setting: Setting, value: float) -> Estimate:
    """Return the estimate with units as clusters: the jackknife, for treated and donors apart.

    In a balanced panel with one start it is Welch's t of the units' changes.
    """
    many, count = setting.many, len(setting.names) - setting.many
    rows = range(0 if many >= FEWEST_TREATED else many, len(setting.names))
    moved = {row: average_effect(setting.grid.drop(row)) - value for row in rows}
    donors = sum(moved[row] ** 2 for row in range(many, len(setting.names))) * (count - 1) / count
    if many < FEWEST_TREATED:
        return judge(value, float(np.sqrt(donors * (1 + count / many))), count - 1, CLUSTERED, (FEW_TREATED,))
    treated = sum(moved[row] ** 2 for row in range(many)) * (many - 1) / many
    parts = treated**2 / (many - 1) + donors**2 / (count - 1)
    freedom = (treated + donors) ** 2 / parts if parts > 0 else many + count - 2
    return judge(value, float(np.sqrt(treated + donors)), freedom, CLUSTERED)


def _compare_trends(setting: Setting) -> Estimate:
    """Return how much steeper the treated rose than the donors before the first start, per period."""
    first = min(setting.starts)
    early = setting.grid.values[:, :first]
    if first < FEWEST_FOR_TREND or np.isnan(early).any(axis=0).sum() > first - FEWEST_FOR_TREND:
        return tell_missing(NO_TREND, TREND)
    places = np.flatnonzero(~np.isnan(early).any(axis=0)).astype(float)
    steps = places - places.mean()
    slopes: Array = early[:, places.astype(int)] @ steps / (steps**2).sum()
    ours, theirs = slopes[: setting.many], slopes[setting.many :]
    noise = float(theirs.var(ddof=1))
    more = float(ours.mean() - theirs.mean())
    if setting.many < FEWEST_TREATED:
        return judge(more, float(np.sqrt(noise * (1 / len(ours) + 1 / len(theirs)))), len(theirs) - 1, TREND)
    parts = float(ours.var(ddof=1)) / len(ours), noise / len(theirs)
    spread = parts[0] ** 2 / (len(ours) - 1) + parts[1] ** 2 / (len(theirs) - 1)
    freedom = sum(parts) ** 2 / spread if spread > 0 else len(slopes) - 2
    return judge(more, float(np.sqrt(sum(parts))), freedom, TREND)


def _place_in_space(setting: Setting, value: float) -> Spread | None:
    """Repeat the study on the donors alone, each in turn treated at a start of the treated."""
    many, count = setting.many, len(setting.names) - setting.many
    if count < 3:
        return None
    values, free = setting.grid.values[many:], setting.grid.free[many:]
    found = []
    for row in range(count):
        treated = np.zeros(free.shape, dtype=bool)
        treated[row, setting.starts[row % many] :] = True
        found.append(average_effect(Grid(values, free & ~treated, free & treated)))
    scale = float(np.std(found)) or 1.0
    share = (1 + sum(abs(each) >= abs(value) for each in found)) / (1 + count)
    return Spread(setting.names[many:], tuple(found), tuple(each / scale for each in found), value / scale, share)


def _draw_path(setting: Setting, expected: Array) -> tuple[Point, ...]:
    """Return the average of the treated units, and of what they would have been, over the cells that tell both."""
    values = setting.grid.values[: setting.many]
    filled = np.where(np.isnan(values), np.nan, expected[: setting.many])
    points = []
    for place, time in enumerate(setting.times):
        told = ~np.isnan(filled[:, place])
        pair = (float(values[told, place].mean()), float(filled[told, place].mean())) if told.any() else (None, None)
        points.append(Point(time, *pair))
    return tuple(points)
