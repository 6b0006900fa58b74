"""Numbers of a lab as a paper writes them: in full, with the digits that their interval allows."""

from __future__ import annotations

import math

from canyu.kit.numbers import MISSING
from canyu.measure.estimate import Estimate


def say_number(value: float | None, interval: tuple[float | None, float | None] = (None, None)) -> str:
    """Return a reading with the digits that its interval allows, else four; a dash where it is not known.

    >>> say_number(14.1234, (13.9, 14.3)), say_number(-0.01234, (-0.013, -0.011)), say_number(5012.4), say_number(None)
    ('14.1', '−0.0123', '5,012', '—')
    """
    if value is None:
        return MISSING
    low, high = interval
    if low is not None and high is not None and high > low:
        return _write(value, math.floor(-math.log10((high - low) / 40)))
    return _write(value, _count_decimals(value, 4))


def say_spread(value: float | None) -> str:
    """Return a standard deviation with two digits; a dash where it is not known.

    >>> say_spread(0.4512), say_spread(12.34), say_spread(None)
    ('0.45', '12', '—')
    """
    return MISSING if value is None else _write(value, _count_decimals(value, 2))


def say_p_value(value: float | None) -> str:
    """Return a p-value; below one in ten thousand only that it is.

    >>> say_p_value(0.03124), say_p_value(1e-9), say_p_value(None)
    ('0.0312', '< 0.0001', '—')
    """
    if value is None:
        return MISSING
    return "< 0.0001" if value < 0.0001 else f"{value:.3g}"


def say_interval(found: Estimate) -> str:
    """Return the ends of an interval; a dash where they are open or not known."""
    if found.low is None or found.high is None:
        return MISSING
    low, high = (say_number(end, (found.low, found.high)) for end in (found.low, found.high))
    return f"[{low}, {high}]"


def say_estimate(found: Estimate) -> str:
    """Return a value with its interval."""
    value = say_number(found.value, (found.low, found.high))
    interval = say_interval(found)
    return value if interval == MISSING else f"{value} {interval}"


def _count_decimals(value: float, digits: int) -> int:
    return digits - 1 - math.floor(math.log10(abs(value))) if value else 0


def _write(value: float, decimals: int) -> str:
    return f"{value:,.{min(max(decimals, 0), 9)}f}".replace("-", "−")
