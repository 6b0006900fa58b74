"""Fatigue, values and what earlier waves reached, alone and with a deadline, against every way the arcs can fall."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.spread.graphs import build_graph
from canyu.spread.selection import Fatigue, Limits, PlanOptions, Timing, explain, select_within
from canyu.spread.selection.budgets import make_chooser
from canyu.spread.selection.conditions import make_sampler
from canyu.spread.selection.fatigue import compute_keeps
from exact_plans import list_choices, make_exact
from exact_spread import make_graph

NODES, DELTA = 6, 0.1


def make_accounts(rng: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "id": list(range(NODES)),
            "cost": rng.integers(1, 9, NODES).tolist(),
            "last_used_h": rng.choice([0.0, 100.0, 336.0, None], NODES).tolist(),
            "market": rng.choice(["CN", "SG"], NODES).tolist(),
        }
    )


@pytest.mark.parametrize("deadline", [np.inf, 2.0])
def test_used_accounts_and_people_reached_before_count_less_and_bounds_hold(deadline: float) -> None:
    rng = np.random.default_rng(61)
    broken, shares = 0, []
    for number in range(60):
        graph = make_graph(rng, NODES, int(rng.integers(4, 9)))
        accounts, delays = make_accounts(rng), rng.choice([0.5, 1.0], graph.arcs)
        values, reached = rng.random(NODES), rng.choice([0.0, 0.5, 1.0], NODES, p=[0.6, 0.2, 0.2])
        keeps = compute_keeps(accounts, Fatigue(336.0, 0.9))
        exact = make_exact(graph, "ic", delays, min(deadline, 99.0))
        exact = replace(exact, keeps=keeps, values=values * (1.0 - reached))
        limits = Limits(int(rng.integers(9, 20)))
        options = PlanOptions(seed=number, delta=DELTA, samples=400, fatigue=Fatigue(336.0, 0.9))
        options |= PlanOptions(values=values, reached=reached)
        if deadline < np.inf:
            options["timing"] = Timing(deadline, delays)
        found = select_within(graph, accounts, limits, "ic", **options)
        had, best = (
            exact.measure(graph.find_nodes(found.seeds).tolist()),
            exact.find_best(list_choices(accounts, limits)),
        )
        broken += not (found.lower <= had + 1e-9 and best <= found.upper + 1e-9)
        shares.append(had / best)
    assert broken <= 60 * DELTA
    assert min(shares) >= 0.6
    assert np.mean(shares) >= 0.96


def test_explanations_read_deadline_values_fatigue_and_quotas() -> None:
    rng = np.random.default_rng(62)
    swapped = 0
    for number in range(20):
        graph, accounts = make_graph(rng, NODES, 9), make_accounts(rng)
        delays, values = rng.choice([0.5, 1.0], graph.arcs), rng.random(NODES)
        keeps = compute_keeps(accounts, Fatigue())
        exact = replace(make_exact(graph, "ic", delays, 1.0), keeps=keeps, values=values)
        seeds = rng.choice(NODES, 2, replace=False).tolist()
        costs, markets = accounts["cost"].to_pylist(), accounts["market"].to_pylist()
        limits = Limits(99, {"market": {"CN": 1}}, never=(int(rng.integers(NODES)),), least={"market": {"SG": 1}})
        rows = explain(
            graph, pa.array(seeds), accounts, "ic", seed=number, samples=60_000, timing=Timing(1.0, delays),
            values=values, fatigue=Fatigue(), limits=limits,
        ).to_pylist()  # fmt: skip
        whole = exact.measure(seeds)
        for row, other in zip(rows, reversed(seeds), strict=True):
            alone, rest = exact.measure([row["id"]]), exact.measure([other])
            assert row["alone"] == pytest.approx(alone, abs=0.03)
            assert row["unique"] == pytest.approx(whole - rest, abs=0.03)
            assert row["overlap"] == pytest.approx(row["shared"])  # with one other, that is all there is
            assert row["closest"] == (other if row["overlap"] > 0 else None)
            assert row["cost_alone"] == pytest.approx(costs[row["id"]] / row["alone"])
            swaps = {}
            for node in set(range(NODES)) - set(seeds) - set(limits.never):
                had = sorted((markets[node], markets[other]))
                keeps_quotas = markets[node] == markets[row["id"]] or (had.count("CN") <= 1 and had.count("SG") >= 1)
                if costs[node] <= costs[row["id"]] and keeps_quotas:
                    swaps[node] = exact.measure([other, node])
            if not swaps:
                assert row["replacement"] is None
                continue
            swapped += 1
            assert swaps[row["replacement"]] >= max(swaps.values()) - 0.04
            assert row["change"] == pytest.approx(max(swaps.values()) - whole, abs=0.04)
    assert swapped >= 10


@given(st.integers(0, 1 << 30), st.booleans())
@settings(max_examples=30, deadline=None)
def test_estimates_are_monotone_and_submodular_and_more_money_could_buy_no_less(seed: int, is_timed: bool) -> None:
    rng = np.random.default_rng(seed)
    graph, accounts = make_graph(rng, NODES, 12), make_accounts(rng)
    options = PlanOptions(seed=seed, fatigue=Fatigue())
    if is_timed:
        options["timing"] = Timing(2.0, 1.0, 1.0)
    sampler = make_sampler(graph, accounts, "ic", options)

    def count(*nodes: int) -> int:
        marks = np.zeros(NODES, np.uint8)
        marks[list(nodes)] = 1
        return int(sampler.count(3, 500, marks, 1)[0])

    one, two, three = rng.choice(NODES, 3, replace=False).tolist()
    assert count(one) <= count(one, two) <= count(one, two, three)
    assert count(one, two) - count(one) >= count(one, two, three) - count(one, three)
    sets = sampler.draw_part(0, 0, 500)
    few, many = (make_chooser(graph, accounts, Limits(budget))(*sets) for budget in (9, 14))
    assert few.added.sum() <= few.most
    assert max(few.added.sum(), many.added.sum()) <= many.most  # what 9 buys, 14 could


def test_a_factor_of_0_is_nobody_and_of_1_changes_nothing() -> None:
    graph = build_graph(pa.table({"a": ["x"] * 5 + ["y"], "b": [f"x{n}" for n in range(5)] + ["z"]}), "a", "b")
    accounts = pa.table({"id": ["x", "y"], "cost": [1, 1], "last_used_h": [0.0, None]})
    tired = select_within(graph, accounts, Limits(1), fatigue=Fatigue(depth=1.0), samples=9000)
    assert (tired.seeds.to_pylist(), round(tired.spread, 1)) == (["y"], pytest.approx(2.0, abs=0.2))
    fresh = select_within(graph, accounts, Limits(1), fatigue=Fatigue(depth=0.0), samples=9000)
    assert (fresh.seeds.to_pylist(), fresh.spread) == (["x"], pytest.approx(6.0, rel=0.05))


def test_a_factor_falls_with_every_use_and_comes_back_by_half_lives() -> None:
    accounts = pa.table({"id": list("abcde"), "last_used_h": [0.0, 10.0, 20.0, None, None], "uses": [1, 1, 2, None, 3]})
    assert compute_keeps(accounts, Fatigue(10.0, 0.8)) == pytest.approx([0.2, 0.6, 0.64, 1.0, 0.008])
    assert compute_keeps(accounts.select(["id"]), Fatigue()).tolist() == [1.0] * 5


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"fatigue": Fatigue(0.0)}, "half_life_h cannot be 0.0"),
        ({"fatigue": Fatigue(depth=1.5)}, "depth cannot be 1.5"),
        ({"reached": np.ones(2)}, "reached must be one probability per node"),
        ({"reached": np.full(3, 1.5)}, "reached must be one probability per node"),
        ({"reached": np.ones(3)}, "nobody is left to be reached"),
    ],
)
def test_conditions_that_cannot_be_are_named(options: PlanOptions, told: str) -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    with pytest.raises(BadInput, match=told):
        select_within(graph, pa.table({"id": ["x"], "cost": [1]}), Limits(1), **options)


def test_a_use_that_is_no_number_is_named_with_its_row() -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    accounts = pa.table({"id": ["x", "z"], "cost": [1, 1], "uses": [1, -2]})
    with pytest.raises(BadInput, match="row 2: uses is -2"):
        select_within(graph, accounts, Limits(1), fatigue=Fatigue())


def test_nobody_is_chosen_from_no_accounts_or_an_empty_graph() -> None:
    nobody = pa.table({"id": pa.array([], pa.string()), "cost": pa.array([], pa.int64())})
    for arcs in ({"a": ["x"], "b": ["y"]}, {"a": pa.array([], pa.string()), "b": pa.array([], pa.string())}):
        graph = build_graph(pa.table(arcs), "a", "b")
        found = select_within(graph, nobody, Limits(9), timing=Timing(1.0, 1.0), fatigue=Fatigue())
        assert (found.seeds.to_pylist(), found.spread) == ([], 0.0)
        with pytest.raises(BadInput, match="has no column market"):
            select_within(graph, nobody, Limits(9, least={"market": {"CN": 1}}))
        with pytest.raises(BadInput, match="only 0 can be had"):
            select_within(graph, nobody.append_column("market", nobody["id"]), Limits(9, least={"market": {"CN": 1}}))
