"""Seeds within a budget against every choice that the budget, the quotas and the named accounts leave."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import Limits, select, select_within
from exact_plans import list_choices
from exact_spread import list_worlds, make_graph

NODES, DELTA = 6, 0.1
Worlds = list[tuple[float, NDArray[np.bool_]]]


def make_accounts(rng: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "id": list(range(NODES)),
            "cost": rng.integers(1, 9, NODES).tolist(),
            "platform": [("weibo", "bilibili", "douyin")[number] for number in rng.integers(0, 3, NODES)],
        }
    )


def measure_value(worlds: Worlds, seeds: list[int], values: NDArray[np.float64]) -> float:
    return sum(chance * values[reach[seeds].any(axis=0)].sum() for chance, reach in worlds) if seeds else 0.0


@pytest.mark.parametrize("kind", ["budget", "quotas", "named", "values"])
def test_choices_keep_to_the_limits_and_bounds_hold_as_often_as_they_say(kind: str) -> None:
    rng = np.random.default_rng(31)
    broken, shares = 0, []
    for number in range(100):
        graph = make_graph(rng, NODES, int(rng.integers(4, 9)))
        accounts = make_accounts(rng)
        must = (int(rng.integers(NODES)),) if kind == "named" else ()
        never = tuple({int(rng.integers(NODES))} - set(must)) if kind == "named" else ()
        quotas = {"platform": {"weibo": 1, "douyin": 1}} if kind == "quotas" else {}
        limits = Limits(int(rng.integers(9, 20)), quotas, must, never)
        values = rng.random(NODES) if kind == "values" else np.ones(NODES)
        worlds = list_worlds(graph, "ic")
        choices = list_choices(accounts, limits)
        found = select_within(
            graph, accounts, limits, "ic", seed=number, delta=DELTA, samples=400,
            **({"values": values} if kind == "values" else {}),
        )  # fmt: skip
        seeds = graph.find_nodes(found.seeds).tolist()
        assert tuple(sorted(seeds)) in choices
        reached = measure_value(worlds, seeds, values)
        best = max(measure_value(worlds, list(choice), values) for choice in choices)
        broken += not (found.lower <= reached + 1e-9 and best <= found.upper + 1e-9)
        shares.append(reached / best)
    assert broken <= 100 * DELTA
    assert min(shares) >= 0.6
    assert np.mean(shares) >= 0.97


def test_one_expensive_account_beats_many_cheap_ones_where_it_reaches_more() -> None:
    arcs = pa.table({"a": ["star"] * 50 + ["small"], "b": [f"fan{n}" for n in range(50)] + ["friend"]})
    graph = build_graph(arcs, "a", "b")
    accounts = pa.table({"id": ["star", "small"], "cost": [1000, 1]})
    assert select_within(graph, accounts, Limits(1000)).seeds.to_pylist() == ["star"]
    assert select_within(graph, accounts, Limits(999)).seeds.to_pylist() == ["small"]
    assert sorted(select_within(graph, accounts, Limits(1001)).seeds.to_pylist()) == ["small", "star"]


def test_a_bound_that_no_sample_can_prove_ends_all_the_same() -> None:
    """Each of two costs more than half of the budget: one fits, and the bound buys nearly all of the other too."""
    rows = [(hub, f"{hub}{number}") for hub in "ab" for number in range(40)]
    graph = build_graph(pa.table({"a": [r[0] for r in rows], "b": [r[1] for r in rows]}), "a", "b")
    found = select_within(graph, pa.table({"id": ["a", "b"], "cost": [51, 51]}), Limits(100))
    assert len(found.seeds) == 1
    assert 0.4 < found.ratio < 0.52
    assert found.samples[0] < 1 << 20


def test_equal_costs_are_a_number_of_seeds() -> None:
    rng = np.random.default_rng(4)
    graph = build_graph(pa.table({"a": rng.zipf(1.7, 4000) % 600, "b": rng.integers(0, 600, 4000)}), "a", "b")
    accounts = pa.table({"id": graph.ids, "cost": pa.array(np.full(graph.nodes, 100))})
    free, priced = select(graph, 8, samples=30_000), select_within(graph, accounts, Limits(850), samples=30_000)
    assert priced.spread == pytest.approx(free.spread, rel=0.01)
    assert len(priced.seeds) == 8


def make_pair() -> Graph:
    return build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")


@pytest.mark.parametrize(
    ("accounts", "limits", "told"),
    [
        ({"id": ["x"], "cost": [5]}, Limits(4), "the budget of 4 is below the cheapest account, x at 5"),
        ({"id": ["x", "q"], "cost": [5, 5]}, Limits(9), "row 2: the graph has no account q"),
        ({"id": ["x", "x"], "cost": [5, 6]}, Limits(9), "the account x stands twice"),
        ({"id": ["x"], "cost": [-1]}, Limits(9), "row 1: cost is no amount"),
        ({"id": ["x"], "cost": [1.5]}, Limits(9), "row 1: cost is no amount"),
        ({"id": ["x"]}, Limits(9), "has no column cost"),
        ({"id": ["x"], "cost": [5]}, Limits(9, must=("z",)), "the account z must be in, but cannot be had"),
        ({"id": ["x"], "cost": [5]}, Limits(9, must=("x",), never=("x",)), "the account x must be in, but cannot"),
        ({"id": ["x", "z"], "cost": [5, 6]}, Limits(9, must=("x", "z")), "cost 11, more than the budget of 9"),
        (
            {"id": ["x", "z"], "cost": [1, 1], "city": ["北京", "北京"]},
            Limits(9, {"city": {"北京": 1}}, must=("x", "z")),
            "2 accounts that must be in have city 北京, but the quota is 1",
        ),
        ({"id": ["x"], "cost": [5]}, Limits(9, {"city": {"北京": 1}}), "has no column city"),
    ],
)
def test_what_cannot_be_had_together_is_named(accounts: dict[str, list[object]], limits: Limits, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        select_within(make_pair(), pa.table(accounts), limits)


def test_values_are_numbers_from_0_up() -> None:
    accounts = pa.table({"id": ["x"], "cost": [1]})
    for values in (np.ones(2), np.zeros(3), np.array([1.0, -1.0, 1.0]), np.array([1.0, np.nan, 1.0])):
        with pytest.raises(BadInput, match="values must be one number from 0 up per node"):
            select_within(make_pair(), accounts, Limits(9), values=values)
