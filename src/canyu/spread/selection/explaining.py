"""Why an account is in a choice: what it reaches alone, what only it reaches, and who would replace it."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pyarrow as pa

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import weigh_seeds
from canyu.spread.selection.accounts import get_column, read_costs
from canyu.spread.selection.models import find_numbers, read_arcs
from canyu.spread.selection.options import Options
from canyu.spread.selection.rounds import Z95
from canyu.spread.selection.sampling import ReverseSampler

SAMPLES = 100_000
STREAM = 1 << 20  # beyond the streams that rounds are judged on


def explain(
    graph: Graph, seeds: pa.Array, accounts: pa.Table, model: str = "wc", seed: int = 7, **options: Unpack[Options]
) -> pa.Table:
    """Return one row per seed, in order, from reverse-reachable sets drawn for this alone.

    ``accounts``: who could be had: ``id`` and ``cost``, the seeds among them. Of ``options``, ``probability`` and
    ``samples`` (100,000) count.
    Columns: ``id``; ``alone``: nodes it reaches alone; ``unique``, ``unique_low``, ``unique_high``: nodes that are not
    reached without it, with the 95 % interval; ``shared``: the share of ``alone`` that others of the choice reach too;
    ``replacement``: the account no dearer than it that makes up most for leaving it out, null where there is none, and
    ``change``: by how many nodes the spread then changes. Raises BadInput where an id is no node or stands twice among
    the seeds, a seed is no account, or a cost is no amount.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["a"] * 4 + ["b"] * 3, "dst": ["c", "d", "e", "f", "d", "e", "f"]})
    >>> graph = build_graph(arcs, "src", "dst")
    >>> accounts = pa.table({"id": ["a", "b"], "cost": [5, 5]})
    >>> explain(graph, pa.array(["a"]), accounts, "uniform", probability=1.0)["replacement"].to_pylist()
    ['b']
    """
    numbers, others = find_numbers(graph, seeds), find_numbers(graph, get_column(accounts, "id"))
    if len(np.unique(numbers)) < len(numbers):
        raise BadInput(
            Words("同一个账号出现了两次。", "an account stands twice among the seeds."),
            mend=Words("每个账号只列一次。", "Name each once."),
        )
    samples = options.get("samples", SAMPLES)
    costs = np.full(graph.nodes, -1, np.int64)
    costs[others] = read_costs(accounts)
    if (costs[numbers] < 0).any():
        missing = seeds[int(np.flatnonzero(costs[numbers] < 0)[0])].as_py()
        raise BadInput(
            Words(f"账号表里没有 {missing}。", f"the table of accounts has no {missing}."),
            mend=Words("请加上它和它的价格。", "Add it with its price."),
        )
    arcs = read_arcs(graph, model, options.get("probability"))
    members, begins = ReverseSampler(graph, arcs, np.zeros(0), seed).draw_part(STREAM, 0, samples)
    alone, unique, best, most = weigh_seeds(members, begins, numbers, costs)
    share = unique / samples
    error = Z95 * np.sqrt(share * (1.0 - share) / samples)
    scale = graph.nodes
    return pa.table(
        {
            "id": seeds,
            "alone": alone * (scale / samples),
            "unique": share * scale,
            "unique_low": np.maximum(share - error, 0.0) * scale,
            "unique_high": (share + error) * scale,
            "shared": np.where(alone > 0, 1.0 - unique / np.maximum(alone, 1), 0.0),
            "replacement": graph.ids.take(pa.array(best, mask=best < 0)),
            "change": (most - unique) * (scale / samples),
        }
    )
