"""Least quotas: always kept, bounded, filled at the cheapest, and told apart where they contradict each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.spread.graphs import build_graph
from canyu.spread.selection import Limits, select_within
from canyu.spread.selection.completion import find_completion
from canyu.spread.selection.quotas import UNLIMITED
from exact_plans import list_choices
from exact_spread import list_worlds, make_graph, measure

NODES, DELTA = 6, 0.1
LEAST = {"platform": {"weibo": 1, "douyin": 1}, "market": {"CN": 2}}


def make_accounts(rng: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "id": list(range(NODES)),
            "cost": rng.integers(1, 9, NODES).tolist(),
            "platform": [("weibo", "bilibili", "douyin")[number] for number in rng.integers(0, 3, NODES)],
            "market": [("CN", "SG")[number] for number in rng.integers(0, 2, NODES)],
        }
    )


def test_least_quotas_are_kept_and_bounds_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(37)
    broken, shares, refused = 0, [], 0
    for number in range(150):
        graph, accounts = make_graph(rng, NODES, int(rng.integers(4, 9))), make_accounts(rng)
        most = {"market": {"SG": 1}} if number % 2 else {}
        limits = Limits(int(rng.integers(9, 22)), most, (), (), LEAST)
        choices = list_choices(accounts, limits)
        if not choices:
            with pytest.raises(BadInput):
                select_within(graph, accounts, limits, "ic")
            refused += 1
            continue
        worlds = list_worlds(graph, "ic")
        found = select_within(graph, accounts, limits, "ic", seed=number, delta=DELTA, samples=400)
        seeds = graph.find_nodes(found.seeds).tolist()
        assert tuple(sorted(seeds)) in choices
        reached, best = measure(worlds, seeds), max(measure(worlds, list(choice)) for choice in choices)
        broken += not (found.lower <= reached + 1e-9 and best <= found.upper + 1e-9)
        shares.append(reached / best)
    assert 20 <= refused <= 130
    assert broken <= (150 - refused) * DELTA
    assert min(shares) >= 0.8
    assert np.mean(shares) >= 0.97


@given(st.integers(0, 1 << 30))
@settings(max_examples=150, deadline=None)
def test_the_cheapest_accounts_that_fill_what_is_owed_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many, columns = int(rng.integers(1, 9)), int(rng.integers(1, 4))
    costs = rng.integers(0, 9, many)
    labels = rng.integers(0, 3, (columns, many)).astype(np.int32)
    owed = np.hstack([np.zeros((columns, 1), np.int64), rng.integers(0, 3, (columns, 2))])
    room = np.where(rng.random((columns, 3)) < 0.3, owed + rng.integers(0, 2), UNLIMITED)
    room[:, 0] = UNLIMITED
    found = find_completion(costs, labels, owed, room)
    fits = []
    for size in range(many + 1):
        for chosen in combinations(range(many), size):
            counts = np.array([np.bincount(row[list(chosen)], minlength=3) for row in labels])
            if (counts >= owed).all() and (counts <= room).all():
                fits.append(int(costs[list(chosen)].sum()))
    assert found.is_sure
    assert (found.places is None) == (not fits)
    if fits and found.places is not None:
        assert found.cost == min(fits) == int(costs[found.places].sum())


def test_least_quotas_of_many_accounts_are_filled_without_going_through_all_ways() -> None:
    rng = np.random.default_rng(3)
    costs, labels = rng.integers(100, 10_000, 20_000), rng.integers(0, 5, (1, 20_000)).astype(np.int32)
    owed = np.array([[0, 300, 300, 300, 300]])
    found = find_completion(costs, labels, owed, np.full((1, 5), UNLIMITED))
    cheapest = sum(int(np.sort(costs[labels[0] == value])[:300].sum()) for value in range(1, 5))
    assert (found.is_sure, found.cost) == (True, cheapest)


def test_a_poor_account_that_is_owed_tightens_the_bound() -> None:
    """Without the quota both stars fit; with it one of them must give way, and the bound knows."""
    rows = [("x", f"x{n}") for n in range(40)] + [("y", f"y{n}") for n in range(40)] + [("z", "z0")]
    graph = build_graph(pa.table({"a": [r[0] for r in rows], "b": [r[1] for r in rows]}), "a", "b")
    accounts = pa.table({"id": ["x", "y", "z"], "cost": [50, 50, 50], "market": ["CN", "CN", "SG"]})
    free = select_within(graph, accounts, Limits(100), seed=1, samples=20_000)
    owed = select_within(graph, accounts, Limits(100, least={"market": {"SG": 1}}), seed=1, samples=20_000)
    assert sorted(free.seeds.to_pylist()) == ["x", "y"]
    assert owed.seeds.to_pylist() in (["x", "z"], ["y", "z"])
    assert owed.ratio > 0.9


def test_who_must_be_in_counts_for_what_is_owed_and_poor_accounts_are_bought_last() -> None:
    graph = build_graph(pa.table({"a": ["x"] * 9 + ["z"], "b": [f"x{n}" for n in range(9)] + ["x"]}), "a", "b")
    accounts = pa.table({"id": ["x", "x1", "x2"], "cost": [5, 5, 5], "market": ["CN", "SG", "SG"]})
    found = select_within(graph, accounts, Limits(15, must=("x1",), least={"market": {"SG": 1}}), samples=5000)
    assert found.seeds.to_pylist() == ["x1", "x"]  # nobody else adds anybody
    found = select_within(graph, accounts, Limits(15, must=("x1",), least={"market": {"SG": 2}}), samples=5000)
    assert found.seeds.to_pylist() == ["x1", "x", "x2"]


TABLE = {
    "id": ["x", "y", "z"],
    "cost": [5, 6, 7],
    "platform": ["weibo", "weibo", "douyin"],
    "market": ["CN", "SG", "SG"],
}


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (
            Limits(99, {"platform": {"weibo": 1}}, least={"platform": {"weibo": 2}}),
            "at least 2 accounts with platform weibo are asked for, but at most 1 allowed",
        ),
        (
            Limits(99, least={"platform": {"douyin": 2}}),
            "at least 2 accounts with platform douyin are asked for, but only 1 can be had",
        ),
        (
            Limits(99, never=("z",), least={"platform": {"douyin": 1}}),
            "at least 1 accounts with platform douyin are asked for, but only 0 can be had",
        ),
        (
            Limits(10, least={"platform": {"weibo": 2}, "market": {"SG": 1}}),
            r"to keep to at least 2 with platform weibo \(2 can be had\) costs at least 11, "
            "more than the budget of 10",
        ),
        (
            Limits(10, must=("z",), least={"market": {"CN": 1}}),
            r"at least 1 with market CN \(1 can be had\) costs at least 12, with 7 for those that must be in",
        ),
        (
            Limits(99, {"market": {"SG": 1}}, least={"platform": {"weibo": 2, "douyin": 1}}),
            r"these quotas contradict each other: at most 1 with market SG; at least 2 with platform weibo "
            r"\(2 can be had\); at least 1 with platform douyin \(1 can be had\)",
        ),
        (
            Limits(99, {"market": {"SG": 1, "CN": 9}}, ("z",), least={"platform": {"weibo": 2}, "market": {"CN": 1}}),
            r"these quotas contradict each other: at most 1 with market SG; "
            r"at least 2 with platform weibo \(2 can be had\)\. ",
        ),
    ],
)
def test_quotas_that_contradict_each_other_are_named(limits: Limits, told: str) -> None:
    graph = build_graph(pa.table({"a": ["x", "z"], "b": ["y", "y"]}), "a", "b")
    with pytest.raises(BadInput, match=told):
        select_within(graph, pa.table(TABLE), limits)
