"""How long people took: quantiles and a histogram from counts by time taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_BUCKETS = 20_000
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
EDGES_S = (
    *(MINUTE_S, 5 * MINUTE_S, 15 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 3 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S),
    *(DAY_S, 2 * DAY_S, 3 * DAY_S, 5 * DAY_S, 7 * DAY_S, 14 * DAY_S, 30 * DAY_S, 60 * DAY_S, 90 * DAY_S),
    *(180 * DAY_S, 366 * DAY_S),
)
"""Ends of the histogram's bars, as people name them."""


@dataclass(frozen=True, slots=True)
class Times:
    """Time taken: the quarter, half and three quarters of people who were fastest, and people by bar.

    A quantile is exact to ``grain_s``. ``bars`` hold the time until which a bar reaches and the people in it.
    """

    people: int
    quarter_s: int
    half_s: int
    three_quarters_s: int
    grain_s: int
    bars: tuple[tuple[int, int], ...]


def find_grain_s(window_s: int) -> int:
    """Return how finely times within a window are counted: in at most 20,000 steps, a second at least.

    >>> find_grain_s(3600), find_grain_s(14 * 86_400)
    (1, 61)
    """
    return max(1, -(-window_s // MOST_BUCKETS))


def summarise_times(counts: Mapping[int, int], grain_s: int) -> Times | None:
    """Return the summary of people by bucket of ``grain_s`` seconds; None where there are none.

    >>> summarise_times({0: 2, 10: 1, 400: 1}, 60)
    Times(people=4, quarter_s=0, half_s=0, three_quarters_s=600, grain_s=60, bars=((60, 2), (900, 1), (43200, 1)))
    """
    people = sum(counts.values())
    if not people:
        return None
    quarter, half, three_quarters = (_find_quantile(counts, share, people) * grain_s for share in (1, 2, 3))
    bars: dict[int, int] = {}
    for bucket, count in counts.items():
        edge = next((edge for edge in EDGES_S if bucket * grain_s < edge), bucket * grain_s + grain_s)
        bars[edge] = bars.get(edge, 0) + count
    return Times(people, quarter, half, three_quarters, grain_s, tuple(sorted(bars.items())))


def _find_quantile(counts: Mapping[int, int], quarters: int, people: int) -> int:
    """Return the bucket of the person at this quarter: the first with at least so many people up to it."""
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if 4 * seen >= quarters * people:
            return bucket
    raise AssertionError("every person is in a bucket")
