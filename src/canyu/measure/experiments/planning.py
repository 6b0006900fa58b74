"""Before an experiment: how small an effect it can find, and whether the split came out as it was planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, log, sqrt
from statistics import NormalDist

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

BROKEN = 0.001
"""A split this unlikely is a fault of the machinery: A. Fabijan and others (2019), KDD, on sample ratio mismatch."""

FEWEST_EXPECTED = 5.0
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Trial:
    """A planned comparison of two arms: the outcome's deviation, the units of both arms, the share of the treated.

    ``design_effect``: how many times larger the variance is because people of one cluster are alike.
    """

    deviation: float
    units: int
    share: float = 0.5
    level: float = 0.05
    is_daily: bool = False
    design_effect: float = 1.0

    @property
    def error(self) -> float:
        """The standard error of the difference."""
        return self.deviation * sqrt(self.design_effect / self.units / self.share / (1 - self.share))

    @property
    def threshold(self) -> float:
        """How many standard errors away from zero a difference must be, at the end of the experiment."""
        if not self.is_daily:
            return NORMAL.inv_cdf(1 - self.level / 2)
        spent = -2 * log(self.level)
        grown = spent + log(spent + 1)
        return sqrt(2 * (grown + 1) / grown * log(sqrt(grown + 1) / self.level))


@dataclass(frozen=True, slots=True)
class Split:
    """The units that came into each arm, those expected, and how likely so uneven a split is; None where too few."""

    counts: Mapping[str, int]
    expected: Mapping[str, float]
    p_value: float | None

    @property
    def is_broken(self) -> bool:
        """Tell whether the split cannot be chance: then no effect of this experiment can be trusted."""
        return self.p_value is not None and self.p_value < BROKEN


def check_split(counts: Mapping[str, int], weights: Mapping[str, float]) -> Split:
    """Return the sample-ratio check of the arms: Pearson's chi-square against the planned weights.

    >>> check_split({"a": 821588, "b": 815482}, {"a": 0.5, "b": 0.5}).is_broken
    True
    """
    from scipy.special import chdtrc

    total = sum(counts.get(name, 0) for name in weights)
    whole = sum(weights.values())
    expected = {name: total * weight / whole for name, weight in weights.items()}
    shown = {name: counts.get(name, 0) for name in weights}
    if min(expected.values()) < FEWEST_EXPECTED or len(weights) < 2:
        return Split(shown, expected, None)
    distance = sum((shown[name] - value) ** 2 / value for name, value in expected.items())
    return Split(shown, expected, float(chdtrc(len(weights) - 1, distance)))


def compute_design_effect(people: float, icc: float, size_variation: float = 0.0) -> float:
    """Return how many times larger the variance is with clusters of so many people.

    ``icc``: intra-class correlation; ``size_variation``: deviation of the sizes over their mean. Source: S. Eldridge,
    D. Ashby, S. Kerry (2006), International Journal of Epidemiology 35, 1292-1300.

    >>> round(compute_design_effect(50, 0.02), 2)
    1.98
    """
    return 1 + ((size_variation**2 + 1) * people - 1) * icc


def estimate_icc(totals: Sequence[float], squares: Sequence[float], people: Sequence[int]) -> float | None:
    """Return the intra-class correlation from each cluster's sum, sum of squares and people (one-way analysis).

    None where there are fewer than two clusters or nobody is in company. Below zero is shown as zero.
    """
    count, whole = len(people), sum(people)
    if count < 2 or whole <= count:
        return None
    mean = sum(totals) / whole
    within = sum(square - total**2 / n for total, square, n in zip(totals, squares, people, strict=True))
    between = sum(n * (total / n - mean) ** 2 for total, n in zip(totals, people, strict=True))
    usual = (whole - sum(n * n for n in people) / whole) / (count - 1)
    inner, outer = within / (whole - count), between / (count - 1)
    if outer + (usual - 1) * inner <= 0:
        return None
    return max(0.0, (outer - inner) / (outer + (usual - 1) * inner))


def find_minimum_effect(trial: Trial, power: float = 0.8) -> float:
    """Return the smallest true difference that is found with this probability.

    >>> round(find_minimum_effect(Trial(deviation=1.0, units=1570)), 4)
    0.1414
    """
    _refuse_unsound(trial)
    return (trial.threshold + NORMAL.inv_cdf(power)) * trial.error


def compute_power(trial: Trial, effect: float) -> float:
    """Return the probability of finding a true difference of this size, on either side of zero."""
    _refuse_unsound(trial)
    z = abs(effect) / trial.error
    return NORMAL.cdf(z - trial.threshold) + NORMAL.cdf(-z - trial.threshold)


def find_units(trial: Trial, effect: float, power: float = 0.8) -> int:
    """Return how many units both arms need together to find a true difference of this size.

    >>> find_units(Trial(deviation=1.0, units=1), effect=0.1)
    3140
    """
    _refuse_unsound(trial)
    if effect == 0:
        raise BadInput(
            Words("要找的差异为零。", "The difference to be found is zero."),
            mend=Words("请写出值得发现的最小差异。", "Name the smallest difference worth finding."),
        )
    one = replace(trial, units=1)
    return ceil(((one.threshold + NORMAL.inv_cdf(power)) * one.error / effect) ** 2)


def _refuse_unsound(trial: Trial) -> None:
    if not (trial.deviation > 0 and trial.units > 0 and 0 < trial.share < 1 and trial.design_effect >= 1):
        raise BadInput(
            Words("标准差、单位数、比例或设计效应不合理。", "Deviation, units, share or design effect make no sense."),
            mend=Words(
                "标准差与单位数须为正，比例在 0 与 1 之间，设计效应至少为 1。",
                "Deviation and units are positive, the share is between 0 and 1, the design effect is 1 or more.",
            ),
        )
