"""Which step costs the time: shares of the mean and of the variance, and the rate in time if a step were gone.

The three rank steps differently; which one counts depends on the goal. A step that is long on average, or that differs
most between cases, is not always the one without which most cases would be in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from canyu.care.steps.table import Reals, StepKind, StepTable
from canyu.kit.errors import BadInput
from canyu.kit.shares import compute_share_interval
from canyu.kit.words import Words

Weights = NDArray[np.float64]

LIMIT_H = 24.0
DRAWS = 500
LEAST_CASES = 20
ROUNDING_H = 1e-9
"""Less than four microseconds: what a subtraction of hours may be off by."""

AT_ONCE = 2_000_000
"""Weights that are held at once while drawing."""

MANY_OPEN = 0.2
OPEN_CASES = Words(
    "均值与方差只由已解决的工单得出；未解决的偏长，所以均值偏低。",
    "Means and variances are of solved cases alone; those still open tend to be longer, so that the mean is low.",
)
OVERLAPPING = Words(
    "有工单同时处在两个步骤：去掉其中一步不一定省下这么多时间。",
    "Some cases were in two steps at once: without one of them they would not always have saved its time.",
)
FEW_CASES = Words("工单太少，区间很宽。", "There are few cases: the intervals are wide.")
IF_GONE = Words(
    "“去掉该步”是按每张工单减去该步的时间算的，不是因果估计：别的步骤会不会变，这里不知道。",
    "Without a step means each case less its time in it; no causal estimate, for the other steps might change.",
)


class Goal(StrEnum):
    """What the steps are ranked by."""

    RATE = "rate"
    MEAN = "mean"
    VARIANCE = "variance"


@dataclass(frozen=True, slots=True)
class Ranged:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RateInTime:
    """The share of cases solved in time, twice.

    ``plain``: solved within the limit / (solved, or older than the limit). ``censored``: the chance to be solved within
    the limit, Kaplan and Meier's, where an open case counts for as long as it was seen; without open cases it is the
    plain one. The plain one is too high where young cases are many: of those only the solved ones count.
    """

    in_time: int
    counted: int
    plain: Ranged | None
    censored: Ranged


@dataclass(frozen=True, slots=True)
class StepCost:
    """What one step costs. Shares are of 1, hours of solved cases; ``without`` is the rate if the step were gone."""

    step: str
    kind: StepKind
    cases: int
    visits: int
    again_visits: int
    again_share: float
    """Of the step's hours, those in visits after a case's first."""
    mean_h: Ranged
    share_of_mean: Ranged
    share_of_variance: Ranged
    without: RateInTime
    gain: Ranged
    """The censored rate without the step less the one with it."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What the steps of cases cost, ranked by a goal, the first one first."""

    limit_h: float
    goal: Goal
    cases: int
    solved: int
    open_young: int
    open_old: int
    mean_h: Ranged
    rate: RateInTime
    steps: tuple[StepCost, ...]
    notes: tuple[Words, ...]


def analyse_steps(
    table: StepTable, *, limit_h: float = LIMIT_H, goal: Goal = Goal.RATE, draws: int = DRAWS, seed: int = 7
) -> StepReport:
    """Return what each step costs, with 95 % intervals from whole cases drawn anew.

    ``table``: cases x steps. The same table and seed give the same numbers. Share of variance: the covariance of a
    step's hours with the whole over the variance of the whole, so that the shares add up to one. Raises BadInput where
    no case is solved.

    Sources: E. L. Kaplan, P. Meier (1958), JASA 53, 457-481; B. Efron (1981), JASA 76, 312-319 (drawing cases anew
    under censoring).
    """
    if not table.is_solved.any() or limit_h <= 0:
        raise BadInput(
            Words("没有已解决的工单，或时限不大于零。", "No case is solved, or the limit is not above zero."),
            mend=Words("请放宽期间，或写明哪些步骤表示已解决。", "Widen the period, or say which steps end a case."),
        )
    scenarios = [_Scenario(table, column, limit_h) for column in (None, *range(len(table.steps)))]
    moments = _Moments(table)
    shares, rates = [], []
    whole = np.ones((1, len(table.total_h)))
    for weights in chain([whole], _draw(len(table.total_h), draws, seed)):
        shares.append(moments.estimate(weights))
        rates.append(np.stack([each.estimate(weights) for each in scenarios], axis=1))
    drawn = _Drawn(np.concatenate(shares), np.concatenate(rates))
    return _tell(table, scenarios, drawn, (limit_h, goal))


def count_in_time(total_h: Reals, is_solved: NDArray[np.bool_], limit_h: float = LIMIT_H) -> tuple[int, int]:
    """Return how many cases were solved within the limit, and how many count: solved, or older than the limit.

    ``total_h``: hours to the solution, or so far. Of 100 cases 80 in time, 5 late, 10 open and young, 5 open and old:

    >>> hours = np.array([1.0] * 80 + [30.0] * 5 + [2.0] * 10 + [90.0] * 5)
    >>> solved = np.array([True] * 85 + [False] * 15)
    >>> in_time, counted = count_in_time(hours, solved)
    >>> in_time, counted, f"{in_time / counted:.1%}"
    (80, 90, '88.9%')
    """
    is_within = total_h <= limit_h + ROUNDING_H
    return int((is_solved & is_within).sum()), int((is_solved | ~is_within).sum())


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Estimates of the data (first row) and of each draw (the others)."""

    shares: Reals
    rates: Reals


class _Scenario:
    """The hours of every case without one step, and the rate that follows, under any weights of the cases."""

    def __init__(self, table: StepTable, column: int | None, limit_h: float) -> None:
        hours = table.total_h if column is None else np.maximum(table.total_h - table.hours[:, column], 0.0)
        self.in_time, self.counted = count_in_time(hours, table.is_solved, limit_h)
        is_within = hours <= limit_h + ROUNDING_H
        self.is_in_time = (table.is_solved & is_within).astype(np.float64)
        self.is_counted = (table.is_solved | ~is_within).astype(np.float64)
        # an open case younger than the limit is seen that long and no longer
        self.has_young = bool((self.is_counted == 0).any())
        # at one time what is solved comes before what is no longer seen
        self.order = np.lexsort((~table.is_solved, hours))
        self.until = int(is_within.sum())
        self.is_event = table.is_solved[self.order][: self.until]

    def estimate(self, weights: Weights) -> Reals:
        """Return the chance to be solved within the limit under weights (draws x cases)."""
        if not self.has_young:
            found: Reals = (weights @ self.is_in_time) / weights.sum(axis=1)
            return found
        sorted_weights = weights[:, self.order[: self.until]]
        at_risk = weights.sum(axis=1)[:, None] - np.cumsum(sorted_weights, axis=1) + sorted_weights
        # one event after the other at the same time multiply to what they are together
        stays = np.where(self.is_event, 1.0 - sorted_weights / np.maximum(at_risk, 1e-9), 1.0)
        chance: Reals = 1.0 - stays.prod(axis=1)
        return chance


class _Moments:
    """Mean hours, shares of the mean and of the variance, of solved cases, under any weights of the cases."""

    def __init__(self, table: StepTable) -> None:
        self.is_solved = table.is_solved
        hours, total = table.hours[self.is_solved], table.total_h[self.is_solved][:, None]
        self.columns = hours.shape[1]
        # centred: the moments of long times lose digits otherwise
        self.middle, self.whole = hours.mean(axis=0), float(total.mean())
        hours, total = hours - self.middle, total - self.whole
        self.terms = np.hstack((np.ones_like(total), total, total * total, hours, hours * total))

    def estimate(self, weights: Weights) -> Reals:
        """Return per draw: the mean of the whole, then of the steps: mean, share of the mean, share of the variance."""
        sums = weights[:, self.is_solved] @ self.terms
        n = np.maximum(sums[:, :1], 1.0)
        total, square = sums[:, 1:2] / n, sums[:, 2:3] / n
        mean, product = sums[:, 3 : 3 + self.columns] / n, sums[:, 3 + self.columns :] / n
        variance = square - total * total
        with np.errstate(invalid="ignore", divide="ignore"):
            share_of_mean = (mean + self.middle) / (total + self.whole)
            share_of_variance = np.where(variance > 0, (product - mean * total) / variance, 0.0)
        return np.hstack((total + self.whole, mean + self.middle, share_of_mean, share_of_variance))


def _draw(cases: int, draws: int, seed: int) -> Iterator[Weights]:
    """Yield how often each case is drawn, some draws at a time."""
    rng = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // cases)
    for begun in range(0, draws, at_once):
        rows = min(at_once, draws - begun)
        places = rng.integers(0, cases, (rows, cases)) + np.arange(rows)[:, None] * cases
        yield np.bincount(places.ravel(), minlength=rows * cases).reshape(rows, cases).astype(np.float64)


def _tell(table: StepTable, scenarios: list[_Scenario], drawn: _Drawn, asked: tuple[float, Goal]) -> StepReport:
    limit_h, goal = asked
    rates = [_tell_rate(scenario, drawn, place) for place, scenario in enumerate(scenarios)]
    columns = len(table.steps)
    solved_hours = table.hours.sum(axis=0)
    again = np.divide(table.again_h.sum(axis=0), solved_hours, out=np.zeros(columns), where=solved_hours > 0)
    steps = [
        StepCost(
            name,
            table.kinds[column],
            int((table.visits[:, column] > 0).sum()),
            int(table.visits[:, column].sum()),
            int(np.maximum(table.visits[:, column] - 1, 0).sum()),
            float(again[column]),
            _range(drawn.shares[:, 1 + column]),
            _range(drawn.shares[:, 1 + columns + column]),
            _range(drawn.shares[:, 1 + 2 * columns + column]),
            rates[1 + column],
            _range(drawn.rates[:, 1 + column] - drawn.rates[:, 0]),
        )
        for column, name in enumerate(table.steps)
    ]
    steps.sort(key=lambda step: (-_rank(step, goal), step.step))
    is_old = table.total_h > limit_h + ROUNDING_H
    return StepReport(
        limit_h,
        goal,
        len(table.total_h),
        int(table.is_solved.sum()),
        int((~table.is_solved & ~is_old).sum()),
        int((~table.is_solved & is_old).sum()),
        _range(drawn.shares[:, 0]),
        rates[0],
        tuple(steps),
        tuple(_list_notes(table)),
    )


def _tell_rate(scenario: _Scenario, drawn: _Drawn, place: int) -> RateInTime:
    plain = None
    if scenario.counted:
        low, high = compute_share_interval(scenario.in_time, scenario.counted)
        plain = Ranged(scenario.in_time / scenario.counted, low, high)
    return RateInTime(scenario.in_time, scenario.counted, plain, _range(drawn.rates[:, place]))


def _rank(step: StepCost, goal: Goal) -> float:
    ranked = {Goal.RATE: step.gain, Goal.MEAN: step.share_of_mean, Goal.VARIANCE: step.share_of_variance}
    return ranked[goal].value


def _range(estimates: Reals) -> Ranged:
    """Return the estimate of the data with the middle 95 % of the draws."""
    drawn = estimates[1:]
    if not len(drawn):
        return Ranged(float(estimates[0]), float(estimates[0]), float(estimates[0]))
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return Ranged(float(estimates[0]), float(low), float(high))


def _list_notes(table: StepTable) -> Iterator[Words]:
    yield IF_GONE
    if not table.is_solved.all():
        yield OPEN_CASES
    if table.overlapping:
        yield OVERLAPPING
    if len(table.total_h) < LEAST_CASES:
        yield FEW_CASES
