"""Audiences in a follower graph: exact overlap and reach where the arcs are held, sketches where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.graphs import count_audiences, count_shared
from canyu.spread.reach.accounts import ACCOUNT_SCHEMA, Basis, Reach
from canyu.spread.reach.overlap import OVERLAP_SCHEMA, Row, tabulate_overlaps
from canyu.spread.reach.sketches import AudienceSketch, sketch_audience

Account = int | str


def list_audience(graph: Graph, account: Account) -> pa.Array:
    """Return the ids of who follows an account, those that its arcs lead to; raises NotFound for no node."""
    node = int(_find(graph, [account])[0])
    return graph.ids.take(pa.array(graph.out_heads[graph.out_starts[node] : graph.out_starts[node + 1]]))


def count_graph_overlaps(graph: Graph, accounts: Sequence[Account]) -> pa.Table:
    """Return the exact overlap of each pair of accounts, OVERLAP_SCHEMA, from the arcs of a follower graph.

    An arc goes from the account to who follows it. Takes the sum over people of the square of how many of the
    accounts each follows. Raises NotFound for an account that is no node, BadInput for one that is named twice.
    """
    nodes = _find(graph, accounts)
    shared = count_shared(nodes, graph.in_starts, graph.in_tails)
    names = [str(account) for account in accounts]
    rows: list[Row] = []
    for a, b in combinations(range(len(nodes)), 2):
        both, either = float(shared[a, b]), float(shared[a, a] + shared[b, b] - shared[a, b])
        ends = (both / max(either, 1.0),) * 3, (both,) * 3
        rows.append((names[a], names[b], *ends, float(shared[a, a]), float(shared[b, b]), "exact"))
    return tabulate_overlaps(rows)


def compare_audiences(accounts: Sequence[Account], graph: Graph, sketches: Mapping[str, AudienceSketch]) -> pa.Table:
    """Return the overlap of each pair, OVERLAP_SCHEMA: exact where the graph holds both, else from sketches.

    An account that is no node of the graph must have a sketch, of ids as the graph's are; who is a node is sketched
    from its arcs. Rows are in the order of the accounts. Raises NotFound for one that has neither.
    """
    known = graph.find_nodes(pa.array(list(accounts), graph.ids.type)) >= 0
    held = [account for account, is_node in zip(accounts, known.tolist(), strict=True) if is_node]
    exact = {(row["account_a"], row["account_b"]): row for row in count_graph_overlaps(graph, held).to_pylist()}
    drawn: dict[str, AudienceSketch] = {}
    for account, is_node in zip(accounts, known.tolist(), strict=True):
        if not is_node and str(account) not in sketches:
            raise _tell_missing(account)
        if not known.all():
            name = str(account)
            drawn[name] = sketch_audience(list_audience(graph, account)) if is_node else sketches[name]
    found = []
    for a, b in combinations([str(account) for account in accounts], 2):
        if (a, b) in exact:
            found.append(exact[a, b])
            continue
        first, second = drawn[a], drawn[b]
        basis = "exact" if first.is_exact and second.is_exact else "sketch"
        ends = first.compute_jaccard(second), first.compute_shared(second)
        row: Row = (a, b, *ends, first.people[0], second.people[0], basis)
        found += tabulate_overlaps([row]).to_pylist()
    return pa.Table.from_pylist(found, schema=OVERLAP_SCHEMA)


def count_graph_reach(graph: Graph, accounts: Sequence[Account]) -> Reach:
    """Return the exact unique followers of accounts together, and what each adds to those before it.

    Raises NotFound for an account that is no node, BadInput for one that is named twice.
    """
    nodes = _find(graph, accounts)
    sizes = (graph.out_starts[nodes + 1] - graph.out_starts[nodes]).astype(np.float64)
    adds = count_audiences(nodes, graph.out_starts, graph.out_heads, graph.nodes).astype(np.float64)
    table = pa.table([[str(account) for account in accounts], sizes, adds], schema=ACCOUNT_SCHEMA)
    unique = float(adds.sum())
    return Reach(unique, unique, unique, Basis.EXACT, float(sizes.sum()), table)


def _find(graph: Graph, accounts: Sequence[Account]) -> NDArray[np.int64]:
    nodes = graph.find_nodes(pa.array(list(accounts), graph.ids.type))
    if (nodes < 0).any():
        raise _tell_missing(accounts[int(np.argmax(nodes < 0))])
    if len(np.unique(nodes)) < len(nodes):
        _, first = np.unique(nodes, return_index=True)
        again = accounts[int(np.setdiff1d(np.arange(len(nodes)), first)[0])]
        raise BadInput(
            Words(f"账号 {again} 写了两次。", f"account {again} is named twice."),
            mend=Words("每个账号写一次。", "Name each account once."),
        )
    return nodes


def _tell_missing(account: Account) -> NotFound:
    return NotFound(
        Words(f"图里没有账号 {account}，也没有它的受众草图。", f"account {account} is no node and has no sketch."),
        mend=Words("请检查编号，或给出它的受众草图。", "Check its id, or give the sketch of its audience."),
    )
