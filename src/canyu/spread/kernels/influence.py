"""Who could have influenced whom: cascades walked along candidate arcs, and the likelihood of what happened."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

UNSTATED, ELSEWHERE = -1, -2  # who was answered: not said, or somebody without a candidate arc


@compile_kernel(None)
def collect_exposures(
    starts: Whole,
    users: Whole,
    times: Whole,
    parents: Whole,
    in_starts: Whole,
    in_arcs: Whole,
    sources: Whole,
    since: Whole,
) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    """Return, per activation with a candidate, the arcs whose source was active before it.

    ``starts`` (cascades + 1,) cut the rows ``users``, ``times`` (microseconds), ``parents`` (a user, or -1); arcs
    ``in_arcs[in_starts[v]:in_starts[v + 1]]`` lead to user v from ``sources[arc]``. Returned: arcs and delays in
    microseconds, (exposures,); where each activation's exposures begin, (activations + 1,); its row, (activations,);
    and the exposure whose source it states that it answers, else UNSTATED or ELSEWHERE, (activations,). A stated parent
    of the same instant counts as before. An arc is not looked at in cascades that begin at ``since`` (arcs,) or before.
    """
    place = np.full(in_starts.size - 1, -1, np.int64)
    exposures, activations = 0, 0
    arcs, delays = np.empty(0, np.int64), np.empty(0, np.int64)
    begins, rows, stated = np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    for is_filling in (False, True):
        if is_filling:
            arcs, delays = np.empty(exposures, np.int64), np.empty(exposures, np.int64)
            begins, rows = np.zeros(activations + 1, np.int64), np.empty(activations, np.int64)
            stated = np.empty(activations, np.int64)
            place[:] = -1
        exposures, activations = 0, 0
        for cascade in range(starts.size - 1):
            first = starts[cascade]
            for row in range(first, starts[cascade + 1]):
                place[users[row]] = row
            for row in range(first, starts[cascade + 1]):
                before = exposures
                answered = UNSTATED if parents[row] < 0 else ELSEWHERE
                for at in range(in_starts[users[row]], in_starts[users[row] + 1]):
                    arc = in_arcs[at]
                    other = place[sources[arc]]
                    if other < first or times[other] > times[row] or since[arc] >= times[first]:
                        continue
                    is_stated = sources[arc] == parents[row]
                    if times[other] == times[row] and not is_stated:
                        continue
                    if is_stated:
                        answered = exposures
                    if is_filling:
                        arcs[exposures], delays[exposures] = arc, times[row] - times[other]
                    exposures += 1
                if exposures > before:
                    if is_filling:
                        rows[activations], stated[activations] = row, answered
                        begins[activations + 1] = exposures
                    activations += 1
    return arcs, delays, begins, rows, stated


@compile_kernel(None)
def count_failures(
    starts: Whole,
    users: Whole,
    out_starts: Whole,
    out_arcs: Whole,
    targets: Whole,
    logs: Real,
    times: Whole,
    since: Whole,
) -> tuple[Whole, Real, Whole]:
    """Return how often each arc's source was active and its target never was, (arcs,).

    And by cascade the sum of ``logs`` (arcs,) over those arcs, and how many they are, (cascades,). ``targets``: -1 for
    an account that is in no cascade at all, so that each trial of the arc failed. ``times`` of the rows and ``since``:
    as in ``collect_exposures``.
    """
    place = np.full(out_starts.size - 1, -1, np.int64)
    failures = np.zeros(logs.size, np.int64)
    sums, counts = np.zeros(starts.size - 1), np.zeros(starts.size - 1, np.int64)
    for cascade in range(starts.size - 1):
        first = starts[cascade]
        for row in range(first, starts[cascade + 1]):
            place[users[row]] = row
        for row in range(first, starts[cascade + 1]):
            for at in range(out_starts[users[row]], out_starts[users[row] + 1]):
                arc = out_arcs[at]
                if since[arc] >= times[first]:
                    continue
                if targets[arc] < 0 or place[targets[arc]] < first:
                    failures[arc] += 1
                    sums[cascade] += logs[arc]
                    counts[cascade] += 1
    return failures, sums, counts


@compile_kernel(None)
def weigh_exposures(chances: Real, arcs: Whole, begins: Whole, stated: Whole) -> Real:
    """Return the chance that each exposure was a success, given that its activation happened, (exposures,).

    The E step of Saito, Nakano and Kimura (KES 2008): p / (1 - product of (1 - p)). Who is stated has 1, others 0.
    """
    weights = np.zeros(arcs.size)
    for group in range(begins.size - 1):
        if stated[group] >= 0:
            weights[stated[group]] = 1.0
        elif stated[group] == UNSTATED:
            log_none = 0.0
            for at in range(begins[group], begins[group + 1]):
                log_none += np.log1p(-chances[arcs[at]])
            some = -np.expm1(log_none)
            for at in range(begins[group], begins[group + 1]):
                weights[at] = chances[arcs[at]] / some if some > 0.0 else 0.0
    return weights


@compile_kernel(None)
def score_activations(chances: Real, arcs: Whole, begins: Whole, stated: Whole) -> Real:
    """Return the log-likelihood of each activation, (activations,): some arc worked, or the stated one and no other."""
    scores = np.zeros(begins.size - 1)
    for group in range(begins.size - 1):
        log_none = 0.0
        for at in range(begins[group], begins[group + 1]):
            if at != stated[group]:
                log_none += np.log1p(-chances[arcs[at]])
        if stated[group] == UNSTATED:
            scores[group] = np.log(-np.expm1(log_none))
        elif stated[group] == ELSEWHERE:
            scores[group] = log_none
        else:
            scores[group] = log_none + np.log(chances[arcs[stated[group]]])
    return scores


@compile_kernel(None)
def weigh_timed(
    chances: Real, arcs: Whole, begins: Whole, stated: Whole, delays_s: Real, timing: tuple[float, float]
) -> tuple[Real, Real, Real, tuple[float, float]]:
    """Return how likely each exposure caused its activation, how likely it succeeded at all, both (exposures,).

    And the log-likelihood of each activation with its time, (activations,), and the new ``timing``. The continuous-time
    cascade model (Saito, Kimura, Ohara, Motoda, ACML 2009) with log-normal delays, ``timing`` the centre and deviation
    of log seconds: a source whose delay was not over at the activation may still have succeeded later. The new timing
    counts such delays by what is expected of them beyond what was waited.
    """
    centre, sigma = timing
    caused, succeeded, scores = np.zeros(arcs.size), np.zeros(arcs.size), np.zeros(begins.size - 1)
    logs, late, waiting = np.empty(arcs.size), np.empty(arcs.size), np.empty(arcs.size)
    total, first, second = 1e-300, 0.0, 0.0
    for group in range(begins.size - 1):
        sum_hazards = 0.0
        for at in range(begins[group], begins[group + 1]):
            p = chances[arcs[at]]
            logs[at] = np.log(max(delays_s[at], 1.0))
            a = (logs[at] - centre) / sigma
            late[at] = 0.5 * math.erfc(a / math.sqrt(2.0))
            waiting[at] = max(1.0 - p * (1.0 - late[at]), 1e-12)
            density = math.exp(-0.5 * a * a - logs[at]) / (sigma * math.sqrt(2.0 * math.pi))
            caused[at] = p * density / waiting[at]
            sum_hazards += caused[at]
            scores[group] += np.log(waiting[at])
        if stated[group] == UNSTATED:
            scores[group] += np.log(max(sum_hazards, 1e-300))
        elif stated[group] >= 0:
            scores[group] += np.log(max(caused[stated[group]], 1e-300))
        for at in range(begins[group], begins[group + 1]):
            if stated[group] == UNSTATED:
                caused[at] = caused[at] / sum_hazards if sum_hazards > 0.0 else 0.0
            else:
                caused[at] = 1.0 if stated[group] == at else 0.0
            unseen = (1.0 - caused[at]) * chances[arcs[at]] * late[at] / waiting[at]
            succeeded[at] = caused[at] + unseen
            total += succeeded[at]
            first += caused[at] * logs[at]
            second += caused[at] * logs[at] * logs[at]
            if unseen > 1e-12:
                a = (logs[at] - centre) / sigma
                above = math.exp(-0.5 * a * a) / math.sqrt(2.0 * math.pi) / late[at]
                first += unseen * (centre + sigma * above)
                squared = centre * centre + sigma * sigma * (1.0 + a * above) + 2.0 * centre * sigma * above
                second += unseen * squared
    mean = first / total
    return caused, succeeded, scores, (mean, np.sqrt(max(second / total - mean * mean, 1e-4)))
