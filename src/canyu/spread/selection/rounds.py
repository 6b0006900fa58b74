"""Rounds of sampling: each doubles the sets, chooses on them, and judges the choice on fresh ones, until it will do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import count_met
from canyu.spread.selection.certificate import GREEDY, bound_above, bound_below, share_chance
from canyu.spread.selection.sampling import Sampler

FIRST_SAMPLES = 2048
MOST_SAMPLES = 1 << 26
MOST_MEMBERS = 1 << 29  # of all sets together: 4 GiB with their index
SETTLED = 0.01
"""Of the spread: a round is the last when its seeds look better on the sets that they were chosen on by no more than
this, and are better than the last round's by no more than this. On public graphs the first is twice what is still
missing, so that ten times the samples would gain at most 0.5 % (docs/spread/selection.md)."""
HOPELESS = 0.05  # the same look at the last round's seeds, on the sets drawn since: above it no round is judged
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Selection:
    """Seeds and what is known of them; spreads are in nodes, or in value where values were given.

    ``seeds``: ids in the order of choice. ``gains``: what each adds by the sample that they were chosen on, float64.
    ``spread`` with ``spread_low`` and ``spread_high``: estimate on a sample of its own with its 95 % interval.
    ``lower``: what the seeds reach at least, ``upper``: what any seeds could reach at most, and ``ratio`` of the two:
    all hold together with probability 1 - ``delta``. ``source``: "greedy", or "degree" where the accounts that reach
    most others directly did better (their ``gains`` are not known, NaN). ``samples``: reverse-reachable sets chosen on,
    and drawn to judge. ``seconds`` by phase.
    """

    seeds: pa.Array
    gains: NDArray[np.float64]
    spread: float
    spread_low: float
    spread_high: float
    lower: float
    upper: float
    ratio: float
    delta: float
    source: str
    rounds: int
    samples: tuple[int, int]
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of a selection; see ``select``."""

    epsilon: float
    delta: float
    seed: int
    workers: int
    is_quick: bool
    samples: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Seeds chosen on a sample, by node number, and how many of its sets each adds, int64.

    ``others``: seeds chosen otherwise, to be judged beside them. ``most``: how many sets any seeds that are allowed can
    hold at most. ``is_whole``: nothing is left to choose.
    """

    seeds: NDArray[np.int32]
    added: NDArray[np.int64]
    most: int
    others: tuple[NDArray[np.int32], ...] = ()
    is_whole: bool = False


Chooser = Callable[[NDArray[np.int32], NDArray[np.int64]], Choice]


class Rounds:
    """One selection: rounds that double the sample, each with seeds, their judgement on fresh sets, and a stop."""

    def __init__(self, graph: Graph, sampler: Sampler, task: Task, choose: Chooser) -> None:
        self.graph, self.sampler, self.task, self.chooser = graph, sampler, task, choose
        self.worth = sampler.worth
        self.members: list[NDArray[np.int32]] = []
        self.begins: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self.drawn = self.judged = 0
        self.seconds = {"sampling": 0.0, "choosing": 0.0, "judging": 0.0}

    def run(self, others: dict[str, NDArray[np.int32]], *, must_prove: bool = True) -> Selection:
        """Return the best of what the chooser finds and of ``others``, seeds known beforehand by their source.

        ``must_prove``: go on until the ratio is what was asked for; where no sample may ever prove it, settled will do.
        """
        before = np.zeros(0, np.int32)
        number = 0
        while True:
            number += 1
            self.draw((self.task.samples or FIRST_SAMPLES) if number == 1 else 2 * self.drawn)
            choice = self.choose()
            covered = int(choice.added.sum())
            is_last = self.task.samples is not None or choice.is_whole or self.is_full()
            hopes = self.task.is_quick or (number > 1 and self.find_excess(before, covered) <= HOPELESS)
            if not (is_last or hopes):
                before = choice.seeds
                continue
            groups = [choice.seeds, before, *choice.others, *others.values()]
            chance = share_chance(self.task.delta, number, len(groups) + 1)
            hits = self.judge(groups, number)
            best = int(np.argmax(hits))
            above = bound_above(choice.most, self.drawn, chance)
            below = bound_below(int(hits[best]), self.drawn, chance)
            ratio = below / above if above > 0.0 else 1.0
            excess = covered / max(int(hits[0]), 1) - 1.0
            gain = 1.0 - int(hits[1]) / max(int(hits[0]), 1)
            is_settled = self.task.is_quick or max(excess, gain) <= SETTLED
            is_proved = not must_prove or ratio >= GREEDY - self.task.epsilon
            if is_last or (is_proved and is_settled):
                break
            before = choice.seeds
        names = ["greedy"] * (2 + len(choice.others)) + list(others)
        share = hits[best] / self.drawn
        error = Z95 * np.sqrt(max(share * (1.0 - share), 0.0) / self.drawn)
        gains = choice.added * (self.worth / self.drawn) if best == 0 else np.full(len(groups[best]), np.nan)
        return Selection(
            seeds=self.graph.ids.take(pa.array(groups[best])),
            gains=gains.astype(np.float64),
            spread=float(share * self.worth),
            spread_low=float(max(share - error, 0.0) * self.worth),
            spread_high=float(min(share + error, 1.0) * self.worth),
            lower=below * self.worth,
            upper=above * self.worth,
            ratio=min(ratio, 1.0),
            delta=self.task.delta,
            source=names[best],
            rounds=number,
            samples=(self.drawn, self.judged),
            seconds=self.seconds,
        )

    def draw(self, total: int) -> None:
        """Draw sets of stream 0 until there are ``total``."""
        began = time.perf_counter()
        for members, begins in self.sampler.draw(0, self.drawn, total):
            self.members.append(members)
            self.begins.append(begins[1:] + self.begins[-1][-1])
        self.drawn = total
        self.seconds["sampling"] += time.perf_counter() - began

    def choose(self) -> Choice:
        """Put the sets together and choose on them."""
        began = time.perf_counter()
        self.members, self.begins = [np.concatenate(self.members)], [np.concatenate(self.begins)]
        choice = self.chooser(self.members[0], self.begins[0])
        self.seconds["choosing"] += time.perf_counter() - began
        return choice

    def is_full(self) -> bool:
        """Whether a sample of twice the size would be more than is allowed."""
        return 2 * self.drawn > MOST_SAMPLES or 2 * len(self.members[0]) > MOST_MEMBERS

    def find_excess(self, before: NDArray[np.int32], covered: int) -> float:
        """Return how much more the new seeds cover, where they were chosen, than the last ones on sets new to them."""
        marks = np.zeros(self.graph.nodes, np.uint8)
        marks[before] = 1
        first = self.drawn // 2
        met = count_met(self.members[0], self.begins[0], first, marks)
        return covered / self.drawn / max(met / (self.drawn - first), 1e-12) - 1.0

    def judge(self, groups: list[NDArray[np.int32]], number: int) -> NDArray[np.int64]:
        """Return how many fresh sets each group of seeds hits; every round has a stream of its own."""
        began = time.perf_counter()
        marks = np.zeros(self.graph.nodes, np.uint8)
        for bit, seeds in enumerate(groups):
            marks[seeds] |= np.uint8(1 << bit)
        found = self.sampler.count(number, self.drawn, marks, len(groups))
        self.judged += self.drawn
        self.seconds["judging"] += time.perf_counter() - began
        return found
