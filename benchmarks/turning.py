"""Did opinion turn: how often the interval holds the true change, and how often it says turned, in worlds that we know.

Every world has 3 days before and 5 after, 40 posts an hour on the topic and 200 on others by day, fewer by night. Hours
scatter beyond the binomial (deviation 0.05 or 0.10 of the share) and carry over from hour to hour by a factor; some
worlds have a mood or a drift that hits topic and controls alike. A turn is looked for at the end of every hour, so that
the false rate is that of the whole watch. Beside it: two proportions compared as if posts were drawn by lot.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from canyu.care.crisis.turning import HourlyOpinions, estimate_change, judge_turn

STATEMENT = datetime(2026, 5, 1, tzinfo=UTC)
BEFORE_H, AFTER_H = 72, 120
Z95 = 1.959964


@dataclass(frozen=True)
class World:
    """What is true: shares, scatter of hours and how it carries over, what hits all alike, and the change."""

    posts: float = 40
    scatter: float = 0.0
    carry: float = 0.0
    mood: float = 0.0
    drift: float = 0.0
    change: float = 0.0
    decay_h: float = 0.0


WORLDS = {
    "no change, by lot": World(),
    "no change, few posts": World(posts=6),
    "no change, scatter .10": World(scatter=0.1),
    "no change, scatter .10, carry .5": World(scatter=0.1, carry=0.5),
    "no change, scatter .10, carry .8": World(scatter=0.1, carry=0.8),
    "no change, scatter .10, carry .9": World(scatter=0.1, carry=0.9),
    "no change, a mood of all": World(scatter=0.05, carry=0.5, mood=0.08),
    "no change, a drift of all by -.10 in 3 days": World(scatter=0.05, carry=0.5, drift=-0.1),
    "no change, posts die down": World(scatter=0.05, carry=0.5, decay_h=36),
    "turn by -.10": World(scatter=0.05, carry=0.5, change=-0.1),
    "turn by -.20, scatter .10, carry .8": World(scatter=0.1, carry=0.8, change=-0.2),
}


def wander(rng: np.random.Generator, hours: int, scatter: float, carry: float) -> NDArray[np.float64]:
    """Return a stationary autoregression of deviation ``scatter``, shape (hours,)."""
    steps = rng.normal(size=hours) * scatter * sqrt(1 - carry * carry)
    found = np.empty(hours)
    found[0] = rng.normal() * scatter
    for hour in range(1, hours):
        found[hour] = carry * found[hour - 1] + steps[hour]
    return found


def draw(world: World, seed: int) -> HourlyOpinions:
    """Return the counts of one world."""
    rng = np.random.default_rng([seed, 7])
    size = BEFORE_H + AFTER_H
    hour = np.arange(size) - BEFORE_H
    alike = wander(rng, size, world.mood, 0.9) + world.drift * np.clip(hour / 72, -1, None)
    share = 0.5 + alike + wander(rng, size, world.scatter, world.carry) + world.change * (hour >= 0)
    other = 0.3 + alike + wander(rng, size, world.scatter / 2, world.carry)
    day = 1 + 0.7 * np.sin(2 * np.pi * hour / 24)
    heat = np.exp(-np.clip(hour, 0, None) / world.decay_h) if world.decay_h else 1.0
    posts, control_posts = rng.poisson(world.posts * day * heat), rng.poisson(200 * day)
    negative = rng.binomial(posts, np.clip(share, 0.01, 0.99))
    control_negative = rng.binomial(control_posts, np.clip(other, 0.01, 0.99))
    return HourlyOpinions(STATEMENT, BEFORE_H, posts, negative, control_posts, control_negative, ("others",))


def compare_by_lot(found: HourlyOpinions) -> tuple[float, float]:
    """Return the usual 95 % interval of the difference in differences of shares, as if posts were drawn by lot."""
    value, variance = 0.0, 0.0
    for sign, hours in ((-1, slice(0, BEFORE_H)), (1, slice(BEFORE_H, BEFORE_H + 72))):
        for side, posts, negative in (
            (1, found.posts, found.negative),
            (-1, found.control_posts, found.control_negative),
        ):
            n, share = posts[hours].sum(), negative[hours].sum() / posts[hours].sum()
            value, variance = value + sign * side * share, variance + share * (1 - share) / n
    return value - Z95 * sqrt(variance), value + Z95 * sqrt(variance)


def measure(world: World, draws: int) -> dict[str, float]:
    """Return the coverage after a day and after three, the peer's, how often it turned, and after how many hours."""
    held = np.zeros(3)
    hours = []
    for seed in range(draws):
        found = draw(world, seed)
        day = estimate_change(found, slice(0, BEFORE_H), slice(BEFORE_H, BEFORE_H + 24))
        days = estimate_change(found, slice(0, BEFORE_H), slice(BEFORE_H, BEFORE_H + 72))
        ends = [(each.low, each.high) for each in (day, days) if each is not None] + [compare_by_lot(found)]
        held += [low <= world.change <= high for low, high in ends]
        turned_at = judge_turn(found).turned_at
        if turned_at is not None:
            hours.append((turned_at - STATEMENT).total_seconds() / 3600)
    return {
        "held_24h": round(held[0] / draws, 3),
        "held_72h": round(held[1] / draws, 3),
        "by_lot_held_72h": round(held[2] / draws, 3),
        "turned": round(len(hours) / draws, 3),
        "median_h": float(np.median(hours)) if hours else 0.0,
    }


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=400)
    draws = parser.parse_args().draws
    begun = time.process_time()
    worlds = {name: measure(world, draws) for name, world in WORLDS.items()}
    false = {name: each["turned"] for name, each in worlds.items() if not WORLDS[name].change}
    print(
        json.dumps(
            {
                "benchmark": "turning",
                "draws": draws,
                "worlds": worlds,
                "worst_false_turned": max(false.values()),
                "is_met": max(false.values()) <= 0.05,
                "cpu_s": round(time.process_time() - begun, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
