"""A plan in waves: who posts at which hour, and the same anew from what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.graphs import Graph
from canyu.spread.kernels.coverage import Rules, choose_within
from canyu.spread.selection.accounts import find_accounts
from canyu.spread.selection.budgets import Limits, make_rule_chooser, read_limits, read_plan_task, settle
from canyu.spread.selection.certificate import bound_above, share_chance
from canyu.spread.selection.conditions import Standing, make_sampler, read_hours
from canyu.spread.selection.explaining import SAMPLES, STREAM, find_seeds, weigh
from canyu.spread.selection.happening import Happened, read_happened
from canyu.spread.selection.options import PlanOptions, WaveOptions
from canyu.spread.selection.quotas import Quotas, fill_floors, take_off
from canyu.spread.selection.rounds import Z95, Choice, Rounds, Selection
from canyu.spread.selection.sampling import Sets
from canyu.spread.selection.seeds import make_empty
from canyu.spread.selection.spark import share
from canyu.spread.selection.spending import Wave, check_first_wave, divide_budget, leave_past

EMPTY_SETS = 1 << 16
APART = 1_000_003  # between the seeds of chance of two waves: each is chosen on sets that know nothing of the last


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """One wave: when, what it may cost with what is left of earlier ones, what it costs, and who posts at which hour.

    ``selection``: its accounts; its spread and bounds are of those whom no earlier wave reaches, against the best that
    could be added within this wave's budget. ``hours_h``: float64, (accounts,).
    """

    hour_h: float
    budget: int
    cost: int
    hours_h: NDArray[np.float64]
    selection: Selection


@dataclass(frozen=True, slots=True)
class Plan:
    """Waves and what they reach together, with the 95 % interval.

    ``lower``: what they reach at least, ``upper``: what any plan reaches at most that spends no more in each wave than
    the wave's own part, and ``ratio``: the least share of that; all hold, with every wave's bounds, with probability
    1 - ``delta``.
    """

    waves: tuple[PlannedWave, ...]
    cost: int
    spread: float
    spread_low: float
    spread_high: float
    lower: float
    upper: float
    ratio: float
    delta: float

    @property
    def seeds(self) -> pa.Array:
        """All accounts, wave by wave."""
        return pa.chunked_array([wave.selection.seeds for wave in self.waves]).combine_chunks()


def plan_waves(
    graph: Graph, accounts: pa.Table, limits: Limits, waves: Sequence[Wave], **options: Unpack[WaveOptions]
) -> Plan:
    """Choose who posts in each wave, one after another: each wave the best beside those before it that can be found.

    ``accounts``, ``limits`` and ``options``: as ``select_within`` takes them, and ``model``. An account posts once, in
    its wave's hour or at its own ``start_h`` if that is later. Money that a wave leaves goes to the next. Who must be
    in is in the first wave; quotas hold for all waves together, and what they still ask for is bought in the last.
    Raises BadInput as ``select_within`` does, and where waves are not in order, after the deadline, or more than the
    budget.

    >>> from canyu.spread.graphs import build_graph
    >>> arcs = pa.table({"src": ["a"] * 5 + ["b"] * 3, "dst": ["c", "d", "e", "f", "g", "h", "i", "j"]})
    >>> accounts = pa.table({"id": ["a", "b"], "cost": [500, 500]})
    >>> waves = [Wave(0.0, share=0.5), Wave(24.0, share=0.5)]
    >>> plan = plan_waves(build_graph(arcs, "src", "dst"), accounts, Limits(1000), waves)
    >>> [wave.selection.seeds.to_pylist() for wave in plan.waves]
    [['a'], ['b']]
    """
    parts = divide_budget(limits.budget, waves, options.get("timing"))
    rules, quotas = read_limits(graph, accounts, replace(limits, budget=parts[-1]))
    rules = settle(graph, rules, quotas)
    check_first_wave(int(rules.costs[rules.must].sum()), parts[0], waves[0])
    return _Planner(graph, accounts, options, Standing()).run(rules, quotas, waves, parts)


def replan(
    graph: Graph,
    accounts: pa.Table,
    limits: Limits,
    waves: Sequence[Wave],
    happened: Happened,
    **options: Unpack[WaveOptions],
) -> Plan:
    """Plan the waves that are left from what happened: who posted when, whom it has reached, and what was spent.

    ``limits`` and ``waves``: those of the whole plan; waves before ``happened.now_h`` are over, and money that they
    left goes on. Accounts that posted are not used again, and count for quotas. Whoever was reached is worth nothing
    more and passes nothing on again; what they may still pass on to others by the deadline is foreseen, and counts as
    reached without any new account. Spreads are of people not reached yet. Accounts of ``happened.again`` may be chosen
    all the same: a new post tries each of their readers anew, and whom their earlier one reaches counts for that alone.
    Quotas count each account once. Raises BadInput as ``plan_waves`` does, and where no wave is left, or what happened
    cannot have.
    """
    parts = divide_budget(limits.budget, waves, options.get("timing"))
    standing, posted = read_happened(graph, happened)
    left, parts = leave_past(waves, parts, happened)
    done = set(graph.ids.take(pa.array(posted)).to_pylist())
    still = tuple(name for name in limits.must if name not in done)
    rules, quotas = read_limits(graph, accounts, replace(limits, budget=parts[-1], must=still))
    rules, quotas = _leave_posted(rules, quotas, posted, standing.again)
    if (rules.costs >= 0).any() and rules.costs[rules.costs >= 0].min() <= parts[-1]:
        rules = settle(graph, rules, quotas)
    else:
        rules = rules._replace(reserve=fill_floors(quotas, rules))
    check_first_wave(int(rules.costs[rules.must].sum()), parts[0], left[0])
    return _Planner(graph, accounts, options, standing).run(rules, quotas, left, parts)


def explain_plan(
    graph: Graph,
    accounts: pa.Table,
    plan: Plan,
    limits: Limits,
    happened: Happened | None = None,
    **options: Unpack[WaveOptions],
) -> pa.Table:
    """Return one row per account of all waves: ``wave`` from 1, ``hour_h``, and the columns of ``explain``.

    ``unique`` is what no other account of the whole plan reaches; a replacement posts in the same wave.
    """
    standing, posted = read_happened(graph, happened) if happened else (Standing(), np.zeros(0, np.int32))
    numbers = find_seeds(graph, plan.seeds, accounts)
    hours = np.concatenate([wave.hours_h for wave in plan.waves])
    rules, quotas = read_limits(graph, accounts, replace(limits, must=()))
    rules, _ = _leave_posted(rules, quotas, posted, standing.again)
    tables, first = [], 0
    for number, wave in enumerate(plan.waves, 1):
        stop = first + len(wave.hours_h)
        here = replace(standing, hour_h=wave.hour_h, taken=numbers, taken_h=hours, is_weighed=True)
        sampler = make_sampler(graph, accounts, options.get("model", "wc"), options, here)
        with share(sampler, options.get("spark")) as shared:
            found = weigh(graph, shared, numbers, rules, SAMPLES if len(wave.hours_h) else 1)
        found = found.slice(first, stop - first)
        found = found.add_column(0, "wave", pa.array([number] * len(found), pa.int64()))
        tables.append(found.add_column(1, "hour_h", pa.array(wave.hours_h)))
        first = stop
    return pa.concat_tables(tables)


def _leave_posted(
    rules: Rules, quotas: Quotas, posted: NDArray[np.int32], again: NDArray[np.int32]
) -> tuple[Rules, Quotas]:
    """Return what is left to be had; who posts again has been counted for quotas, and counts no second time."""
    rules.costs[np.setdiff1d(posted, again)] = -1
    quotas = take_off(quotas, posted)
    quotas.labels[:, np.intersect1d(posted, again)] = 0
    return rules._replace(caps=quotas.caps, floors=quotas.floors), quotas


class _Planner:
    """Chooses wave after wave; what one has chosen stands for the next."""

    def __init__(self, graph: Graph, accounts: pa.Table, options: WaveOptions, standing: Standing) -> None:
        self.graph, self.accounts, self.options, self.standing = graph, accounts, options, standing
        self.model, self.numbers = options.get("model", "wc"), find_accounts(graph, accounts)
        self.task = read_plan_task(graph, options)
        self.sets: Sets | None = None  # that the last wave was chosen on
        self.worth = 0.0
        self.most = np.inf  # that any plan reaches that has all its money at the first wave's hour

    def run(self, rules: Rules, quotas: Quotas, waves: Sequence[Wave], parts: Sequence[int]) -> Plan:
        """Return the plan; ``parts``: what may be spent up to the end of each wave."""
        chosen, hours, found, spent = np.zeros(0, np.int32), np.zeros(0), list[PlannedWave](), 0
        for number, (wave, part) in enumerate(zip(waves, parts, strict=True)):
            hour = max(wave.hour_h, self.standing.now_h)
            left = take_off(quotas, chosen)
            own = rules._replace(caps=left.caps, floors=left.floors, budget=part - spent, later=parts[-1] - part)
            own = own._replace(costs=rules.costs.copy(), is_last=number == len(parts) - 1, is_whole=len(parts) == 1)
            own.costs[chosen] = -1
            if number:
                own = own._replace(must=np.zeros(0, np.int32))
                own = own._replace(reserve=fill_floors(left, own))
            posts = np.full(self.graph.nodes, np.inf)
            posts[self.numbers] = read_hours(self.accounts, hour)
            standing = replace(self.standing, hour_h=hour, taken=chosen, taken_h=hours)
            selection = self.choose((own, left), standing, number, len(parts))
            if number == 0 and self.sets is not None and len(parts) > 1:
                whole = own._replace(budget=parts[-1], later=0, is_last=True, is_whole=True)
                self.most = self.bound_whole(self.sets, whole, selection, len(parts))
            fresh = self.graph.find_nodes(selection.seeds).astype(np.int32)
            cost = int(rules.costs[fresh].sum())
            found.append(PlannedWave(wave.hour_h, part - spent, cost, posts[fresh], selection))
            chosen, hours = np.concatenate([chosen, fresh]), np.concatenate([hours, posts[fresh]])
            spent += cost
        return self.sum_up(found, replace(self.standing, taken=chosen, taken_h=hours, is_weighed=True))

    def choose(self, asked: tuple[Rules, Quotas], standing: Standing, number: int, waves: int) -> Selection:
        """Return one wave's accounts; nobody where none can be paid."""
        task = replace(self.task, delta=self.task.delta / (waves + 1 if waves > 1 else 1))
        rules, quotas = asked
        prices = rules.costs[rules.costs >= 0]
        if not len(prices) or prices.min() > rules.budget:
            return make_empty(self.graph, task)
        options = PlanOptions(**{**self.options, "seed": self.task.seed + APART * number})  # type: ignore[typeddict-unknown-key]
        sampler = make_sampler(self.graph, self.accounts, self.model, options, standing)
        self.worth, choose = sampler.worth, make_rule_chooser(rules, quotas)

        def keep(members: NDArray[np.int32], begins: NDArray[np.int64]) -> Choice:
            self.sets = (members, begins)
            choice = choose(members, begins)
            # where nobody can be reached, more sets would not find whom
            return replace(choice, is_whole=choice.is_whole or (not len(members) and len(begins) > EMPTY_SETS))

        with share(sampler, self.options.get("spark")) as shared:
            return Rounds(self.graph, shared, task, keep).run({}, must_prove=False)

    def bound_whole(self, sets: Sets, rules: Rules, first: Selection, waves: int) -> float:
        """Return what any plan reaches at most: no more than all its accounts, posting with the first wave.

        On the sets that the first wave was chosen on, which know nothing of that plan; one more bound beside the
        waves'.
        """
        _, _, most = choose_within(*sets, rules, True)
        chance = share_chance(self.task.delta / (waves + 1), first.rounds, 1)
        return bound_above(int(np.ceil(most)), first.samples[0], chance) * self.worth

    def sum_up(self, waves: list[PlannedWave], standing: Standing) -> Plan:
        """Return the plan with what all waves reach together, on sets of their own."""
        lower = [wave.selection.lower for wave in waves]
        upper = sum(wave.selection.upper for wave in waves)
        part, worth, error = 0.0, 0.0, 0.0
        if len(standing.taken):
            sampler = make_sampler(self.graph, self.accounts, self.model, self.options, standing)
            marks = np.zeros(self.graph.nodes, np.uint8)
            marks[standing.taken] = 1
            with share(sampler, self.options.get("spark")) as shared:
                part, worth = float(shared.count(STREAM, SAMPLES, marks, 1)[0]) / SAMPLES, sampler.worth
            error = Z95 * float(np.sqrt(part * (1.0 - part) / SAMPLES))
        best = sum(lower[:-1]) + upper
        most = min(self.most, upper + sum(wave.selection.upper for wave in waves[:-1]))
        ratio = max(sum(lower) / one if one > 0.0 else 1.0 for one in (best, most))
        return Plan(
            tuple(waves),
            sum(wave.cost for wave in waves),
            part * worth,
            max(part - error, 0.0) * worth,
            min(part + error, 1.0) * worth,
            sum(lower),
            most,
            min(ratio, 1.0),
            self.task.delta,
        )
