"""Sets that end at seeds which are chosen anyway: nothing that is counted on them or proved by them changes."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest

from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import Selection, select, simulate
from canyu.spread.selection.greedy import Greedy, share_out
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.rounds import Rounds, Task
from canyu.spread.selection.sampling import ReverseSampler, Sets
from exact_spread import find_best, list_worlds, make_graph, measure

NEVER = -1.0  # epsilon: a ratio above 1 is asked for, so that the last round is the last one
DELTA = 0.9
CHANCE = 0.035


class SmallRounds(Rounds):
    """100, 200, 400 and 800 sets, and no more."""

    def get_size(self, number: int) -> int:
        return 100 << (number - 1)

    def is_full(self) -> bool:
        return self.rounds == 4


def choose_ended(graph: Graph, k: int, seed: int) -> tuple[Selection, Greedy, ReverseSampler]:
    """Choose with as many seeds fixed as may be, after the second round."""
    sampler = ReverseSampler(graph, read_arcs(graph, "ic", None), np.zeros(0), seed)
    greedy = Greedy(sampler, graph.nodes, k, settled_at=0, large=1.0)
    task = Task(NEVER, DELTA, seed, 1, True, None)
    return SmallRounds(graph, sampler, task, greedy).run({}), greedy, sampler


def list_sets(sets: Sets) -> list[set[int]]:
    members, begins = sets
    return [set(members[low:high].tolist()) for low, high in pairwise(begins.tolist())]


def test_bounds_hold_as_often_as_they_say_where_sets_end_early() -> None:
    """500 graphs whose optimum is known; the last round's bounds may fail with its share of delta."""
    rng = np.random.default_rng(15)
    broken = fixed = 0
    for number in range(500):
        graph = make_graph(rng, 6, int(rng.integers(4, 9)))
        worlds = list_worlds(graph, "ic")
        chosen, greedy, _ = choose_ended(graph, 2, number)
        reached, best = measure(worlds, graph.find_nodes(chosen.seeds).tolist()), find_best(worlds, 6, 2)
        broken += not (chosen.lower <= reached + 1e-9 and best <= chosen.upper + 1e-9)
        fixed += len(greedy.fixed)
        assert set(greedy.fixed.tolist()) <= set(graph.find_nodes(chosen.seeds).tolist()) or chosen.source != "greedy"
    assert fixed >= 250  # a seed in most graphs; where no one ends half of what is drawn, none
    assert broken <= 500 * DELTA * 6 / (np.pi**2 * 4**2)


def test_what_is_counted_on_ended_sets_is_what_whole_sets_hold() -> None:
    rng = np.random.default_rng(16)
    tried = 0
    for number in range(40):
        graph = make_graph(rng, 6, 9)
        _, greedy, sampler = choose_ended(graph, 2, number)
        if not len(greedy.fixed):
            continue
        tried += 1
        ended = sampler.draw_part(0, 0, 800)
        sampler.sentinels = np.zeros(0, np.uint8)
        whole = list_sets(sampler.draw_part(0, 0, 800))
        sentinels = set(greedy.fixed.tolist())
        assert list_sets(ended) == [set() if one & sentinels else one for one in whole]
        choice = greedy(*ended)
        held = [sum(bool(one & set(pair)) for one in whole) for pair in combinations(range(6), 2)]
        assert int(choice.added.sum()) == sum(bool(one & set(choice.seeds.tolist())) for one in whole)
        assert choice.most >= max(held)  # any two nodes, with the sentinels among them or not
    assert tried >= 20


def make_dense() -> Graph:
    """Most who are reached at all are reached through a few hubs; under ``CHANCE`` a set has some 20 members."""
    rng = np.random.default_rng(17)
    table = pa.table({"a": rng.zipf(1.5, 12_000) % 2000, "b": rng.integers(0, 2000, 12_000)})
    return build_graph(table, "a", "b", is_undirected=True)


@pytest.mark.parametrize(("is_quick", "settled_at", "least"), [(True, 4096, 0.97), (False, 16_384, 0.995)])
def test_seeds_are_fixed_by_themselves_where_sets_are_large(is_quick: bool, settled_at: int, least: float) -> None:
    graph = make_dense()
    sampler = ReverseSampler(graph, read_arcs(graph, "uniform", CHANCE), np.zeros(0), 7)
    greedy = Greedy(sampler, graph.nodes, 20, settled_at)
    found = Rounds(graph, sampler, Task(0.005, 0.001, 7, 1, is_quick, None), greedy).run({})
    assert 1 <= len(greedy.fixed) <= 10
    whole = select(graph, 20, "uniform", probability=CHANCE, samples=(1 if is_quick else 10) * found.samples[0])
    reached = [simulate(graph, one.seeds, "uniform", 40_000, probability=CHANCE).mean for one in (found, whole)]
    assert reached[0] >= least * reached[1]
    assert found.ratio >= 1.0 - 1.0 / np.e - 0.005
    assert len(set(found.seeds.to_pylist())) == 20


def test_ended_sets_give_one_answer_on_one_thread_and_on_two() -> None:
    graph = make_dense()
    answers = [
        select(graph, 20, "uniform", 0.005, 9, probability=CHANCE, is_quick=True, workers=workers)
        for workers in (1, 2, 1)
    ]
    for answer in answers[1:]:
        assert answer.seeds.equals(answers[0].seeds)
        assert (answer.spread, answer.lower, answer.upper) == (answers[0].spread, answers[0].lower, answers[0].upper)
    assert answers[0].samples[0] > 4096  # seeds were fixed by then


@pytest.mark.parametrize("k", [1, 2, 3, 1999, 2000, 5000])
def test_few_and_many_seeds_where_sets_are_large(k: int) -> None:
    graph = make_dense()
    found = select(graph, k, "uniform", probability=CHANCE, is_quick=True)
    assert len(found.seeds) == min(k, graph.nodes)
    assert len(set(found.seeds.to_pylist())) == len(found.seeds)
    assert found.lower <= found.spread <= found.upper + 1e-9


@pytest.mark.parametrize(("total", "parts"), [(10, [0.5, 0.3, 0.2]), (7, [0.34, 0.33, 0.33]), (0, [1.0]), (5, [])])
def test_parts_sum_to_the_whole(total: int, parts: list[float]) -> None:
    shared = share_out(total, np.array(parts))
    assert shared.sum() == (total if parts else 0)
    assert np.all(shared >= 0)
