"""What chance would do: all posts' accounts and times, and the same traces at shuffled times of their days."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.listen.kernels.coordination import DAY_S, measure_traces


@dataclass(frozen=True, slots=True)
class CoordinationRules:
    """What counts as coordinated.

    ``fewest_accounts``: that share a trace. ``window_s``: two posts within it are synchronous. ``false_discoveries``:
    the share of chance findings allowed among traces (Benjamini and Hochberg 1995). ``draws``: shuffles of the times.
    ``zone``: whose days the times are shuffled within.
    """

    fewest_accounts: int = 3
    window_s: int = 300
    false_discoveries: float = 0.01
    draws: int = 200
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Background:
    """All posts' accounts and local times, and where each post's day lies among the sorted times."""

    actors: NDArray[np.int64]
    times: NDArray[np.int64]
    all_times: NDArray[np.int64]
    day_first: NDArray[np.int64]
    day_posts: NDArray[np.int64]

    def measure(
        self, rows: NDArray[np.int64], starts: NDArray[np.int64], rules: CoordinationRules, seed: int
    ) -> NDArray[np.float64]:
        """Return what :func:`measure_traces` finds in these rows."""
        first, posts = self.day_first[rows], self.day_posts[rows]
        times, actors = self.times[rows], self.actors[rows]
        rest = (first, posts, self.all_times, rules.window_s, rules.draws, np.uint64(seed))
        return measure_traces(times, actors, starts, *rest)

    def measure_days(self, window_s: int) -> dict[int, float]:
        """Return, per day (by its first place in ``all_times``), how likely two random posts are within the window."""
        found: dict[int, float] = {}
        for first in np.unique(self.day_first).tolist():
            day = self.all_times[first : np.searchsorted(self.all_times, (self.all_times[first] // DAY_S + 1) * DAY_S)]
            near = np.searchsorted(day, day + window_s, "right") - np.searchsorted(day, day - window_s, "left")
            found[first] = float(near.mean() / len(day))
        return found


def build_background(table: pa.Table, rules: CoordinationRules) -> Background:
    """Return the background of prepared posts; a post without an actor is an account of its own."""
    local = pc.local_timestamp(table["time"].cast(pa.timestamp("us", str(ZoneInfo(rules.zone)))))
    times = pc.floor_temporal(local, unit="second").cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    known = table["actor"].combine_chunks().dictionary_encode().indices
    numbers = pc.fill_null(known, -1).to_numpy().astype(np.int64)
    nameless = np.flatnonzero(numbers < 0)
    numbers[nameless] = numbers.max() + 1 + np.arange(len(nameless))
    ordered = np.sort(times)
    first = np.searchsorted(ordered, times // DAY_S * DAY_S)
    after = np.searchsorted(ordered, (times // DAY_S + 1) * DAY_S)
    return Background(numbers, times, ordered, first.astype(np.int64), (after - first).astype(np.int64))
