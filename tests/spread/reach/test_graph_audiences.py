from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput, NotFound
from canyu.rehearse import MarketPlan, World
from canyu.rehearse.kols import build_follows
from canyu.spread.graphs import Graph, build_graph
from canyu.spread.reach import (
    OVERLAP_SCHEMA,
    PeopleCounter,
    compare_audiences,
    count_graph_overlaps,
    count_graph_reach,
    count_overlaps,
    count_people,
    count_reach,
    estimate_overlaps,
    list_audience,
    sketch_audience,
)


@pytest.fixture(scope="module")
def follows() -> Graph:
    """The rehearsed follower graph at the demo's scale."""
    return build_graph(build_follows(World(MarketPlan(2025, 0.0002, 7))), "src", "dst")


@pytest.fixture(scope="module")
def largest(follows: Graph) -> list[str]:
    """Twenty accounts with the most followers."""
    order = np.argsort(-np.diff(follows.out_starts), kind="stable")[:20]
    found: list[str] = follows.ids.take(pa.array(order)).to_pylist()
    return found


def make_graph() -> Graph:
    return build_graph(pa.table({"src": list("aaabbbc"), "dst": list("xyzyzwc")}), "src", "dst")


def test_overlaps_of_a_graph_are_those_of_the_lists() -> None:
    graph = build_graph(pa.table({"src": list("aaabbbc"), "dst": list("xyzyzwx")}), "src", "dst")
    lists = {name: list_audience(graph, name).to_pylist() for name in "abc"}
    assert count_graph_overlaps(graph, list("abc")).equals(count_overlaps(lists))
    assert count_graph_overlaps(graph, ["a"]).equals(OVERLAP_SCHEMA.empty_table())


def test_reach_of_a_graph_counts_each_follower_once() -> None:
    graph = build_graph(pa.table({"src": list("aaabbbc"), "dst": list("xyzyzwx")}), "src", "dst")
    reach = count_graph_reach(graph, list("abc"))
    lists = {name: list_audience(graph, name).to_pylist() for name in "abc"}
    assert reach == count_reach(lists)
    assert (reach.unique, reach.followers_sum, reach.table["adds"].to_pylist()) == (4.0, 7.0, [3.0, 1.0, 0.0])


def test_an_account_that_is_no_node_or_twice_is_told() -> None:
    graph = make_graph()
    with pytest.raises(NotFound, match="account q is no node"):
        count_graph_reach(graph, ["a", "q"])
    with pytest.raises(BadInput, match="account a is named twice"):
        count_graph_overlaps(graph, ["a", "b", "a"])


def test_rehearsed_audiences_overlap_exactly_as_their_lists(follows: Graph, largest: list[str]) -> None:
    exact = count_graph_overlaps(follows, largest)
    lists = {name: list_audience(follows, name) for name in largest}
    assert exact.equals(count_overlaps(lists))
    assert exact["shared"].to_numpy().min() >= 0
    assert exact["jaccard"].to_numpy().max() > 0.05


def test_sketches_of_rehearsed_audiences_are_near_the_exact_overlap(follows: Graph, largest: list[str]) -> None:
    exact = count_graph_overlaps(follows, largest)
    sketched = estimate_overlaps({name: sketch_audience(list_audience(follows, name)) for name in largest})
    error = sketched["jaccard"].to_numpy() - exact["jaccard"].to_numpy()
    assert np.sqrt(np.mean(error**2)) < 0.006
    low, high = sketched["shared_low"].to_numpy(), sketched["shared_high"].to_numpy()
    shared = exact["shared"].to_numpy()
    assert np.mean((low <= shared) & (shared <= high)) > 0.9


def test_who_is_not_in_the_graph_is_compared_by_sketch() -> None:
    outside = sketch_audience(["y", "z", "q"])
    table = compare_audiences(["a", "b", "far"], make_graph(), {"far": outside})
    assert table.schema == OVERLAP_SCHEMA
    found = {(row["account_a"], row["account_b"]): (row["shared"], row["basis"]) for row in table.to_pylist()}
    assert found == {("a", "b"): (2.0, "exact"), ("a", "far"): (2.0, "exact"), ("b", "far"): (2.0, "exact")}
    with pytest.raises(NotFound, match="account nobody"):
        compare_audiences(["a", "nobody"], make_graph(), {})


def test_a_counter_is_a_fifteenth_of_a_sketch_and_no_less_exact() -> None:
    random = np.random.default_rng(5)
    errors = []
    for _ in range(20):
        ids = random.integers(0, 2**62, 20_000).tolist()
        counter = count_people(ids)
        errors.append(counter.people[0] / 20_000 - 1)
    assert np.sqrt(np.mean(np.square(errors))) < 0.02
    assert len(counter.to_bytes()) * 15 < len(sketch_audience(ids).to_bytes())
    low, high = counter.people[1:]
    assert low <= 20_000 <= high


def test_counters_join_in_any_order_and_come_back_from_their_bytes() -> None:
    people = np.arange(30_000)
    first, second = count_people(people[:20_000].tolist()), count_people(people[10_000:].tolist())
    joined = first.join([second])
    assert joined.people == second.join([first]).people == PeopleCounter.from_bytes(joined.to_bytes()).people
    assert joined.people[1] <= 30_000 <= joined.people[2]
    assert count_people(people[::-1].tolist()).people == count_people(people.tolist()).people
    with pytest.raises(BadInput, match="no counter of people"):
        PeopleCounter.from_bytes(b"no sketch")
