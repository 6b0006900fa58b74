"""The exact interval of a Poisson mean, for everybody who counts what happens."""

from __future__ import annotations


def bound_poisson(count: float, chance: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean after ``count`` events (Garwood 1936).

    A count that is not whole stands for events that come in bunches: so many of them as are independent.

    >>> [round(value, 2) for value in bound_poisson(3)]
    [0.62, 8.77]
    >>> [round(value, 2) for value in bound_poisson(30)]
    [20.24, 42.83]
    """
    from scipy.special import gammaincinv

    tail = (1.0 - chance) / 2.0
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return low, float(gammaincinv(count + 1, 1.0 - tail))
