"""Cascades played forward a second, against cynetdiff (Cython) and ndlib (Python), from the 50 largest accounts."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from canyu.spread.graphs import Graph, build_graph
from canyu.spread.selection import simulate

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data")) / "graphs"
GRAPHS = {"NetHEPT": "nethept.parquet", "Epinions": "soc_epinions1_undirected.parquet"}
SEEDS = 50
TRIES = 5


def load(name: str) -> Graph:
    return build_graph(pq.read_table(SHARED / GRAPHS[name]), "src", "dst", is_undirected=True)


def find_largest(graph: Graph, k: int) -> pa.Array:
    return graph.ids.take(pa.array(np.argsort(-np.diff(graph.out_starts), kind="stable")[:k]))


def time_ours(graph: Graph, seeds: pa.Array, runs: int) -> tuple[float, float]:
    """Return cascades a CPU second, and how many nodes one reaches."""
    simulate(graph, seeds, runs=10)
    began = time.process_time()
    found = simulate(graph, seeds, runs=runs)
    return runs / (time.process_time() - began), found.mean


def time_cynetdiff(graph: Graph, seeds: pa.Array, runs: int) -> tuple[float, float]:
    from cynetdiff.models import IndependentCascadeModel

    starts = graph.out_starts[:-1].astype(np.uint32)
    chances = (1.0 / np.maximum(np.diff(graph.in_starts), 1)).astype(np.float32)[graph.out_heads]
    model = IndependentCascadeModel(starts, graph.out_heads.astype(np.uint32), activation_probs=chances)
    model.set_seeds(graph.find_nodes(seeds).tolist())
    model.set_rng(7)
    total = 0
    began = time.process_time()
    for _ in range(runs):
        model.reset_model()
        model.advance_until_completion()
        total += model.get_num_activated_nodes()
    return runs / (time.process_time() - began), total / runs


def time_ndlib(graph: Graph, seeds: pa.Array, runs: int) -> tuple[float, float]:
    import ndlib.models.epidemics as epidemics
    import ndlib.models.ModelConfig as config
    import networkx

    net = networkx.DiGraph()
    net.add_nodes_from(range(graph.nodes))
    tails = np.repeat(np.arange(graph.nodes), np.diff(graph.out_starts))
    arcs = list(zip(tails.tolist(), graph.out_heads.tolist(), strict=True))
    net.add_edges_from(arcs)
    degrees = np.maximum(np.diff(graph.in_starts), 1)
    total, cpu = 0, 0.0
    for _ in range(runs):
        model = epidemics.IndependentCascadesModel(net)
        settings = config.Configuration()
        settings.add_model_initial_configuration("Infected", graph.find_nodes(seeds).tolist())
        for arc in arcs:
            settings.add_edge_configuration("threshold", arc, 1.0 / float(degrees[arc[1]]))
        model.set_initial_status(settings)
        began = time.process_time()
        while True:
            step = model.iteration(node_status=False)
            if step["node_count"].get(1, 0) == 0:
                break
        cpu += time.process_time() - began
        total += step["node_count"][2]
    return runs / cpu, total / runs


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--runs", type=int, default=20_000)
    given = reader.parse_args()
    for name, share in (("NetHEPT", 1.0), ("Epinions", 0.05)):
        graph = load(name)
        seeds = find_largest(graph, SEEDS)
        runs = int(given.runs * share)
        tries = [  # by turns: whatever else runs on the machine slows both
            (time_ours(graph, seeds, runs), time_cynetdiff(graph, seeds, max(runs // 4, 1))) for _ in range(TRIES)
        ]
        ratio = float(np.median([mine[0] / other[0] for mine, other in tries]))
        ours, theirs = (float(np.median([one[side][0] for one in tries])) for side in (0, 1))
        reached, they_reach = tries[0][0][1], tries[0][1][1]
        line: dict[str, Any] = {
            "name": "simulate",
            "setting": f"{name}, weighted cascade, {SEEDS} largest accounts",
            "value": round(ours),
            "unit": "cascades a CPU second of one core",
            "peer": round(theirs),
            "peer_name": "cynetdiff",
            "ratio": round(ratio, 1),
            "reached": [round(reached, 1), round(they_reach, 1)],
        }
        if name == "NetHEPT":
            slow, they_reach = time_ndlib(graph, seeds, 3)
            line |= {"second_peer": round(slow, 1), "second_peer_name": "ndlib", "second_ratio": round(ours / slow)}
            line["reached"].append(round(they_reach, 1))
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
