"""Intervals for counts of opinions: exact formulas, no simulation, the same digits on every machine."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054  # the 97.5th percentile of the normal distribution


def compute_share_interval(part: int, whole: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, in [0, 1]; the whole range where nothing was counted.

    Source: E. B. Wilson (1927), JASA 22, 209-212.

    >>> [round(bound, 4) for bound in compute_share_interval(15, 148)]
    [0.0624, 0.1605]
    """
    if whole == 0:
        return 0.0, 1.0
    share = part / whole
    z2 = Z95 * Z95
    centre = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 / (1 + z2 / whole) * sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return max(0.0, centre - half), min(1.0, centre + half)


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
