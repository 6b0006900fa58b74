"""What is usual at this clock time on this weekday: a prediction interval from the weeks before; pure.

It says what one would expect had the day been like those before it. It is no estimate of what the session caused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from math import ceil, exp, floor, lgamma, log, sqrt
from zoneinfo import ZoneInfo

from canyu.ops.campaigns.lives.rules import Span

WEEK = timedelta(days=7)
FEWEST_DAYS = 2
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: the mean of the days before, the 95 % interval of one more such day, and how many days."""

    mean: float
    low: int
    high: int
    days: int


def list_before(span: Span, zone: str, days: int) -> list[Span]:
    """Return the same clock times on the same weekday within so many days before, the nearest first.

    >>> from datetime import datetime
    >>> day = Span(datetime.fromisoformat("2026-12-10T20:00+08:00"), datetime.fromisoformat("2026-12-10T20:10+08:00"))
    >>> [str(one.start.date()) for one in list_before(day, "Asia/Shanghai", 21)]
    ['2026-12-03', '2026-11-26', '2026-11-19']
    """
    place = ZoneInfo(zone)
    start, length = span.start.astimezone(place), span.end - span.start
    # on the local clock, so that a change to summer time moves no baseline by an hour
    begins = [(start.replace(tzinfo=None) - WEEK * back).replace(tzinfo=place) for back in range(1, days // 7 + 1)]
    return [Span(begin, (begin.astimezone(ZoneInfo("UTC")) + length).astimezone(place)) for begin in begins]


def estimate_usual(counts: Sequence[int]) -> Usual | None:
    """Return what is usual by the counts of comparable days; None for fewer than two days.

    Negative binomial prediction: Poisson counts with Jeffreys' prior, Gamma(1/2, 0), give one more day
    NB(sum + 1/2, n / (n + 1)). Where the days differ by more than chance, counts are divided by their dispersion
    (variance over mean, at least 1) before, and the bounds multiplied after (quasi-Poisson).
    Source: J. Aitchison and I. R. Dunsmore (1975), Statistical Prediction Analysis, Cambridge, chapter 2.

    >>> estimate_usual([10, 12, 8, 11])
    Usual(mean=10.25, low=4, high=18, days=4)
    >>> estimate_usual([0, 0, 0, 0])
    Usual(mean=0.0, low=0, high=1, days=4)
    """
    days = len(counts)
    if days < FEWEST_DAYS:
        return None
    mean = sum(counts) / days
    variance = sum((count - mean) ** 2 for count in counts) / (days - 1)
    dispersion = max(1.0, variance / mean) if mean else 1.0
    low, high = predict_count(sum(counts) / dispersion + 0.5, days)
    return Usual(mean, floor(low * dispersion), ceil(high * dispersion), days)


@lru_cache(maxsize=4096)
def predict_count(shape: float, days: int) -> tuple[int, int]:
    """Return the 2.5th and the 97.5th percentile of NB(shape, days / (days + 1))."""
    mean = shape / days
    deviation = sqrt(mean * (1 + 1 / days))
    first = max(0, floor(mean - 12 * deviation - 10))
    counts = range(first, ceil(mean + 12 * deviation + 30))
    odds = [_weigh(count, shape, days) for count in counts]
    return _find(counts, odds, TAIL), _find(counts, odds, 1 - TAIL)


def _weigh(count: int, shape: float, days: int) -> float:
    logs = lgamma(count + shape) - lgamma(shape) - lgamma(count + 1)
    return exp(logs + shape * log(days / (days + 1)) - count * log(days + 1))


def _find(counts: range, odds: Sequence[float], share: float) -> int:
    reached = 0.0
    for count, one in zip(counts, odds, strict=True):
        reached += one
        if reached >= share:
            return count
    return counts[-1]
