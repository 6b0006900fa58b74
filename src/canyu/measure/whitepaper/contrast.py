"""Two devices in one test: difference, ratio and Hedges' g, each with its interval; p-value and interval of one test.

Few runs are dealt to the devices in every way that there is (an exact permutation test), many are compared by Welch's
test. In both cases an interval leaves out "no difference" exactly where the test does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, exp, fsum, lgamma, log, sqrt
from typing import Any

import numpy as np

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.experiments.comparing import Asking, compare_rates
from canyu.measure.experiments.sums import Rate

LEVEL = 0.05
MOST_SPLITS = 50_000
"""So many ways of dealing are counted one by one: up to nine runs each."""
TIE = 1e-9
"""Relative: two sums this close are the same; a rounding error is no evidence."""

EXACT = Words("精确置换检验", "exact permutation test")
WELCH = Words("Welch t 检验", "Welch's t test")
FIELLER = Words("Fieller 区间，自由度同 Welch", "Fieller's interval with Welch's degrees of freedom")
NONCENTRAL = Words("非中心 t 区间", "interval by the noncentral t distribution")

ONE_RUN = Words("有设备只测了一次，无从估计误差。", "A device has one run only: its error cannot be estimated.")
NO_SPREAD = Words(
    "有设备的各次读数完全相同：仪器分辨率不够，或是复制的行，误差未知。",
    "All runs of a device read the same: the instrument is too coarse or rows are copies, and the error is not known.",
)
NOT_POSITIVE = Words("比值要求读数都大于零。", "A ratio needs readings above zero.")
SIGNED = Words(
    "这个量的零点是人定的（如 °C），比值没有意义。", "Where zero is a convention (as °C) a ratio means nothing."
)
WEAK_BASE = Words(
    "比较基准离零太近，比值没有边界。", "What it is divided by is too close to zero: the ratio is unbounded."
)
BEYOND = Words(
    "差别远大于波动，Hedges' g 的区间算不出。",
    "The difference is so far beyond the scatter that Hedges' g has no interval.",
)
UNBOUNDED = Words("次数太少，95% 区间没有边界。", "There are too few runs for a 95 % interval: its ends are open.")


@dataclass(frozen=True, slots=True)
class Contrast:
    """One device against another: how much more it reads.

    ``difference`` is in the unit; ``ratio`` is the first mean by the second; ``g`` is Hedges' g. ``is_exact`` says
    which test it is, ``least_p`` the smallest p-value that so few runs could give (0 for Welch's).
    """

    difference: Estimate
    ratio: Estimate
    g: Estimate
    is_exact: bool
    least_p: float


def contrast_runs(one: Sequence[float], other: Sequence[float], *, is_signed: bool = False) -> Contrast:
    """Return ``one`` against ``other``; what cannot be known says why.

    >>> found = contrast_runs([10.1, 10.3, 10.2, 10.4, 10.0], [11.2, 11.0, 11.4, 11.1, 11.3])
    >>> round(found.difference.value, 9), round(found.difference.p_value, 5), found.is_exact
    (-1.0, 0.00794, True)
    """
    splits = comb(len(one) + len(other), len(one))
    is_exact = splits <= MOST_SPLITS
    reason = ONE_RUN if min(len(one), len(other)) < 2 else NO_SPREAD if _is_flat(one) or _is_flat(other) else None
    if reason is not None:
        return tell_unknown_contrast(reason, is_exact=is_exact)
    difference, ratio = _permute(one, other) if is_exact else _compare_means(one, other)
    if is_signed or min(*one, *other) <= 0:
        ratio = tell_missing(SIGNED if is_signed else NOT_POSITIVE, ratio.method)
    return Contrast(difference, ratio, compute_hedges_g(one, other), is_exact, 2 / splits if is_exact else 0.0)


def tell_unknown_contrast(reason: Words, *, is_exact: bool = True) -> Contrast:
    """Return the contrast of which nothing is known, with its reason."""
    missing = tell_missing(reason, EXACT if is_exact else WELCH)
    return Contrast(missing, missing, tell_missing(reason, NONCENTRAL), is_exact, 0.0)


def compute_hedges_g(one: Sequence[float], other: Sequence[float]) -> Estimate:
    """Return the difference of means in pooled standard deviations, without the bias of few runs.

    Source: L. V. Hedges (1981), Journal of Educational Statistics 6, 107-128, with the exact factor; the interval by
    the noncentral t distribution (J. H. Steiger and R. T. Fouladi 1997), multiplied by the same factor.
    """
    from scipy.special import nctdtrinc

    m, n = len(one), len(other)
    freedom = m + n - 2
    pooled = sqrt(((m - 1) * _variance(one) + (n - 1) * _variance(other)) / freedom)
    scale = sqrt(m * n / (m + n))
    d = (_mean(one) - _mean(other)) / pooled
    factor = exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2) - log(freedom / 2) / 2)
    low, high = (float(nctdtrinc(freedom, share, d * scale)) / scale for share in (1 - LEVEL / 2, LEVEL / 2))
    if not low <= d <= high:
        return Estimate(factor * d, None, None, None, NONCENTRAL, (BEYOND,))
    return Estimate(factor * d, factor * low, factor * high, None, NONCENTRAL)


def estimate_mean(values: Sequence[float]) -> Estimate:
    """Return the mean of the runs of one device with its t interval."""
    from scipy.special import stdtrit

    method = Words("均值的 t 区间", "t interval of a mean")
    mean = _mean(values)
    if len(values) < 2 or _is_flat(values):
        return Estimate(mean, None, None, None, method, (ONE_RUN if len(values) < 2 else NO_SPREAD,))
    half = float(stdtrit(len(values) - 1, 1 - LEVEL / 2)) * sqrt(_variance(values) / len(values))
    return Estimate(mean, mean - half, mean + half, None, method)


def find_spread(values: Sequence[float]) -> float:
    """Return the standard deviation of two readings or more."""
    return sqrt(_variance(values))


def count_runs_needed(comparisons: int) -> int:
    """Return how many runs of each device could be significant at all beside so many comparisons.

    >>> count_runs_needed(1), count_runs_needed(6)
    (4, 5)
    """
    return next(n for n in range(2, 100) if comparisons * 2 / comb(2 * n, n) < LEVEL)


def _permute(one: Sequence[float], other: Sequence[float]) -> tuple[Estimate, Estimate]:
    """Return difference and ratio by dealing the runs in every way.

    A shift (or factor) of ``one`` turns a deal against what was seen where it passes the difference (or ratio) of the
    runs that changed sides; p-value and interval count these, so they agree. E. J. G. Pitman (1937), Supplement to
    the JRSS 4, 119-130; D. Tritchler (1984), JASA 79, 670-674.
    """
    left, came, moved = _list_swaps(one, other)
    shifts = np.sort((left - came) / moved)
    splits = len(shifts) + 1
    slack = TIE * max(abs(value) for value in (*one, *other))
    p_value = min(1.0, 2 * (1 + min(int((shifts <= slack).sum()), int((shifts >= -slack).sum()))) / splits)
    kept = int(splits * LEVEL / 2 + TIE)
    difference = _mean(one) - _mean(other)
    if kept == 0:
        open_ends = (None, None, p_value, EXACT, (UNBOUNDED,))
        return Estimate(difference, *open_ends), Estimate(_divide(one, other), *open_ends)
    factors = np.sort(np.divide(left, came, out=np.full(len(left), np.nan), where=came != 0))
    return tuple(  # type: ignore[return-value]
        Estimate(value, float(ends[kept - 1]), float(ends[-kept]), p_value, EXACT)
        for value, ends in ((difference, shifts), (_divide(one, other), factors))
    )


def _list_swaps(one: Sequence[float], other: Sequence[float]) -> tuple[Any, Any, Any]:
    """Return, for every other deal: the sum of the runs that left ``one``, of those that came, and how many."""
    values = np.array([*one, *other])
    dealt = np.array(list(combinations(range(len(values)), len(one))), dtype=np.int16)[1:]  # the first is what was seen
    is_new = dealt >= len(one)
    came = np.where(is_new, values[dealt], 0.0).sum(axis=1)
    left = fsum(one) - np.where(is_new, 0.0, values[dealt]).sum(axis=1)
    return left, came, is_new.sum(axis=1)


def _compare_means(one: Sequence[float], other: Sequence[float]) -> tuple[Estimate, Estimate]:
    base, top = (Rate(_mean(runs), 0.0, _variance(runs) / len(runs), 0.0, 0.0, len(runs)) for runs in (other, one))
    found = compare_rates(base, top, Asking(level=LEVEL))
    difference = Estimate(found.value, found.low, found.high, found.p_value, WELCH)
    if found.value is None or found.high is None:
        return difference, tell_missing(NO_SPREAD, FIELLER)
    reach = (found.high - found.value) ** 2 / (base.variance + top.variance)  # t squared
    return difference, _solve_fieller(top, base, reach, found.p_value)


def _solve_fieller(top: Rate, base: Rate, reach: float, p_value: float | None) -> Estimate:
    """Return top by base: every ratio that the test of ``top - ratio * base`` does not reject.

    Source: E. C. Fieller (1954), JRSS B 16, 175-185.
    """
    square = base.value**2 - reach * base.variance
    if square <= 0:
        return tell_missing(WEAK_BASE, FIELLER)
    middle = top.value * base.value
    root = sqrt(max(0.0, middle**2 - square * (top.value**2 - reach * top.variance)))
    return Estimate(top.value / base.value, (middle - root) / square, (middle + root) / square, p_value, FIELLER)


def _divide(one: Sequence[float], other: Sequence[float]) -> float | None:
    return _mean(one) / _mean(other) if _mean(other) else None


def _is_flat(values: Sequence[float]) -> bool:
    return max(values) == min(values)


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
