"""Deadlines: sets in time against every way the arcs can fall, and against delays drawn by numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.spread.graphs import Graph, build_graph
from canyu.spread.influence import Delays, Family, Scope
from canyu.spread.selection import Limits, PlanOptions, Timing, make_timing, match_delays, select_within
from canyu.spread.selection.conditions import Standing, make_sampler
from exact_plans import list_choices, make_exact
from exact_spread import list_heads, make_graph

NODES, DELTA = 6, 0.1


def make_accounts(rng: np.random.Generator, *, starts: bool = False) -> pa.Table:
    columns: dict[str, list[object]] = {"id": list(range(NODES)), "cost": rng.integers(1, 9, NODES).tolist()}
    if starts:
        columns["start_h"] = rng.choice([0.0, 1.0, 3.0, None], NODES).tolist()
    return pa.table(columns)


@pytest.mark.parametrize("model", ["ic", "wc", "lt", "uniform"])
def test_choices_before_a_deadline_are_bounded_as_often_as_they_say(model: str) -> None:
    rng = np.random.default_rng(41)
    broken, shares = 0, []
    for number in range(60):
        graph = make_graph(rng, NODES, int(rng.integers(4, 8)), probability="p" if model == "ic" else "")
        if model == "uniform":
            graph = replace(graph, chances=np.full(graph.arcs, 0.4, np.float32))
        accounts = make_accounts(rng, starts=True)
        delays = rng.choice([0.5, 1.0, 2.0], graph.arcs)
        exact = make_exact(graph, "ic" if model == "uniform" else model, delays, 3.0)
        starts = [hour or 0.0 for hour in accounts["start_h"].to_pylist()]
        exact = replace(exact, posts=np.array(starts))
        limits = Limits(int(rng.integers(9, 20)))
        found = select_within(
            graph, accounts, limits, model, seed=number, delta=DELTA, samples=400, timing=Timing(3.0, delays),
            **({"probability": 0.4} if model == "uniform" else {}),
        )  # fmt: skip
        reached = exact.measure(graph.find_nodes(found.seeds).tolist())
        best = exact.find_best(list_choices(accounts, limits))
        broken += not (found.lower <= reached + 1e-9 and best <= found.upper + 1e-9)
        shares.append(reached / best)
    assert broken <= 60 * DELTA
    assert min(shares) >= 0.6
    assert np.mean(shares) >= 0.97


def measure_drawn(graph: Graph, seeds: list[int], deadline: float, rng: np.random.Generator, *, sigma: float) -> float:
    """Return the reach by delays that numpy draws, 40,000 times; a sigma of 0 means exponential ones of mean 1."""
    runs, heads = 40_000, list_heads(graph)
    works = rng.random((runs, graph.arcs)) < graph.chances
    delays = rng.lognormal(0.0, sigma, works.shape) if sigma else rng.exponential(1.0, works.shape)
    times = np.full((runs, graph.nodes), np.inf)
    times[:, seeds] = 0.0
    for _ in range(graph.nodes):
        for arc in range(graph.arcs):
            after = np.where(works[:, arc], times[:, graph.in_tails[arc]] + delays[:, arc], np.inf)
            times[:, heads[arc]] = np.minimum(times[:, heads[arc]], after)
    return float((times <= deadline).sum(axis=1).mean())


@pytest.mark.parametrize(("family", "sigma"), [(Family.LOG_NORMAL, 1.2), (Family.EXPONENTIAL, 0.0)])
def test_delays_are_drawn_from_their_distribution(family: Family, sigma: float) -> None:
    rng = np.random.default_rng(43)
    for number in range(4):
        graph = make_graph(rng, NODES, 12)
        accounts = pa.table({"id": list(range(NODES)), "cost": [1] * NODES})
        timing = Timing(1.5, 1.0, sigma, family)
        found = select_within(graph, accounts, Limits(2), "ic", seed=number, samples=60_000, timing=timing)
        seeds = graph.find_nodes(found.seeds).tolist()
        # five standard errors of 40,000 runs and 60,000 sets together are 0.06
        assert found.spread == pytest.approx(measure_drawn(graph, seeds, 1.5, rng, sigma=sigma), abs=0.06)


def draw_sets(graph: Graph, accounts: pa.Table, options: PlanOptions, hour: float = 0.0) -> list[set[int]]:
    members, begins = make_sampler(graph, accounts, "ic", options, Standing(hour)).draw_part(0, 0, 300)
    return [set(members[begins[at] : begins[at + 1]].tolist()) for at in range(300)]


@given(st.integers(0, 1 << 30), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
@settings(max_examples=40, deadline=None)
def test_on_the_same_sample_a_later_deadline_or_an_earlier_post_never_reaches_less(
    seed: int, one: float, other: float
) -> None:
    rng = np.random.default_rng(seed)
    graph, accounts = make_graph(rng, NODES, 14), pa.table({"id": list(range(NODES)), "cost": [1] * NODES})
    early, late = sorted((one, other))
    sets = [
        draw_sets(graph, accounts, PlanOptions(seed=seed, timing=Timing(deadline, 1.0, 1.0)))
        for deadline in (early, late)
    ]
    assert all(few <= many for few, many in zip(*sets, strict=True))
    options = PlanOptions(seed=seed, timing=Timing(5.0, 1.0, 1.0))
    posts = [draw_sets(graph, accounts, options, hour) for hour in (late, early)]
    assert all(few <= many for few, many in zip(*posts, strict=True))


def test_a_deadline_that_never_comes_is_none() -> None:
    rng = np.random.default_rng(44)
    graph, accounts = make_graph(rng, NODES, 12), pa.table({"id": list(range(NODES)), "cost": [1] * NODES})
    plain = select_within(graph, accounts, Limits(2), "ic", samples=60_000)
    timed = select_within(graph, accounts, Limits(2), "ic", samples=60_000, timing=Timing(np.inf, 1.0, 1.0))
    assert timed.spread == pytest.approx(plain.spread, abs=0.06)


def test_at_deadline_0_an_account_reaches_itself_and_only_if_it_can_post_by_then() -> None:
    graph = build_graph(pa.table({"a": ["x", "x"], "b": ["y", "z"]}), "a", "b")
    accounts = pa.table({"id": ["x", "y"], "cost": [1, 1], "start_h": [0.5, 0.0]})
    found = select_within(graph, accounts, Limits(2), timing=Timing(0.0, 1.0, 1.0), samples=20_000)
    assert found.seeds.to_pylist() == ["y"]
    assert found.spread == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("probability", "reached"), [(0.0, 1.0), (1.0, 2.0)])
def test_probabilities_0_and_1_hold_in_time(probability: float, reached: float) -> None:
    graph = build_graph(pa.table({"a": [1 << 60, 1], "b": [1, 2]}), "a", "b")
    accounts = pa.table({"id": [1 << 60], "cost": [1]})
    found = select_within(
        graph, accounts, Limits(1), "uniform", probability=probability, timing=Timing(1.5, 1.0), samples=20_000
    )
    assert found.spread == pytest.approx(reached, abs=0.06)  # the second step takes until hour 2


def test_one_seed_gives_one_answer_in_time_on_one_thread_and_on_two() -> None:
    rng = np.random.default_rng(45)
    table = pa.table({"a": rng.integers(0, 400, 3000), "b": rng.integers(0, 400, 3000), "p": rng.random(3000) / 9})
    graph = build_graph(table, "a", "b", probability="p")
    accounts = pa.table({"id": graph.ids, "cost": pa.array(rng.integers(1, 99, graph.nodes))})
    answers = [
        select_within(graph, accounts, Limits(500), "ic", samples=20_000, workers=workers, timing=Timing(4.0, 1.0, 1.0))
        for workers in (1, 2)
    ]
    assert answers[0].seeds.equals(answers[1].seeds)
    assert (answers[0].spread, answers[0].upper) == (answers[1].spread, answers[1].upper)


def test_each_arc_takes_its_own_delay_from_a_table_or_a_fit() -> None:
    graph = build_graph(pa.table({"a": ["x", "x", "y"], "b": ["y", "z", "z"], "p": [0.5, 0.9, 0.7]}), "a", "b")
    known = {("x", "y"): 2.0, ("y", "z"): 5.0}
    table = pa.table({"src": ["x", "y", "q"], "dst": ["y", "z", "x"], "delay_h": [2.0, 5.0, 9.0]})
    hours = match_delays(graph, table, "src", "dst", 1.0)
    ids, heads = graph.ids.to_pylist(), list_heads(graph)
    for arc in range(graph.arcs):
        assert hours[arc] == known.get((ids[graph.in_tails[arc]], ids[heads[arc]]), 1.0)
    fit = Delays(Family.LOG_NORMAL, Scope.ARC, np.array([7200.0, 18_000.0]), 0.7)
    arcs = pa.table({"source": ["x", "y"], "target": ["y", "z"]})
    timing = make_timing(graph, fit, arcs, 72.0)
    assert sorted(timing.centres_h) == [2.0, 3.5, 5.0]  # the arc that was not fitted takes the median
    assert (timing.sigma, timing.deadline_h) == (0.7, 72.0)


def test_delays_alike_in_all_arcs_or_each_its_own_are_told_apart() -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    accounts = pa.table({"id": ["x", "z"], "cost": [1, 1]})
    hours = match_delays(graph, pa.table({"a": ["x", "z"], "b": ["y", "y"], "delay_h": [9.0, 1.0]}), "a", "b", 0.0)
    found = select_within(graph, accounts, Limits(1), timing=Timing(2.0, hours), samples=5000)
    assert found.seeds.to_pylist() == ["z"]


@pytest.mark.parametrize(
    ("timing", "told"),
    [
        (Timing(-1.0, 1.0), "deadline_h cannot be -1.0"),
        (Timing(np.nan, 1.0), "deadline_h cannot be nan"),
        (Timing(1.0, -1.0), "centres_h cannot be -1.0"),
        (Timing(1.0, np.inf), "centres_h cannot be inf"),
        (Timing(1.0, 1.0, -1.0), "sigma cannot be -1.0"),
        (Timing(1.0, np.ones(5)), "5 delays were given"),
    ],
)
def test_a_timing_that_cannot_be_is_named(timing: Timing, told: str) -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    with pytest.raises(BadInput, match=told):
        select_within(graph, pa.table({"id": ["x"], "cost": [1]}), Limits(1), timing=timing)


def test_hours_that_are_none_are_named_with_their_row() -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    for hours in ([0.0, -1.0], ["0", "-1"]):
        accounts = pa.table({"id": ["x", "z"], "cost": [1, 1], "start_h": hours})
        with pytest.raises(BadInput, match=r"row [12]: start_h is"):
            select_within(graph, accounts, Limits(1), timing=Timing(1.0, 1.0))
    with pytest.raises(BadInput, match="row 2: delay_h is -1"):
        match_delays(graph, pa.table({"a": ["x", "z"], "b": ["y", "y"], "delay_h": [1, -1]}), "a", "b", 1.0)
    with pytest.raises(BadInput, match="has no column delay_h"):
        match_delays(graph, pa.table({"a": ["x"], "b": ["y"]}), "a", "b", 1.0)
