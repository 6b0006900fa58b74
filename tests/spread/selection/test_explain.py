"""Why an account is in a choice, against every way the arcs of small graphs can fall."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.graphs import build_graph
from canyu.spread.selection import explain
from exact_spread import list_worlds, make_graph, measure


def test_each_seed_is_explained_by_what_it_adds_and_who_would_replace_it() -> None:
    rng = np.random.default_rng(17)
    for number in range(15):
        graph = make_graph(rng, 6, 9)
        worlds = list_worlds(graph, "ic")
        seeds = rng.choice(6, 2, replace=False).tolist()
        costs = rng.integers(1, 4, 6).tolist()
        accounts = pa.table({"id": list(range(6)), "cost": costs})
        rows = explain(graph, pa.array(seeds), accounts, "ic", seed=number, samples=60_000).to_pylist()
        whole = measure(worlds, seeds)
        for row, other in zip(rows, reversed(seeds), strict=True):
            assert row["alone"] == pytest.approx(measure(worlds, [row["id"]]), rel=0.03)
            unique = whole - measure(worlds, [other])
            assert row["unique"] == pytest.approx(unique, abs=0.05)
            assert row["unique_low"] <= row["unique"] <= row["unique_high"]
            assert row["shared"] == pytest.approx(1.0 - unique / measure(worlds, [row["id"]]), abs=0.03)
            had = [node for node in set(range(6)) - set(seeds) if costs[node] <= costs[row["id"]]]
            swaps = {node: measure(worlds, [other, node]) for node in had}
            if not swaps:
                assert row["replacement"] is None
                continue
            assert swaps[row["replacement"]] >= max(swaps.values()) - 0.06
            assert row["change"] == pytest.approx(max(swaps.values()) - whole, abs=0.06)


def test_the_interval_of_what_only_one_reaches_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(18)
    graph = make_graph(rng, 6, 9)
    worlds = list_worlds(graph, "ic")
    accounts = pa.table({"id": list(range(6)), "cost": [1] * 6})
    adds = {other: measure(worlds, [0, other]) - measure(worlds, [other]) for other in range(1, 6)}
    other, unique = max(adds.items(), key=lambda pair: abs(pair[1] - round(pair[1])))  # what is left to chance
    held = 0
    for seed in range(300):
        row = explain(graph, pa.array([0, other]), accounts, "ic", seed=seed, samples=500).to_pylist()[0]
        held += row["unique_low"] <= unique <= row["unique_high"]
    assert 0.90 <= held / 300 <= 0.99


def test_nobody_replaces_where_nobody_can_be_had() -> None:
    pair = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    accounts = pa.table({"id": ["x", "y"], "cost": [5, 6]})  # y is dearer
    row = explain(pair, pa.array(["x"]), accounts, samples=1000).to_pylist()[0]
    assert row["replacement"] is None
    assert row["change"] == pytest.approx(-row["unique"])


def test_unknown_and_repeated_accounts_are_told() -> None:
    pair = build_graph(pa.table({"a": ["x"], "b": ["y"]}), "a", "b")
    accounts = pa.table({"id": ["x"], "cost": [5]})
    with pytest.raises(BadInput, match="the graph has no node q"):
        explain(pair, pa.array(["q"]), accounts)
    with pytest.raises(BadInput, match="stands twice"):
        explain(pair, pa.array(["x", "x"]), accounts)
    with pytest.raises(BadInput, match="the table of accounts has no y"):
        explain(pair, pa.array(["y"]), accounts)
