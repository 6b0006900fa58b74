"""Markov attribution, exactly: what share of the conversions would be lost without each channel.

Journeys are a chain of states (the last ``order`` touches) from a start to a conversion or to nothing. A channel is
removed by ending every journey where it would touch it. Both probabilities are solved for, none is simulated.

Source: E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann (2016), Mapping the customer journey, IJRM 33, 457-474.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.journeys.paths import Floats, Ints, Journeys

MOST_STATES = 3_000
LONGEST_ORDER = 5


@dataclass(frozen=True, slots=True)
class Chain:
    """Where each touch leads: ``moves[t]`` is its place in the table (state before or start) x (state of the touch).

    ``channel`` is the channel whose touch ends each state; ``last`` the state in which each path ends.
    """

    names: int
    channel: Ints
    moves: Ints
    paths: Ints
    ends: Ints
    last: Ints

    @property
    def states(self) -> int:
        """How many states there are, the start not counted."""
        return len(self.channel)


@dataclass(frozen=True, slots=True)
class Removal:
    """The chance that a journey converts, and the share of it that is lost without each channel."""

    chance: float
    effects: Floats

    @property
    def shares(self) -> Floats:
        """Each channel's share of the conversions: its effect over the sum of all effects."""
        total = self.effects.sum()
        return self.effects / total if total else self.effects


def build_chain(journeys: Journeys, order: int = 1) -> Chain:
    """Return the chain of journeys. Raises BadInput where the order is none, or gives more than 3,000 states."""
    base = len(journeys.names) + 1
    if not 1 <= order <= LONGEST_ORDER or base**order > 2**62:
        raise BadInput(
            Words(f"马尔可夫链的阶数须在 1 至 {LONGEST_ORDER} 之间。", f"The order is 1 to {LONGEST_ORDER}."),
            mend=Words("请用较低的阶数。", "Use a lower one."),
        )
    paths = journeys.paths
    place = np.arange(len(paths)) - journeys.offsets[:-1][paths]
    keys = np.zeros(len(paths), np.int64)
    for back in range(order):  # a state is a number whose digits are the last touches, the newest first
        digits = np.where(place >= back, np.roll(journeys.codes, back) + 1, 0)
        keys += digits * base**back
    states, state = np.unique(keys, return_inverse=True)
    if len(states) > MOST_STATES:
        raise BadInput(
            Words(f"这条链有 {len(states)} 个状态，太多。", f"This chain has {len(states)} states, too many."),
            mend=Words("请用较低的阶数，或合并渠道。", "Use a lower order, or merge channels."),
        )
    before = np.where(place > 0, np.roll(state, 1) + 1, 0)
    filled = np.flatnonzero(journeys.lengths > 0)
    last = state[journeys.offsets[1:][filled] - 1]
    return Chain(base - 1, states % base - 1, before * len(states) + state, paths, filled, last)


def solve_removals(chain: Chain, conversions: Floats, lost: Floats) -> Removal:
    """Return the removal effects where these many journeys of each path ended in a conversion, and in nothing.

    With N = (I - Q)^-1 and x the chance to convert from each state, a journey that meets the set R of a channel's
    states converts with N[:, R] N[R, R]^-1 x[R]: one inverse serves all channels.
    """
    size = chain.states
    weight = (conversions + lost)[chain.paths]
    moves = np.bincount(chain.moves, weight, (size + 1) * size).reshape(size + 1, size)
    won = np.bincount(chain.last, conversions[chain.ends], size)
    out = moves[1:].sum(axis=1) + won + np.bincount(chain.last, lost[chain.ends], size)
    begun = moves[0].sum()
    effects = np.zeros(chain.names)
    if not begun or not won.any():
        return Removal(0.0, effects)
    out[out == 0] = 1.0
    visits = np.linalg.inv(np.eye(size) - moves[1:] / out[:, None])
    chances = visits @ (won / out)
    start = moves[0] / begun
    chance = float(start @ chances)
    for name in range(chain.names):
        states = np.flatnonzero(chain.channel == name)
        if len(states):
            met = np.linalg.solve(visits[np.ix_(states, states)], chances[states])
            effects[name] = start @ visits[:, states] @ met / chance
    return Removal(chance, effects)


def compute_markov(journeys: Journeys, order: int = 1) -> Removal:
    """Return the removal effects of the channels, in the order of ``names``, from a chain of ``order`` touches.

    >>> from canyu.measure.journeys import make_journeys
    >>> found = compute_markov(make_journeys([["a"], ["a", "b"], ["b"]], [1, 1, 0], lost=[0, 0, 1]))
    >>> round(found.chance, 3), found.effects.round(3).tolist()
    (0.667, [0.75, 0.5])
    """
    return solve_removals(build_chain(journeys, order), journeys.conversions, journeys.lost)
