"""Plans within a budget: reach, proof, intervals and CPU seconds beside what a careful hand does with the same sets.

NetHEPT (weighted cascade), 2,000 made accounts with prices, platforms and markets. All choose on the same 200,000
sets, and all are judged on 2,000,000 others. ``ranked`` takes accounts by the people that each reaches alone per yuan;
``plain greedy`` counts anew after each choice who adds most per yuan (numpy, without a proof). Both keep the budget and
the most quotas, and fill least quotas first, with the best of that order. Intervals: one plan per seed of chance.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.selection import Limits, PlanOptions, Timing, select_within
from canyu.spread.selection.budgets import make_chooser
from canyu.spread.selection.conditions import make_sampler
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.sampling import Sampler, Sets
from simulate import find_largest, load

ACCOUNTS, BUDGET, SETS, FRESH = 2000, 60_000, 200_000, 2_000_000
JUDGE = 1 << 23  # a stream that nothing else reads
Whole = NDArray[np.int64]
LEAST = {"market": {"SG": 6}, "platform": {"bilibili": 4}}
SETTINGS: dict[str, tuple[Limits, PlanOptions]] = {
    "budget": (Limits(BUDGET), {}),
    "budget and quotas": (
        Limits(BUDGET, {"platform": {"weibo": 10, "douyin": 12}}, least=LEAST),
        {},
    ),
    "budget, within 72 hours": (Limits(BUDGET), {"timing": Timing(72.0, 2.0, 2.5)}),
}  # fmt: skip


def make_accounts(graph: Graph) -> pa.Table:
    """Return accounts whose prices rise with their readers, less than in proportion, and vary by a factor."""
    rng, ids = np.random.default_rng(5), find_largest(graph, ACCOUNTS)
    readers = np.diff(graph.out_starts)[find_numbers(graph, ids)]
    costs = np.maximum(200.0 * readers**0.7 * rng.lognormal(0.0, 0.5, ACCOUNTS), 1.0).astype(np.int64)
    platforms = rng.choice(["weibo", "douyin", "bilibili", "red"], ACCOUNTS, p=[0.4, 0.3, 0.1, 0.2])
    markets = rng.choice(["CN", "SG"], ACCOUNTS, p=[0.9, 0.1])
    return pa.table({"id": ids, "cost": costs, "platform": platforms, "market": markets})


class Hand:
    """A choice by hand on sets: what fits is taken in some order, first for what is owed, then for anything."""

    def __init__(self, accounts: pa.Table, numbers: NDArray[np.int32], limits: Limits) -> None:
        self.limits, self.numbers, self.left = limits, numbers, limits.budget
        self.costs, self.rows = accounts["cost"].to_numpy(), accounts.to_pylist()
        self.chosen: list[int] = []

    def may_take(self, place: int) -> bool:
        """Whether an account can be paid and no most quota is full."""
        if place in self.chosen or self.costs[place] > self.left:
            return False
        return all(
            self.count(column, value) < number or self.rows[place][column] != value
            for column, quota in self.limits.quotas.items()
            for value, number in quota.items()
        )

    def is_owed(self, place: int) -> bool:
        """Whether an account helps to fill a least quota."""
        return any(
            self.rows[place][column] == value and self.count(column, value) < number
            for column, quota in self.limits.least.items()
            for value, number in quota.items()
        )

    def count(self, column: str, value: str) -> int:
        """Return how many of a value are chosen."""
        return sum(self.rows[place][column] == value for place in self.chosen)

    def take(self, place: int) -> None:
        """Pay an account."""
        self.chosen.append(place)
        self.left -= int(self.costs[place])

    def owes(self) -> bool:
        """Whether any least quota is open."""
        return any(self.is_owed(place) for place in range(len(self.rows)))


def choose_ranked(hand: Hand, sets: Sets, nodes: int) -> list[int]:
    """Take accounts by how many sets hold each, per yuan."""
    alone = np.bincount(sets[0], minlength=nodes)[hand.numbers]
    order = np.argsort(-alone / hand.costs, kind="stable").tolist()
    for must_owe in (True, False):
        for place in order:
            if (not must_owe or hand.is_owed(place)) and hand.may_take(place):
                hand.take(place)
    return hand.chosen


def choose_plainly(hand: Hand, sets: Sets, nodes: int) -> list[int]:
    """Take the account that adds most per yuan, again and again; sets that it is in are dropped."""
    members, begins = sets
    owners = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    while True:
        gains = np.bincount(members, minlength=nodes)[hand.numbers] / hand.costs
        must_owe = hand.owes()
        fits = np.flatnonzero([hand.may_take(at) and (not must_owe or hand.is_owed(at)) for at in range(len(gains))])
        best = int(fits[np.argmax(gains[fits])]) if len(fits) else -1
        if best < 0 or gains[best] == 0.0:
            return hand.chosen
        hand.take(best)
        is_covered = np.zeros(len(begins), np.bool_)
        is_covered[owners[members == hand.numbers[best]]] = True
        is_left = ~is_covered[owners]
        members, owners = members[is_left], owners[is_left]


def draw(sampler: Sampler) -> Sets:
    parts = list(sampler.draw(0, 0, SETS))
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(begins) for _, begins in parts)])
    return np.concatenate([members for members, _ in parts]), np.cumsum(sizes)


def judge(sampler: Sampler, groups: list[NDArray[np.int32]], nodes: int) -> list[float]:
    marks = np.zeros(nodes, np.uint8)
    for bit, chosen in enumerate(groups):
        marks[chosen] |= np.uint8(1 << bit)
    return [float(one) * sampler.worth / FRESH for one in sampler.count(JUDGE, FRESH, marks, len(groups))]


def compare(graph: Graph, accounts: pa.Table, limits: Limits, options: PlanOptions) -> dict[str, Any]:
    sampler, numbers = (
        make_sampler(graph, accounts, "wc", options),
        find_numbers(graph, accounts["id"].combine_chunks()),
    )
    sets, choose = draw(sampler), make_chooser(graph, accounts, limits)
    choose(*sets)  # compiles
    spent, groups = {}, []
    began = time.process_time()
    groups.append(choose(*sets).seeds)
    spent["ours"] = time.process_time() - began
    for name, pick in (("ranked", choose_ranked), ("plain greedy", choose_plainly)):
        began = time.process_time()
        groups.append(numbers[pick(Hand(accounts, numbers, limits), sets, graph.nodes)])
        spent[name] = time.process_time() - began
    reached = dict(zip(spent, judge(sampler, groups, graph.nodes), strict=True))
    return {
        "reached": {name: round(one, 1) for name, one in reached.items()},
        "chosen": {name: len(one) for name, one in zip(spent, groups, strict=True)},
        "choosing_cpu_s": {name: round(one, 3) for name, one in spent.items()},
        "ahead_of": {name: round(reached["ours"] / reached[name] - 1.0, 4) for name in ("ranked", "plain greedy")},
        "times_plain_greedy": round(spent["plain greedy"] / spent["ours"], 1),
    }


def cover(graph: Graph, accounts: pa.Table, limits: Limits, options: PlanOptions, seeds: int) -> dict[str, Any]:
    """Return how often the 95 % interval of the reach holds the truth, and the lower bound, over seeds of chance."""
    sampler, held, bounded, seconds, ratios = (
        make_sampler(graph, accounts, "wc", options),
        0,
        0,
        list[float](),
        list[float](),
    )
    for seed in range(100, 100 + seeds):
        began = time.process_time()
        found = select_within(graph, accounts, limits, **{**options, "seed": seed})
        seconds.append(time.process_time() - began)
        ratios.append(found.ratio)
        truth = judge(sampler, [find_numbers(graph, found.seeds)], graph.nodes)[0]
        held += found.spread_low <= truth <= found.spread_high
        bounded += found.lower <= truth
    return {
        "plans": seeds,
        "intervals_that_hold": held,
        "lower_bounds_that_hold": bounded,
        "plan_cpu_s": round(float(np.median(seconds)), 2),
        "ratio_proved": round(float(np.median(ratios)), 3),
    }


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--only", default="", help="settings whose name holds this")
    reader.add_argument("--seeds", type=int, default=40, help="plans whose intervals are checked")
    given = reader.parse_args()
    graph = load("NetHEPT")
    accounts = make_accounts(graph)
    for name, (limits, options) in SETTINGS.items():
        if given.only not in name:
            continue
        line = {"name": "planning", "setting": f"NetHEPT wc, {ACCOUNTS:,} accounts, {name}", "unit": "people reached"}
        line |= compare(graph, accounts, limits, options) | cover(graph, accounts, limits, options, given.seeds)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
