"""Repost cascades: all of CED rebuilt and measured on one core, beside networkx on a sample of its posts.

The peer starts from the same Arrow table without repeats, and does less: it reads no names and looks for nothing odd.
It builds the trees and measures shape, half-life and what each account carried, as a careful user of networkx would
write it, in linear time; the mean distance once more with the library's own function, which walks all pairs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from canyu.measure.intervals import compute_share_interval
from canyu.spread.cascades import REPOST_SCHEMA, Cascades, Measures, build_cascades, measure_agreement, measure_cascades

SHARED = Path(os.environ.get("CANYU_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
RUNS = 5
KEYS = ("root", "id", "parent", "author", "time")
EVERY = 10  # the peer measures every tenth post
EVERY_WIENER = 100  # and its own Wiener index, which walks all pairs, every hundredth


def load_reposts() -> pa.Table:
    """Return the posts and reposts of the public set as a table of reposts."""
    posts = pq.read_table(SHARED / "ced_rumour_cascades" / "posts.parquet")
    reposts = pq.read_table(SHARED / "ced_rumour_cascades" / "reposts.parquet")
    of_post = posts["mid"].take(pc.index_in(reposts["post_id"], posts["post_id"]))
    no_text, no_name = pa.nulls(len(posts), pa.string()), pa.nulls(len(reposts), pa.string())
    above = [posts["mid"], posts["mid"], no_text, posts["user_key"], no_text, no_text, posts["time"]]
    below = [of_post, reposts["mid"], reposts["parent_mid"], reposts["user_key"], no_name]
    tables = [above, [*below, reposts["text"], reposts["time"]]]
    return pa.concat_tables([pa.table(columns, names=REPOST_SCHEMA.names).cast(REPOST_SCHEMA) for columns in tables])


def run_own(table: pa.Table) -> tuple[Cascades, Measures, dict[str, float]]:
    begin = time.process_time()
    found = build_cascades(table)
    built = time.process_time()
    measures = measure_cascades(found)
    measured = time.process_time()
    found.make_edges()
    return (
        found,
        measures,
        {"build": built - begin, "measure": measured - built, "edges": time.process_time() - measured},
    )


def choose_posts(edges: pa.Table, roots: list[str]) -> pa.Table:
    return edges.filter(pc.is_in(edges["root"], pa.array(roots)))


def run_peer(table: pa.Table) -> tuple[dict[str, tuple[int, int, int, float]], float]:
    """Return size, depth, width and mean distance per post, and the CPU seconds of networkx from the same table.

    A repost hangs on its stated parent or on its post; names are not read, and repeats were dropped before.
    """
    import networkx

    begin = time.process_time()
    graphs: dict[str, networkx.DiGraph] = {}
    times: dict[str, list[datetime]] = {}
    for root, name, above, author, moment in zip(*(table[key].to_pylist() for key in KEYS), strict=True):
        graph = graphs.setdefault(root, networkx.DiGraph())
        graph.add_node(name, author=author)
        graph.add_edge(above or root, name)
        if moment:
            times.setdefault(root, []).append(moment)
    found, half_lives, carried = {}, {}, Counter[tuple[str, str]]()
    for root, graph in graphs.items():
        depths = networkx.single_source_shortest_path_length(graph, root)
        sizes = dict.fromkeys(graph, 1)
        for name in networkx.dfs_postorder_nodes(graph, root):
            for above in graph.predecessors(name):
                sizes[above] += sizes[name]
        nodes = len(graph)
        crossed = sum(sizes[name] * (nodes - sizes[name]) for name in graph if name != root)
        mean = crossed / (nodes * (nodes - 1) / 2) if nodes > 1 else float("nan")
        found[root] = (nodes, max(depths.values()), max(Counter(depths.values()).values()), mean)
        for name, author in graph.nodes(data="author"):
            carried[root, author] += sizes[name] - 1
        if root in times:
            half_lives[root] = sorted(times[root])[(len(times[root]) - 1) // 2]
    return found, time.process_time() - begin


def run_wiener(edges: pa.Table, roots: list[str]) -> tuple[dict[str, float], int, float]:
    """Return the mean distance per post by networkx.wiener_index, the reposts, and the CPU seconds."""
    import networkx

    part = choose_posts(edges, roots)
    graphs = {root: networkx.Graph() for root in roots}
    begin = time.process_time()
    for root, name, above in zip(*(part[key].to_pylist() for key in ("root", "id", "parent")), strict=True):
        graphs[root].add_edge(above, name)
    found = {}
    for root, graph in graphs.items():
        pairs = len(graph) * (len(graph) - 1) / 2
        found[root] = networkx.wiener_index(graph) / pairs if pairs else float("nan")
    return found, len(part), time.process_time() - begin


def count_differences(own: pa.Table, peer: dict[str, tuple[int, int, int, float]], wiener: dict[str, float]) -> int:
    """Return how many posts of the peer's sample have another depth, width or mean distance with us."""
    rows = {row["root"]: row for row in own.to_pylist()}
    differing = 0
    for root, (nodes, depth, width, mean) in peer.items():
        row = rows[root]
        differing += (row["size"], row["depth"], row["width"]) != (nodes, depth, width) or abs(
            row["structural_virality"] - mean
        ) > 1e-9
    return differing + sum(abs(rows[root]["structural_virality"] - mean) > 1e-9 for root, mean in wiener.items())


def describe_agreement(table: pa.Table) -> list[dict[str, object]]:
    """Return per way of guessing how often it agrees with the parent that was hidden, with Wilson's interval."""
    lines = []
    for row in measure_agreement(table).to_pylist():
        low, high = compute_share_interval(row["right"], row["judged"])
        lines.append(
            row | {"share": round(row["right"] / row["judged"], 3), "low": round(low, 3), "high": round(high, 3)}
        )
    return lines


def main() -> None:
    table = load_reposts()
    run_own(table)  # compiles
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    phases = []
    for _ in range(RUNS):
        found, measures, spent = run_own(table)
        phases.append(spent)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    middle = sorted(phases, key=lambda spent: sum(spent.values()))[RUNS // 2]
    seconds = sum(middle.values())
    per_repost = seconds / found.report.reposts
    plain = build_cascades(table.drop_columns(["text"]))  # the peer reads no names
    edges = plain.make_edges()
    roots = [row["root"] for row in measures.cascades.to_pylist() if row["reposts"]]
    peer, busy = run_peer(choose_posts(edges, roots[::EVERY]))
    reposts = sum(nodes for nodes, *_ in peer.values()) - len(peer)
    wiener, wiener_reposts, wiener_busy = run_wiener(edges, roots[::EVERY_WIENER])
    line = {
        "benchmark": "cascades",
        "reposts": found.report.reposts,
        "cascades": found.report.cascades,
        "cpu_s": round(seconds, 2),
        "phases": {name: round(value, 2) for name, value in middle.items()},
        "own_us_per_repost": round(per_repost * 1e6, 2),
        "networkx_us_per_repost": round(busy / reposts * 1e6, 2),
        "networkx_wiener_us_per_repost": round(wiener_busy / wiener_reposts * 1e6, 2),
        "times": round(busy / reposts / per_repost, 1),
        "times_wiener": round(wiener_busy / wiener_reposts / per_repost, 1),
        "posts_that_differ": count_differences(measure_cascades(plain).cascades, peer, wiener),
        "peak_mb": round(peak / 1024),
        "peak_before_mb": round(before / 1024),
        "by_how": {str(way): count for way, count in found.report.by_how.items()},
        "agreement": describe_agreement(table),
    }
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
