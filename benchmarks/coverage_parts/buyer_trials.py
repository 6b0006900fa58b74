"""Loyalty: customers of the models' own worlds; the truth of an expectation is the one at the planted parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from canyu.measure.loyalty import BgBb, BgNbd, Customers, GammaGamma, Horizon, ParetoNbd, estimate_value, follow
from canyu.rehearse.worlds import (
    BuyersWorld,
    draw_dying_buyers,
    draw_leaving_buyers,
    draw_spending,
    draw_yearly_buyers,
)
from coverage_parts.judging import Answer, Trial

ROOM = "loyalty"
AHEAD = 26.0


def ask_ahead(
    chance: np.random.Generator, model: Any, draw: Callable[[np.random.Generator, int], BuyersWorld], ahead: float
) -> Answer:
    """Ask what all customers together are expected to buy."""
    world = draw(chance, int(chance.integers(400, 900)))
    customers = Customers.of_columns(world.repeats, world.last, world.known)
    fitted = model.fit(customers)

    def sum_up(values: np.ndarray) -> float:
        return float(customers.weights @ model.expect_more(values, customers, ahead))

    return Answer(follow([fitted], sum_up), sum_up(np.array(world.planted)))


def ask_alive(chance: np.random.Generator) -> Answer:
    world = draw_leaving_buyers(chance, int(chance.integers(400, 900)))
    customers, model = Customers.of_columns(world.repeats, world.last, world.known), BgNbd()
    fitted = model.fit(customers)

    def sum_up(values: np.ndarray) -> float:
        return float(customers.weights @ model.find_alive(values, customers))

    return Answer(follow([fitted], sum_up), sum_up(np.array(world.planted)))


def ask_parameter(chance: np.random.Generator) -> Answer:
    world = draw_leaving_buyers(chance, int(chance.integers(400, 900)))
    fitted = BgNbd().fit(Customers.of_columns(world.repeats, world.last, world.known))
    place = int(chance.integers(4))
    return Answer(fitted.parameters[BgNbd.NAMES[place]], world.planted[place])


def ask_worth(chance: np.random.Generator) -> Answer:
    repeats = 1.0 + chance.poisson(2.0, int(chance.integers(100, 400)))
    means, planted = draw_spending(chance, repeats)
    spender = GammaGamma()
    fitted = spender.fit(repeats, means)

    def average(values: np.ndarray) -> float:
        return float(spender.expect(values, repeats, means).mean())

    return Answer(spender.estimate_worth(fitted, repeats, means), average(np.array(planted)))


def ask_value(chance: np.random.Generator) -> Answer:
    world = draw_leaving_buyers(chance, int(chance.integers(400, 900)))
    back = world.repeats > 0
    means = np.zeros(len(world.repeats))
    means[back], planted = draw_spending(chance, world.repeats[back])
    columns = np.array([world.repeats, world.last, world.known])
    customers, (totals,) = Customers.group(columns, np.ones(len(means)), means * world.repeats)
    models, horizon = (BgNbd(), GammaGamma()), Horizon(1, AHEAD, 0.0)
    fits = models[0].fit(customers), models[1].fit(world.repeats[back], means[back])
    estimate = estimate_value(models, fits, customers, totals, horizon)
    worth = models[1].expect(
        np.array(planted), customers.repeats, totals / customers.weights / np.maximum(customers.repeats, 1)
    )
    more = models[0].expect_more(np.array(world.planted), customers, AHEAD)
    return Answer(estimate, float((worth * customers.weights) @ more))


PEOPLE = "400 to 900 customers"
TRIALS = (
    Trial(
        ROOM,
        "BG/NBD, purchases to come",
        PEOPLE,
        partial(ask_ahead, model=BgNbd(), draw=draw_leaving_buyers, ahead=AHEAD),
    ),
    Trial(ROOM, "BG/NBD, still customers", PEOPLE, ask_alive),
    Trial(ROOM, "BG/NBD, a parameter", PEOPLE, ask_parameter),
    Trial(
        ROOM,
        "Pareto/NBD, purchases to come",
        PEOPLE,
        partial(ask_ahead, model=ParetoNbd(), draw=draw_dying_buyers, ahead=AHEAD),
    ),
    Trial(
        ROOM, "BG/BB, purchases to come", PEOPLE, partial(ask_ahead, model=BgBb(), draw=draw_yearly_buyers, ahead=4.0)
    ),
    Trial(ROOM, "gamma-gamma, worth of a purchase", "100 to 400 customers", ask_worth),
    Trial(ROOM, "value of all customers", PEOPLE, ask_value),
)
