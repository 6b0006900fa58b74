"""Rules that share each conversion among its touches by their place in the path."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from canyu.measure.journeys.paths import Floats, Journeys

ENDS = 0.4
"""What the first and the last touch get each under the position rule; the rest is shared by those between."""


class Rule(StrEnum):
    """How the touches of a path share a conversion."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    SHAPLEY = "shapley"
    """Shapley's value where a set of channels is worth the conversions of the paths that it covers wholly: there an
    equal split among the different channels of each path, so that no set need be counted."""


def weigh_touches(journeys: Journeys, rule: Rule) -> Floats:
    """Return each touch's share of its path's conversions; they add up to 1 for every path that has a touch.

    >>> from canyu.measure.journeys import make_journeys
    >>> paths = make_journeys([["a", "b", "a", "c"]], [1])
    >>> {rule.value: weigh_touches(paths, rule).round(3).tolist() for rule in (Rule.POSITION, Rule.SHAPLEY)}
    {'position': [0.4, 0.1, 0.1, 0.4], 'shapley': [0.167, 0.333, 0.167, 0.333]}
    """
    lengths = journeys.lengths[journeys.paths]
    if rule is Rule.LINEAR:
        return 1.0 / lengths
    if rule is Rule.SHAPLEY:
        return _split_equally(journeys)
    weights = np.zeros(len(journeys.codes))
    filled = journeys.lengths > 0
    first, last = journeys.offsets[:-1][filled], journeys.offsets[1:][filled] - 1
    if rule is Rule.POSITION:
        weights = np.where(lengths > 2, (1 - 2 * ENDS) / np.maximum(lengths - 2, 1), 0.0)
        weights[first] = np.select([first == last, last - first == 1], [1.0, 0.5], ENDS)
        weights[last] = weights[first]
        return weights
    weights[first if rule is Rule.FIRST else last] = 1.0
    return weights


def credit_touches(journeys: Journeys, weights: Floats, amounts: Floats) -> Floats:
    """Return what each name gets of an amount per path (conversions, or money), in the order of ``names``."""
    given = weights * amounts[journeys.paths]
    return np.bincount(journeys.codes, given, len(journeys.names)).astype(np.float64)


def _split_equally(journeys: Journeys) -> Floats:
    names = max(len(journeys.names), 1)
    pairs, place, times = np.unique(journeys.paths * names + journeys.codes, return_inverse=True, return_counts=True)
    different = np.bincount(pairs // names, minlength=len(journeys.conversions))
    shares: Floats = 1.0 / (different[journeys.paths] * times[place])
    return shares
