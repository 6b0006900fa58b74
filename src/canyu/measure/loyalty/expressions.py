"""What loyalty asks of the lake's orders: one expression each, whole numbers out, the same on every engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.measure.expressions import Scope, find_day_number
from canyu.measure.period import to_day_number
from canyu.measure.props import read_prop

AGE_BAND = "age_band"


@dataclass(frozen=True, slots=True)
class Orders:
    """Which orders count: of the scope's period, in one currency. ``window``: days within which a repurchase counts."""

    scope: Scope
    currency: str
    window: int


def list_customers_of_lake(events: ir.Table, asked: Orders) -> ir.Table:
    """Return a row per customer: days with an order, the first and last of them, and what the later ones brought.

    Several orders of a day are one purchase; what was given back in full is none.
    """
    days = _add_first(_list_days(events, asked))
    later = ibis.ifelse(days.day_number > days["first"], days.net, 0)
    people = days.mutate(later=later).group_by("actor")
    rows = people.aggregate(
        days=lambda t: t.count(),
        first=lambda t: t["first"].min(),
        last=lambda t: t.day_number.max(),
        later=lambda t: t.later.sum().cast("int64"),
    )
    return rows.order_by("actor").select("days", "first", "last", "later")


def count_repurchase_of_lake(events: ir.Table, asked: Orders) -> ir.Table:
    """Count by age band the customers whose window is over, and those who ordered again within it.

    The band is the one that stood on their first order.
    """
    days = _add_first(_list_days(events, asked))
    is_first = days.day_number == days["first"]
    rows = days.mutate(
        again=ibis.ifelse(is_first, ibis.null("int64"), days.day_number),
        band=ibis.ifelse(is_first, days.band, ibis.null("string")),
    )
    people = rows.group_by("actor").aggregate(first=rows["first"].min(), again=rows.again.min(), band=rows.band.max())
    people = people.filter(people["first"] + asked.window <= to_day_number(asked.scope.period.last))
    has_returned = (people.again - people["first"] <= asked.window).fill_null(False)
    people = people.mutate(has_returned=has_returned.cast("int64"))
    counted = people.group_by("band").aggregate(people=people.count(), returned=people.has_returned.sum().cast("int64"))
    return counted.order_by("band")


def count_cohorts_of_lake(events: ir.Table, asked: Orders) -> ir.Table:
    """Count the customers of each month of first order who ordered in each month after; months from 0 on."""
    starts = [to_day_number(day) for day in list_months(asked)[1:]]
    days = _list_days(events, asked)
    zero: Any = ibis.literal(0, "int64")
    month = reduce(lambda total, start: total + (days.day_number >= start).cast("int64"), starts, zero)
    months = days.mutate(month=month).select("actor", "month").distinct()
    months = months.mutate(cohort=months.month.min().over(ibis.window(group_by="actor")))
    return months.group_by("cohort", "month").aggregate(people=months.count()).order_by("cohort", "month")


def count_odd_orders_of_lake(events: ir.Table, asked: Orders) -> ir.Table:
    """Count what does not enter: orders without a person or in another currency, refunds that name no order."""
    rows = _keep_period(events, asked)
    is_order, is_refund = rows.type == str(Verb.ORDER), rows.type == str(Verb.REFUND)
    is_ours = (rows.currency == asked.currency).fill_null(False)
    odd = {
        "anonymous": is_order & rows.actor.isnull(),
        "foreign": (is_order | is_refund) & ~is_ours,
        "unnamed": is_refund & rows.parent.isnull(),
    }
    return rows.aggregate(**{name: mark.cast("int64").sum().cast("int64") for name, mark in odd.items()})


def list_months(asked: Orders) -> list[date]:
    """Return the first day of each month of the period; the first may begin before it."""
    period = asked.scope.period
    months = [period.first.replace(day=1)]
    while (following := (months[-1] + timedelta(days=32)).replace(day=1)) <= period.last:
        months.append(following)
    return months


def ends_month(day: date) -> bool:
    """Tell whether a day is the last of its month."""
    return (day + timedelta(days=1)).day == 1


def _list_days(events: ir.Table, asked: Orders) -> ir.Table:
    """Return a row per customer and day with an order that was not given back."""
    rows = _keep_period(events, asked)
    rows = rows.filter(rows.currency == asked.currency)
    refunds = rows.filter(rows.type == str(Verb.REFUND), rows.parent.notnull())
    back = refunds.group_by(order="parent").aggregate(back=refunds.value.sum().cast("int64"))
    orders = rows.filter(rows.type == str(Verb.ORDER), rows.actor.notnull())
    joined = orders.left_join(back, orders.id == back.order)
    joined = joined.select(
        "actor",
        day_number=find_day_number(joined.time, asked.scope),
        net=joined.value.fill_null(0) - joined.back.fill_null(0),
        is_whole=joined.back.isnull(),
        band=read_prop(joined.props, AGE_BAND),
    )
    kept = joined.filter(joined.is_whole | (joined.net > 0))
    return kept.group_by("actor", "day_number").aggregate(net=kept.net.sum().cast("int64"), band=kept.band.max())


def _add_first(days: ir.Table) -> ir.Table:
    return days.mutate(first=days.day_number.min().over(ibis.window(group_by="actor")))


def _keep_period(events: ir.Table, asked: Orders) -> ir.Table:
    period = asked.scope.period
    last = (period.end - timedelta(microseconds=1)).date()
    return events.filter(
        events.day.between(ibis.literal(period.start.date()), ibis.literal(last)),
        events.time >= ibis.literal(period.start),
        events.time < ibis.literal(period.end),
        events.type.isin([str(Verb.ORDER), str(Verb.REFUND)]),
    )
