"""One hour of thousands of count series at a time: predict, test, follow, learn."""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel, read_only

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
REAL, WHOLE = types.float64[::1], types.int64[::1]
REALS, WHOLES = types.float64[:, ::1], types.int64[:, ::1]
READ, READ_WHOLE = read_only(types.float64), read_only(types.int64)
TINY = 1e-300
STEPS = 500  # of the continued fraction; it needs about the root of the count
MOST_CHANCE = 0.999  # p = 1 counts as this: how much a window that shows nothing weighs against the others
UNKNOWN = -1  # a count that nobody knows, which is not zero

# Shapes of the gamma priors: how many posts' worth of evidence the parent's pattern weighs against the series' own.
LEVEL_SHAPE, LEVEL_RATE = 0.5, 0.05  # a new series: anything; the rate is small, for busy hours weigh little
HOUR_SHAPE = 20.0  # an hour of the day departs from the parent's by about 1 / sqrt(20) = 22%
WEEKDAY_SHAPE = 100.0  # and a weekday by about 10%
SPREAD_SHAPE = 30.0  # the parent's dispersion weighs as much as about 30 busy hours
LEAST_SPREAD, MOST_SPREAD = 0.005, 5.0
DAY_SHAPE, DAY_POSTS = 10.0, 10.0  # the parent's unevenness of days weighs as much as 10 days of 10 posts' worth
LEAST_DAYS, MOST_DAYS = 1e-4, 1.0
MOST_DEVIATIONS = 6.0  # of an hour, as far as it tells of its day
PART_HOURS = 8  # what neighbouring parts of a day have in common is the day
PART_LIKENESS = 0.67  # of neighbouring parts, if days begin at any hour: two of three pairs lie in one day
PREDICTED_ROWS = 7
USUAL, SEASON, SPREAD, NOISE, TODAY, SHARED, HOUR_NOISE = range(PREDICTED_ROWS)


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


@compile_kernel(types.void(types.int64, types.int64, types.int64, READ, READ, types.float64, *[REALS] * 5, REAL, REALS))
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
    today: Floats,
    floors: Floats,
    out: Floats,
) -> None:
    """Write what is expected of each series to ``out``, one row each.

    ``USUAL`` is the expected count, ``SEASON`` its season, ``SPREAD`` the relative variance of its prediction,
    ``NOISE`` that of hours alone, days' and hours' together; then, with what the day has shown: ``TODAY`` the
    count, ``SHARED`` the variance that the day's hours have in common, ``HOUR_NOISE`` that of each.

    ``level`` holds evidence (7 rows, by weekday) and exposure without the weekdays' season (7 rows), so that what was
    learnt of the level before that season was known is read in its light; ``own_*`` the series' departure from the
    parent's season; ``doubt`` dispersion in row 0, then the relative variance of each hour's (24 rows) and weekday's
    (7 rows) departure; ``parent_doubt`` is that of the parent's season in this hour; ``today`` the variance of days,
    then what the day's earlier hours held and should have held, in posts' worth.
    """
    shared = parent_hours[rest * 24 + hour] * parent_weekdays[weekday]
    for s in range(level.shape[1]):
        season = shared * own_hours[hour, s] * own_weekdays[weekday, s]
        evidence, exposure = LEVEL_SHAPE, LEVEL_RATE
        for d in range(7):
            evidence += level[d, s]
            exposure += level[7 + d, s] * parent_weekdays[d] * own_weekdays[d, s]
        usual = evidence / exposure * season
        doubts = 1.0 / evidence + doubt[1 + hour, s] + doubt[25 + weekday, s] + parent_doubt
        shape, days = 1.0 / today[0, s] + today[1, s], 1.0 / today[0, s] + today[2, s]
        out[USUAL, s], out[SEASON, s] = usual, season
        out[HOUR_NOISE, s], out[NOISE, s] = doubt[0, s], doubt[0, s] + today[0, s]
        out[SPREAD, s] = out[NOISE, s] + doubts
        out[TODAY, s] = usual * max(floors[s], shape / days)
        out[SHARED, s] = doubts + 1.0 / shape


@compile_kernel(types.void(READ_WHOLE, READ, REALS, REAL, types.int64, REALS))
def add_hour(counts: Counts, usual: Floats, predicted: Floats, fade: Floats, age: int, today: Floats) -> None:
    """Add an hour of some age to what the last day has shown, which fades."""
    for s in range(counts.shape[0]):
        today[1, s] *= fade[s]
        today[2, s] *= fade[s]
        if counts[s] != UNKNOWN:
            wide = fade[s] ** age / (1.0 + predicted[HOUR_NOISE, s] * usual[s])
            today[1, s] += counts[s] * wide
            today[2, s] += usual[s] * wide


@compile_kernel(types.void(*[WHOLES] * 2, REALS, REALS, types.float64, types.float64, *[REALS] * 4, REAL))
def end_day(
    counts: Counts,
    told: Counts,
    usual: Floats,
    doubt: Floats,
    parent_days: float,
    fade: float,
    spreads: Floats,
    days: Floats,
    before: Floats,
    today: Floats,
    parent: Floats,
) -> None:
    """Learn from a day that is over how far days differ, and hours within a day, and begin the next.

    ``counts`` and ``usual`` are its hours; ``told`` says of each whether it tells nothing (0), of the day alone, being
    in an alert (1), or of the hours too (2). Days differ as far as the three parts of a day depart together from what
    is usual: the products of their departures hold no noise of hours, and a burst in one part alone adds none. An
    hour tells the variance of hours from its distance to what is usual on such a day. ``parent`` has the sums over
    all series: above and below for hours, then for days.
    """
    parent[:] = 0.0
    for s in range(counts.shape[1]):
        spreads[0, s] *= fade
        spreads[1, s] *= fade
        days[0, s] *= fade
        days[1, s] *= fade
        noise = doubt[0, s]
        above, below, mean, held = 0.0, 0.0, 0.0, 0.0
        part_held, part_mean = 0.0, 0.0
        for h in range(counts.shape[0]):
            if told[h, s] > 0:
                m = usual[h, s]
                most = m + MOST_DEVIATIONS * math.sqrt(m * (1.0 + (noise + today[0, s]) * m))
                weight = 1.0 / (1.0 + noise * m)
                part_held += weight * min(float(counts[h, s]), most)
                part_mean += weight * m
            if h % PART_HOURS == PART_HOURS - 1 or h + 1 == counts.shape[0]:
                above += (part_held - part_mean) * before[0, s]
                below += part_mean * before[1, s] * PART_LIKENESS
                before[0, s], before[1, s] = part_held - part_mean, part_mean
                held += part_held
                mean += part_mean
                part_held, part_mean = 0.0, 0.0
        if mean > 0.0:
            wide = 1.0 + today[0, s] * mean
            above, below = 3.0 * above / (wide * wide), 3.0 * below / (wide * wide)
            days[0, s] += above
            days[1, s] += below
            parent[2] += above
            parent[3] += below
            ratio = (held + DAY_POSTS) / (mean + DAY_POSTS)
            for h in range(counts.shape[0]):
                if told[h, s] > 1:
                    m = usual[h, s] * ratio
                    wide = 1.0 + noise * m
                    leverage = usual[h, s] / (1.0 + noise * usual[h, s]) / (mean + DAY_POSTS)
                    count = min(float(counts[h, s]), m + 4.0 * math.sqrt(m * wide) + 2.0)
                    above = ((count - m) ** 2 / (1.0 - leverage) - m - doubt[1 + h % 24, s] * m * m) / (wide * wide)
                    below = m * m / (wide * wide)
                    spreads[0, s] += above
                    spreads[1, s] += below
                    parent[0] += above
                    parent[1] += below
        weight = DAY_SHAPE * (DAY_POSTS / (1.0 + parent_days * DAY_POSTS)) ** 2
        found = (days[0, s] + weight * parent_days) / (days[1, s] + weight)
        today[0, s] = min(MOST_DAYS, max(LEAST_DAYS, found))


@compile_kernel(types.float64(types.float64))
def weigh_chance(chance: float) -> float:
    """Return the Cauchy variate of a p-value: half of them are below zero, and a small one is 1 / (pi * p)."""
    if chance < 1e-8:
        return 1.0 / (math.pi * max(chance, TINY))
    return 1.0 / math.tan(math.pi * min(chance, MOST_CHANCE))


@compile_kernel(types.float64(types.float64))
def read_chance(weight: float) -> float:
    """Return the p-value of a mean of Cauchy variates."""
    return math.atan2(1.0, weight) / math.pi


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
    """Write to ``out`` each series' p-value over the windows (row 0), this hour's alone (1), the window (2).

    The windows are tested against what is usual on such a day as this one has shown itself to be, the hour alone
    against what is usual.

    ``counts`` and ``means`` are rings of recent hours, ``reach`` says how many of them a window may use (hours
    of an earlier burst are out; the window that they cut is the last). Windows below the least count or ratio get
    p = 1. The p-values are combined as Cauchy variates (Liu and Xie 2020), which holds for small p however they
    depend on each other: a window with p = 1 counts against the others, unless they are sure.
    """
    ring = counts.shape[0]
    for s in range(counts.shape[1]):
        best, at, own, weights = 1.0, 0, 1.0, 0.0
        count, mean, squares, w = 0.0, 0.0, 0.0, 0
        shared, noise, hours = predicted[SHARED, s], predicted[HOUR_NOISE, s], min(windows[-1], reach[s])
        for back in range(hours):
            slot = (now - back) % ring
            if counts[slot, s] != UNKNOWN:
                count += counts[slot, s]
                mean += means[slot, s]
                squares += means[slot, s] ** 2
            if back == 0 and count > predicted[USUAL, s]:
                own = compute_tail(count, predicted[USUAL, s], predicted[SPREAD, s])
            if back + 1 == windows[w] or back + 1 == hours:
                w += 1
                p = 1.0
                if count >= least_count and count >= least_ratio * mean:
                    # The hours share the day and the doubt about level and season; only their own noise averages out.
                    p = compute_tail(count, mean, shared + noise * squares / (mean * mean))
                weights += weigh_chance(p)
                if p < best:
                    best, at = p, back + 1
        out[0, s] = read_chance(weights / w) if best < 1.0 else 1.0
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


@compile_kernel(types.void(READ_WHOLE, REALS, REAL, REAL, types.int64, types.int64, types.float64, *[REALS] * 6))
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
    parent: Floats,
) -> None:
    """Add an hour's evidence to the level and the season of each series and of the parent.

    A count weighs 1 / (1 + spread * mean), what it tells of its mean in posts of a Poisson count; a count beyond
    four deviations is cut there. ``settled`` tells how old the series is: its
    first day (-1) tells its level alone, then (0) the hours' season too, and after a week (2) the weekdays', which
    would otherwise take the errors of a young level for their own. ``parent`` has the sums of this hour, counts and
    exposure: for the hours, for the weekdays.
    """
    parent[:] = 0.0
    for s in range(counts.shape[0]):
        if weights[s] <= 0.0:
            continue
        mean, season, noise = predicted[USUAL, s], predicted[SEASON, s], predicted[NOISE, s]
        wide = 1.0 + noise * mean
        ceiling = mean + 4.0 * math.sqrt(mean * (1.0 + predicted[SPREAD, s] * mean)) + 2.0
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
            parent[1, 0] += weight * count
            parent[1, 1] += weight * mean


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
        expected[1, s] += predicted[USUAL, s]
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
