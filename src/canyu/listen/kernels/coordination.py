"""How close in time posts with one trace stand, beside the same posts at shuffled times of their days."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import OFFSETS, compile_kernel, tuple_of
from canyu.kit.mixing import mix
from canyu.listen.kernels.adagrad import GOLDEN

PAIR = tuple_of((types.float64, types.float64))
FEWEST_GAPS = 4  # below, the variation of gaps says nothing
DAY_S = 86_400
SYNCHRONOUS, VARIATION, NULL_SYNCHRONOUS, NULL_VARIATION, NULL_VARIATION_ERROR = 0, 1, 2, 3, 4


@compile_kernel(PAIR(types.int64[::1], types.int64[::1], types.int64))
def measure_times(times: NDArray[np.int64], actors: NDArray[np.int64], window_s: int) -> tuple[float, float]:
    """Return how many neighbours in time by two actors are within the window, and the variation of gaps.

    The variation is the gaps' standard deviation divided by their mean, over neighbours of one day; -1 where there
    are too few gaps or all are zero.
    """
    order = np.argsort(times, kind="mergesort")
    close = 0.0
    count, total, squares = 0, 0.0, 0.0
    for place in range(1, order.size):
        before, after = order[place - 1], order[place]
        gap = times[after] - times[before]
        close += gap <= window_s and actors[after] != actors[before]
        if times[after] // DAY_S == times[before] // DAY_S:
            count += 1
            total += gap
            squares += np.float64(gap) * np.float64(gap)
    if count < FEWEST_GAPS or total == 0.0:
        return close, -1.0
    mean = total / count
    return close, np.sqrt(max(squares / count - mean * mean, 0.0)) / mean


@compile_kernel(
    types.float64[:, ::1](OFFSETS, OFFSETS, OFFSETS, OFFSETS, OFFSETS, OFFSETS, types.int64, types.int64, types.uint64)
)
def measure_traces(
    times: NDArray[np.int64],
    actors: NDArray[np.int64],
    starts: NDArray[np.int64],
    day_first: NDArray[np.int64],
    day_posts: NDArray[np.int64],
    all_times: NDArray[np.int64],
    window_s: int,
    draws: int,
    seed: np.uint64,
) -> NDArray[np.float64]:
    """Return per trace its synchronous neighbours and variation of gaps, and what shuffled times give, (traces, 5).

    Entries ``starts[i]:starts[i + 1]`` are trace i. ``all_times``: the times of all posts, sorted, in local seconds;
    ``day_first`` and ``day_posts`` say where an entry's day lies in it. Each draw gives every entry the time of some
    post of its day (Pacheco et al., arXiv 2001.05658, shuffle likewise to tell coordination from chance).
    """
    found = np.zeros((starts.size - 1, 5))
    for trace in range(starts.size - 1):
        low, high = starts[trace], starts[trace + 1]
        own = actors[low:high].copy()
        close, variation = measure_times(times[low:high].copy(), own, window_s)
        found[trace, SYNCHRONOUS], found[trace, VARIATION] = close, variation
        drawn = np.empty(high - low, np.int64)
        all_close, count, total, squares = 0.0, 0, 0.0, 0.0
        state = mix(seed + np.uint64(trace) * GOLDEN)
        for _ in range(draws):
            for at in range(low, high):
                state += GOLDEN
                place = np.int64(mix(state) % np.uint64(day_posts[at]))
                drawn[at - low] = all_times[day_first[at] + place]
            close, variation = measure_times(drawn, own, window_s)
            all_close += close
            if variation >= 0.0:
                count += 1
                total += variation
                squares += variation * variation
        found[trace, NULL_SYNCHRONOUS] = all_close / draws
        found[trace, NULL_VARIATION] = -1.0
        if count > draws // 2:
            mean = total / count
            found[trace, NULL_VARIATION] = mean
            found[trace, NULL_VARIATION_ERROR] = np.sqrt(max(squares / count - mean * mean, 0.0))
    return found
