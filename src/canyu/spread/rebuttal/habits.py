"""How many people an account that carries a rumour still draws after it: counted on earlier cascades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.influence import Cascades as Actions
from canyu.spread.kernels.rebuttal import find_entries

HOUR_US = 3_600_000_000
DIRECT = (0, 1, 2, 4, 9, 31)  # reactions drawn so far, from
PROPORTIONAL = 4  # from here on the rest is counted per reaction drawn so far
RECENT = (0.0, 0.25, 0.75)  # for how long it has carried the rumour, as a share of the cascade's age, from
LEAST_S = 1.0
Real = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Habits:
    """What carriers still draw, measured at ``age_h``, and how long a reaction takes.

    ``rates``: people to come below a carrier by what it has drawn (DIRECT) and since when (RECENT), from four reactions
    on per reaction, float64, (6, 3). ``shape``: of the gamma distribution of what one draws around that mean.
    ``median_h``, ``sigma``: log-normal delays between an account's reaction and those to it.
    """

    age_h: float
    rates: Real
    shape: float
    median_h: float
    sigma: float

    def expect(self, direct: Whole, waited_share: Real) -> Real:
        """Return how many people are still to come below each carrier, (carriers,)."""
        rows = np.searchsorted(DIRECT, direct, side="right") - 1
        columns = np.searchsorted(RECENT, waited_share, side="right") - 1
        return np.asarray(self.rates[rows, columns] * np.where(direct >= PROPORTIONAL, direct, 1))


_CED_RATES = (
    (0.295, 0.157, 0.099),
    (0.848, 0.389, 0.239),
    (2.919, 0.983, 0.645),
    (1.926, 0.797, 0.612),
    (2.902, 1.563, 0.705),
    (1.618, 0.806, 0.685),
)
CED_HABITS = Habits(2.0, np.array(_CED_RATES), 0.52, 1.434, 2.681)
"""Of the public Weibo cascades at two hours, the earliest 70 % (2026-11-30, ``benchmarks/rebuttal.py``)."""


@dataclass(frozen=True, slots=True)
class _Carriers:
    """Carriers seen by an age, all cascades together; ``of``: the cascade of each; ``drew``: people who came below."""

    of: Whole
    direct: Whole
    waited_share: Real
    drew: Whole


def fit_habits(actions: Actions, age_h: float = 2.0) -> Habits:
    """Count what carriers seen by ``age_h`` drew afterwards; raises BadInput where cascades state no parents.

    People who came later count for the nearest account above them that had been seen. The author of a post is no
    carrier here.
    """
    parents, hours, cascade = _link_rows(actions)
    carriers = _count_carriers(parents, hours, cascade, age_h)
    is_below = (parents >= 0) & (parents != actions.starts[:-1][cascade])
    delays = (hours - hours[parents])[is_below]
    logs = np.log(np.maximum(delays, LEAST_S / 3600.0))
    if not len(logs) or not len(carriers.direct):
        raise BadInput(
            Words("没有可用的转发关系。", "The cascades state nobody's parent."),
            mend=Words("请给出带上级的转发链。", "Give cascades with parents."),
        )
    rates = _measure_rates(carriers)
    fitted = Habits(age_h, rates, 1.0, float(np.exp(logs.mean())), max(float(logs.std()), 1e-3))
    expected = fitted.expect(carriers.direct, carriers.waited_share)
    excess = float(((carriers.drew - expected) ** 2 - expected).sum())
    shape = float((expected**2).sum() / excess) if excess > 0.0 else 1e6
    return Habits(age_h, rates, shape, fitted.median_h, fitted.sigma)


def resample_pace(actions: Actions, draws: int, seed: int = 7) -> Real:
    """Return median (hours) and log deviation of delays with the cascades drawn anew, float64, (draws, 2)."""
    parents, hours, cascade = _link_rows(actions)
    rows = np.flatnonzero((parents >= 0) & (parents != actions.starts[:-1][cascade]))
    logs = np.log(np.maximum(hours[rows] - hours[parents[rows]], LEAST_S / 3600.0))
    sums = [np.bincount(cascade[rows], part, minlength=len(actions)) for part in (np.ones_like(logs), logs, logs**2)]
    random, many = np.random.default_rng(seed), len(actions)
    weights = random.multinomial(many, np.full(many, 1.0 / many), draws)
    count, first, second = (weights @ part for part in sums)
    means = first / np.maximum(count, 1.0)
    spread = np.sqrt(np.maximum(second / np.maximum(count, 1.0) - means**2, 1e-6))
    return np.column_stack([np.exp(means), spread])


def _link_rows(actions: Actions) -> tuple[Whole, Real, Whole]:
    """Return per row the row that it hangs on (-1: nobody stated, or a later one), its hours, and its cascade."""
    many, width = len(actions.users), np.int64(max(len(actions.ids), 1))
    cascade = np.repeat(np.arange(len(actions)), np.diff(actions.starts))
    keys = cascade * width + actions.users
    order = np.argsort(keys, kind="stable")
    wanted = cascade * width + actions.parents
    at = order[np.minimum(np.searchsorted(keys[order], wanted), max(many - 1, 0))]
    is_linked = (actions.parents >= 0) & (keys[at] == wanted) & (at < np.arange(many))
    hours = (actions.times - actions.times[actions.starts[:-1]][cascade]) / HOUR_US
    return np.where(is_linked, at, -1), hours, cascade


def _count_carriers(parents: Whole, hours: Real, cascade: Whole, age_h: float) -> _Carriers:
    is_seen = hours <= age_h
    is_first = np.diff(cascade, prepend=-1) > 0
    entries = find_entries(parents, is_seen)
    drew = np.bincount(entries[entries >= 0], minlength=len(parents))
    direct = np.bincount(parents[is_seen & (parents >= 0)], minlength=len(parents))
    kept = np.flatnonzero(is_seen & ~is_first)
    return _Carriers(cascade[kept], direct[kept], 1.0 - hours[kept] / age_h, drew[kept])


def _measure_rates(carriers: _Carriers) -> Real:
    rows = np.searchsorted(DIRECT, carriers.direct, side="right") - 1
    columns = np.searchsorted(RECENT, carriers.waited_share, side="right") - 1
    cells = rows * len(RECENT) + columns
    size = len(DIRECT) * len(RECENT)
    units = np.where(carriers.direct >= PROPORTIONAL, carriers.direct, 1)
    drew, per = (np.bincount(cells, part, minlength=size) for part in (carriers.drew, units))
    return np.asarray(drew / np.maximum(per, 1)).reshape(len(DIRECT), len(RECENT))
