"""One arm against another: difference or lift, with interval and p-value of one method, looked at once or daily."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, sqrt

from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.experiments.sums import Rate, Sums

NEAR_ZERO = 2.0

ONCE = Words("Welch t 检验（只看一次）", "Welch's t test, looked at once")
DAILY = Words("混合正态置信序列（可随时查看）", "normal-mixture confidence sequence, looked at any time")
WITHIN = Words("群内配对 t 检验（只看一次）", "paired t test within the clusters, looked at once")
TOO_FEW = Words("某一组不足两个单位。", "An arm has fewer than two units.")
NO_DENOMINATOR = Words("某一组的分母为零。", "What an arm is divided by is zero.")
NO_SPREAD = Words(
    "各单位的数值完全相同，无从估计误差。", "All units have the same value: the error cannot be estimated."
)
NO_BASELINE = Words("对照组的数值为零，无法计算相对提升。", "The control is zero: there is no relative lift.")
WEAK_BASELINE = Words(
    "对照组的数值接近零，相对提升的区间不可靠，请看绝对差。",
    "The control is close to zero: the interval of the relative lift is poor, read the difference.",
)


@dataclass(frozen=True, slots=True)
class Asking:
    """How arms are compared: difference or relative lift; by how much error; once, or at any time.

    ``expected_units``: of both arms when the experiment ends, stated before; 0 means that it is looked at once. The
    sequence is narrowest there.
    """

    is_relative: bool = False
    level: float = 0.05
    expected_units: int = 0
    has_covariate: bool = False


@dataclass(frozen=True, slots=True)
class _Moments:
    """The estimate of an effect: its value, standard error and degrees of freedom."""

    value: float
    error: float
    freedom: float
    units: int


def compare(control: Sums, treated: Sums, asking: Asking) -> Estimate:
    """Return the effect of ``treated`` against ``control``.

    Means, proportions and ratios alike; the lift is relative to the control's own mean, by the delta method. With a
    covariate (CUPED) each arm is corrected by the time before: A. Deng, Y. Xu, R. Kohavi, T. Walker (2013), WSDM,
    with one coefficient for both arms, the one that makes the difference most exact.

    >>> found = compare(Sums.of_share(28, 14), Sums.of_share(30, 16), Asking(is_relative=True))
    >>> round(found.value, 5), round(found.low, 5), round(found.high, 5), round(found.p_value, 5)
    (0.06667, -0.47767, 0.61101, 0.80707)
    """
    reason = find_fault(control) or find_fault(treated)
    if reason is not None:
        return tell_missing(reason, DAILY if asking.expected_units else ONCE)
    return compare_rates(control.compute_rate(), treated.compute_rate(), asking)


def compare_rates(base: Rate, other: Rate, asking: Asking) -> Estimate:
    """Return the effect of one rate against ``base``, whose variances are known."""
    method = DAILY if asking.expected_units else ONCE
    if asking.is_relative and base.value == 0:
        return tell_missing(NO_BASELINE, method)
    found = _estimate(base, other, asking)
    if not found.error > 0:
        return tell_missing(NO_SPREAD, method)
    is_weak = asking.is_relative and abs(base.value) < NEAR_ZERO * sqrt(base.variance)
    return _judge(found, asking, (WEAK_BASELINE,) if is_weak else ())


def compare_within(sums: Sums, level: float = 0.05) -> Estimate:
    """Return y per d minus x per e of the same units: two groups of people within the same clusters."""
    reason = find_fault(sums) or (NO_DENOMINATOR if sums.first[3] == 0 else None)
    if reason is not None:
        return tell_missing(reason, WITHIN)
    rate = sums.compute_rate()
    variance = rate.variance + rate.variance_before - 2 * rate.covariance
    if not variance > 0:
        return tell_missing(NO_SPREAD, WITHIN)
    found = _Moments(rate.value - rate.before, sqrt(variance), rate.units - 1, rate.units)
    return replace(_judge(found, Asking(level=level), ()), method=WITHIN)


def correct_holm(p_values: list[float | None]) -> list[float | None]:
    """Return p-values that allow for one another (S. Holm 1979); those that are missing stay so and count nothing.

    >>> correct_holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    known = sorted((value, place) for place, value in enumerate(p_values) if value is not None)
    found: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (value, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * value))
        found[place] = highest
    return found


def find_fault(sums: Sums) -> Words | None:
    """Return why nothing can be said of an arm; None where it can be analysed."""
    if sums.units < 2:
        return TOO_FEW
    return NO_DENOMINATOR if sums.first[1] == 0 else None


def _estimate(base: Rate, other: Rate, asking: Asking) -> _Moments:
    theta = _find_theta(base, other) if asking.has_covariate else 0.0
    value = other.value - base.value - theta * (other.before - base.before)
    own, others = (
        rate.variance + theta**2 * rate.variance_before - 2 * theta * rate.covariance for rate in (base, other)
    )
    variance = own + others
    if asking.is_relative:
        shared = base.variance - theta * base.covariance  # the difference and its divisor share the control
        lift = value / base.value
        variance = (variance + lift**2 * base.variance + 2 * lift * shared) / base.value**2
        value = lift
    freedom = (own + others) ** 2 / (own**2 / (base.units - 1) + others**2 / (other.units - 1)) if own + others else 0.0
    return _Moments(value, sqrt(max(0.0, variance)), freedom, base.units + other.units)


def _find_theta(base: Rate, other: Rate) -> float:
    spread = base.variance_before + other.variance_before
    return (base.covariance + other.covariance) / spread if spread > 0 else 0.0


def _judge(found: _Moments, asking: Asking, notes: tuple[Words, ...]) -> Estimate:
    if asking.expected_units:
        half, p_value = _judge_any_time(found, asking)
        return Estimate(found.value, found.value - half, found.value + half, p_value, DAILY, notes)
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(found.freedom, 1 - asking.level / 2)) * found.error
    p_value = 2 * float(stdtr(found.freedom, -abs(found.value / found.error)))
    return Estimate(found.value, found.value - half, found.value + half, p_value, ONCE, notes)


def _judge_any_time(found: _Moments, asking: Asking) -> tuple[float, float]:
    """Return the half width and the p-value that hold at every look at once.

    Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas (2024), Time-uniform central limit theory and
    asymptotic confidence sequences, Annals of Statistics 52, 2613-2640. Both are one mixture, solved for its two sides.
    """
    spent = -2 * log(asking.level)
    rho2 = (spent + log(spent + 1)) / asking.expected_units
    grown = found.units * rho2 + 1
    half = found.error * sqrt(2 * grown / (found.units * rho2) * log(sqrt(grown) / asking.level))
    z2 = (found.value / found.error) ** 2
    p_value = exp(min(0.0, log(grown) / 2 - found.units * rho2 * z2 / (2 * grown)))
    return half, p_value
