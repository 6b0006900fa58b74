"""Did opinion turn: the negative share of a topic before and after a statement, less what other topics did meanwhile.

It says whether opinion on the topic fell more than elsewhere. It does not say that the statement did it: a burst that
was dying down by itself looks the same, which is why ``fell_before`` is told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from canyu.care.crisis.turning.opinions import HourlyOpinions
from canyu.kit.errors import BadInput
from canyu.kit.shares import Z95
from canyu.kit.words import Words

Reals = NDArray[np.float64]

BEFORE_H = 72
AFTER_H = 72
RUNNING_H = 24
SMALLEST_CHANGE = 0.10
LEAST_POSTS = 30
"""Of each of the four cells, whatever their shares: below it a share close to 0 or 1 looks more certain than it is."""
LEAST_HOURS = 12
"""Of each period with posts of both: fewer leave one cosine, whose interval says nothing."""
MOST_CARRY = 0.95
LEAST_SEEN = 0.2
"""Bounds of the autoregression: beyond them a few days of hours cannot tell its scatter."""


class Verdict(StrEnum):
    """What is told of opinion."""

    NOT_ENOUGH = "not_enough_posts"
    NOT_TURNED = "not_turned"
    CLEARING = "clearing"
    """The interval lies below zero, but has not done so for long enough."""
    TURNED = "turned"
    WORSE = "worse"
    """The interval has lain above zero for long enough."""


@dataclass(frozen=True, slots=True)
class TurnRule:
    """How opinion is judged. Lengths in hours, the change in shares of 1.

    ``after_h``: no more than the last so many hours count, so that an old turn is no turn for ever.
    """

    before_h: int = BEFORE_H
    after_h: int = AFTER_H
    running_h: int = RUNNING_H
    smallest_change: float = SMALLEST_CHANGE

    def __post_init__(self) -> None:
        if min(self.before_h, self.after_h) < LEAST_HOURS or self.running_h < 1 or not 0 < self.smallest_change < 1:
            raise BadInput(
                Words(
                    f"前后各至少 {LEAST_HOURS} 小时；变化在 0 与 1 之间。",
                    f"At least {LEAST_HOURS} hours before and after; a change between 0 and 1.",
                ),
                mend=Words("请改这几个数。", "Change these numbers."),
            )


@dataclass(frozen=True, slots=True)
class Change:
    """The change of the negative share against controls, in shares of 1, with its 95 % interval.

    ``degrees``: degrees of freedom of Student's t that the interval used.
    """

    value: float
    low: float
    high: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was known when an hour was over: the change, or None where there were not enough posts."""

    time: datetime
    change: Change | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Posts and negative posts of one of the four cells, and how many posts it needs (0 where it has them)."""

    name: str
    posts: int
    negative: int
    needed: int = 0


@dataclass(frozen=True, slots=True)
class TurnReport:
    """Whether opinion turned, what it rests on, and every look that was taken since the statement."""

    verdict: Verdict
    change: Change | None
    cells: tuple[Cell, ...]
    since: datetime | None
    """The first hour of the run of clear intervals that goes on now."""
    turned_at: datetime | None
    """When the first run was long enough, also where opinion has gone back since."""
    running_h: int
    fell_before: bool
    """The share fell against the controls already between the two halves of the time before."""
    looks: tuple[Look, ...] = field(repr=False)

    @property
    def short(self) -> tuple[Cell, ...]:
        """The cells that need more posts."""
        return tuple(cell for cell in self.cells if cell.needed)


def estimate_change(opinions: HourlyOpinions, before: slice, after: slice) -> Change | None:
    """Return the change of the topic's negative share against the controls between two runs of hours.

    Each hour is a stratum: its difference of shares counts by Mantel and Haenszel's weight n m / (n + m), so that what
    hits topic and controls alike in an hour (night, a holiday, a mood) leaves the difference hour for hour, and hours
    without posts of both count for nothing. The variance of each period's mean allows for hours that depend on each
    other and scatter more than posts drawn by lot would. It is the largest of three: the binomial one; that of an
    autoregression of the hours, whose scatter and dependence are estimated by moments of both periods after the
    binomial part is taken off; and an equal-weighted cosine estimate, with 0.4 T^(2/3) cosines along the weight.
    Student's t with Welch's degrees of freedom. None where a period has fewer than 12 hours with posts of both.

    Sources: S. Greenland, J. M. Robins (1985), Biometrics 41, 55-68 (stratified risk difference); E. Lazarus,
    D. J. Lewis, J. H. Stock, M. W. Watson (2018), JBES 36, 541-559 (the cosines); M. G. Kendall (1954), Biometrika 41,
    403-404 (an autocorrelation of few values is too small); B. L. Welch (1947), Biometrika 34, 28-35.
    """
    return _compare(_read_period(opinions, before), _read_period(opinions, after))


def judge_turn(opinions: HourlyOpinions, rule: TurnRule | None = None, *, hours_over: int | None = None) -> TurnReport:
    """Return whether opinion turned, with a look at the end of every hour since the statement.

    ``hours_over``: how many hours since the statement are over; all that were counted by default. Turned means that the
    interval lies below zero and did so for ``running_h`` hours in a row; an hour without a new post on the topic
    neither counts nor ends the run.
    """
    rule = rule or TurnRule()
    over = (
        len(opinions.posts) - opinions.at if hours_over is None else min(hours_over, len(opinions.posts) - opinions.at)
    )
    before = slice(max(0, opinions.at - rule.before_h), opinions.at)
    old = _read_period(opinions, before)
    looks, runs = [], _Runs(rule.running_h)
    for hour in range(1, over + 1):
        end = opinions.at + hour
        after = slice(max(opinions.at, end - rule.after_h), end)
        change = None
        if not any(cell.needed for cell in _count_cells(opinions, before, after, rule)):
            change = _compare(old, _read_period(opinions, after))
        looks.append(Look(opinions.tell_time(end), change))
        runs.take(looks[-1], is_new=bool(opinions.posts[end - 1]))
    after = slice(max(opinions.at, opinions.at + over - rule.after_h), opinions.at + over)
    change = looks[-1].change if looks else None
    return TurnReport(
        runs.judge(change),
        change,
        _count_cells(opinions, before, after, rule),
        runs.since,
        runs.turned_at,
        runs.length if change is not None else 0,
        _fell_before(opinions, before),
        tuple(looks),
    )


class _Runs:
    """Counts for how many hours in a row the interval has lain on one side of zero."""

    def __init__(self, enough_h: int) -> None:
        self.enough_h = enough_h
        self.side, self.length = 0, 0
        self.since: datetime | None = None
        self.turned_at: datetime | None = None

    def take(self, look: Look, *, is_new: bool) -> None:
        change = look.change
        side = 0 if change is None else (-1 if change.high < 0 else 1 if change.low > 0 else 0)
        if side != self.side or side == 0:
            self.side, self.length, self.since = side, 0, look.time if side else None
        self.length += side != 0 and (is_new or self.length == 0)
        if side < 0 and self.length >= self.enough_h and self.turned_at is None:
            self.turned_at = look.time

    def judge(self, change: Change | None) -> Verdict:
        if change is None:
            return Verdict.NOT_ENOUGH
        if self.side < 0:
            return Verdict.TURNED if self.length >= self.enough_h else Verdict.CLEARING
        return Verdict.WORSE if self.side > 0 and self.length >= self.enough_h else Verdict.NOT_TURNED


@dataclass(frozen=True, slots=True)
class _Period:
    """The hours of a period that have posts of both, shape (hours,) each; ``weight`` adds up to 1."""

    hours: NDArray[np.int64]
    weight: Reals
    off: Reals
    """How far the hour's difference of shares lies from the period's mean."""
    by_lot: Reals
    """The binomial variance of the hour's difference."""
    mean: float

    @property
    def cosines(self) -> int:
        return int(0.4 * len(self.hours) ** (2 / 3))


def _compare(old: _Period | None, new: _Period | None) -> Change | None:
    from scipy.special import stdtrit

    if old is None or new is None:
        return None
    scatter, carry = _estimate_scatter((old, new))
    variances = [_estimate_variance(each, scatter, carry) for each in (old, new)]
    variance = sum(variances)
    spread = sum(each**2 / period.cosines for each, period in zip(variances, (old, new), strict=True))
    degrees = variance**2 / spread
    value, half = new.mean - old.mean, float(stdtrit(degrees, 0.975)) * sqrt(variance)
    return Change(value, max(-2.0, value - half), min(2.0, value + half), degrees)


def _read_period(opinions: HourlyOpinions, span: slice) -> _Period | None:
    is_both = (opinions.posts[span] > 0) & (opinions.control_posts[span] > 0)
    hours = np.flatnonzero(is_both)
    if len(hours) < LEAST_HOURS:
        return None
    n, k, m, j = (
        counts[span][is_both].astype(np.float64)
        for counts in (opinions.posts, opinions.negative, opinions.control_posts, opinions.control_negative)
    )
    weight = n * m / (n + m)
    weight /= weight.sum()
    difference = k / n - j / m
    mean = float(weight @ difference)
    # half a post more of each kind: a period of 0 negative posts is not certain
    share, other = (k.sum() + 0.5) / (n.sum() + 1), (j.sum() + 0.5) / (m.sum() + 1)
    by_lot = share * (1 - share) / n + other * (1 - other) / m
    return _Period(hours, weight, difference - mean, by_lot, mean)


def _estimate_scatter(periods: tuple[_Period, _Period]) -> tuple[float, float]:
    """Return the variance of hours beyond the binomial one, and how much of an hour's carries on into the next."""
    excess, carried, hours, pairs = 0.0, 0.0, 0, 0
    for each in periods:
        size = len(each.hours)
        excess += size * float(each.weight @ (each.off**2 - each.by_lot * (1 - each.weight)))
        carried += size * float((np.sqrt(each.weight[1:] * each.weight[:-1]) * each.off[1:] * each.off[:-1]).sum())
        hours, pairs = hours + size, pairs + size - 1
    if excess <= 0:
        return 0.0, 0.0
    carry = max(0.0, carried / pairs / (excess / hours))
    return excess / hours, min(MOST_CARRY, carry + (1 + 3 * carry) / hours)


def _estimate_variance(period: _Period, scatter: float, carry: float) -> float:
    """Return the variance of a period's mean."""
    by_lot = float(period.weight**2 @ period.by_lot)
    placed = np.zeros(period.hours[-1] + 1)
    placed[period.hours] = period.weight
    by_lag = np.correlate(placed, placed, "full")[len(placed) - 1 :]
    together = float(2 * by_lag @ carry ** np.arange(len(by_lag)) - by_lag[0])
    # hours that hang together scatter less around their own mean than around the true one
    by_hours = by_lot + scatter * together / max(LEAST_SEEN, 1 - together)
    # time runs by weight: a busy hour is long, and where posts are independent each cosine has the binomial variance
    place = np.cumsum(period.weight) - period.weight / 2
    waves: Reals = sqrt(2) * np.cos(pi * np.outer(np.arange(1, period.cosines + 1), place))
    by_waves = float(((waves @ (period.weight * period.off)) ** 2).mean())
    return max(by_lot, by_hours, by_waves)


def _count_cells(opinions: HourlyOpinions, before: slice, after: slice, rule: TurnRule) -> tuple[Cell, ...]:
    """Return the four cells, saying how many posts each needs where the smallest change could not be told.

    It could not where even posts drawn by lot would leave an interval wider than it to either side; each cell may then
    bring a quarter of the variance that is allowed.
    """
    found = [
        Cell(f"{name}_{period}", int(posts[hours].sum()), int(negative[hours].sum()))
        for name, posts, negative in (
            ("topic", opinions.posts, opinions.negative),
            ("controls", opinions.control_posts, opinions.control_negative),
        )
        for period, hours in (("before", before), ("after", after))
    ]
    spreads = [(cell.negative + 2) * (cell.posts - cell.negative + 2) / (cell.posts + 4) ** 2 for cell in found]
    half = Z95 * sqrt(sum(spread / max(cell.posts, 1) for spread, cell in zip(spreads, found, strict=True)))
    needs = [
        max(LEAST_POSTS, ceil(4 * spread * (Z95 / rule.smallest_change) ** 2) if half > rule.smallest_change else 0)
        for spread in spreads
    ]
    return tuple(
        Cell(cell.name, cell.posts, cell.negative, need if cell.posts < need else 0)
        for cell, need in zip(found, needs, strict=True)
    )


def _fell_before(opinions: HourlyOpinions, before: slice) -> bool:
    middle = (before.start + before.stop) // 2
    change = estimate_change(opinions, slice(before.start, middle), slice(middle, before.stop))
    return change is not None and change.high < 0
