"""Quotas, least and most, of every column: read, filled at the cheapest, and what contradicts what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.kernels.coverage import Rules
from canyu.spread.selection.accounts import get_column
from canyu.spread.selection.completion import Completion, find_completion

UNLIMITED = 1 << 40
Numbers = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Demand:
    """One quota: ``number`` at least, or at most, of a value in a column; the two last fields are their places."""

    name: str
    value: str
    number: int
    is_least: bool
    column: int
    place: int


@dataclass(frozen=True, slots=True)
class Quotas:
    """All quotas: ``labels``: each node's value per column, 0 for any without a quota, int32, (columns, nodes)."""

    demands: tuple[Demand, ...]
    labels: NDArray[np.int32]
    caps: NDArray[np.int64]
    floors: NDArray[np.int64]


def read_quotas(nodes: int, accounts: pa.Table, numbers: NDArray[np.int64], most: Numbers, least: Numbers) -> Quotas:
    """Return the quotas by place; ``numbers``: the accounts' nodes. Raises BadInput where a column is not there."""
    names = list(dict.fromkeys([*most, *least]))
    values = {name: list(dict.fromkeys([*most.get(name, {}), *least.get(name, {})])) for name in names}
    widest = max((len(known) for known in values.values()), default=0) + 1
    labels = np.zeros((len(names), nodes), np.int32)
    caps, floors = np.full((len(names), widest), UNLIMITED, np.int64), np.zeros((len(names), widest), np.int64)
    demands = []
    for column, name in enumerate(names):
        known = pa.array(values[name], pa.string())
        found = pc.fill_null(pc.index_in(get_column(accounts, name).cast(pa.string()), known), -1).to_numpy(False)
        labels[column, numbers] = found + 1
        for place, value in enumerate(values[name], 1):
            for grid, asked, is_least in ((caps, most, False), (floors, least, True)):
                number = asked.get(name, {}).get(value)
                if number is not None and not (is_least and number <= 0):
                    grid[column, place] = number
                    demands.append(Demand(name, value, number, is_least, column, place))
    return Quotas(tuple(demands), labels, caps, floors)


def fill_floors(quotas: Quotas, rules: Rules) -> NDArray[np.int32]:
    """Return the cheapest nodes that fill every floor beside ``rules.must``, the dearest first.

    Raises BadInput where no nodes do, within the caps and what money there is: it names quotas that contradict each
    other or the budget, no more of them than it takes.
    """
    if not any(demand.is_least for demand in quotas.demands):
        return np.zeros(0, np.int32)
    _check_each(quotas, rules)
    solver = _Solver(quotas, rules)
    found = solver.solve(quotas.demands)
    if found.places is None:
        raise _tell_contradiction(solver.narrow(lambda one: one.places is None), solver, found)
    money = rules.budget + rules.later
    if found.cost + solver.spent > money:
        guilty = solver.narrow(lambda one: one.places is None or one.cost + solver.spent > money)
        raise _tell_too_dear(guilty, solver, money)
    chosen = np.array(sorted(found.places, key=lambda place: -int(solver.costs[place])), np.int64)
    return solver.nodes[chosen].astype(np.int32)


def fill_by_gain(quotas: Quotas, rules: Rules, gains: NDArray[np.int64]) -> NDArray[np.int32] | None:
    """Return other nodes that fill every floor, dear ones too where they gain much; None where none are within money.

    ``gains``: of each node, int64, (nodes,). A node's price is what it costs beyond what it gains, at the rate at which
    the whole budget would buy gains; at half of that rate where these nodes cost too much together.
    """
    solver = _Solver(quotas, rules)
    money = rules.budget + rules.later - solver.spent
    own = gains[solver.nodes].astype(np.float64)
    order = np.argsort(-own / np.maximum(solver.costs, 1e-9), kind="stable")
    is_bought = np.cumsum(solver.costs[order]) <= max(money, 1)
    rate = max(float(own[order][is_bought].sum()), 1.0) / max(money, 1)
    for weight in (1.0, 0.5, 0.25):
        prices = np.maximum(solver.costs * rate - weight * own, 0.0)
        scaled = np.round(prices * (1e6 / max(float(prices.max(initial=0.0)), 1e-9))).astype(np.int64)
        found = solver.solve(quotas.demands, scaled).places
        if found is not None and int(solver.costs[found].sum()) <= money:
            chosen = np.array(sorted(found, key=lambda place: -int(solver.costs[place])), np.int64)
            return solver.nodes[chosen].astype(np.int32)
    return None


class _Solver:
    """The cheapest way to fill some of the quotas, others left out."""

    def __init__(self, quotas: Quotas, rules: Rules) -> None:
        self.quotas = quotas
        is_free = rules.costs >= 0
        is_free[rules.must] = False
        self.nodes = np.flatnonzero(is_free)
        self.costs, self.labels = rules.costs[self.nodes], quotas.labels[:, self.nodes]
        self.spent = int(rules.costs[rules.must].sum())
        self.held = count_labels(quotas.labels, rules.must, quotas.caps.shape[1])

    def solve(self, demands: tuple[Demand, ...], prices: NDArray[np.int64] | None = None) -> Completion:
        """Return the cheapest accounts beside those that must be in, under these quotas alone; or by other prices."""
        owed, room = np.zeros_like(self.held), np.full_like(self.held, UNLIMITED)
        for demand in demands:
            left = demand.number - self.held[demand.column, demand.place]
            (owed if demand.is_least else room)[demand.column, demand.place] = max(left, 0)
        return find_completion(self.costs if prices is None else prices, self.labels, owed, room)

    def narrow(self, is_wrong: Callable[[Completion], bool]) -> tuple[Demand, ...]:
        """Return quotas of which none can be left out without the rest being right."""
        left = self.quotas.demands
        for demand in self.quotas.demands:
            fewer = tuple(one for one in left if one is not demand)
            if is_wrong(self.solve(fewer)):
                left = fewer
        return left

    def count(self, demand: Demand) -> int:
        """Return how many accounts there are with the value of a quota."""
        held = int(self.held[demand.column, demand.place])
        return held + int((self.labels[demand.column] == demand.place).sum())


def take_off(quotas: Quotas, nodes: NDArray[np.int32]) -> Quotas:
    """Return what quotas still ask for once these nodes are in."""
    counts = count_labels(quotas.labels, nodes, quotas.caps.shape[1])
    left = [replace(one, number=max(one.number - int(counts[one.column, one.place]), 0)) for one in quotas.demands]
    return Quotas(
        tuple(demand for demand in left if demand.number or not demand.is_least),
        quotas.labels,
        np.maximum(quotas.caps - counts, 0),
        np.maximum(quotas.floors - counts, 0),
    )


def count_labels(labels: NDArray[np.int32], nodes: NDArray[np.int32], width: int) -> NDArray[np.int64]:
    """Return how many of the nodes have each value of each column, int64, (columns, width)."""
    return np.array([np.bincount(row[nodes], minlength=width) for row in labels], np.int64).reshape(len(labels), width)


def _check_each(quotas: Quotas, rules: Rules) -> None:
    """Raise BadInput where a quota contradicts its own other end, or asks for more accounts than there are."""
    for demand in quotas.demands:
        cap = int(quotas.caps[demand.column, demand.place])
        if demand.is_least and demand.number > cap:
            raise BadInput(
                Words(
                    f"{demand.name} 为“{demand.value}”的账号要至少 {demand.number} 个，又至多 {cap} 个。",
                    f"at least {demand.number} accounts with {demand.name} {demand.value} are asked for, "
                    f"but at most {cap} allowed.",
                ),
                mend=Words("请改其中一个配额。", "Change one of the two."),
            )
        there = int(((quotas.labels[demand.column] == demand.place) & (rules.costs >= 0)).sum())
        if demand.is_least and demand.number > there:
            raise BadInput(
                Words(
                    f"{demand.name} 为“{demand.value}”的账号要至少 {demand.number} 个，可选的只有 {there} 个。",
                    f"at least {demand.number} accounts with {demand.name} {demand.value} are asked for, "
                    f"but only {there} can be had.",
                ),
                mend=Words("请降低配额，或加入更多账号。", "Ask for fewer, or add accounts."),
            )


def describe_demand(demand: Demand) -> Words:
    """Return a quota in words."""
    if demand.is_least:
        return Words(
            f"{demand.name} 为“{demand.value}”至少 {demand.number} 个",
            f"at least {demand.number} with {demand.name} {demand.value}",
        )
    return Words(
        f"{demand.name} 为“{demand.value}”至多 {demand.number} 个",
        f"at most {demand.number} with {demand.name} {demand.value}",
    )


def _list_demands(demands: tuple[Demand, ...], solver: _Solver) -> Words:
    told = [(describe_demand(demand), solver.count(demand) if demand.is_least else None) for demand in demands]
    zh = "；".join(words.zh + (f"（可选 {there} 个）" if there is not None else "") for words, there in told)
    en = "; ".join(words.en + (f" ({there} can be had)" if there is not None else "") for words, there in told)
    return Words(zh, en)


def _tell_contradiction(demands: tuple[Demand, ...], solver: _Solver, found: Completion) -> BadInput:
    listed = _list_demands(demands, solver)
    if not found.is_sure:
        return BadInput(
            Words(f"找不到同时满足这些配额的账号：{listed.zh}。", f"no accounts were found that keep to: {listed.en}."),
            mend=Words(
                "搜索到上限仍未找到，不能断定没有；请放宽配额。",
                "The search ended at its limit, so that there may be some; ask for less.",
            ),
        )
    return BadInput(
        Words(f"这些配额不能同时满足：{listed.zh}。", f"these quotas contradict each other: {listed.en}."),
        mend=Words(
            "没有一组可选账号同时满足它们（含必选账号）；请放宽其中一个。",
            "No accounts that can be had keep to all of them, with those that must be in; relax one.",
        ),
    )


def _tell_too_dear(demands: tuple[Demand, ...], solver: _Solver, money: int) -> BadInput:
    listed = _list_demands(demands, solver)
    cheapest = solver.solve(demands)
    least = cheapest.cost + solver.spent
    beside_zh = f"（含必选账号 {solver.spent:,}）" if solver.spent else ""
    beside_en = f", with {solver.spent:,} for those that must be in" if solver.spent else ""
    hedge_zh, hedge_en = (
        ("最少", "at least") if cheapest.is_sure else ("已找到的最少", "at least, as far as was found,")
    )
    return BadInput(
        Words(
            f"满足配额（{listed.zh}）{hedge_zh}要 {least:,}{beside_zh}，超过预算 {money:,}。",
            f"to keep to {listed.en} costs {hedge_en} {least:,}{beside_en}, more than the budget of {money:,}.",
        ),
        mend=Words("请提高预算，或降低配额。", "Raise the budget, or ask for fewer."),
    )
