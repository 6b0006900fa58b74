"""Seeds within a budget: prices, quotas, accounts that must or must never be in, and what each person is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import choose_within
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.options import Options
from canyu.spread.selection.rounds import Choice, Chooser, Rounds, Selection
from canyu.spread.selection.sampling import ReverseSampler
from canyu.spread.selection.seeds import make_empty, read_task

UNLIMITED = 1 << 40


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice of accounts must keep to.

    ``budget``: in the minor unit that costs are in. ``quotas``: how many at most, by column and value, as
    ``{"platform": {"weibo": 10}}``. ``must``, ``never``: ids.
    """

    budget: int
    quotas: dict[str, dict[str, int]] = field(default_factory=dict)
    must: tuple[str | int, ...] = ()
    never: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    """The same by node number; see ``choose_within``."""

    costs: NDArray[np.int64]
    labels: NDArray[np.int32]
    caps: NDArray[np.int64]
    must: NDArray[np.int32]


def select_within(
    graph: Graph, accounts: pa.Table, limits: Limits, model: str = "wc", **options: Unpack[SeededOptions]
) -> Selection:
    """Choose accounts that reach as much as can be within a budget, and prove how good the choice is at least.

    ``accounts``: who can be had: ``id`` (nodes of the graph), ``cost`` (integers in minor units), and the columns that
    quotas name. ``options``: those of ``select``, and ``seed``, and ``values``: what reaching each node is
    worth, float64, (nodes,), 1 each by default; spreads are then sums of values. Sampling ends when more of it would
    not help; with prices no sample may ever prove a given ratio. ``ratio`` is against the best choice
    within the same budget, must and never; quotas only make that best smaller, so it holds for them too. Raises
    BadInput where an account is unknown or stands twice, a cost is no amount, nothing is within the budget, or what is
    asked cannot be had together: it says what.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["a"] * 5 + ["b"] * 3, "dst": ["c", "d", "e", "f", "g", "h", "i", "j"]})
    >>> accounts = pa.table({"id": ["a", "b"], "cost": [900, 300]})
    >>> select_within(build_graph(arcs, "src", "dst"), accounts, Limits(1000)).seeds.to_pylist()
    ['a']
    """
    choice_options = Options(**{name: value for name, value in options.items() if name in Options.__annotations__})  # type: ignore[typeddict-item]  # filtered by name
    task = read_task(graph.nodes, 0.1, options.get("seed", 7), choice_options)
    values = _read_values(graph, options.get("values"))
    arcs = read_arcs(graph, model, options.get("probability"))
    choose = make_chooser(graph, accounts, limits)
    if not len(accounts) or not graph.nodes:
        return make_empty(graph, task)
    sampler = ReverseSampler(graph, arcs, values, task.seed, task.workers)
    return Rounds(graph, sampler, task, choose).run({}, must_prove=False)


def make_chooser(graph: Graph, accounts: pa.Table, limits: Limits) -> Chooser:
    """Return what chooses accounts within ``limits`` on sets of any kind; raises BadInput as ``select_within`` does."""
    asked = _read_limits(graph, accounts, limits)

    def choose(members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
        parts = (members, begins, asked.costs, limits.budget, asked.labels, asked.caps, asked.must)
        found = [choose_within(*parts, by_cost) for by_cost in (True, False)]
        found.sort(key=lambda one: -int(one[1].sum()))
        most = int(np.ceil(min(one[2] for one in found)))
        return Choice(found[0][0], found[0][1], most, others=(found[1][0],))

    return choose


class SeededOptions(Options, total=False):
    """``Options``, and what ``select`` takes by place."""

    seed: int
    values: NDArray[np.float64]


def _read_values(graph: Graph, values: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if values is None:
        return np.zeros(0)
    if len(values) != graph.nodes or not np.all(np.isfinite(values) & (values >= 0.0)) or values.sum() <= 0.0:
        raise BadInput(
            Words(
                "values 要给每个节点一个不小于 0 的数，且不全为 0。", "values must be one number from 0 up per node."
            ),
            mend=Words(f"共 {graph.nodes:,} 个节点。", f"There are {graph.nodes:,} nodes, not all worth 0."),
        )
    return values.astype(np.float64)


def _read_limits(graph: Graph, accounts: pa.Table, limits: Limits) -> _Task:
    ids = get_column(accounts, "id")
    numbers = graph.find_nodes(ids)
    costs = read_costs(accounts)
    if (numbers < 0).any():
        row = int(np.flatnonzero(numbers < 0)[0])
        raise BadInput(
            Words(
                f"第 {row + 1} 行：图里没有账号 {ids[row]}。", f"row {row + 1}: the graph has no account {ids[row]}."
            ),
            mend=Words("请检查编号，或去掉这一行。", "Check the id, or leave the row out."),
        )
    if len(np.unique(numbers)) < len(numbers):
        twice = ids[int(np.flatnonzero(np.bincount(numbers)[numbers] > 1)[1])]
        raise BadInput(
            Words(f"账号 {twice} 出现了两次。", f"the account {twice} stands twice."),
            mend=Words("每个账号一行、一个价格。", "Give each account one row and one price."),
        )
    whole = np.full(graph.nodes, -1, np.int64)
    whole[numbers] = costs
    never = graph.find_nodes(pa.array(list(limits.never), graph.ids.type))
    whole[never[never >= 0]] = -1
    must = graph.find_nodes(pa.array(list(limits.must), graph.ids.type))
    for name, number in zip(limits.must, must.tolist(), strict=True):
        if number < 0 or whole[number] < 0:
            raise BadInput(
                Words(f"必选账号 {name} 不在可选之列。", f"the account {name} must be in, but cannot be had."),
                mend=Words("请给它一个价格，并且不要同时列为不选。", "Give it a price, and do not name it as never."),
            )
    labels, caps = _read_quotas(graph.nodes, accounts, numbers, limits)
    _check_together(graph, limits, _Task(whole, labels, caps, must.astype(np.int32)))
    return _Task(whole, labels, caps, must.astype(np.int32))


def read_costs(accounts: pa.Table) -> NDArray[np.int64]:
    """Return what each account costs; raises BadInput where one is no amount."""
    column = get_column(accounts, "cost")
    is_amount = pc.fill_null(pc.greater_equal(column, 0), False) if pa.types.is_integer(column.type) else None
    if is_amount is None or not pc.all(is_amount, min_count=0).as_py():
        row = 1 if is_amount is None else pc.index(is_amount, False).as_py() + 1
        raise BadInput(
            Words(f"第 {row} 行的 cost 不是金额。", f"row {row}: cost is no amount."),
            mend=Words("金额用最小单位（如分）的整数。", "Write amounts as integers of the minor unit, such as fen."),
        )
    costs: NDArray[np.int64] = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return costs


def _read_quotas(
    nodes: int, accounts: pa.Table, numbers: NDArray[np.int64], limits: Limits
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return each node's value per limited column, 0 for any without a quota, and how many of each value."""
    widest = max((len(quota) for quota in limits.quotas.values()), default=0) + 1
    labels = np.zeros((len(limits.quotas), nodes), np.int32)
    caps = np.full((len(limits.quotas), widest), UNLIMITED, np.int64)
    for place, (name, quota) in enumerate(limits.quotas.items()):
        known = pa.array(list(quota), pa.string())
        found = pc.fill_null(pc.index_in(get_column(accounts, name).cast(pa.string()), known), -1).to_numpy(False)
        labels[place, numbers] = found + 1
        caps[place, 1 : len(quota) + 1] = list(quota.values())
    return labels, caps


def _check_together(graph: Graph, limits: Limits, task: _Task) -> None:
    """Raise BadInput where what must be in costs more than there is, or breaks a quota, or nothing can be paid."""
    spent = int(task.costs[task.must].sum())
    if spent > limits.budget:
        raise BadInput(
            Words(
                f"必选账号共 {spent:,}，超过预算 {limits.budget:,}。",
                f"the accounts that must be in cost {spent:,}, more than the budget of {limits.budget:,}.",
            ),
            mend=Words("请提高预算，或减少必选账号。", "Raise the budget, or ask for fewer."),
        )
    for place, (name, quota) in enumerate(limits.quotas.items()):
        counts = np.bincount(task.labels[place, task.must], minlength=task.caps.shape[1])
        for number, (value, cap) in enumerate(quota.items(), 1):
            if counts[number] > cap:
                raise BadInput(
                    Words(
                        f"{name} 为“{value}”的必选账号有 {counts[number]} 个，配额只有 {cap}。",
                        f"{counts[number]} accounts that must be in have {name} {value}, but the quota is {cap}.",
                    ),
                    mend=Words("请放宽配额，或减少必选账号。", "Raise the quota, or ask for fewer."),
                )
    prices = task.costs[task.costs >= 0]
    if len(prices) and prices.min() > limits.budget:
        cheapest = graph.ids[int(np.flatnonzero(task.costs == prices.min())[0])]
        raise BadInput(
            Words(
                f"预算 {limits.budget:,} 低于最便宜的账号 {cheapest}（{prices.min():,}）。",
                f"the budget of {limits.budget:,} is below the cheapest account, {cheapest} at {prices.min():,}.",
            ),
            mend=Words("请提高预算，或加入更便宜的账号。", "Raise the budget, or add cheaper accounts."),
        )


def get_column(accounts: pa.Table, name: str) -> pa.Array:
    """Return one column of the table of accounts; raises BadInput where it lacks it."""
    if name not in accounts.column_names:
        raise BadInput(
            Words(f"账号表里没有列“{name}”。", f"the table of accounts has no column {name}."),
            mend=Words("请加上这一列。", "Add it."),
        )
    return accounts[name].combine_chunks()
