from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.graphs import build_mention_graph, find_mentions, open_graph, save_graph
from canyu.spread.selection import select

TEXTS = {
    "actor": ["u1", "u1", "u2", "u3", None, "u4"],
    "text": [
        "@小明 看看,还有@小红-2 @小明",
        "又是 @小明:对吧//@小刚:好",
        "写信给 a@b.com 或 x.@c",
        "@u3 是我自己 @老王_1",
        "@小明",
        None,
    ],
}


def list_arcs(table: pa.Table) -> list[tuple[str, str, int]]:
    return [(row["src"], row["dst"], row["weight"]) for row in table.to_pylist()]


def test_mentions_are_in_the_writer_s_own_words_and_count_once_a_text() -> None:
    assert list_arcs(find_mentions(pa.table(TEXTS))) == [
        ("u1", "@小明", 2),
        ("u1", "@小红-2", 1),
        ("u3", "@u3", 1),
        ("u3", "@老王_1", 1),
    ]


def test_names_that_are_known_are_accounts_and_nobody_names_himself() -> None:
    names = pa.table({"name": ["小明", "u3", "小明", None], "actor": ["u2", "u3", "u9", "u8"]})
    assert list_arcs(find_mentions(pa.table(TEXTS), names)) == [
        ("u1", "@小红-2", 1),
        ("u1", "u2", 2),
        ("u3", "@老王_1", 1),
    ]


def test_influence_flows_from_who_is_named_and_grows_with_mentions() -> None:
    graph = build_mention_graph(pa.table(TEXTS), chance=0.1)
    place = {name: number for number, name in enumerate(graph.ids.to_pylist())}
    row = slice(*graph.in_starts[place["u1"] : place["u1"] + 2])
    assert [graph.ids[node].as_py() for node in graph.in_tails[row].tolist()] == ["@小明", "@小红-2"]
    assert graph.chances[row].tolist() == pytest.approx([0.19, 0.1])
    assert len(build_mention_graph(pa.table(TEXTS)).chances) == 0


def test_pairs_that_cannot_be_are_refused() -> None:
    pairs = pa.table({"src": ["a", "b"], "dst": ["b", "c"], "weight": [1, 0]})
    with pytest.raises(BadInput, match="row 2: weight is below 1"):
        build_mention_graph(pairs, chance=0.1)
    with pytest.raises(BadInput, match="chance 1 cannot be used"):
        build_mention_graph(pairs, chance=1.0)
    with pytest.raises(BadInput, match="column dst is missing"):
        build_mention_graph(pairs.drop_columns(["dst"]))


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "nodes", "arcs"), [("higgs_mention", 116_408, 145_465), ("higgs_reply", 38_918, 32_180)]
)
def test_the_public_mentions_open_as_a_graph(
    shared_data: Path, tmp_path: Path, name: str, nodes: int, arcs: int
) -> None:
    table = pq.read_table(shared_data / "graphs" / f"{name}.parquet")
    graph = build_mention_graph(table, chance=0.05)
    assert (graph.nodes, graph.arcs, graph.repeated) == (nodes, arcs, 0)
    assert graph.arcs + graph.self_arcs == len(table)
    src, dst = (table[column].to_numpy() for column in ("src", "dst"))
    named, counts = np.unique(dst[src != dst], return_counts=True)
    most = graph.find_nodes(pa.array([int(named[counts.argmax()])]))[0]
    assert int(np.diff(graph.out_starts)[most]) == counts.max() == np.diff(graph.out_starts).max()
    save_graph(graph, tmp_path / "g")
    opened = open_graph(tmp_path / "g")
    assert select(opened, 1, "ic", seed=1).seeds.to_pylist() == select(graph, 1, "ic", seed=1).seeds.to_pylist()
