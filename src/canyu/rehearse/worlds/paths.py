"""Journeys with planted odds: every path of touches with its probability, so that credits are known without drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from canyu.rehearse.arrays import Floats

CHANNELS = ("weibo", "douyin", "search", "friend")
LONGEST = 4


@dataclass(frozen=True, slots=True)
class PathWorld:
    """All paths; how often each is expected to end in an order and in none, and how often they were drawn to.

    ``dark`` is how many orders came by talk that leaves no touch: nobody's credit.
    """

    paths: tuple[tuple[str, ...], ...]
    expected: tuple[Floats, Floats]
    drawn: tuple[Floats, Floats]
    dark: int


def draw_paths(chance: np.random.Generator, journeys: int) -> PathWorld:
    """Draw journeys along a chain of channels that ends in an order with each channel's own odds, or in nothing."""
    count = len(CHANNELS)
    start, moves = chance.dirichlet(np.full(count, 3.0)), chance.dirichlet(np.full(count, 2.0), count)
    stop, odds = chance.uniform(0.35, 0.6), chance.uniform(0.1, 0.5, count)
    paths, won, lost = [], [], []
    for length in range(1, LONGEST + 1):
        for path in product(range(count), repeat=length):
            steps = [moves[one, other] * (1 - stop) for one, other in pairwise(path)]
            chance_of = start[path[0]] * float(np.prod(steps)) * (stop if length < LONGEST else 1.0)
            order = 1 - float(np.prod([1 - odds[place] for place in path]))
            paths.append(tuple(CHANNELS[place] for place in path))
            won.append(chance_of * order)
            lost.append(chance_of * (1 - order))
    shares = np.array([*won, *lost])
    drawn = chance.multinomial(journeys, shares / shares.sum()).astype(np.float64)
    rows = len(paths)
    expected = journeys * shares / shares.sum()
    dark = int(chance.poisson(0.3 * drawn[:rows].sum()))
    return PathWorld(tuple(paths), (expected[:rows], expected[rows:]), (drawn[:rows], drawn[rows:]), dark)
