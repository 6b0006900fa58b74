"""Seeds within a budget: prices, quotas, accounts that must or must never be in, and what each person is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import Rules, choose_within
from canyu.spread.selection.accounts import find_accounts, read_costs
from canyu.spread.selection.conditions import make_sampler
from canyu.spread.selection.models import read_arcs
from canyu.spread.selection.options import Options, PlanOptions
from canyu.spread.selection.quotas import Numbers, Quotas, count_labels, fill_by_gain, fill_floors, read_quotas
from canyu.spread.selection.rounds import Choice, Chooser, Rounds, Selection, Task
from canyu.spread.selection.seeds import make_empty, read_task
from canyu.spread.selection.spark import share


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice of accounts must keep to.

    ``budget``: in the minor unit that costs are in. ``quotas``: how many at most, by column and value, as
    ``{"platform": {"weibo": 10}}``, and ``least``: how many at least. ``must``, ``never``: ids.
    """

    budget: int
    quotas: Numbers = field(default_factory=dict)
    must: tuple[str | int, ...] = ()
    never: tuple[str | int, ...] = ()
    least: Numbers = field(default_factory=dict)


def select_within(
    graph: Graph, accounts: pa.Table, limits: Limits, model: str = "wc", **options: Unpack[PlanOptions]
) -> Selection:
    """Choose accounts that reach as much as can be within a budget, and prove how good the choice is at least.

    ``accounts``: who can be had: ``id`` (nodes of the graph), ``cost`` (integers in minor units), the columns that
    quotas name, and those of ``PlanOptions``: ``start_h``, before which an account cannot post, ``last_used_h`` and
    ``uses``. ``options``: those of ``select``, and ``seed``, ``values``: what reaching each node is worth, float64,
    (nodes,), 1 each by default; spreads are then sums of values; and ``timing``, ``fatigue``, ``reached``. Sampling
    ends when more of it would not help; with prices no sample may ever prove a given ratio. ``ratio`` is against the
    best choice within the same budget, must, never and least quotas; most quotas only make that best smaller, so it
    holds for them too. Raises BadInput where an account is unknown or stands twice, a cost is no amount, nothing is
    within the budget, or what is asked cannot be had together: it says what.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["a"] * 5 + ["b"] * 3, "dst": ["c", "d", "e", "f", "g", "h", "i", "j"]})
    >>> accounts = pa.table({"id": ["a", "b"], "cost": [900, 300]})
    >>> select_within(build_graph(arcs, "src", "dst"), accounts, Limits(1000)).seeds.to_pylist()
    ['a']
    """
    task = read_plan_task(graph, options)
    rules, quotas = read_limits(graph, accounts, limits)
    rules = settle(graph, rules, quotas)
    if not len(accounts) or not graph.nodes:
        read_arcs(graph, model, options.get("probability"))
        return make_empty(graph, task)
    sampler = make_sampler(graph, accounts, model, options)
    with share(sampler, options.get("spark")) as shared:
        return Rounds(graph, shared, task, make_rule_chooser(rules, quotas)).run({}, must_prove=False)


def read_plan_task(graph: Graph, options: PlanOptions) -> Task:
    """Return what is asked, with what is left unsaid filled in; raises BadInput where a number is out of its range."""
    plain = Options(**{name: value for name, value in options.items() if name in Options.__annotations__})  # type: ignore[typeddict-item]  # filtered by name
    return read_task(graph.nodes, 0.1, options.get("seed", 7), plain)


def make_chooser(graph: Graph, accounts: pa.Table, limits: Limits) -> Chooser:
    """Return what chooses accounts within ``limits`` on sets of any kind; raises BadInput as ``select_within`` does."""
    rules, quotas = read_limits(graph, accounts, limits)
    return make_rule_chooser(settle(graph, rules, quotas), quotas)


def make_rule_chooser(rules: Rules, quotas: Quotas) -> Chooser:
    """Return what chooses nodes within ``rules`` on sets of any kind; ``quotas``: those of the rules."""

    def choose(members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
        tried = [rules]
        if len(rules.reserve) and len(rules.labels) > 1:  # of several columns: who is kept back matters
            other = fill_by_gain(quotas, rules, np.bincount(members, minlength=len(rules.costs)))
            tried += [] if other is None else [rules._replace(reserve=other)]
        found = [choose_within(members, begins, one, by_cost) for one in tried for by_cost in (True, False)]
        found.sort(key=lambda one: -int(one[1].sum()))
        most = int(np.ceil(min(one[2] for one in found)))
        return Choice(found[0][0], found[0][1], most, others=(found[1][0],))

    return choose


def read_limits(graph: Graph, accounts: pa.Table, limits: Limits) -> tuple[Rules, Quotas]:
    """Return limits by node number, nothing kept back yet; raises BadInput where one of them is wrong."""
    numbers, costs = find_accounts(graph, accounts), read_costs(accounts)
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
    quotas = read_quotas(graph.nodes, accounts, numbers, limits.quotas, limits.least)
    asked = np.unique(must).astype(np.int32)  # named twice is asked for once
    none = np.zeros(0, np.int32)
    return Rules(whole, limits.budget, 0, quotas.labels, quotas.caps, quotas.floors, asked, none, True), quotas


def settle(graph: Graph, rules: Rules, quotas: Quotas) -> Rules:
    """Keep back who fills the least quotas; raises BadInput where limits contradict each other: it says which."""
    _check_must(quotas, rules)
    _check_affordable(graph, rules)
    return rules._replace(reserve=fill_floors(quotas, rules))


def _check_must(quotas: Quotas, rules: Rules) -> None:
    """Raise BadInput where what must be in costs more than there is, or breaks a quota."""
    spent = int(rules.costs[rules.must].sum())
    if spent > rules.budget:
        raise BadInput(
            Words(
                f"必选账号共 {spent:,}，超过预算 {rules.budget:,}。",
                f"the accounts that must be in cost {spent:,}, more than the budget of {rules.budget:,}.",
            ),
            mend=Words("请提高预算，或减少必选账号。", "Raise the budget, or ask for fewer."),
        )
    counts = count_labels(quotas.labels, rules.must, quotas.caps.shape[1])
    for demand in quotas.demands:
        held = counts[demand.column, demand.place]
        if not demand.is_least and held > demand.number:
            raise BadInput(
                Words(
                    f"{demand.name} 为“{demand.value}”的必选账号有 {held} 个，配额只有 {demand.number}。",
                    f"{held} accounts that must be in have {demand.name} {demand.value}, "
                    f"but the quota is {demand.number}.",
                ),
                mend=Words("请放宽配额，或减少必选账号。", "Raise the quota, or ask for fewer."),
            )


def _check_affordable(graph: Graph, rules: Rules) -> None:
    """Raise BadInput where no account can be paid."""
    prices = rules.costs[rules.costs >= 0]
    if len(prices) and prices.min() > rules.budget:
        cheapest = graph.ids[int(np.flatnonzero(rules.costs == prices.min())[0])]
        raise BadInput(
            Words(
                f"预算 {rules.budget:,} 低于最便宜的账号 {cheapest}（{prices.min():,}）。",
                f"the budget of {rules.budget:,} is below the cheapest account, {cheapest} at {prices.min():,}.",
            ),
            mend=Words("请提高预算，或加入更便宜的账号。", "Raise the budget, or add cheaper accounts."),
        )
