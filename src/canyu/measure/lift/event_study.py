"""An event study: hours or days around a moment, against the same stretch of the cycle at other times.

What would have been is read from earlier stretches that lie at the same phase (the same hours of the day, the same days
of the week), each a whole number of cycles before; with donors by regression on what they did. One new stretch is
predicted, so interval and p-value are those of a prediction by Student's t. Source: A. C. MacKinlay (1997), Journal of
Economic Literature 35, 13-39, with the estimation window cut into stretches so that hours need not be independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.kit.words import Words
from canyu.measure.lift.answer import LEVEL, Lift, Point, Spread, Treated, derive, judge, refuse
from canyu.measure.lift.cells import NO_AFTER, NOT_UNTOUCHED, limit, list_donors
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.panel import Array, Panel, find_cycle

FEWEST_STRETCHES = 8
LEAD = 12

METHOD = Words(
    "区间与 p 值：以此前同一时刻（周期同相）的时段预测本次，预测误差服从 t 分布。",
    "Interval and p-value: this stretch predicted from earlier ones at the same phase of the cycle; Student's t of a "
    "prediction.",
)
SHORT = Words(
    f"此前同相的完整时段不足 {FEWEST_STRETCHES} 个。",
    f"There are fewer than {FEWEST_STRETCHES} complete earlier stretches at the same phase.",
)
BROKEN = Words(
    "事件期间有时段缺数据，无法与完整的时段相比。",
    "Some periods of the event are not known, so it cannot be compared with complete stretches.",
)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Averages of stretches at one phase, of the treated and by donor: the first is the event's, the rest earlier."""

    outcome: Array
    donors: Array


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the event's stretch would have been, the deviation of the error, and its degrees of freedom."""

    value: float
    error: float
    freedom: int


def estimate_event(panel: Panel, design: LiftDesign) -> Lift:
    """Answer a design by an event study of the treated units' average over the stretch from start to end."""
    part = limit(panel, design)
    names = list_donors(panel, design)
    if names and not design.untouched:
        return refuse(design, NOT_UNTOUCHED, panel.notes)
    outcome = part.values[[panel.find_unit(unit) for unit in design.treated]].mean(axis=0)
    donors = part.values[[panel.find_unit(unit) for unit in names]].reshape(len(names), len(part.times))
    start, length = part.find_place(design.start), len(part.times) - part.find_place(design.start)
    if length < 1 or np.isnan(outcome[start:]).all():
        return refuse(design, NO_AFTER, panel.notes)
    whole = np.vstack([outcome, donors])
    if np.isnan(whole[:, start:]).any():
        return refuse(design, BROKEN, panel.notes)
    shift = find_shift(panel, design, length)
    places = [start, *range(start - shift, -1, -shift)]
    kept = [place for place in places if not np.isnan(whole[:, place : place + length]).any()]
    if len(kept) - 1 < FEWEST_STRETCHES + (1 if names else 0):
        return refuse(design, SHORT, panel.notes)
    averages = _average(whole, kept, length)
    stretches = Stretches(averages[0], averages[1:])
    predicted = predict(stretches)
    actual = float(stretches.outcome[0])
    estimate = judge(actual - predicted.value, predicted.error, predicted.freedom, METHOD)
    total, relative = derive(estimate, Treated(actual, length * len(design.treated)))
    return Lift(
        design,
        estimate,
        total,
        relative,
        periods=length,
        path=_draw_path(part, outcome, shift, len(kept) - 1),
        in_space=_place_in_space(stretches, names, estimate.value or 0.0, predicted),
        notes=panel.notes,
        proof=panel.proof,
    )


def find_shift(panel: Panel, design: LiftDesign, length: int) -> int:
    """Return how far apart the stretches lie: whole cycles, and none over another."""
    cycle = design.cycle or find_cycle(panel)
    return cycle * -(-length // cycle)


def predict(stretches: Stretches) -> Predicted:
    """Return the prediction of the first stretch from the others: their mean, or by regression on the donors' mean.

    >>> found = predict(Stretches(np.array([9.0, 4.0, 5.0, 6.0]), np.empty((0, 4))))
    >>> found.value, round(found.error, 4), found.freedom
    (5.0, 1.1547, 2)
    """
    own, known = stretches.outcome[1:], np.ones((len(stretches.outcome), 1))
    if len(stretches.donors):
        known = np.column_stack([known, stretches.donors.mean(axis=0)])
    past, now = known[1:], known[0]
    found, *_ = np.linalg.lstsq(past, own, rcond=None)
    freedom = len(own) - known.shape[1]
    noise = float(((own - past @ found) ** 2).sum() / freedom)
    reach = float(now @ np.linalg.pinv(past.T @ past) @ now)
    return Predicted(float(now @ found), float(np.sqrt(noise * (1 + reach))), freedom)


def _average(rows: Array, places: list[int], length: int) -> Array:
    """Return the average of each stretch, by row."""
    return np.stack([rows[:, place : place + length].mean(axis=1) for place in places], axis=1)


def _place_in_space(stretches: Stretches, names: tuple[str, ...], effect: float, predicted: Predicted) -> Spread | None:
    """Predict each donor's stretch from its own earlier ones and from the other donors; ratios are by their error."""
    if not names:
        return None
    values, ratios = [], []
    for place in range(len(names)):
        others = np.delete(stretches.donors, place, axis=0)
        found = predict(Stretches(stretches.donors[place], others))
        values.append(float(stretches.donors[place][0]) - found.value)
        ratios.append(_divide(values[-1], found.error))
    own = _divide(effect, predicted.error)
    share = (1 + sum(abs(ratio) >= abs(own) for ratio in ratios)) / (1 + len(ratios))
    return Spread(names, tuple(values), tuple(ratios), own, share)


def _divide(effect: float, error: float) -> float:
    return effect / error if error > 0 else 0.0


def _draw_path(part: Panel, outcome: Array, shift: int, many: int) -> tuple[Point, ...]:
    """Return the periods around the moment, each against the same phase of earlier cycles."""
    from scipy.special import stdtrit

    first = max(0, len(outcome) - shift - LEAD)
    points = []
    for place in range(first, len(outcome)):
        earlier = outcome[[place - step * shift for step in range(1, many + 1) if place >= step * shift]]
        earlier = earlier[~np.isnan(earlier)]
        actual = None if np.isnan(outcome[place]) else float(outcome[place])
        if len(earlier) < 3:
            points.append(Point(part.times[place], actual, None))
            continue
        middle, error = float(earlier.mean()), float(earlier.std(ddof=1) * np.sqrt(1 + 1 / len(earlier)))
        half = float(stdtrit(len(earlier) - 1, (1 + LEVEL) / 2)) * error
        points.append(Point(part.times[place], actual, middle, middle - half, middle + half))
    return tuple(points)
