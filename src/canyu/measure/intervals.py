"""Intervals for counts of opinions: exact formulas, no simulation, the same digits on every machine."""

from __future__ import annotations

from math import copysign, erfc, inf, sqrt

# the one of them that other rooms need too; given on here, where the others are looked for
from canyu.kit.shares import Z95 as Z95
from canyu.kit.shares import compute_share_interval as compute_share_interval

FEW_ANSWERS = 30


def compute_exact_share_interval(part: int, whole: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share, which never holds less than it says; wider than Wilson's.

    Source: C. Clopper, E. Pearson (1934), Biometrika 26, 404-413.

    >>> [round(bound, 4) for bound in compute_exact_share_interval(7, 50)]
    [0.0582, 0.2674]
    """
    if whole == 0:
        return 0.0, 1.0
    from scipy.special import betaincinv

    low = 0.0 if part == 0 else float(betaincinv(part, whole - part + 1, 0.025))
    return low, 1.0 if part == whole else float(betaincinv(part + 1, whole - part, 0.975))


def compute_net_interval(positive: int, negative: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of (positive - negative) / total, in [-1, 1].

    The two shares come from one sample of three classes, so they are correlated; this is the same problem as the
    difference of paired proportions. It holds for few posts too, where the normal interval has no width at all.
    Source: T. Tango (1998), Statistics in Medicine 17, 891-908.

    >>> [round(bound, 4) for bound in compute_net_interval(12, 2, 50)]
    [0.0611, 0.3447]
    >>> [round(bound, 4) for bound in compute_net_interval(5, 0, 5)]
    [0.131, 1.0]
    """
    if total == 0:
        return -1.0, 1.0
    net = (positive - negative) / total
    return _solve(positive, negative, total, -1.0, net), _solve(positive, negative, total, 1.0, net)


def _solve(positive: int, negative: int, total: int, edge: float, net: float) -> float:
    """Find by bisection the value between ``edge`` and the estimate whose score is just Z95 away."""
    if edge == net:
        return edge
    outside, inside = edge, net
    for _ in range(60):
        middle = (outside + inside) / 2
        if abs(_score(positive, negative, total, middle)) > Z95:
            outside = middle
        else:
            inside = middle
    return (outside + inside) / 2


def _score(positive: int, negative: int, total: int, delta: float) -> float:
    """Tango's statistic: the distance from ``delta`` over its deviation under ``delta`` (restricted maximum)."""
    a = 2.0 * total
    b = -positive - negative + (2 * total - positive + negative) * delta
    c = -negative * delta * (1 - delta)
    negative_share = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = total * (2 * negative_share + delta * (1 - delta))
    distance = positive - negative - total * delta
    if variance <= 0:
        return 0.0 if distance == 0 else float("inf")
    return distance / sqrt(variance)


def compute_nps_interval(promoters: int, detractors: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of (promoters - detractors) / total from the multinomial variance, in [-1, 1].

    The three classes come from one sample: the variance is (share + share - difference squared) / n, which is not that
    of a proportion. With few answers Tango's interval for the same difference holds; its width is never 0.

    >>> [round(bound, 3) for bound in compute_nps_interval(60, 15, 100)]
    [0.305, 0.595]
    """
    if total < FEW_ANSWERS:
        return compute_net_interval(promoters, detractors, total)
    net = (promoters - detractors) / total
    half = Z95 * sqrt(((promoters + detractors) / total - net * net) / total)
    return max(-1.0, net - half), min(1.0, net + half)


def compute_mean_interval(count: int, total: float, squares: float) -> tuple[float, float]:
    """Return Student's 95 % interval of a mean, from the number of values, their sum and the sum of their squares.

    >>> [round(bound, 3) for bound in compute_mean_interval(5, 15, 55)]
    [1.037, 4.963]
    """
    from scipy.special import stdtrit

    mean = total / count
    variance = max(0.0, squares - count * mean * mean) / (count - 1)
    half = float(stdtrit(count - 1, 0.975)) * sqrt(variance / count)
    return mean - half, mean + half


def compare_shares(part: int, whole: int, other_part: int, other_whole: int) -> tuple[float, float, float]:
    """Return the 95 % interval of the ratio of two shares, and the p-value of its being 1; both from one score test.

    The bounds are the ratios that the test does not refuse; the upper one is infinite where the other share may be 0.
    Source: O. S. Miettinen, M. Nurminen (1985), Statistics in Medicine 4, 213-226.

    >>> [round(number, 3) for number in compare_shares(10, 10, 20, 20)]
    [0.716, 1.199, 1.0]
    >>> [round(number, 4) for number in compare_shares(30, 100, 20, 100)]
    [0.9226, 2.461, 0.1033]
    """
    counts = (part, whole, other_part, other_whole)
    distance = _score_ratio(*counts, 1.0)
    p_value = erfc(abs(distance) / sqrt(2))
    ratio = inf if not other_part else (part / whole) / (other_part / other_whole)
    low = 0.0 if not part else _solve_ratio(counts, 1e-9, ratio, is_low=True)
    high = inf if not other_part else _solve_ratio(counts, max(ratio, 1e-9), 1e9, is_low=False)
    return low, high, p_value


def _solve_ratio(counts: tuple[int, int, int, int], left: float, right: float, *, is_low: bool) -> float:
    """Bisect, in logarithms, to the ratio whose score is just Z95 away."""
    right = min(right, 1e9)
    for _ in range(100):
        middle = sqrt(left * right)
        is_refused = abs(_score_ratio(*counts, middle)) > Z95
        if is_refused == is_low:
            left = middle
        else:
            right = middle
    return sqrt(left * right)


def _score_ratio(part: int, whole: int, other_part: int, other_whole: int, ratio: float) -> float:
    """Return the score of a ratio of shares: the distance over its deviation under that ratio."""
    a = ratio * (whole + other_whole)
    b = -(ratio * (whole + other_part) + part + other_whole)
    c = part + other_part
    other = (-b - sqrt(max(0.0, b * b - 4 * a * c))) / (2 * a)
    mine = ratio * other
    both = whole + other_whole
    variance = mine * (1 - mine) / whole + ratio * ratio * other * (1 - other) / other_whole
    variance *= both / (both - 1)
    distance = part / whole - ratio * other_part / other_whole
    if variance <= 1e-18:
        return 0.0 if abs(distance) < 1e-12 else copysign(inf, distance)
    return distance / sqrt(variance)
