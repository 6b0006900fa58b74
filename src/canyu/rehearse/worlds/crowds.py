"""Crowds with planted habits: who shares and whom they bring, who converts, how people answer, what they spend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.rehearse.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Sharing:
    """How many joiners each sharer brought; ``planted`` is the K-factor."""

    joiners: Ints
    planted: float


def draw_sharing(chance: np.random.Generator, influence: float) -> Sharing:
    """Draw a cohort of sharers whose influence is log-normal with this deviation: 0 makes all alike."""
    planted = chance.uniform(0.2, 1.2)
    sharers = int(chance.integers(40, 200))
    return Sharing(chance.poisson(planted * _spread(chance, sharers, influence)).astype(np.int64), planted)


def draw_share(chance: np.random.Generator) -> tuple[int, int, float]:
    """Draw how many of how many did something, and the planted share, which is seldom extreme."""
    planted = chance.beta(2.0, 3.0)
    whole = int(chance.integers(30, 400))
    return int(chance.binomial(whole, planted)), whole, planted


def draw_answers(chance: np.random.Generator, fewest: int, most: int) -> tuple[int, int, int, float]:
    """Draw answers for, against and neither: how many for, against and in all, and the planted net share."""
    shares = chance.dirichlet([5.0, 3.0, 2.0])
    whole = int(chance.integers(fewest, most))
    found = chance.multinomial(whole, shares)
    return int(found[0]), int(found[2]), whole, float(shares[0] - shares[2])


def draw_amounts(chance: np.random.Generator, people: int, buyers: float, spread: float) -> tuple[Ints, float]:
    """Draw what each person spent, in minor units: nothing or a log-normal amount; and the planted mean."""
    usual = 20_000.0
    paid = np.rint(usual * _spread(chance, people, spread)).astype(np.int64)
    return np.where(chance.random(people) < buyers, paid, 0), usual * buyers


def _spread(chance: np.random.Generator, count: int, deviation: float) -> Floats:
    """Return log-normal factors of mean 1."""
    return np.exp(chance.normal(-(deviation**2) / 2, deviation, count))
