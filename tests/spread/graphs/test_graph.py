"""Graphs from tables of arcs: odd arcs, odd ids, and folders that open as they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import BadInput, NotFound
from canyu.spread.graphs import Graph, build_graph, open_graph, save_graph


def list_arcs(graph: Graph) -> set[tuple[object, object]]:
    ids = graph.ids.to_pylist()
    incoming = {
        (ids[tail], ids[node])
        for node in range(graph.nodes)
        for tail in graph.in_tails[graph.in_starts[node] : graph.in_starts[node + 1]].tolist()
    }
    outgoing = {
        (ids[node], ids[head])
        for node in range(graph.nodes)
        for head in graph.out_heads[graph.out_starts[node] : graph.out_starts[node + 1]].tolist()
    }
    assert incoming == outgoing
    return incoming


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40), st.booleans())
def test_a_graph_holds_each_arc_once_and_none_to_itself(pairs: list[tuple[int, int]], both: bool) -> None:
    table = pa.table(
        {"a": pa.array([p[0] for p in pairs], pa.int64()), "b": pa.array([p[1] for p in pairs], pa.int64())}
    )
    graph = build_graph(table, "a", "b", is_undirected=both)
    wanted = {pair for pair in pairs if pair[0] != pair[1]}
    wanted |= {(b, a) for a, b in wanted} if both else set()
    assert list_arcs(graph) == wanted
    assert graph.arcs == len(wanted)
    loops = sum(a == b for a, b in pairs) * (2 if both else 1)
    assert (graph.self_arcs, graph.arcs + graph.repeated + loops) == (loops, len(pairs) * (2 if both else 1))


def test_arcs_that_stand_again_work_where_any_of_them_does() -> None:
    table = pa.table({"a": ["x", "x", "y", "z"], "b": ["c", "c", "c", "c"], "p": [0.5, 0.2, 0.9, 0.0]})
    graph = build_graph(table, "a", "b", probability="p")
    tails = graph.ids.take(pa.array(graph.in_tails)).to_pylist()
    assert tails == ["y", "x"]  # falling; an arc of probability 0 is none
    assert graph.chances.tolist() == pytest.approx([0.9, 0.6])
    assert graph.nodes == 4


@pytest.mark.parametrize(
    "ids", [pa.array([2**62, 5]), pa.array(["甲", "乙"]), pa.array(["a", "b"]).dictionary_encode()]
)
def test_ids_are_texts_or_integers_of_64_bits(ids: pa.Array) -> None:
    graph = build_graph(pa.table({"a": ids.take(pa.array([0])), "b": ids.take(pa.array([1]))}), "a", "b")
    plain = ids.to_pylist()
    assert list_arcs(graph) == {(plain[0], plain[1])}
    assert graph.find_nodes(pa.array([plain[1]])).tolist() == [1]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"a": ["x", None], "b": ["y", "z"]}, "row 2: a is empty"),
        ({"a": ["x"], "b": [1]}, "column a holds string, column b int64"),
        ({"a": [1.5], "b": [2.5]}, "column a holds double, no ids"),
        ({"a": ["x"], "c": ["y"]}, "there is no column b; there are a, c"),
        ({"a": ["x", "y"], "b": ["y", "x"], "p": [0.5, 1.5]}, "row 2: p is 1.5, no probability"),
        ({"a": ["x", "y"], "b": ["y", "x"], "p": [None, 0.5]}, "row 1: p is nan, no probability"),
        ({"a": ["x"], "b": ["y"], "p": ["high"]}, "column p holds string, no probabilities"),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, list[object]], told: str) -> None:
    with pytest.raises(BadInput, match=told.replace(".", r"\.")):
        build_graph(pa.table(table), "a", "b", probability="p" if "p" in table else "")


def test_an_empty_table_is_an_empty_graph() -> None:
    graph = build_graph(pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.string())}), "a", "b")
    assert (graph.nodes, graph.arcs) == (0, 0)


def test_a_saved_graph_opens_as_it_was(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    table = pa.table({"a": rng.integers(0, 99, 500), "b": rng.integers(0, 99, 500), "p": rng.random(500)})
    graph = build_graph(table, "a", "b", probability="p")
    save_graph(graph, tmp_path / "g.graph")
    opened = open_graph(tmp_path / "g.graph")
    for name in ("out_starts", "out_heads", "in_starts", "in_tails", "chances"):
        assert np.array_equal(getattr(opened, name), getattr(graph, name))
    assert opened.ids.equals(graph.ids)
    assert (opened.self_arcs, opened.repeated) == (graph.self_arcs, graph.repeated)
    with pytest.raises(BadInput, match="is there already"):
        save_graph(graph, tmp_path / "g.graph")


def test_a_folder_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no folder"):
        open_graph(tmp_path / "none")
    table = pa.table({"a": [1, 2, 3], "b": [2, 3, 1]})
    save_graph(build_graph(table, "a", "b"), tmp_path / "g")
    save_graph(build_graph(pa.table({"a": [1], "b": [2]}), "a", "b"), tmp_path / "h")
    (tmp_path / "g" / "in_tails.npy").write_bytes((tmp_path / "h" / "in_tails.npy").read_bytes())
    with pytest.raises(BadInput, match="is no whole graph"):
        open_graph(tmp_path / "g")
    (tmp_path / "h" / "chances.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(BadInput, match="is no whole graph"):
        open_graph(tmp_path / "h")
