"""Whom to activate against a rumour or a rival that is spreading already: the most people saved, with a proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.kernels.blocking import (
    EXACT,
    LOWER,
    REACHED_FIRST,
    SAVED,
    UPPER,
    draw_saving_sets,
    find_reachable,
)
from canyu.spread.kernels.coverage import choose_greedily
from canyu.spread.selection.accounts import get_column
from canyu.spread.selection.budgets import Limits, make_chooser
from canyu.spread.selection.certificate import bound_below
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.options import Options
from canyu.spread.selection.rivals import play_scene
from canyu.spread.selection.rounds import Z95, Choice, Chooser, Rounds, Selection, Task
from canyu.spread.selection.rumours import BlockingOptions, Goal, Rumour
from canyu.spread.selection.sampling import Marks, Sampler, Sets
from canyu.spread.selection.scenes import Scene, read_scene
from canyu.spread.selection.seeds import make_empty, read_task, refuse

MOST_SETS = 1 << 20  # of one selection: where hardly anybody can be saved, more would not find whom
EMPTY_SETS = 1 << 16  # after so many without anybody to save the answer is nobody
JUDGED_RUNS = 4000
JUDGE_SEED, FINAL_SEED = 1_000_003, 2_000_003  # added to the seed: plays that share no chance with one another


class SavingSampler(Sampler):
    """Sets of those who would reach a person before the rumour does; ``bound`` as ``draw_saving_set`` has it."""

    def __init__(self, scene: Scene, can: Marks, bound: int, task: Task) -> None:
        super().__init__(task.workers)
        self.world, self.can, self.seed = scene.world, can, task.seed
        self.asked = (SAVED if scene.goal is Goal.SAVED else REACHED_FIRST, bound)
        values = find_savable(scene, can)
        self.heap: NDArray[np.float64] = np.cumsum(values)
        self.worth = float(values.sum())

    def draw_part(self, stream: int, first: int, count: int) -> Sets:
        """Return sets ``first`` to ``first + count`` of a stream."""
        found: Sets = draw_saving_sets(self.world, self.heap, self.can, self.asked, self.seed, stream, first, count)
        return found


def find_savable(scene: Scene, can: Marks) -> NDArray[np.float64]:
    """Return what each node is worth, 0 where no account that can be had could change anything."""
    ground = scene.ground
    passes = (np.maximum(ground.rumour, ground.own) > 0.0)[ground.numbers]
    accounts = np.flatnonzero((can > 0) & (ground.ages < 0.0)).astype(np.int32)
    return np.where(find_reachable(ground.starts, ground.heads, passes, accounts), scene.values, 0.0)


@dataclass(frozen=True, slots=True)
class _Search:
    """What both ways of asking share."""

    scene: Scene
    task: Task
    can: Marks
    choose: Chooser
    others: dict[str, NDArray[np.int32]]


def select_blockers(
    graph: Graph,
    rumour: Rumour,
    accounts: pa.Table,
    limits: Limits,
    model: str = "ic",
    **options: Unpack[BlockingOptions],
) -> Selection:
    """Choose accounts whose message saves as many as can be from a rumour, within a budget, with a proof.

    The rumour goes on from its carriers; the chosen accounts speak after ``delay_h``; each person takes up the message
    that arrives first, the rumour where both arrive at once, and passes on that one alone (after Budak, Agrawal and El
    Abbadi, WWW 2011; He, Song, Chen and Jiang, SDM 2012). ``accounts`` and ``limits`` as in ``select_within``.
    ``spread``, ``lower`` and ``upper`` are people saved, or people who hear from us first, as ``goal`` says, or what
    they are worth. Where ``effect`` is not 1, what is saved is not submodular: the answer is the better of the best for
    a lower and for an upper bound (Lu, Chen and Lakshmanan, PVLDB 2015), ``lower`` is of the one and ``upper`` of the
    other, ``spread`` is played and ``source`` says whose seeds they are. Raises BadInput as ``select_within`` does, and
    where a carrier is no node or a number is out of its range.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["r", "m", "a"], "dst": ["m", "v", "v"]})
    >>> accounts = pa.table({"id": ["a", "m"], "cost": [5, 5]})
    >>> graph, rumour = build_graph(arcs, "src", "dst"), Rumour(pa.array(["r"]))
    >>> found = select_blockers(graph, rumour, accounts, Limits(5), "uniform", probability=1.0)
    >>> found.seeds.to_pylist(), found.spread
    (['m'], 2.0)
    """
    task = read_task(graph.nodes, 0.1, options.get("seed", 7), _pick(options))
    scene = read_scene(graph, rumour, model, options)
    choose = make_chooser(graph, accounts, limits)
    can = np.zeros(graph.nodes, np.uint8)
    can[find_numbers(graph, get_column(accounts, "id"))] = 1
    if not len(accounts):
        return make_empty(graph, task)
    return _search(_Search(scene, task, can, choose, {}))


def select_k_blockers(
    graph: Graph, rumour: Rumour, k: int, model: str = "ic", **options: Unpack[BlockingOptions]
) -> Selection:
    """Choose ``k`` accounts of any that do not carry the rumour, or fewer where more would save nobody.

    Else as ``select_blockers``.

    >>> from canyu.spread.graphs import build_graph
    >>> chain = build_graph(pa.table({"src": [1, 2, 3], "dst": [2, 3, 4]}), "src", "dst")
    >>> select_k_blockers(chain, Rumour(pa.array([1])), 1, "wc").seeds.to_pylist()
    [2]
    """
    task = read_task(graph.nodes, 0.1, options.get("seed", 7), _pick(options))
    if k < 0:
        raise refuse("k", k, "k >= 0")
    scene = read_scene(graph, rumour, model, options)
    can = (scene.world.ages < 0.0).astype(np.uint8)
    chosen = min(k, int(can.sum()))
    if chosen == 0:
        return make_empty(graph, task)

    def choose(members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
        seeds, added, most = choose_greedily(members, begins, can, chosen)
        saves = added > 0
        return Choice(seeds[saves], added[saves], int(most))

    widest = np.argsort(-np.diff(graph.out_starts), kind="stable").astype(np.int32)
    return _search(_Search(scene, task, can, choose, {"degree": widest[can[widest] > 0][:chosen]}))


def _pick(options: BlockingOptions) -> Options:
    picked: Options = {name: value for name, value in options.items() if name in Options.__annotations__}  # type: ignore[assignment]  # filtered by name
    return picked


def _search(asked: _Search) -> Selection:
    """Return the selection; the empty one, with what must be in, where there is nobody to save."""
    scene, task = asked.scene, asked.task
    if find_savable(scene, asked.can).sum() <= 0.0:
        chosen = asked.choose(np.zeros(0, np.int32), np.zeros(1, np.int64)).seeds
        nobody = make_empty(scene.graph, task)
        return replace(nobody, seeds=scene.graph.ids.take(pa.array(chosen)), gains=np.zeros(len(chosen)))
    if scene.is_alike:
        return _run(asked, EXACT, task.delta)
    return _sandwich(asked)


def _run(asked: _Search, bound: int, delta: float) -> Selection:
    task = replace(asked.task, delta=delta)

    def choose(members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
        choice, sets = asked.choose(members, begins), len(begins) - 1
        is_enough = sets >= MOST_SETS or (not len(members) and sets >= EMPTY_SETS)
        return replace(choice, is_whole=choice.is_whole or is_enough)

    sampler = SavingSampler(asked.scene, asked.can, bound, task)
    return Rounds(asked.scene.graph, sampler, task, choose).run(asked.others, must_prove=False)


def _sandwich(asked: _Search) -> Selection:
    """Return the better of the seeds for the lower and for the upper bound, a third of delta for each and the judge.

    The judge bounds both from below twice, on fresh sets and on plays; docs/spread/blocking.md.
    """
    scene, delta = asked.scene, asked.task.delta
    found = [_run(asked, bound, delta / 3.0) for bound in (LOWER, UPPER)]
    groups = [find_numbers(scene.graph, one.seeds) for one in found]
    chance, played, below = delta / 12.0, [], []
    marks = np.zeros(scene.graph.nodes, np.uint8)
    for bit, seeds in enumerate(groups):
        marks[seeds] |= np.uint8(1 << bit)
    fresh = SavingSampler(scene, asked.can, LOWER, replace(asked.task, seed=asked.task.seed + JUDGE_SEED))
    sets, worth = max(one.samples[0] for one in found), fresh.worth
    hits = fresh.count(1, sets, marks, 2)
    for seeds, met in zip(groups, hits.tolist(), strict=True):
        saved = play_scene(scene, seeds, JUDGED_RUNS, asked.task.seed + JUDGE_SEED, asked.task.workers).saved
        played.append(float(saved.mean()))
        shares = int(np.clip(saved / worth, 0.0, 1.0).sum())
        by_play = bound_below(shares, JUDGED_RUNS, chance)
        below.append(max(by_play, bound_below(met, sets, chance)) * worth)
    best = int(np.argmax(played))
    saved = play_scene(scene, groups[best], JUDGED_RUNS, asked.task.seed + FINAL_SEED, asked.task.workers).saved
    mean, error = float(saved.mean()), Z95 * float(saved.std(ddof=1)) / sqrt(JUDGED_RUNS)
    lower = max(below[best], found[0].lower if best == 0 else 0.0)
    upper = min(found[1].upper, worth)
    return replace(
        found[best],
        spread=mean,
        spread_low=max(mean - error, 0.0),
        spread_high=mean + error,
        lower=lower,
        upper=upper,
        ratio=min(lower / upper, 1.0) if upper > 0.0 else 1.0,
        delta=delta,
        source=("lower", "upper")[best],
    )
