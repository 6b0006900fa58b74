from __future__ import annotations

from canyu.spread.graphs import build_graph
from canyu.spread.influence import fit_influence, read_cascades
from planted_cascades import ARCS, simulate_cascades


def test_fitted_arcs_open_as_a_graph_with_their_probabilities() -> None:
    table = fit_influence(read_cascades(simulate_cascades(300, seed=1)), ARCS).table
    graph = build_graph(table, "source", "target", probability="probability")
    assert graph.arcs == sum(chance > 0 for chance in table["probability"].to_pylist())
    assert sorted(graph.chances.tolist()) == sorted(table["probability"].cast("float32").to_pylist())
