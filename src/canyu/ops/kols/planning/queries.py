"""All reads of planning; the viewer comes first."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import pyarrow.compute as pc

from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.kit.words import Words
from canyu.ops.kols.models import Booking, KeptList, Plan
from canyu.ops.kols.planning import engine
from canyu.ops.kols.planning.answers import Ground, extend_plan, find_ground, measure_plan, meet_minima
from canyu.ops.kols.planning.boards import Building, find_board
from canyu.ops.kols.planning.errors import StillDrawing
from canyu.ops.kols.planning.filling import is_within, make_room, narrow_roster
from canyu.ops.kols.planning.keys import is_name
from canyu.ops.kols.planning.roster import read_roster
from canyu.ops.kols.planning.schemas import Answer, Best, Fault, Goal, PlanQuery, Roster
from canyu.ops.people.models import Person

LISTS = frozenset({"in", "must", "never", "was", "add"})  # parameters that hold accounts
SAMPLES = 200_000
QUICK_S = 1.5  # a board that is built within this is there on the first page
LONGEST_WAIT_S = 60.0
FILL_WAIT_S = 2.0  # where the engine takes longer, the board chooses, and the engine goes on in the background


CLEARLY = 1.01  # times: a smaller gain is no reason to change a plan


@dataclass(frozen=True, slots=True)
class Filled:
    """A plan after it was filled up, or as it was and why not; quick: the engine was not done, the board chose."""

    query: PlanQuery
    faults: tuple[Fault, ...] = ()
    is_quick: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good the plan is at least against the best within the same limits: per cent, or why there is none (yet)."""

    percent: float | None
    why_not: Words
    is_pending: bool
    best: Best | None = None
    gain: float = 0.0
    """How many people more the engine's own choice reaches on the same sets, 0 where it is not clearly more."""


def find_plan_ground(viewer: Person, query: PlanQuery, now: datetime) -> Ground:
    """Return the roster that the query chooses from and what its reach is counted on; the board may be being built."""
    roster = read_roster(viewer, now, query.currency, query.kind)
    return find_ground(roster, find_board(roster, query, SAMPLES, QUICK_S))


def get_plan_ground(viewer: Person, query: PlanQuery, now: datetime) -> Ground:
    """Return the same with a whole board: it is waited for. Raises StillDrawing where that takes too long."""
    roster = read_roster(viewer, now, query.currency, query.kind)
    building = find_board(roster, query, SAMPLES, LONGEST_WAIT_S)
    if building is not None and building.board is None:
        raise StillDrawing(
            Words("影响图的样本还没有抽完，没有保存任何内容。", "The samples are still being drawn; nothing was kept."),
            mend=Words(f"已抽 {building.percent}%，过一会儿再来。", f"{building.percent}% are; come back in a while."),
        )
    return find_ground(roster, building)


def fill_plan(ground: Ground, query: PlanQuery, *, is_anew: bool) -> Filled:
    """Return the plan filled up: the engine's best beside those in, or anew beside those that must be in.

    For a number of people, where there is no graph, and while the engine is not done, accounts are added by new reach
    per cost on the board.
    """
    kept = replace(query, chosen=query.must if is_anew else query.chosen)
    building, target = ground.building, query.target if query.goal is Goal.REACH else 0
    if not query.budget_minor and not target:
        return Filled(query, (Fault("budget", *_NO_LIMIT),))
    chosen, is_quick = _extend_at_once(ground, replace(kept, target=target)).chosen, False
    if building is not None and not target:
        future = _ask(ground, building, replace(query, must=kept.chosen))
        try:
            best = future.result(FILL_WAIT_S)
            chosen = tuple(dict.fromkeys((*kept.chosen, *best.keys)))
        except CanyuError as error:
            return Filled(query, (Fault("budget", _speak(error.message), _speak(error.mend)),))
        except TimeoutError:
            is_quick = True
    return Filled(replace(query, chosen=chosen, was=query.chosen), (), is_quick)


def find_certificate(ground: Ground, query: PlanQuery, answer: Answer) -> Certificate:
    """Return how good the plan is at least, as far as is known: the best possible is worked out in the background."""
    roster, building = ground.roster, ground.building
    spent = int(roster.costs[[roster.places[key] for key in query.chosen if key in roster.places]].sum())
    if building is None or building.board is None:
        return Certificate(None, _WITHOUT_GRAPH, is_pending=False)
    if not query.budget_minor or spent > query.budget_minor:
        return Certificate(None, _OVER if query.budget_minor else _NO_BUDGET, is_pending=False)
    future = _ask(ground, building, query)
    if not future.done():
        return Certificate(None, _PENDING, is_pending=True)
    error = engine.find_error(future)
    if error is not None:
        return Certificate(None, _speak(error.message), is_pending=False)
    best = future.result()
    if not best.most_share or not query.chosen:
        return Certificate(None, Words("还没有选账号", "nobody is in the plan yet"), is_pending=False, best=best)
    percent = min(100.0 * answer.least_share / best.most_share, 100.0)
    return Certificate(
        percent, Words("", ""), is_pending=False, best=best, gain=_find_gain(ground, query, answer, best)
    )


def count_fresh(ground: Ground, query: PlanQuery) -> tuple[int, int]:
    """Return in how many fresh sets somebody of the plan stands, and of how many; nobody chose on these."""
    building = ground.building
    if building is None:
        return 0, 0
    names = ground.roster.table["id"].to_pylist()
    rows = [ground.roster.places[key] for key in query.chosen if key in ground.roster.places]
    wanted = [names[row] for row in rows if ground.is_known[row]]
    if building.accounts is None:
        return 0, 0
    hits = engine.count_fresh_hits(building.graph, building.accounts, wanted, building.conditions, SAMPLES)
    return hits, SAMPLES


def open_lists(viewer: Person, params: dict[str, list[str]]) -> dict[str, list[str]]:  # noqa: ARG001 - reads take the viewer first
    """Return the parameters of an address with lists that stand there by name spelled out.

    Raises BadInput where a list is not kept any more.
    """
    names = {name: text[1:] for name, texts in params.items() for text in texts[-1:] if name in LISTS and is_name(text)}
    if not names:
        return params
    found = dict(KeptList.objects.filter(digest__in=set(names.values())).values_list("digest", "keys"))
    missing = next((name for name, digest in names.items() if digest not in found), None)
    if missing is not None:
        raise BadInput(
            Words("这个地址里的账号名单已不再保留。", "The list of accounts of this address is not kept any more."),
            mend=Words("请打开已保存的方案，或重新排出。", "Open a saved plan, or plan anew."),
        )
    return params | {name: [found[digest]] for name, digest in names.items()}


def list_plans(viewer: Person) -> list[Plan]:  # noqa: ARG001 - reads take the viewer first
    """Return the saved plans, the newest first."""
    return list(Plan.objects.order_by("-made_at", "-pk")[:200])


def get_plan(viewer: Person, plan_id: int) -> Plan:  # noqa: ARG001 - reads take the viewer first
    """Return one saved plan; raises NotFound."""
    found = Plan.objects.filter(pk=plan_id).first()
    if found is None:
        raise NotFound(
            Words("没有这个方案。", "There is no such plan."), mend=Words("请从列表里打开。", "Open one from the list.")
        )
    return found


def list_plan_bookings(viewer: Person, plan: Plan) -> list[Booking]:  # noqa: ARG001 - reads take the viewer first
    """Return the bookings made from a plan, with what was planned and measured."""
    return list(Booking.objects.filter(plan=plan).select_related("account__kol").order_by("pk"))


def list_choices(roster: Roster) -> dict[str, list[str]]:
    """Return the platforms, markets and topics that there are accounts of, those of most accounts first."""
    found = {}
    for name in ("platform", "market", "topic"):
        stated = pc.list_flatten(roster.table["markets"]) if name == "market" else roster.table[name].drop_null()
        counts = stated.value_counts().to_pylist()
        rows = sorted(counts, key=lambda row: (-row["counts"], row["values"]))
        found[name] = [row["values"] for row in rows]
    return found


def _ask(ground: Ground, building: Building, query: PlanQuery) -> Future[Best]:
    """Ask for the best choice among the accounts that the query allows."""
    keys = np.array(ground.roster.keys, np.int64)
    may = (is_within(ground.roster, query) | np.isin(keys, query.must)) & ground.is_known
    roster = narrow_roster(ground.roster, np.flatnonzero(may))
    estimate = partial(_estimate_share, ground, query)
    choosing = engine.Choosing(building.graph, building.conditions, building.key, estimate)
    return engine.ask_best(choosing, roster, query)


def _find_gain(ground: Ground, query: PlanQuery, answer: Answer, best: Best) -> float:
    better = measure_plan(ground, replace(query, chosen=best.keys)).reach
    return better - answer.reach if better > answer.reach * CLEARLY else 0.0


def _estimate_share(ground: Ground, query: PlanQuery) -> float:
    """Return the share of the audience that a quick choice on the board reaches."""
    quick = _extend_at_once(ground, replace(query, chosen=query.must, target=0))
    return measure_plan(ground, quick).reached_share


def _extend_at_once(ground: Ground, query: PlanQuery) -> PlanQuery:
    """Return the plan with accounts added on the board's own sets, most new reach per cost first."""
    start = meet_minima(ground, query)
    added = extend_plan(ground, start, make_room(ground.roster, start, ground.is_known))
    return replace(start, chosen=(*start.chosen, *added))


def _speak(text: str) -> Words:
    return Words(text, text)


_NO_LIMIT = (
    Words("没有预算，也没有目标人数。", "There is neither a budget nor a number of people."),
    Words("写一个预算，或选“触达目标人数”。", "Give a budget, or ask for a number of people."),
)
_PENDING = Words("正在算最好能到多少…", "working out the best possible…")
_WITHOUT_GRAPH = Words("没有影响图，无法保证", "none without a graph")
_NO_BUDGET = Words("没有预算，无从比较", "no budget to compare within")
_OVER = Words("超出预算，无从比较", "over the budget, nothing to compare with")
