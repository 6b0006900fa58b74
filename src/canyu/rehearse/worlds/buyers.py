"""Customers with planted habits: how often they buy, when they leave, what they pay; the models' own worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from canyu.rehearse.arrays import Flags, Floats

MOST = 80


@dataclass(frozen=True, slots=True)
class BuyersWorld:
    """Purchases after the first, when the last was, how long each was watched; and the planted parameters."""

    repeats: Floats
    last: Floats
    known: Floats
    planted: tuple[float, ...]


def draw_leaving_buyers(chance: np.random.Generator, people: int) -> BuyersWorld:
    """Draw customers who may leave after any purchase, as BG/NBD has it; watched for 20 to 40 weeks."""
    planted = (0.6, 6.0, 0.9, 2.5)
    rate, leaves = chance.gamma(planted[0], 1 / planted[1], people), chance.beta(planted[2], planted[3], people)
    times = _buy(chance, rate)
    known = _watch(chance, people)
    is_bought = (times <= known[:, None]) & (np.arange(MOST) < chance.geometric(leaves)[:, None])
    return _count(times, is_bought, known, planted)


def draw_dying_buyers(chance: np.random.Generator, people: int) -> BuyersWorld:
    """Draw customers who may leave at any moment, as Pareto/NBD has it; watched for 20 to 40 weeks."""
    planted = (0.7, 5.0, 0.8, 12.0)
    rate, death = chance.gamma(planted[0], 1 / planted[1], people), chance.gamma(planted[2], 1 / planted[3], people)
    left = chance.exponential(1, people) / np.maximum(death, 1e-12)
    times, known = _buy(chance, rate), _watch(chance, people)
    return _count(times, times <= np.minimum(known, left)[:, None], known, planted)


def draw_yearly_buyers(chance: np.random.Generator, people: int) -> BuyersWorld:
    """Draw customers with a chance to buy in each of six periods, as BG/BB has it."""
    planted, chances = (1.2, 0.9, 0.7, 2.8), 6
    buys, leaves = chance.beta(planted[0], planted[1], people), chance.beta(planted[2], planted[3], people)
    stays = chance.geometric(leaves)[:, None] > np.arange(1, chances + 1)
    is_bought = stays & (chance.random((people, chances)) < buys[:, None])
    return _count(
        np.tile(np.arange(1.0, chances + 1), (people, 1)), is_bought, np.full(people, float(chances)), planted
    )


def draw_spending(chance: np.random.Generator, repeats: Floats) -> tuple[Floats, tuple[float, float, float]]:
    """Draw the mean value of each customer's repeat purchases, as gamma-gamma has it; and the planted p, q, v."""
    p, q, v = 6.0, 4.0, 15.0
    scale = chance.gamma(q, 1 / v, len(repeats))
    return chance.gamma(p * repeats, 1.0) / scale / repeats, (p, q, v)


def _buy(chance: np.random.Generator, rate: Floats) -> Floats:
    return np.asarray((chance.exponential(1, (len(rate), MOST)) / np.maximum(rate, 1e-12)[:, None]).cumsum(axis=1))


def _watch(chance: np.random.Generator, people: int) -> Floats:
    return np.asarray(chance.uniform(20.0, 40.0, people).round())


def _count(times: Floats, is_bought: Flags, known: Floats, planted: tuple[float, ...]) -> BuyersWorld:
    return BuyersWorld(
        is_bought.sum(axis=1).astype(np.float64), np.where(is_bought, times, 0.0).max(axis=1), known, planted
    )
