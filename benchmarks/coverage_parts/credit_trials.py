"""Attribution: journeys along a chain whose every path has a planted probability."""

from __future__ import annotations

from functools import partial

import numpy as np

from canyu.measure.attribution import Method, Model, credit_journeys
from canyu.measure.attribution.markov import build_chain, solve_removals
from canyu.measure.attribution.rules import Rule, credit_touches, weigh_touches
from canyu.measure.journeys import Journeys, make_journeys
from canyu.rehearse.worlds import PathWorld, draw_paths
from coverage_parts.judging import Answer, Trial

ROOM = "attribution"


def collect(world: PathWorld, counts: tuple[np.ndarray, np.ndarray]) -> Journeys:
    return make_journeys(world.paths, counts[0].tolist(), lost=counts[1].tolist())


def find_truth(journeys: Journeys, method: Method) -> np.ndarray:
    """Return what each channel gets of the journeys that are expected."""
    if method is Method.MARKOV:
        removal = solve_removals(build_chain(journeys), journeys.conversions, journeys.lost)
        return removal.shares * journeys.conversions.sum()
    weights = weigh_touches(journeys, Rule(method.value))
    return credit_touches(journeys, weights, journeys.conversions)


def ask_credit(chance: np.random.Generator, method: Method, journeys: int) -> Answer:
    world = draw_paths(chance, journeys)
    whole = collect(world, world.expected)
    place = int(chance.integers(len(whole.names)))
    seen = np.add(*world.drawn) > 0  # a lake holds the paths that came about
    paths = [path for path, is_seen in zip(world.paths, seen, strict=True) if is_seen]
    drawn = make_journeys(paths, world.drawn[0][seen].tolist(), lost=world.drawn[1][seen].tolist())
    found = credit_journeys(drawn, method, Model(seed=int(chance.integers(2**31))))
    named = {credit.name: credit.conversions for credit in found.channels}
    name = whole.names[place]
    return Answer(named[name], float(find_truth(whole, method)[place]))


TRIALS = tuple(
    Trial(
        ROOM,
        f"{method.value} (bootstrap)",
        f"{journeys} journeys",
        partial(ask_credit, method=method, journeys=journeys),
        is_quick=method is Method.LINEAR and journeys < 500,
    )
    for method in Method
    if method is not Method.DECAY
    for journeys in ((200, 1000) if method in {Method.LINEAR, Method.MARKOV, Method.SHAPLEY} else (500,))
)
