"""What buyers say themselves: "how did you hear of us", beside what was tracked; dark social shows here alone.

An answer is a ``submit`` event of the buyer with ``object`` = ``survey/heard-from`` and ``props.answer``, one of
``ANSWERS`` or the survey's own word. It counts for the orders of its person in the 30 days before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.expressions import Scope
from canyu.measure.figure import Proof
from canyu.measure.intervals import compute_share_interval
from canyu.measure.journeys.asking import keep_span
from canyu.measure.journeys.path_expressions import (
    JourneyPlan,
    count_conversions,
    credit_last,
    pick_conversions,
    pick_touches,
)
from canyu.measure.journeys.paths import JourneyQuery, prepare_journeys
from canyu.measure.journeys.steps import Step, match_step, read_field

SURVEY = Step(("submit",), (("object", "survey/heard-from"),))
ASKED_WITHIN = timedelta(days=30)

ANSWERS: dict[str, Words] = {
    "friend": Words("朋友", "a friend"),
    "family": Words("家人", "family"),
    "colleague": Words("同事", "a colleague"),
    "group": Words("群聊", "a chat group"),
    "owner": Words("车主或老用户", "an owner"),
    "ad": Words("广告", "an advertisement"),
    "kol": Words("达人", "a creator"),
    "live": Words("直播", "a live session"),
    "media": Words("媒体", "the media"),
    "search": Words("搜索", "a search"),
    "store": Words("门店", "a store"),
    "other": Words("其他", "something else"),
}
WORD_OF_MOUTH = ("friend", "family", "colleague", "group", "owner")
"""Answers that mean another person, where no touch may ever have been seen."""
UNTRACKED = ""

WILSON = Words("Wilson 95% 区间", "Wilson's 95 % interval")
NO_ANSWERS = Words("没有可与订单对上的问卷回答。", "No survey answer can be matched with an order.")
NO_ORDERS = Words("期间内没有转化。", "There is no conversion in the period.")
DEFINITION = Words(
    "下单后 30 天内的问卷回答（“从哪里知道我们”）与该单的最后触点并列。两者不相加、不互改："
    "追踪看不见私聊，问卷靠记忆且只有部分人回答。“无假设”的上下限把没回答的人全算不是或全算是。",
    "Answers to how did you hear of us within 30 days of an order, beside the order's last touch. Neither is added to "
    "or corrected by the other: tracking cannot see chats, and a survey rests on memory and on those who answer. The "
    "bounds without assumption take all who did not answer as no, and as yes.",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Conversions whose buyer gave one answer and whose last touch was on one channel (empty: none was tracked)."""

    answer: str
    tracked: str
    conversions: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Tracked and told, side by side.

    ``told`` are the shares of each answer among those who answered, ``tracked`` of each channel among all conversions.
    ``word_of_mouth``: the share who name another person; ``unseen``: those of them without any tracked touch.
    ``bounds``: the share of word of mouth among all conversions without any assumption about those who did not answer.
    """

    conversions: int
    answered: Estimate
    told: dict[str, Estimate]
    tracked: dict[str, Estimate]
    word_of_mouth: Estimate
    unseen: Estimate
    bounds: tuple[float, float] | None
    cells: tuple[Cell, ...]
    notes: tuple[Words, ...]
    proof: Proof


def count_answers(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count conversions with an answer by the answer and their last touch: ``answer, place, conversions``."""
    within = ASKED_WITHIN // timedelta(microseconds=1)
    rows = keep_span(events, scope, scope.period.start, scope.period.end + ASKED_WITHIN)
    rows = rows.filter(match_step(rows, SURVEY))
    answers = rows.select(
        "id", buyer=rows.actor, said=scope.count_micros(rows.time), word=read_field(rows, "props.answer")
    )
    answers = answers.filter(answers.word != "")
    orders = pick_conversions(events, scope, plan)
    rows = orders.join(answers, orders.actor == answers.buyer)
    rows = rows.filter(rows.said >= rows.bought, rows.said <= rows.bought + within)
    told = ibis.struct({"said": rows.said, "id": rows.id, "word": rows.word})
    asked = rows.group_by("actor", "order").aggregate(bought=rows.bought.max(), told=told.min())
    before = scope.period.start - timedelta(seconds=plan.lookback_s)
    touches = pick_touches(keep_span(events, scope, before, scope.period.end), scope, plan).rename(toucher="actor")
    joined = asked.left_join(
        touches,
        [
            asked.actor == touches.toucher,
            touches.moment <= asked.bought,
            touches.moment >= asked.bought - plan.lookback_micros,
        ],
    )
    touch = ibis.struct({"moment": joined.moment, "id": joined.id, "place": joined.place})
    touch = ibis.cases((joined.moment.notnull(), touch))
    last = joined.group_by("actor", "order").aggregate(touch=touch.max(), told=joined.told.min())
    named = last.select(answer=last.told["word"], place=last.touch["place"].fill_null(UNTRACKED))
    return named.group_by("answer", "place").aggregate(conversions=named.count())


def reconcile_survey(lake: Lake, query: JourneyQuery) -> Reconciliation:
    """Return what was tracked and what buyers said, side by side, as the lake stands now."""
    ground, plan = prepare_journeys(lake, query)
    ask = ground.reader.ask
    answer = ask(count_answers, "events", ground.scope, plan)
    cells = [Cell(row["answer"], row["place"], row["conversions"]) for row in answer.table.to_pylist()]
    total = sum(row["conversions"] for row in ask(count_conversions, "events", ground.scope, plan).table.to_pylist())
    last = {
        row["place"]: row["conversions"] for row in ask(credit_last, "events", ground.scope, plan).table.to_pylist()
    }
    if total:
        last[UNTRACKED] = last.get(UNTRACKED, 0) + total - sum(last.values())
    answered = sum(cell.conversions for cell in cells)
    spoken = [cell for cell in cells if cell.answer in WORD_OF_MOUTH]
    named = sum(cell.conversions for cell in spoken)
    unseen = sum(cell.conversions for cell in spoken if cell.tracked == UNTRACKED)
    bounds = (named / total, (named + total - answered) / total) if total and answered else None
    words = {cell.answer for cell in cells}
    told = {word: sum(cell.conversions for cell in cells if cell.answer == word) for word in words}
    return Reconciliation(
        total,
        _estimate(answered, total, NO_ORDERS),
        {word: _estimate(told[word], answered, NO_ANSWERS) for word in _order(told)},
        {place: _estimate(last[place], total, NO_ORDERS) for place in _order(last)},
        _estimate(named, answered, NO_ANSWERS),
        _estimate(unseen, named, NO_ANSWERS),
        bounds,
        tuple(sorted(cells, key=lambda cell: (-cell.conversions, cell.answer, cell.tracked))),
        ground.notes,
        Proof(DEFINITION, answer.sql, answer.versions, answered, lake.engine.name, (say.CAVEAT_COLLECTED,)),
    )


def _order(counts: dict[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))


def _estimate(part: int, whole: int, missing: Words) -> Estimate:
    if not whole:
        return tell_missing(missing, WILSON)
    low, high = compute_share_interval(part, whole)
    return Estimate(part / whole, low, high, None, WILSON)
