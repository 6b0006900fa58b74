"""Why an account is in a choice: what it reaches alone, what only it reaches, and who would replace it."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import Rules, count_overlaps, weigh_seeds
from canyu.spread.selection.accounts import get_column, read_costs
from canyu.spread.selection.budgets import Limits, read_limits
from canyu.spread.selection.conditions import make_sampler
from canyu.spread.selection.models import find_numbers
from canyu.spread.selection.options import ExplainOptions
from canyu.spread.selection.rounds import Z95
from canyu.spread.selection.sampling import Sampler
from canyu.spread.selection.spark import share

SAMPLES = 100_000
STREAM = 1 << 20  # beyond the streams that rounds are judged on


def explain(
    graph: Graph, seeds: pa.Array, accounts: pa.Table, model: str = "wc", **options: Unpack[ExplainOptions]
) -> pa.Table:
    """Return one row per seed, in order, from reverse-reachable sets drawn for this alone.

    ``accounts``: who could be had, the seeds among them, as ``select_within`` takes them. ``options``: as given there
    (deadline, values and fatigue count here too), ``samples`` (100,000 by default), and ``limits``, whose quotas and
    ``never`` a replacement keeps to.
    Columns: ``id``, ``cost``; ``alone``: nodes it reaches alone; ``unique``, ``unique_low``, ``unique_high``: nodes
    that are not reached without it, with the 95 % interval; ``shared``: the share of ``alone`` that others of the
    choice reach too; ``closest``: which one of them reaches most of it, and ``overlap``: how large a share;
    ``cost_alone``, ``cost_unique``: cost per node, null for none; ``replacement``: the account no dearer than it that
    makes up most for leaving it out, null where there is none, and ``change``: by how many nodes the spread then
    changes. All are sums of values where values were given. Raises BadInput where an id is no node or stands twice
    among the seeds, a seed is no account, or a cost is no amount.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["a"] * 4 + ["b"] * 3, "dst": ["c", "d", "e", "f", "d", "e", "f"]})
    >>> graph = build_graph(arcs, "src", "dst")
    >>> accounts = pa.table({"id": ["a", "b"], "cost": [5, 5]})
    >>> explain(graph, pa.array(["a"]), accounts, "uniform", probability=1.0)["replacement"].to_pylist()
    ['b']
    """
    numbers = find_seeds(graph, seeds, accounts)
    rules, _ = read_limits(graph, accounts, options.get("limits") or Limits(0))
    rules.costs[numbers] = _read_prices(graph, accounts)[numbers]
    sampler = make_sampler(graph, accounts, model, options)
    with share(sampler, options.get("spark")) as shared:
        return weigh(graph, shared, numbers, rules, options.get("samples", SAMPLES))


def find_seeds(graph: Graph, seeds: pa.Array, accounts: pa.Table) -> NDArray[np.int32]:
    """Return the seeds' nodes; raises BadInput where one is none, stands twice or is no account."""
    numbers = find_numbers(graph, seeds)
    if len(np.unique(numbers)) < len(numbers):
        raise BadInput(
            Words("同一个账号出现了两次。", "an account stands twice among the seeds."),
            mend=Words("每个账号只列一次。", "Name each once."),
        )
    missing = np.flatnonzero(_read_prices(graph, accounts)[numbers] < 0)
    if len(missing):
        name = seeds[int(missing[0])].as_py()
        raise BadInput(
            Words(f"账号表里没有 {name}。", f"the table of accounts has no {name}."),
            mend=Words("请加上它和它的价格。", "Add it with its price."),
        )
    return numbers


def weigh(graph: Graph, sampler: Sampler, numbers: NDArray[np.int32], rules: Rules, samples: int) -> pa.Table:
    """Return one row per seed as ``explain`` does; ``rules``: prices and quotas of those who may replace."""
    parts = list(sampler.draw(STREAM, 0, samples))
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(begins) for _, begins in parts)])
    members, begins = np.concatenate([part for part, _ in parts]), np.cumsum(sizes)
    alone, unique, best, most = weigh_seeds(members, begins, numbers, rules)
    closest, overlap = count_overlaps(members, begins, numbers, graph.nodes)
    share, scale, costs = unique / samples, sampler.worth, rules.costs[numbers]
    error = Z95 * np.sqrt(share * (1.0 - share) / samples)
    found = np.maximum(alone, 1)
    ids = graph.ids.take(pa.array(numbers))
    return pa.table(
        {
            "id": ids,
            "cost": costs,
            "alone": alone * (scale / samples),
            "unique": share * scale,
            "unique_low": np.maximum(share - error, 0.0) * scale,
            "unique_high": (share + error) * scale,
            "shared": np.where(alone > 0, 1.0 - unique / found, 0.0),
            "closest": ids.take(pa.array(closest, mask=closest < 0)),
            "overlap": np.where(alone > 0, overlap / found, 0.0),
            "cost_alone": pa.array(costs / (found * (scale / samples)), mask=alone == 0),
            "cost_unique": pa.array(costs / (np.maximum(unique, 1) * (scale / samples)), mask=unique == 0),
            "replacement": graph.ids.take(pa.array(best, mask=best < 0)),
            "change": (most - unique) * (scale / samples),
        }
    )


def _read_prices(graph: Graph, accounts: pa.Table) -> NDArray[np.int64]:
    costs = np.full(graph.nodes, -1, np.int64)
    costs[find_numbers(graph, get_column(accounts, "id"))] = read_costs(accounts)
    return costs
