"""Random delays of arcs, also of arcs that are known not to have passed anything for a while."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.kit.mixing import mix
from canyu.spread.kernels.samples import GAMMA, UNIT

STEPS, EXPONENTIAL, LOG_NORMAL = 0, 1, 2
TURN = 2.0 * math.pi
NEAR = 0.5  # below it, in deviations, normal numbers are drawn until one is beyond


@compile_kernel(None, inline=True)
def draw_unit(state: np.uint64) -> float:
    """Return a number above 0 and at most 1."""
    return (np.float64(mix(state) >> np.uint64(11)) + 1.0) * UNIT


@compile_kernel(None, inline=True)
def draw_normal(state: np.uint64) -> tuple[float, np.uint64]:
    """Return a standard normal number (Box and Muller 1958) and the next state."""
    state += GAMMA
    radius = math.sqrt(-2.0 * math.log(draw_unit(state)))
    state += GAMMA
    return radius * math.cos(TURN * draw_unit(state)), state


@compile_kernel(None)
def draw_beyond(least: float, state: np.uint64) -> tuple[float, np.uint64]:
    """Return a standard normal number given that it is at least ``least`` (Robert 1995), and the next state."""
    if least < NEAR:
        while True:
            found, state = draw_normal(state)
            if found >= least:
                return found, state
    rate = 0.5 * (least + math.sqrt(least * least + 4.0))
    while True:
        state += GAMMA
        found = least - math.log(draw_unit(state)) / rate
        state += GAMMA
        if draw_unit(state) <= math.exp(-0.5 * (found - rate) ** 2):
            return found, state


@compile_kernel(None)
def draw_delay(family: int, centre: float, sigma: float, age: float, state: np.uint64) -> float:
    """Return how long an arc still takes that has not passed anything for ``age`` (0 or less: it begins now).

    ``centre``: the step, the mean of an exponential or the median of a log-normal, in the unit of ``age``; ``sigma``:
    the deviation of the log.
    """
    if family == STEPS:
        return centre - max(age, 0.0)
    if centre <= 0.0:
        return 0.0
    if family == EXPONENTIAL:  # has no memory
        return -math.log(draw_unit(state + GAMMA)) * centre
    if age <= 0.0:
        return centre * math.exp(sigma * draw_normal(state)[0])
    least = math.log(age / centre) / sigma
    return max(centre * math.exp(sigma * draw_beyond(least, state)[0]) - age, 0.0)


@compile_kernel(None)
def compute_share_by(
    family: int, centres: NDArray[np.float64], sigma: float, ages: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of delays that are over by each age, float64, (ages,); ``centres``: (1,) or (ages,)."""
    found = np.zeros(ages.size)
    for place in range(ages.size):
        age, centre = ages[place], centres[place if centres.size > 1 else 0]
        if age <= 0.0:
            continue
        if family == STEPS or centre <= 0.0:
            found[place] = 1.0 if age >= centre else 0.0
        elif family == EXPONENTIAL:
            found[place] = -math.expm1(-age / centre)
        else:
            found[place] = 0.5 * math.erfc(-math.log(age / centre) / (sigma * math.sqrt(2.0)))
    return found
