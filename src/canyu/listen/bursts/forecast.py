"""How large a burst is likely to become: its excess fades as earlier ones did at the same age."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from canyu.listen.bursts.detector import Burst
from canyu.listen.kernels.bursts import UNKNOWN

AHEAD_HOURS = 24
RECENT_HOURS = 3
AGES = (0, 1, 3, 6, 12, 24)  # hours since the burst was found: the begin of each class
CHANCES = (0.1, 0.5, 0.9)
LEAST_CASES = 30


@dataclass(frozen=True)
class Forecast:
    """Posts in the next 24 hours: as many as not, with 10% below ``low`` and 10% above ``high``; ``usual`` of them."""

    size: float
    low: float
    high: float
    usual: float


@dataclass(frozen=True)
class DecayModel:
    """Excess of the next 24 hours per post of recent hourly excess: quantiles (10, 50, 90%) by state of the burst.

    ``factors`` has shape (12, 3): six classes of age, falling then rising.
    """

    factors: tuple[tuple[float, float, float], ...]
    cases: int


# Measured on hourly mentions of topics of the public hot list (weibo_topics_2026, topics whose title hashes to 40 or
# above of 100; the others test it): things that everybody talks about for a day. A brand's own bursts tell better:
# `fit_decay` on a few months of them.
DEFAULT_DECAY = DecayModel(
    factors=(
        (0.0, 8.79, 164.59),  # cannot be: an hour alone counts as rising
        (0.438, 12.853, 217.354),
        (0.226, 4.572, 188.789),
        (0.652, 4.4, 64.577),
        (0.171, 1.639, 41.98),
        (0.487, 4.986, 140.895),
        (0.128, 3.322, 60.538),
        (0.264, 7.773, 68.64),
        (0.049, 2.609, 23.433),
        (0.0, 3.751, 30.726),
        (0.47, 3.57, 43.757),
        (0.49, 3.56, 44.1),
    ),
    cases=6194,
)
# How far off its forecasts at finding were on the same topics, in half widths of the interval: twenty quantiles.
FIRST_MISSES = (
    *(0.03, 0.07, 0.14, 0.2, 0.24, 0.28, 0.33, 0.38, 0.44, 0.5),
    *(0.55, 0.63, 0.71, 0.79, 0.86, 0.98, 1.09, 1.31, 1.62, 2.48),
)
LAST_MISSES = 100  # of a table, tell how wide its intervals must be
LEAST_WIDTH, MOST_WIDTH = 0.25, 4.0


@dataclass(frozen=True)
class Course:
    """A series around an hour: counts and expected counts from the hour of finding to the present one, (A,) each."""

    counts: NDArray[np.int64]
    expected: NDArray[np.float64]


def read_state(course: Course) -> tuple[int, float]:
    """Return the class of a burst's state and its recent hourly excess (at least one post)."""
    known = course.counts != UNKNOWN
    excess = np.where(known, course.counts - course.expected, 0.0)
    recent = float(excess[-RECENT_HOURS:].sum() / max(1, int(known[-RECENT_HOURS:].sum())))
    age = int(np.searchsorted(AGES, len(excess) - 1, side="right")) - 1
    rising = len(excess) < 2 or excess[-1] >= excess[-2]
    return 2 * age + int(rising), max(1.0, recent)


def forecast_burst(course: Course, usual: float, decay: DecayModel = DEFAULT_DECAY) -> Forecast:
    """Return the likely posts of the next 24 hours, ``usual`` of them without the burst."""
    state, recent = read_state(course)
    low, size, high = (usual + recent * factor for factor in decay.factors[state])
    return Forecast(size, low, high, usual)


def measure_miss(told: Forecast, came: int) -> float:
    """Return the distance of what came from the forecast on the log scale, in half widths of its interval there.

    >>> round(measure_miss(Forecast(size=9.0, low=0.0, high=99.0, usual=5.0), 31), 2)
    0.51
    """
    middle, end = math.log1p(told.size), math.log1p(told.high if came >= told.size else told.low)
    return abs(math.log1p(came) - middle) / max(abs(end - middle), 0.1)


def choose_width(misses: Sequence[float]) -> float:
    """Return how many half widths held 80% of the last ``misses`` of the same table (split conformal prediction).

    The misses of the topics on which the factors were measured count as twenty, so that a young table keeps them.

    >>> choose_width([])
    1.0
    >>> choose_width([0.1] * 60)
    0.25
    """
    known = sorted([*FIRST_MISSES, *misses])
    place = math.ceil((CHANCES[2] - CHANCES[0]) * (len(known) + 1)) - 1
    if not misses:
        return 1.0
    return min(MOST_WIDTH, max(LEAST_WIDTH, known[place]))


def widen(told: Forecast, width: float) -> Forecast:
    """Return the forecast with its interval so many times as wide on the log scale."""
    middle = math.log1p(told.size)
    low, high = (math.expm1(middle + width * (math.log1p(end) - middle)) for end in (told.low, told.high))
    return replace(told, low=max(0.0, low), high=high)


def fit_decay(
    counts: NDArray[np.int64], expected: NDArray[np.float64], bursts: Iterable[Burst], *, first_hour: int
) -> DecayModel:
    """Estimate the decay from bursts whose next 24 hours are known, at every hour from finding to the last raised one.

    Parameters
    ----------
    counts, expected
        (H, S), from ``first_hour`` on.
    bursts
        Of the same run; open ones count too, as far as their next hours are known.
    first_hour
        Hours since 1970 (UTC).

    States with fewer than 30 cases keep the default's factors.

    """
    cases: list[list[float]] = [[] for _ in DEFAULT_DECAY.factors]
    for burst in bursts:
        found = burst.found - first_hour
        for at in range(found, burst.last_hot - first_hour + 1):
            after = slice(at + 1, at + 1 + AHEAD_HOURS)
            ahead = counts[after, burst.series]
            if len(ahead) < AHEAD_HOURS or (ahead == UNKNOWN).any():
                continue
            before = slice(found, at + 1)
            state, recent = read_state(Course(counts[before, burst.series], expected[before, burst.series]))
            cases[state].append(float((ahead - expected[after, burst.series]).sum()) / recent)
    return DecayModel(tuple(map(pick_factors, cases, DEFAULT_DECAY.factors)), sum(map(len, cases)))


def pick_factors(found: Sequence[float], default: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the quantiles of the cases, or the default's where they are few."""
    if len(found) < LEAST_CASES:
        return default
    low, middle, high = (round(max(0.0, float(value)), 3) for value in np.quantile(found, CHANCES))
    return low, middle, high
