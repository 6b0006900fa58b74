"""Intervals by drawing journeys anew: the same journeys, as often as chance takes each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from canyu.measure.journeys.paths import Floats, Journeys

DRAWS = 200
LOW, HIGH = 0.025, 0.975


def draw_journeys(
    journeys: Journeys, credit: Callable[[Floats, Floats], Floats], draws: int = DRAWS, seed: int = 1
) -> tuple[Floats, Floats]:
    """Return the 2.5th and 97.5th percentile of ``credit(conversions, lost)`` over draws of as many journeys.

    Journeys are drawn with replacement from all, those that ended in nothing too. Source: B. Efron (1979), Bootstrap
    methods, Annals of Statistics 7, 1-26 (percentiles). Equal seeds give equal digits.
    """
    chance = np.random.default_rng(seed)
    counts = np.concatenate([journeys.conversions, journeys.lost])
    total = counts.sum()
    rows = len(journeys.conversions)
    found = np.empty((draws, len(journeys.names)))
    for number in range(draws):
        drawn = chance.multinomial(round(total), counts / total).astype(np.float64)
        found[number] = credit(drawn[:rows], drawn[rows:])
    low, high = np.quantile(found, (LOW, HIGH), axis=0, method="weibull")  # of 200 draws the 5th from each end
    return low, high
