"""Retention by week: of those who began in a week, how many were back in each week after, or what they spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from typing import Any

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.facts import Answer
from canyu.measure.figure import OverviewQuery, Proof
from canyu.measure.intervals import Z95, compute_share_interval
from canyu.measure.journeys.asking import Ground, find_ground
from canyu.measure.journeys.retention_expressions import (
    FIRST_MONDAY,
    RetentionPlan,
    count_weeks,
    list_observed_weeks,
    sum_weeks,
)
from canyu.measure.journeys.steps import Step
from canyu.measure.period import Period, to_day, to_day_number

MOST_WEEKS = 62
"""A mask has 64 bits, one of them the sign."""

WILSON = Words("Wilson 95% 区间", "Wilson's 95 % interval")
MEAN = Words("均值的正态 95% 区间（按人）", "normal 95 % interval of the mean, by person")
NOT_YET = Words("这一周还没有过完，不得而知。", "This week had not ended yet: nothing is known.")
NOT_SEEN = Words("这一周没有任何事件，不得而知。", "This week holds no event at all: nothing is known.")
ONE_PERSON = Words("只有一个人，无从得知区间。", "One person alone gives no interval.")
NOBODY = Words("期间内没有新开始的人。", "Nobody began in the period.")


class Quantity(StrEnum):
    """What is told of each week."""

    PEOPLE = "people"
    """The share of the cohort that was back."""
    REVENUE = "revenue"
    """Money per person of the cohort, in minor units, by currency; refunds are not taken off."""


@dataclass(frozen=True, slots=True)
class RetentionQuery:
    """Who begins (``start``) and what counts as being back (``back``), over a period of at most 62 weeks."""

    start: date
    end: date
    begins: Step
    back: Step
    quantity: Quantity = Quantity.PEOPLE
    zone: str = "Asia/Shanghai"
    market: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """People whose first beginning ever was in the week from ``monday``: what is known of each week after."""

    monday: date
    currency: str
    people: int
    weeks: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """Each cohort and, for each number of weeks after, all cohorts for which that week is known."""

    query: RetentionQuery
    cohorts: tuple[Cohort, ...]
    curve: tuple[Estimate, ...]
    notes: tuple[Words, ...]
    proof: Proof
    is_simulated: bool


def compute_retention(lake: Lake, query: RetentionQuery) -> Retention:
    """Return the retention, as the lake stands now; one currency at a time, the one with most money first.

    Raises BadInput where the period touches more than 62 weeks.
    """
    ground = find_ground(lake, OverviewQuery(query.start, query.end, query.zone, market=query.market))
    plan = _plan(query, ground.period)
    reader = ground.reader
    people = reader.ask(count_weeks, "events", ground.scope, plan)
    days = reader.ask(list_observed_weeks, "events", ground.scope, plan.first_week).table.to_pylist()
    known = _find_known({row["week"]: row["days"] for row in days}, plan, ground)
    rows = {row["week"]: row for row in people.table.to_pylist()}
    if query.quantity is Quantity.PEOPLE:
        answer, cohorts = people, [_build_cohort(week, rows, known, plan) for week in range(plan.weeks) if week in rows]
        curve = _draw_people(rows, known, plan)
    else:
        answer = reader.ask(sum_weeks, "events", ground.scope, plan)
        cohorts, curve = _build_money(answer, rows, known, plan)
    notes = (*ground.notes, *(() if rows else (NOBODY,)))
    proof = _prove(ground, query, answer, sum(row["people"] for row in rows.values()))
    return Retention(query, tuple(cohorts), tuple(curve), notes, proof, reader.is_simulated())


def _plan(query: RetentionQuery, period: Period) -> RetentionPlan:
    first, last = ((to_day_number(day) - FIRST_MONDAY) // 7 for day in (period.first, period.last))
    if last - first + 1 > MOST_WEEKS:
        raise BadInput(
            Words(f"期间超过 {MOST_WEEKS} 周。", f"The period touches more than {MOST_WEEKS} weeks."),
            mend=Words("请缩短期间。", "Ask for a shorter one."),
        )
    return RetentionPlan(query.begins, query.back, first, last - first + 1)


def _find_known(days: dict[int, int], plan: RetentionPlan, ground: Ground) -> tuple[Words | None, ...]:
    """Return for each week of the period why nothing is known of it; None where something is."""
    period = ground.period
    reasons: list[Words | None] = []
    for week in range(plan.weeks):
        monday = _find_monday(plan, week)
        is_over = monday + timedelta(days=6) <= period.last
        next_monday = period.end_micros + _to_micros(monday + timedelta(days=6) - period.last)
        if not is_over or next_monday > ground.horizon_micros + _to_micros(timedelta(days=1)):
            reasons.append(NOT_YET)
        else:
            reasons.append(None if days.get(week) else NOT_SEEN)
    return tuple(reasons)


def _to_micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _find_monday(plan: RetentionPlan, week: int) -> date:
    return to_day(FIRST_MONDAY + 7 * (plan.first_week + week))


def _build_cohort(
    week: int, rows: dict[int, dict[str, Any]], known: tuple[Words | None, ...], plan: RetentionPlan
) -> Cohort:
    row = rows[week]
    weeks = tuple(
        _estimate_share(row[f"back_{later}"], row["people"], known[week + later]) for later in range(plan.weeks - week)
    )
    return Cohort(_find_monday(plan, week), "", row["people"], weeks)


def _draw_people(
    rows: dict[int, dict[str, Any]], known: tuple[Words | None, ...], plan: RetentionPlan
) -> list[Estimate]:
    curve = []
    for later in range(plan.weeks):
        seen = [row for week, row in rows.items() if week + later < plan.weeks and known[week + later] is None]
        back, people = (sum(row[name] for row in seen) for name in (f"back_{later}", "people"))
        curve.append(_estimate_share(back, people, None if people else NOT_YET))
    return curve


def _estimate_share(part: int, whole: int, reason: Words | None) -> Estimate:
    if reason is not None:
        return tell_missing(reason, WILSON)
    low, high = compute_share_interval(part, whole)
    return Estimate(part / whole, low, high, None, WILSON)


def _build_money(
    answer: Answer, rows: dict[int, dict[str, Any]], known: tuple[Words | None, ...], plan: RetentionPlan
) -> tuple[list[Cohort], list[Estimate]]:
    spent = answer.table.to_pylist()
    totals: dict[str, int] = {}
    for row in spent:
        totals[row["currency"]] = totals.get(row["currency"], 0) + row["total"]
    currencies = sorted(totals, key=lambda name: -totals[name])
    cells = {(row["currency"], row["week"], row["later"]): row for row in spent}
    cohorts = []
    for currency in currencies:
        for week in sorted(rows):
            found = (cells.get((currency, week, later)) for later in range(plan.weeks - week))
            weeks = tuple(
                estimate_mean([cell] if cell else [], rows[week]["people"], known[week + later])
                for later, cell in enumerate(found)
            )
            cohorts.append(Cohort(_find_monday(plan, week), currency, rows[week]["people"], weeks))
    curve = []
    for later in range(plan.weeks if currencies else 0):
        weeks_seen = [week for week in rows if week + later < plan.weeks and known[week + later] is None]
        found_cells = [cells[key] for week in weeks_seen if (key := (currencies[0], week, later)) in cells]
        people = sum(rows[week]["people"] for week in weeks_seen)
        curve.append(estimate_mean(found_cells, people, None if people else NOT_YET))
    return cohorts, curve


def estimate_mean(cells: list[dict[str, Any]], people: int, reason: Words | None) -> Estimate:
    """Return money per person of the cohort: those who spent nothing count with 0."""
    if reason is not None:
        return tell_missing(reason, MEAN)
    mean = sum(cell["total"] for cell in cells) / people
    if people < 2:
        return Estimate(mean, None, None, None, MEAN, (ONE_PERSON,))
    squares = sum(cell["squares"] for cell in cells)
    half = Z95 * sqrt(max(0.0, squares - people * mean * mean) / (people - 1) / people)
    return Estimate(mean, mean - half, mean + half, None, MEAN)


def _prove(ground: Ground, query: RetentionQuery, answer: Answer, rows: int) -> Proof:
    begins, back = query.begins.name, query.back.name
    told = {
        Quantity.PEOPLE: Words("在其后各周又有", "the share of them with"),
        Quantity.REVENUE: Words(
            "在其后各周人均花费（最小货币单位，未扣退款）：", "money per person of them (minor units) of"
        ),
    }[query.quantity]
    definition = Words(
        f"首次 {begins}（湖中有史以来第一次）落在某周（周一起，品牌时区）的人，{told.zh} {back} 的比例或金额。"
        "第 0 周即开始的那一周。未过完或没有任何事件的周留空，不记为 0。",
        f"Of the people whose first {begins} ever in the lake was in a week (from Monday, in the brand's zone): "
        f"{told.en} {back} in each week after; week 0 is the one they began in. A week that had not ended, or holds no "
        "event at all, is left out, not drawn as 0.",
    )
    engine = ground.reader.lake.engine.name
    return Proof(definition, answer.sql, answer.versions, rows, engine, (say.CAVEAT_COLLECTED,))
