"""One hour of thousands of count series at a time: predict, test, follow, learn."""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.listen.kernels.compiled import compile_kernel, read_only

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
REAL, WHOLE = types.float64[::1], types.int64[::1]
REALS, WHOLES = types.float64[:, ::1], types.int64[:, ::1]
READ, READ_WHOLE = read_only(types.float64), read_only(types.int64)
TINY = 1e-300
STEPS = 500  # of the continued fraction; it needs about the root of the count
UNKNOWN = -1  # a count that nobody knows, which is not zero

# Shapes of the gamma priors: how many posts' worth of evidence the parent's pattern weighs against the series' own.
LEVEL_SHAPE, LEVEL_RATE = 0.5, 0.05  # a new series: anything; the rate is small, for busy hours weigh little
HOUR_SHAPE = 20.0  # an hour of the day departs from the parent's by about 1 / sqrt(20) = 22%
WEEKDAY_SHAPE = 100.0  # and a weekday by about 10%
SPREAD_SHAPE = 30.0  # the parent's dispersion weighs as much as about 30 busy hours
LEAST_SPREAD, MOST_SPREAD = 0.005, 5.0


@compile_kernel(types.float64(types.float64, types.float64, types.float64))
def continue_beta(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (Lentz's method; DLMF 8.17.22)."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 + even * d
        c = 1.0 + even / c
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = c if abs(c) > TINY else TINY
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 + odd * d
        c = 1.0 + odd / c
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = c if abs(c) > TINY else TINY
        step = d * c
        value *= step
        if abs(step - 1.0) < 1e-12:
            break
    return value


@compile_kernel(types.float64(types.float64, types.float64, types.float64))
def compute_tail(count: float, mean: float, spread: float) -> float:
    """Return P(X >= count) of a negative binomial count: its variance is ``mean + spread * mean ** 2``.

    Exact at every volume: the regularised incomplete beta function I_p(count, 1 / spread), p = mean / (mean + size).
    """
    if count <= 0.0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    size = 1.0 / max(spread, 1e-6)
    chance = mean / (mean + size)
    log_front = (
        math.lgamma(count + size)
        - math.lgamma(count)
        - math.lgamma(size)
        + count * math.log(chance)
        + size * math.log1p(-chance)
    )
    if chance < (count + 1.0) / (count + size + 2.0):
        return min(1.0, math.exp(log_front) * continue_beta(count, size, chance) / count)
    return max(0.0, 1.0 - math.exp(log_front) * continue_beta(size, count, 1.0 - chance) / size)


@compile_kernel(types.void(types.int64, types.int64, types.int64, READ, READ, types.float64, *[REALS] * 5))
def predict_hour(
    hour: int,
    weekday: int,
    rest: int,
    parent_hours: Floats,
    parent_weekdays: Floats,
    parent_doubt: float,
    level: Floats,
    own_hours: Floats,
    own_weekdays: Floats,
    doubt: Floats,
    out: Floats,
) -> None:
    """Write each series' expected count, season, spread of its prediction and dispersion alone to ``out`` (4 rows).

    ``level`` holds evidence (7 rows, by weekday) and exposure without the weekdays' season (7 rows), so that what was
    learnt of the level before that season was known is read in its light; ``own_*`` the series' departure from the
    parent's season; ``doubt`` dispersion in row 0, then the relative variance of each hour's (24 rows) and weekday's
    (7 rows) departure; ``parent_doubt`` is that of the parent's season in this hour.
    """
    shared = parent_hours[rest * 24 + hour] * parent_weekdays[weekday]
    for s in range(level.shape[1]):
        season = shared * own_hours[hour, s] * own_weekdays[weekday, s]
        evidence, exposure = LEVEL_SHAPE, LEVEL_RATE
        for d in range(7):
            evidence += level[d, s]
            exposure += level[7 + d, s] * parent_weekdays[d] * own_weekdays[d, s]
        out[0, s] = evidence / exposure * season
        out[1, s] = season
        out[2, s] = doubt[0, s] + 1.0 / evidence + doubt[1 + hour, s] + doubt[25 + weekday, s] + parent_doubt
        out[3, s] = doubt[0, s]


@compile_kernel(types.void(WHOLES, REALS, REALS, WHOLE, READ_WHOLE, types.int64, types.float64, types.float64, REALS))
def test_hour(
    counts: Counts,
    means: Floats,
    predicted: Floats,
    reach: Counts,
    windows: Counts,
    now: int,
    least_count: float,
    least_ratio: float,
    out: Floats,
) -> None:
    """Write to ``out`` each series' p-value over the windows (row 0), this hour's own (1), the window (2).

    ``counts`` and ``means`` are rings of recent hours, ``reach`` says how many of them a window may use (hours
    of an earlier burst are out). Windows below the least count or ratio get p = 1, which only makes the test
    stricter. The smallest p is multiplied by the number of windows (Bonferroni).
    """
    ring = counts.shape[0]
    for s in range(counts.shape[1]):
        best, at, own = 1.0, 0, 1.0
        count, mean, squares, w = 0.0, 0.0, 0.0, 0
        spread = predicted[2, s]
        for back in range(windows[-1]):
            if back >= reach[s]:
                break
            slot = (now - back) % ring
            if counts[slot, s] != UNKNOWN:
                count += counts[slot, s]
                mean += means[slot, s]
                squares += means[slot, s] ** 2
            if back == 0 and count > mean:
                own = compute_tail(count, mean, spread)
            if back + 1 == windows[w]:
                w += 1
                if count >= least_count and count >= least_ratio * mean:
                    # The hours share the doubt about level and season; only the noise of each averages out.
                    noise = predicted[3, s]
                    total = (spread - noise) + noise * squares / (mean * mean)
                    p = compute_tail(count, mean, total)
                    if p < best:
                        best, at = p, back + 1
        out[0, s] = min(1.0, best * windows.shape[0])
        out[1, s] = own
        out[2, s] = at


@compile_kernel(types.int64(REAL, WHOLE, types.int64, types.float64, REAL))
def control_hour(
    chances: Floats,
    candidates: Counts,
    tested: int,
    false_share: float,
    out: Floats,
) -> int:
    """Write the q-value of each candidate, given in rising order of p, and return how many pass.

    The step-up procedure of Benjamini and Hochberg (1995) over ``tested`` series.
    """
    smallest, passing = 1.0, 0
    for place in range(candidates.shape[0] - 1, -1, -1):
        s = candidates[place]
        smallest = min(smallest, chances[s] * tested / (place + 1))
        out[s] = smallest
        if smallest <= false_share:
            passing = max(passing, place + 1)
    return passing


@compile_kernel(types.void(READ_WHOLE, REALS, REAL, REAL, types.int64, types.int64, types.float64, *[REALS] * 7))
def learn_hour(
    counts: Counts,
    predicted: Floats,
    weights: Floats,
    settled: Floats,
    hour: int,
    weekday: int,
    parent_weekday: float,
    own_hours: Floats,
    own_weekdays: Floats,
    level: Floats,
    hours: Floats,
    weekdays: Floats,
    spreads: Floats,
    parent: Floats,
) -> None:
    """Add an hour's evidence to the level, the season and the dispersion of each series and of the parent.

    A count weighs 1 / (1 + spread * mean), what it tells of its mean in posts of a Poisson count; a count beyond
    four deviations is cut there. ``settled`` tells how old the series is: its
    first day (-1) tells its level alone, then (0) the hours' season too, then (1) the dispersion, and after a week (2)
    the weekdays', which would otherwise take the errors of a young level for their own. ``parent`` has the sums of
    this hour, counts and exposure: for the hours, for the dispersion, for the weekdays.
    """
    parent[:] = 0.0
    for s in range(counts.shape[0]):
        if weights[s] <= 0.0:
            continue
        mean, season, noise = predicted[0, s], predicted[1, s], predicted[3, s]
        wide = 1.0 + noise * mean
        ceiling = mean + 4.0 * math.sqrt(mean * (1.0 + predicted[2, s] * mean)) + 2.0
        count = float(counts[s])
        if settled[s] >= 0.0 or weights[s] < 1.0:  # a series' first day is not cut to the first guess
            count = min(count, ceiling)
        weight = weights[s] / wide
        level[weekday, s] += weight * count
        level[7 + weekday, s] += weight * season / (parent_weekday * own_weekdays[weekday, s])
        if settled[s] < 0.0:
            continue
        hours[hour, s] += weight * count
        hours[24 + hour, s] += weight * mean / own_hours[hour, s]
        parent[0, 0] += weight * count
        parent[0, 1] += weight * mean
        if settled[s] > 1.0:
            weekdays[weekday, s] += weight * count
            weekdays[7 + weekday, s] += weight * mean / own_weekdays[weekday, s]
            parent[2, 0] += weight * count
            parent[2, 1] += weight * mean
        if settled[s] < 1.0:
            continue
        sure = (noise / predicted[2, s]) ** 2  # an hour whose mean is in doubt tells little of the noise
        above = sure * weights[s] * ((count - mean) ** 2 - mean) / (wide * wide)
        below = sure * weights[s] * mean * mean / (wide * wide)
        spreads[0, s] += above
        spreads[1, s] += below
        parent[1, 0] += above
        parent[1, 1] += below


@compile_kernel(types.void(types.float64, READ, REALS, REALS, REALS, REALS, REALS, REALS))
def refresh_season(
    parent_spread: float,
    parent_share: Floats,
    hours: Floats,
    weekdays: Floats,
    spreads: Floats,
    own_hours: Floats,
    own_weekdays: Floats,
    doubt: Floats,
) -> None:
    """Turn the sums into each series' departure from the parent's season and its dispersion, once a day.

    ``hours`` and ``weekdays`` hold what was counted, then what the parent's season alone led to expect. Departures
    are scaled to a mean of one over the day (``parent_share``) and the week, so that the level alone tells the volume.
    """
    for s in range(hours.shape[1]):
        total = 0.0
        for h in range(24):
            own_hours[h, s] = (HOUR_SHAPE + hours[h, s]) / (HOUR_SHAPE + hours[24 + h, s])
            doubt[1 + h, s] = 1.0 / (HOUR_SHAPE + hours[h, s])
            total += own_hours[h, s] * parent_share[h]
        for h in range(24):
            own_hours[h, s] /= total
        total = 0.0
        for d in range(7):
            own_weekdays[d, s] = (WEEKDAY_SHAPE + weekdays[d, s]) / (WEEKDAY_SHAPE + weekdays[7 + d, s])
            doubt[25 + d, s] = 1.0 / (WEEKDAY_SHAPE + weekdays[d, s])
            total += own_weekdays[d, s] / 7.0
        for d in range(7):
            own_weekdays[d, s] /= total
        spread = (spreads[0, s] + SPREAD_SHAPE * parent_spread) / (spreads[1, s] + SPREAD_SHAPE)
        doubt[0, s] = min(MOST_SPREAD, max(LEAST_SPREAD, spread))


# What the alerts of the series hold, one row each.
OPEN, BEGIN, FOUND, PEAK_AT, PEAK, LAST_HOT, COOL, OBSERVED, RAW, WAITING, WAITING_RAW = range(11)
ALERT_ROWS = 11


@compile_kernel(types.void(READ_WHOLE, READ_WHOLE, REALS, REALS, types.int64, types.float64, WHOLES, REALS))
def follow_hour(
    counts: Counts,
    raw: Counts,
    predicted: Floats,
    tested: Floats,
    now: int,
    hold_chance: float,
    alerts: Counts,
    expected: Floats,
) -> None:
    """Add an hour to each open alert: its sums, its peak, whether it is still hot. Unknown hours leave it as it is.

    Hours that are not hot wait for the next hot one: a burst's sums end with its last raised hour. ``expected`` holds
    the sum, then what waits (2 rows).
    """
    for s in range(counts.shape[0]):
        if alerts[OPEN, s] == 0 or counts[s] == UNKNOWN:
            continue
        alerts[WAITING, s] += counts[s]
        alerts[WAITING_RAW, s] += max(raw[s], 0)
        expected[1, s] += predicted[0, s]
        if tested[1, s] > hold_chance:
            alerts[COOL, s] += 1
            continue
        alerts[LAST_HOT, s], alerts[COOL, s] = now, 0
        alerts[OBSERVED, s] += alerts[WAITING, s]
        alerts[RAW, s] += alerts[WAITING_RAW, s]
        expected[0, s] += expected[1, s]
        alerts[WAITING, s], alerts[WAITING_RAW, s], expected[1, s] = 0, 0, 0.0
        if counts[s] > alerts[PEAK, s]:
            alerts[PEAK, s], alerts[PEAK_AT, s] = counts[s], now
