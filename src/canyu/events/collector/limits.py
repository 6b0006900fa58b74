"""How much one source may send: a bucket of a minute's events that refills steadily."""

from __future__ import annotations

import time
from collections.abc import Callable

from canyu.events.collector.sources import Source

LEAST_WAIT_S = 1


class Limits:
    """The buckets of one process; ``share`` is its part of each source's limit, one over the number of processes."""

    def __init__(self, share: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, source: Source, events: int) -> int:
        """Take so many events from the source's bucket; return 0, or the seconds to wait where it is empty.

        A batch larger than what is left is let through and owed: else one larger than the limit could never pass.
        """
        if not source.per_minute:
            return 0
        most = source.per_minute * self._share
        left, seen_s = self._buckets.get(source.name, (most, self._clock()))
        now_s = self._clock()
        left = min(most, left + (now_s - seen_s) * most / 60)
        if left <= 0:
            self._buckets[source.name] = (left, now_s)
            return max(LEAST_WAIT_S, round(-left * 60 / most) + 1)
        self._buckets[source.name] = (left - events, now_s)
        return 0
