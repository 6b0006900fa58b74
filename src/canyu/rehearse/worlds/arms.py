"""Experiments with planted effects: people, communities in which it is passed on, and hours that change turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.rehearse.arrays import Floats, Ints

SHARED_WITH = 2.0
"""With how many of its community each treated person shares, on average."""
SATURATION = 0.5


@dataclass(frozen=True, slots=True)
class People:
    """Orders, visits and earlier orders of each person of an arm."""

    orders: Ints
    visits: Ints
    before: Ints


@dataclass(frozen=True, slots=True)
class PeopleWorld:
    """Two arms, and the planted difference of orders per person."""

    control: People
    treated: People
    lift: float
    base: float


def draw_people(chance: np.random.Generator, lift: float) -> PeopleWorld:
    """Draw two arms of people who order at rates of their own; the treated order ``lift`` more, visits alike."""
    people, base = int(chance.integers(120, 500)), chance.uniform(0.6, 1.5)
    arms = []
    for more in (0.0, lift):
        rate = chance.gamma(2.0, base / 2.0, people)
        visits = chance.poisson(4.0 * np.sqrt(rate / base)) + 1
        arms.append(People(chance.poisson(rate + more).astype(np.int64), visits, chance.poisson(rate).astype(np.int64)))
    return PeopleWorld(arms[0], arms[1], lift, base)


@dataclass(frozen=True, slots=True)
class Members:
    """One arm of communities: orders and people of each, by whether they were treated themselves."""

    treated_orders: Ints
    treated_people: Ints
    untreated_orders: Ints
    untreated_people: Ints


@dataclass(frozen=True, slots=True)
class CommunityWorld:
    """Communities of both arms; per person, the planted effect on oneself (``direct``) and on those told."""

    control: Members
    treated: Members
    direct: float
    spillover: float

    @property
    def total(self) -> float:
        """The planted effect on a treated person among others who are treated."""
        return self.direct + self.spillover

    @property
    def overall(self) -> float:
        """The planted effect on the average person of a treated community."""
        return SATURATION * self.direct + self.spillover


def draw_communities(chance: np.random.Generator, communities: int, effects: tuple[float, float]) -> CommunityWorld:
    """Draw communities of very different size, each with a rate of its own; half the people of the treated are.

    A treated person shares with others of the community; who is reached orders more. ``effects`` are the direct effect
    and that on one who is reached.
    """
    direct, told = effects
    reach = 1 - np.exp(-SHARED_WITH * SATURATION)
    arms = []
    for is_treated in (False, True):
        sizes = np.maximum(6, np.exp(chance.normal(3.2, 0.6, communities))).astype(np.int64)
        rates = chance.gamma(6.0, 0.8 / 6.0, communities)
        own = chance.binomial(sizes, SATURATION)
        own = np.clip(own, 1, sizes - 1)
        reached = [chance.binomial(count, reach if is_treated else 0.0) for count in (own, sizes - own)]
        orders = [
            chance.poisson(rates * count + told * hit + direct * count * (is_treated and place == 0))
            for place, (count, hit) in enumerate(zip((own, sizes - own), reached, strict=True))
        ]
        arms.append(Members(orders[0], own, orders[1], sizes - own))
    return CommunityWorld(arms[0], arms[1], direct, told * reach)


def draw_hours(chance: np.random.Generator, periods: int, lift: float) -> tuple[Ints, Ints]:
    """Draw orders of periods with a daily season and memory that change turns by lot: control's, then treated's."""
    phase = 2 * np.pi * np.arange(periods) / 6
    mood = np.zeros(periods)
    for period in range(1, periods):
        mood[period] = 0.5 * mood[period - 1] + chance.normal(0.0, 4.0)
    is_treated = chance.random(periods) < 0.5
    rate = np.maximum(1.0, 40 + 8 * np.sin(phase) + mood) + lift * is_treated
    orders = chance.poisson(rate).astype(np.int64)
    return orders[~is_treated], orders[is_treated]


def draw_days(chance: np.random.Generator, days: int, lift: float) -> tuple[Floats, Floats]:
    """Draw what each person of two arms spent, by the day on which they came in: a row per day, control and treated."""
    control = chance.gamma(1.0, 30.0, (days, 20))
    return control, chance.gamma(1.0, 30.0, (days, 20)) + lift
