"""Rounds of sampling: each draws more sets, chooses on all of them, and where that may do judges it on fresh ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import log2

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import compare_choices
from canyu.spread.selection.certificate import GREEDY, bound_above, bound_below, share_chance
from canyu.spread.selection.sampling import Sampler

FIRST_SAMPLES = 2048
MOST_SAMPLES = 1 << 26
MOST_MEMBERS = 1 << 29  # of all sets together: 4 GiB with their index
SETTLED = 0.0075
"""Of the spread: a round is the last when its seeds seem too good by no more than this on the sets that they were
chosen on, and are better than the last round's by no more than this. On public graphs about half of the first is what
is still missing, so that ten times the samples would gain at most 0.5 % (docs/spread/selection.md)."""
LEAST_HELD = 10_000  # sets that the seeds hold: with fewer, two rounds agree by chance
ENOUGH_HELD = 10_000  # fresh sets that they hold: the interval of the spread is then 2 % wide to each side at most
FARTHEST = 4  # times the sets of a round that the next may have
NEAREST = 2  # times the sets of the last round: beyond, the excess is not known well enough to stop
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
    hold at most. ``is_whole``: nothing is left to choose. ``kept``: what to keep of the sets instead of them all, where
    they have been made smaller; sets keep their numbers.
    """

    seeds: NDArray[np.int32]
    added: NDArray[np.int64]
    most: int
    others: tuple[NDArray[np.int32], ...] = ()
    is_whole: bool = False
    kept: tuple[NDArray[np.int32], NDArray[np.int64]] | None = None


Chooser = Callable[[NDArray[np.int32], NDArray[np.int64]], Choice]


class Rounds:
    """One selection: rounds of a growing sample, each with seeds, their judgement on fresh sets, and a stop.

    The sizes that a round may have are fixed beforehand, each with its share of ``delta``; some are passed over.
    """

    def __init__(self, graph: Graph, sampler: Sampler, task: Task, choose: Chooser) -> None:
        self.graph, self.sampler, self.task, self.chooser = graph, sampler, task, choose
        self.worth = sampler.worth
        self.members: list[NDArray[np.int32]] = []
        self.begins: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self.drawn = self.judged = self.rounds = 0
        self.seconds = {"sampling": 0.0, "choosing": 0.0, "judging": 0.0}

    def run(self, others: dict[str, NDArray[np.int32]], *, must_prove: bool = True) -> Selection:
        """Return the best of what the chooser finds and of ``others``, seeds known beforehand by their source.

        ``must_prove``: go on until the ratio is what was asked for; where no sample may ever prove it, settled will do.
        """
        task, target = self.task, GREEDY - self.task.epsilon
        before, number, step = np.zeros(0, np.int32), 1, 0
        while True:
            number, drawn = number + step, self.drawn
            self.draw(task.samples or self.get_size(number))
            choice = self.choose()
            held = int(choice.added.sum())
            excess = self.find_excess(before, choice.seeds, drawn) / max(held, 1)
            groups = [choice.seeds, before, *choice.others, *others.values()]
            chance = share_chance(task.delta, number, len(groups) + 1)
            above = bound_above(choice.most, self.drawn, chance)
            is_last = task.samples is not None or choice.is_whole or self.is_full()
            is_near = excess <= SETTLED and held >= LEAST_HELD and self.drawn <= NEAREST * drawn + 1
            hoped = int(held / (1.0 + max(excess, 0.0) / 2.0)) if np.isfinite(excess) else held
            may_prove = not must_prove or bound_below(hoped, self.drawn, chance) >= target * above
            fresh = self.drawn if task.is_quick or task.samples else self.count_fresh(held)
            if is_last or ((task.is_quick or is_near) and may_prove):
                hits = self.judge(groups, number, fresh)
                best = int(np.argmax(hits))
                below = bound_below(int(hits[best]), fresh, chance)
                ratio = below / above if above > 0.0 else 1.0
                gain = 0.0 if task.is_quick else 1.0 - int(hits[1]) / max(int(hits[0]), 1)
                if is_last or ((ratio >= target or not must_prove) and gain <= SETTLED):
                    break
            before, step = choice.seeds, self.find_step(excess)
        names = ["greedy"] * (2 + len(choice.others)) + list(others)
        gains = choice.added * (self.worth / self.drawn) if best == 0 else np.full(len(groups[best]), np.nan)
        share = hits[best] / fresh
        error = Z95 * np.sqrt(max(share * (1.0 - share), 0.0) / fresh)
        return Selection(
            seeds=self.graph.ids.take(pa.array(groups[best])),
            gains=gains.astype(np.float64),
            spread=float(share * self.worth),
            spread_low=float(max(share - error, 0.0) * self.worth),
            spread_high=float(min(share + error, 1.0) * self.worth),
            lower=below * self.worth,
            upper=above * self.worth,
            ratio=min(ratio, 1.0),
            delta=task.delta,
            source=names[best],
            rounds=self.rounds,
            samples=(self.drawn, self.judged),
            seconds=self.seconds,
        )

    def get_size(self, number: int) -> int:
        """Return how many sets there are at the ``number``-th size, from 1: each twice the last, or twice in two."""
        return int(FIRST_SAMPLES * (2.0 if self.task.is_quick else np.sqrt(2.0)) ** (number - 1))

    def find_step(self, excess: float) -> int:
        """Return how many sizes further the next round is: the excess falls about as the sample grows."""
        if self.task.is_quick:
            return 1
        wanted = min(max(excess / SETTLED, 1.0), FARTHEST) if np.isfinite(excess) else 2.0
        return max(round(2.0 * log2(wanted)), 1)

    def count_fresh(self, held: int) -> int:
        """Return how many fresh sets are enough to judge on: so many that enough are held, but no more than drawn."""
        return min(self.drawn, int(self.drawn * ENOUGH_HELD / max(held, 1)) + 1)

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
        if choice.kept is not None:
            self.members, self.begins = [choice.kept[0]], [choice.kept[1]]
        self.rounds += 1
        self.seconds["choosing"] += time.perf_counter() - began
        return choice

    def is_full(self) -> bool:
        """Whether a sample of twice the size would be more than is allowed."""
        return 2 * self.drawn > MOST_SAMPLES or 2 * len(self.members[0]) > MOST_MEMBERS

    def find_excess(self, before: NDArray[np.int32], seeds: NDArray[np.int32], drawn: int) -> float:
        """Return on how many sets more the seeds seem to stand than they should, inf in the first round.

        The last round's seeds were chosen on the first ``drawn`` sets alone and the new ones on all, so that where the
        one choice looks better than the other on its own sets than on the rest is what it owes to them. Sets that both
        hold say nothing and drop out, and with them most of the noise. The excess of the last round shrinks with its
        share of the sample.
        """
        if not drawn or not len(before):
            return float("inf")
        marks = np.zeros(self.graph.nodes, np.uint8)
        marks[before] = 1
        marks[seeds] |= 2
        old_first, new_first, old_later, new_later = compare_choices(self.members[0], self.begins[0], drawn, marks)
        share = (old_first - new_first) / drawn + (new_later - old_later) / (self.drawn - drawn)
        return float(share) * drawn

    def judge(self, groups: list[NDArray[np.int32]], number: int, fresh: int) -> NDArray[np.int64]:
        """Return how many of so many fresh sets each group of seeds hits; every round has a stream of its own."""
        began = time.perf_counter()
        marks = np.zeros(self.graph.nodes, np.uint8)
        for bit, seeds in enumerate(groups):
            marks[seeds] |= np.uint8(1 << bit)
        found = self.sampler.count(number, fresh, marks, len(groups))
        self.judged += fresh
        self.seconds["judging"] += time.perf_counter() - began
        return found
