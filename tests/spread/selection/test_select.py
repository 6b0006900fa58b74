"""Seeds and their certificate against every way the arcs of small graphs can fall."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import select, simulate
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.sampling import ReverseSampler
from exact_spread import find_best, list_worlds, make_graph, measure

DELTA = 0.1


def find_numbers(graph: Graph, ids: pa.Array) -> list[int]:
    return graph.find_nodes(ids).tolist()


@pytest.mark.parametrize("model", ["ic", "wc", "lt"])
def test_seeds_are_the_best_there_are_on_small_graphs(model: str) -> None:
    rng = np.random.default_rng(11)
    for _ in range(12):
        graph = make_graph(rng, 6, 9, probability="p" if model == "ic" else "")
        worlds = list_worlds(graph, model)
        chosen = select(graph, 2, model, seed=3)
        reached = measure(worlds, find_numbers(graph, chosen.seeds))
        assert reached >= (1.0 - 1.0 / np.e) * find_best(worlds, 6, 2)
        assert chosen.spread == pytest.approx(reached, rel=0.02)
        assert len(set(chosen.seeds.to_pylist())) == 2


def test_bounds_hold_at_least_as_often_as_they_say() -> None:
    """500 graphs whose optimum is known: the seeds reach less than their bound, or another set more, in 10 % at most.

    A sample is small here, so that a bound that is a little too bold would fail often.
    """
    rng = np.random.default_rng(5)
    broken = loose = 0
    for number in range(500):
        graph = make_graph(rng, 6, int(rng.integers(4, 9)))
        worlds = list_worlds(graph, "ic")
        chosen = select(graph, 2, "ic", seed=number, delta=DELTA, samples=200)
        reached, best = measure(worlds, find_numbers(graph, chosen.seeds)), find_best(worlds, 6, 2)
        broken += not (chosen.lower <= reached + 1e-9 and best <= chosen.upper + 1e-9)
        loose += chosen.ratio > reached / best + 1e-9
    assert broken <= 500 * DELTA
    assert loose <= 500 * DELTA


def test_the_interval_of_the_spread_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    graph = make_graph(rng, 6, 9)
    worlds = list_worlds(graph, "ic")
    held = 0
    for seed in range(300):
        chosen = select(graph, 1, "ic", seed=seed, samples=400)
        held += chosen.spread_low <= measure(worlds, find_numbers(graph, chosen.seeds)) <= chosen.spread_high
    assert 0.90 <= held / 300 <= 0.99


@pytest.mark.parametrize("model", ["ic", "wc", "lt", "uniform"])
def test_one_seed_gives_one_answer_on_one_thread_and_on_two(model: str) -> None:
    rng = np.random.default_rng(8)
    table = pa.table({"a": rng.integers(0, 400, 3000), "b": rng.integers(0, 400, 3000), "p": rng.random(3000) / 9})
    graph = build_graph(table, "a", "b", probability="" if model == "lt" else "p")
    answers = [
        select(graph, 9, model, seed=21, workers=workers, probability=0.05, samples=20_000) for workers in (1, 2, 2)
    ]
    for answer in answers[1:]:
        assert answer.seeds.equals(answers[0].seeds)
        assert (answer.spread, answer.lower, answer.upper) == (answers[0].spread, answers[0].lower, answers[0].upper)
    assert select(graph, 9, model, seed=22, probability=0.05, samples=20_000).spread != answers[0].spread


@pytest.mark.parametrize(("model", "probability"), [("ic", None), ("wc", None), ("lt", None), ("uniform", 0.3)])
def test_sets_and_cascades_agree_on_the_spread(model: str, probability: float | None) -> None:
    rng = np.random.default_rng(9)
    table = pa.table({"a": rng.zipf(1.6, 6000) % 500, "b": rng.integers(0, 500, 6000), "p": rng.random(6000) / 4})
    graph = build_graph(table, "a", "b", probability="p" if model == "ic" else "")
    chosen = select(graph, 5, model, seed=1, samples=100_000, **({"probability": probability} if probability else {}))
    played = simulate(graph, chosen.seeds, model, 40_000, **({"probability": probability} if probability else {}))
    assert played.mean == pytest.approx(chosen.spread, rel=0.02)
    again = simulate(
        graph, chosen.seeds, model, 40_000, workers=2, **({"probability": probability} if probability else {})
    )
    assert np.array_equal(played.sizes, again.sizes)


def test_the_largest_accounts_are_never_better() -> None:
    rng = np.random.default_rng(10)
    table = pa.table({"a": rng.zipf(1.5, 9000) % 900, "b": rng.integers(0, 900, 9000)})
    graph = build_graph(table, "a", "b")
    chosen = select(graph, 20, epsilon=0.3)
    largest = graph.ids.take(pa.array(np.argsort(-np.diff(graph.out_starts), kind="stable")[:20]))
    assert simulate(graph, chosen.seeds, runs=5000).mean >= 0.995 * simulate(graph, largest, runs=5000).mean


def test_sampling_goes_on_until_ten_times_as_much_would_not_help() -> None:
    rng = np.random.default_rng(12)
    table = pa.table({"a": rng.zipf(1.7, 20_000) % 3000, "b": rng.integers(0, 3000, 20_000)})
    graph = build_graph(table, "a", "b")
    chosen = select(graph, 30)
    more = select(graph, 30, samples=10 * chosen.samples[0])
    reached = [simulate(graph, found.seeds, runs=20_000).mean for found in (chosen, more)]
    assert chosen.ratio >= 1.0 - 1.0 / np.e - 0.1
    assert reached[0] >= 0.995 * reached[1]


def test_a_quick_answer_stops_as_soon_as_its_ratio_is_proved() -> None:
    rng = np.random.default_rng(12)
    graph = build_graph(pa.table({"a": rng.zipf(1.7, 20_000) % 3000, "b": rng.integers(0, 3000, 20_000)}), "a", "b")
    quick, whole = select(graph, 30, is_quick=True), select(graph, 30)
    assert quick.samples[0] < whole.samples[0]
    assert quick.ratio >= 1.0 - 1.0 / np.e - 0.1


def test_odd_graphs_and_odd_numbers_of_seeds() -> None:
    lonely = build_graph(pa.table({"a": [1, 2, 3], "b": [1, 2, 3]}), "a", "b")  # nobody reaches anybody
    found = select(lonely, 2)
    assert (len(found.seeds), round(found.spread, 1)) == (2, 2.0)
    pair = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    assert select(pair, 0).seeds.to_pylist() == []
    assert sorted(select(pair, 5).seeds.to_pylist()) == ["x", "y"]  # no more than there are
    assert select(pair, 1).seeds.to_pylist() == ["x"]
    empty = build_graph(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())}), "a", "b")
    assert (select(empty, 3).seeds.to_pylist(), select(empty, 3).spread) == ([], 0.0)
    for probability, reached in ((0.0, 1.0), (1.0, 2.0)):
        assert select(pair, 1, "uniform", probability=probability).spread == pytest.approx(reached, rel=0.05)


def test_arcs_that_repeat_or_return_and_ids_of_any_kind_change_nothing() -> None:
    plain = pa.table({"a": [1, 1, 2, 7], "b": [2, 3, 4, 8]})
    twice = pa.table({"a": [1, 1, 2, 7, 1, 2], "b": [2, 3, 4, 8, 2, 2]})  # 1 to 2 again, 2 to itself
    for model in ("wc", "lt", "uniform"):
        found = [select(build_graph(table, "a", "b"), 2, model, probability=1.0) for table in (plain, twice)]
        assert found[0].seeds.to_pylist() == found[1].seeds.to_pylist() == [1, 7]
        assert found[0].spread == pytest.approx(6.0, rel=0.05)
    far = pa.table({"a": [2**62, -5], "b": [-(2**62), 9]})
    assert sorted(select(build_graph(far, "a", "b"), 2).seeds.to_pylist()) == [-5, 2**62]
    texts = build_graph(pa.table({"a": ["店", "店"], "b": ["甲", "乙"]}), "a", "b")
    assert select(texts, 1).seeds.to_pylist() == ["店"]


def test_probabilities_of_0_and_1_are_exact_under_ic() -> None:
    sure = build_graph(pa.table({"a": [1, 2, 1], "b": [2, 3, 4], "p": [1.0, 1.0, 0.0]}), "a", "b", probability="p")
    found = select(sure, 1, "ic", samples=2000)
    assert found.seeds.to_pylist() == [1]
    assert simulate(sure, found.seeds, "ic", runs=50).sizes.tolist() == [3] * 50


ONE_ARC = st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0.01, 1.0))
FEW_NODES = st.sets(st.integers(0, 7), max_size=3)


@given(st.lists(ONE_ARC, min_size=1, max_size=20), FEW_NODES, FEW_NODES, st.integers(0, 7), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_what_is_counted_only_grows_and_by_less_the_more_there_is(
    arcs: list[tuple[int, int, float]], few: set[int], more: set[int], one: int, seed: int
) -> None:
    every = [*arcs, *((node, (node + 1) % 8, 0.0) for node in range(8))]  # all eight are nodes
    columns = dict(zip("abp", zip(*every, strict=True), strict=True))
    graph = build_graph(pa.table({name: list(column) for name, column in columns.items()}), "a", "b", probability="p")
    sampler = ReverseSampler(graph, read_arcs(graph, "ic", None), np.zeros(0), seed)
    marks = np.zeros(graph.nodes, np.uint8)
    for bit, group in enumerate((few, few | more, few | {one}, few | more | {one})):
        for node in group:
            marks[graph.ids.index(node).as_py()] |= np.uint8(1 << bit)
    small, large, small_one, large_one = sampler.count(3, 500, marks, 4).tolist()
    assert small <= large <= large_one
    assert small_one - small >= large_one - large
    assert sampler.count(3, 500, marks, 4).tolist() == [small, large, small_one, large_one]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"k": -1}, "k cannot be -1"),
        ({"epsilon": 0.7}, "epsilon cannot be 0.7"),
        ({"delta": 1.0}, "delta cannot be 1.0"),
        ({"samples": 0}, "samples cannot be 0"),
        ({"workers": 0}, "workers cannot be 0"),
        ({"model": "sir"}, "there is no model sir"),
        ({"model": "uniform"}, "asks for a probability"),
        ({"model": "uniform", "probability": 1.2}, "asks for a probability"),
        ({"model": "ic"}, "asks for a probability of each arc"),
    ],
)
def test_what_is_out_of_range_is_named(options: dict[str, object], told: str) -> None:
    pair = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    with pytest.raises(BadInput, match=told):
        select(pair, **{"k": 1, **options})  # type: ignore[arg-type]  # wrong on purpose


def test_weights_above_one_are_no_thresholds() -> None:
    heavy = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"], "p": [0.8, 0.4]}), "a", "b", probability="p")
    with pytest.raises(BadInput, match=r"the weights into node y sum to 1\.2000"):
        select(heavy, 1, "lt")


def test_a_seed_that_is_no_node_is_named() -> None:
    pair = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    with pytest.raises(BadInput, match="the graph has no node q"):
        simulate(pair, pa.array(["q"]))
    with pytest.raises(BadInput, match="runs cannot be 0"):
        simulate(pair, pa.array(["x"]), runs=0)
