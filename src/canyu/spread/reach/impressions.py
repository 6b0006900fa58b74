"""Unique people behind impressions, where each impression falls on anybody of the audience alike."""

from __future__ import annotations

import math

import numpy as np

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.reach.ranges import Range

DRAWS = 20_000


def compute_unique(impressions: float, audience: float) -> float:
    """Return the unique people that ``impressions`` reach among ``audience`` people: ``N (1 - exp(-I / N))``.

    The expected number of occupied boxes for a Poisson number of balls (Feller, An Introduction to Probability
    Theory, vol. 1, II.5 and VI.6). Both in the same unit (people, or millions). Raises BadInput for an audience that
    is not above zero or impressions below zero.

    >>> round(compute_unique(243.3, 600), 1)
    200.0
    """
    _check(impressions, audience)
    return -audience * math.expm1(-impressions / audience)


def compute_impressions(unique: float, audience: float) -> float:
    """Return the impressions that reach ``unique`` of ``audience`` people: ``-N log(1 - U / N)``.

    The inverse of ``compute_unique``, same units. Raises BadInput where ``unique`` is the whole audience or more: no
    number of random impressions reaches everybody.

    >>> round(compute_impressions(200, 600), 1)
    243.3
    """
    _check(unique, audience)
    if unique >= audience:
        raise BadInput(
            Words(
                f"{audience:g} 人中无法随机触达 {unique:g} 人。",
                f"Random impressions do not reach {unique:g} of {audience:g} people.",
            ),
            mend=Words("请降低目标，或扩大受众。", "Ask for fewer people, or assume a larger audience."),
        )
    return -audience * math.log1p(-unique / audience)


def estimate_unique(impressions: Range, audience: Range, *, seed: int = 0, draws: int = DRAWS) -> Range:
    """Return the unique people with their 95 % interval from what is uncertain of the two.

    Where one alone is uncertain, the ends are those of the formula, which rises in both. Where both are, they are
    drawn ``draws`` times, independently, each log-normal on either side of its value (``seed``: same seed, same ends).
    """
    value = compute_unique(impressions.value, audience.value)
    if impressions.is_certain or audience.is_certain:
        return Range(
            value, compute_unique(impressions.low, audience.low), compute_unique(impressions.high, audience.high)
        )
    random = np.random.default_rng(seed)
    shown, people = impressions.draw(draws, random), audience.draw(draws, random)
    low, high = np.quantile(-people * np.expm1(-shown / people), (0.025, 0.975))
    return Range(value, min(float(low), value), max(float(high), value))


def estimate_impressions(unique: float, audience: Range) -> Range:
    """Return the impressions needed with the ends that the audience's interval gives; a smaller audience needs more.

    Raises BadInput where ``unique`` is not below the low end of the audience.
    """
    ends = [compute_impressions(unique, people) for people in (audience.value, audience.high, audience.low)]
    return Range(*ends)


def _check(count: float, audience: float) -> None:
    if not (audience > 0 and math.isfinite(audience) and count >= 0):
        raise BadInput(
            Words(
                f"受众 {audience:g}、数量 {count:g} 无法计算。",
                f"An audience of {audience:g} with {count:g} has no reach.",
            ),
            mend=Words("受众须大于 0，数量不得为负。", "Give an audience above zero and no negative count."),
        )
