"""What retention asks of the events: one bit mask of weeks per person, or what each person spent by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir

from canyu.measure.expressions import Scope, find_day_number
from canyu.measure.journeys.asking import keep_span
from canyu.measure.journeys.steps import Step, match_step, read_field

FIRST_MONDAY = 4
"""5 January 1970 was the first Monday: day 4."""
BEGIN = datetime(1990, 1, 1, tzinfo=UTC)
"""Before any event: a lake refuses older ones."""


@ibis.udf.agg.builtin(name="bit_or", signature=(("int64",), "int64"))
def _bit_or(mask):  # type: ignore[no-untyped-def]
    """Every bit that any row has; both engines call it so, and Ibis knows it for one of them only."""


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """Retention as the engine needs it: ``first_week`` is the week of the period's first day, of ``weeks`` in all."""

    start: Step
    back: Step
    first_week: int
    weeks: int


def count_weeks(events: ir.Table, scope: Scope, plan: RetentionPlan) -> ir.Table:
    """Count the people of each cohort, and those of them who were back in each week after: ``week, people, back_N``.

    A person is one row with one integer whose bits are the weeks of the period in which they were back.
    """
    rows = _keep(events, scope, plan)
    week = rows.week
    is_in = rows.is_back & (week >= 0)
    bit = ibis.literal(1, "int64") << ibis.ifelse(is_in, week, 0)
    rows = rows.mutate(first=ibis.cases((rows.is_start, week)), bit=ibis.ifelse(is_in, bit, 0))
    people = rows.group_by("actor").aggregate(first=rows["first"].min(), mask=_bit_or(rows.bit))
    people = people.filter(people["first"] >= 0)
    since = people.mask >> people["first"]
    counts = {f"back_{offset}": ((since >> offset) & 1).sum().cast("int64") for offset in range(plan.weeks)}
    people = people.mutate(week=people["first"])
    return people.group_by("week").aggregate(people=people.count(), **counts)


def sum_weeks(events: ir.Table, scope: Scope, plan: RetentionPlan) -> ir.Table:
    """Add up what each cohort spent in each week after: ``week, later, currency, people, total, squares``."""
    rows = _keep(events, scope, plan, with_orders=True)
    rows = rows.mutate(
        began=ibis.cases((rows.is_start, rows.week)),
        spent=ibis.ifelse(rows.is_back, rows.value.fill_null(0), 0),
        money=ibis.ifelse(rows.is_back, rows.currency.fill_null(""), ""),
    )
    once = rows.group_by("actor", "money", "order").aggregate(
        week=rows.week.min(), began=rows.began.min(), spent=rows.spent.max()
    )  # an order that was told twice counts once
    weeks = once.group_by("actor", "week", "money").aggregate(began=once.began.min(), spent=once.spent.sum())
    weeks = weeks.mutate(first=weeks.began.min().over(ibis.window(group_by="actor")))
    weeks = weeks.filter(weeks["first"] >= 0, weeks.week >= weeks["first"], weeks.spent > 0)
    weeks = weeks.select("actor", "spent", currency="money", cohort="first", later=weeks.week - weeks["first"])
    spent = weeks.spent.cast("float64")
    found = weeks.group_by("cohort", "later", "currency").aggregate(
        people=weeks.count(), total=weeks.spent.sum().cast("int64"), squares=(spent * spent).sum()
    )
    return found.rename(week="cohort")


def list_observed_weeks(events: ir.Table, scope: Scope, first_week: int) -> ir.Table:
    """Count the days with any event in each week of the period."""
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    days = rows.select(day_number=find_day_number(rows.time, scope)).distinct()
    days = days.mutate(week=_find_week(days.day_number) - first_week)
    return days.group_by("week").aggregate(days=days.count())


def _keep(events: ir.Table, scope: Scope, plan: RetentionPlan, *, with_orders: bool = False) -> ir.Table:
    """Keep what begins or comes back, from the first event ever on: whoever began before the period is not new."""
    rows = keep_span(events, scope, BEGIN, scope.period.end)
    is_start, is_back = match_step(rows, plan.start), match_step(rows, plan.back)
    rows = rows.filter(is_start | (is_back & (rows.time >= ibis.literal(scope.period.start - timedelta(days=7)))))
    week = _find_week(find_day_number(rows.time, scope)) - plan.first_week
    order = read_field(rows, "props.order_id") if with_orders else rows.id
    return rows.select(
        *("actor", "value", "currency"),
        order=ibis.ifelse(order == "", rows.id, order),
        week=week,
        is_start=match_step(rows, plan.start),
        is_back=match_step(rows, plan.back),
    )


def _find_week(day_number: ir.IntegerColumn) -> ir.IntegerColumn:
    """Return the weeks since the first Monday of 1970."""
    return (day_number - FIRST_MONDAY) // 7
