"""Seeds that reach the most people, with a proof of how good they are at least."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar, Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.ahead import work_ahead
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import choose_greedily, count_met
from canyu.spread.kernels.samples import Arcs, count_hits, draw_sets
from canyu.spread.selection.certificate import GREEDY, bound_above, bound_below, share_chance
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.options import Options

CHUNK = 8192  # sets drawn at a time by one thread
FIRST_SAMPLES = 2048
MOST_SAMPLES = 1 << 26
MOST_MEMBERS = 1 << 29  # of all sets together: 4 GiB with their index
SETTLED = 0.01
"""Of the spread: a round is the last when its seeds look better on the sets that they were chosen on by no more than
this, and are better than the last round's by no more than this. On public graphs the first is twice what is still
missing, so that ten times the samples would gain at most 0.5 % (docs/spread/selection.md)."""
HOPELESS = 0.05  # the same look at the last round's seeds, on the sets drawn since: above it no round is judged
SOURCES = ("greedy", "greedy", "degree")  # of the seeds that each round judges
CANDIDATES = len(SOURCES)
Z95 = 1.959964
Found = TypeVar("Found")
Sets = tuple[NDArray[np.int32], NDArray[np.int64]]


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


def select(
    graph: Graph, k: int, model: str = "wc", epsilon: float = 0.1, seed: int = 7, **options: Unpack[Options]
) -> Selection:
    """Choose ``k`` nodes that reach as many as can be; see ``Options`` for what else can be said.

    ``epsilon``: sampling goes on until the ratio is 1 - 1/e - epsilon at least, and then until more of it would not
    help. The same seed gives the same answer on any machine. Raises BadInput where an argument is out of its range, or
    the graph lacks what the model asks for.

    >>> import pyarrow as pa
    >>> from canyu.spread.graphs import build_graph
    >>> stars = pa.table({"src": ["a"] * 5 + ["b"] * 3, "dst": ["c", "d", "e", "f", "g", "h", "i", "j"]})
    >>> chosen = select(build_graph(stars, "src", "dst"), k=2)
    >>> chosen.seeds.to_pylist(), round(chosen.spread)
    (['a', 'b'], 10)
    """
    nodes = graph.nodes
    delta, workers = options.get("delta", 1.0 / max(nodes, 2)), options.get("workers", 1)
    task = Task(min(k, nodes), epsilon, delta, seed, workers, options.get("is_quick", False))
    samples = options.get("samples")
    _check(k, task, samples)
    arcs = read_arcs(graph, model, options.get("probability"))
    if task.k == 0:
        return Selection(
            graph.ids.slice(0, 0), np.zeros(0), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, task.delta, "greedy", 0, (0, 0)
        )
    return _Rounds(graph, arcs, task).run(samples)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of a selection; see ``select``."""

    k: int
    epsilon: float
    delta: float
    seed: int
    workers: int
    is_quick: bool


class _Rounds:
    """One selection: rounds that double the sample, each with seeds, their judgement on fresh sets, and a stop."""

    def __init__(self, graph: Graph, arcs: Arcs, task: Task) -> None:
        self.graph, self.arcs, self.task = graph, arcs, task
        self.members: list[NDArray[np.int32]] = []
        self.begins: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self.drawn = self.judged = 0
        self.seconds = {"sampling": 0.0, "choosing": 0.0, "judging": 0.0}
        self.largest = np.argsort(-np.diff(graph.out_starts), kind="stable")[: task.k].astype(np.int32)

    def run(self, samples: int | None) -> Selection:
        nodes, before = self.graph.nodes, self.largest
        number = 0
        while True:
            number += 1
            self.draw((samples or FIRST_SAMPLES) if number == 1 else 2 * self.drawn)
            chosen, added, most = self.choose()
            is_last = samples is not None or self.task.k == nodes or self.is_full()
            hopes = self.task.is_quick or (number > 1 and self.find_excess(before, int(added.sum())) <= HOPELESS)
            if not (is_last or hopes):
                before = chosen
                continue
            chance = share_chance(self.task.delta, number, CANDIDATES + 1)
            groups = [chosen, before, self.largest]
            hits = self.judge(groups, number)
            best = int(np.argmax(hits))
            above = bound_above(most, self.drawn, chance)
            below = bound_below(int(hits[best]), self.drawn, chance)
            ratio = below / above if above > 0.0 else 1.0
            excess = int(added.sum()) / max(int(hits[0]), 1) - 1.0
            gain = 1.0 - int(hits[1]) / max(int(hits[0]), 1)
            is_settled = self.task.is_quick or max(excess, gain) <= SETTLED
            if is_last or (ratio >= GREEDY - self.task.epsilon and is_settled):
                break
            before = chosen
        share = hits[best] / self.drawn
        error = Z95 * np.sqrt(max(share * (1.0 - share), 0.0) / self.drawn)
        seeds = groups[best]
        gains = added * (nodes / self.drawn) if best == 0 else np.full(len(seeds), np.nan)
        return Selection(
            seeds=self.graph.ids.take(pa.array(seeds)),
            gains=gains.astype(np.float64),
            spread=float(share * nodes),
            spread_low=float(max(share - error, 0.0) * nodes),
            spread_high=float(min(share + error, 1.0) * nodes),
            lower=below * nodes,
            upper=above * nodes,
            ratio=min(ratio, 1.0),
            delta=self.task.delta,
            source=SOURCES[best],
            rounds=number,
            samples=(self.drawn, self.judged),
            seconds=self.seconds,
        )

    def draw(self, total: int) -> None:
        """Draw sets of stream 0 until there are ``total``."""
        began = time.perf_counter()
        nothing, equal = np.zeros(0, np.uint8), np.zeros(0)

        def work(part: tuple[int, int]) -> Sets:
            found: tuple[NDArray[np.int32], NDArray[np.int64]] = draw_sets(
                self.arcs, equal, self.task.seed, 0, *part, nothing
            )
            return found

        for members, begins in self.share(work, self.drawn, total):
            self.members.append(members)
            self.begins.append(begins[1:] + self.begins[-1][-1])
        self.drawn = total
        self.seconds["sampling"] += time.perf_counter() - began

    def choose(self) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Return the greedy seeds, what each adds, and how many sets any seeds can hit at most."""
        began = time.perf_counter()
        self.members, self.begins = [np.concatenate(self.members)], [np.concatenate(self.begins)]
        allowed = np.ones(self.graph.nodes, np.uint8)
        found: tuple[NDArray[np.int32], NDArray[np.int64], int] = choose_greedily(
            self.members[0], self.begins[0], allowed, self.task.k
        )
        self.seconds["choosing"] += time.perf_counter() - began
        return found

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
        equal = np.zeros(0)

        def work(part: tuple[int, int]) -> NDArray[np.int64]:
            hits: NDArray[np.int64] = count_hits(self.arcs, equal, self.task.seed, number, *part, marks, len(groups))
            return hits

        found = sum(self.share(work, 0, self.drawn), np.zeros(len(groups), np.int64))
        self.judged += self.drawn
        self.seconds["judging"] += time.perf_counter() - began
        return found

    def share(self, work: Callable[[tuple[int, int]], Found], first: int, stop: int) -> Iterator[Found]:
        """Do the work of sets ``first`` to ``stop`` chunk by chunk, in order, on the threads there are."""
        parts = ((at, min(CHUNK, stop - at)) for at in range(first, stop, CHUNK))
        if self.task.workers == 1:
            return map(work, parts)
        return work_ahead(work, parts, workers=self.task.workers)


def _check(k: int, task: Task, samples: int | None) -> None:
    ranges = (
        ("k", k, k >= 0, "k >= 0"),
        ("epsilon", task.epsilon, 0.0 < task.epsilon < GREEDY, "0 < epsilon < 0.632"),
        ("delta", task.delta, 0.0 < task.delta < 1.0, "0 < delta < 1"),
        ("samples", samples, samples is None or samples >= 1, "samples >= 1"),
        ("workers", task.workers, task.workers >= 1, "workers >= 1"),
    )
    for name, value, fits, allowed in ranges:
        if not fits:
            raise BadInput(
                Words(f"{name} 不能是 {value}。", f"{name} cannot be {value}."),
                mend=Words(f"范围：{allowed}。", f"Its range: {allowed}."),
            )
