"""What journeys ask of the events: the ordered touches before each conversion, aggregated to distinct paths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events import Verb
from canyu.measure.expressions import Scope
from canyu.measure.journeys.asking import keep_span
from canyu.measure.journeys.steps import Step, can_coincide, match_step, read_field

MICROS_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class JourneyPlan:
    """Journeys as the engine needs them: which events touch and which convert, how far back, and what names a touch."""

    touch: Step
    conversion: Step
    lookback_s: int
    by: str
    horizon_micros: int

    @property
    def lookback_micros(self) -> int:
        """How far back a touch counts, in microseconds."""
        return self.lookback_s * MICROS_PER_S


def count_paths(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count conversions by the path of touches before them: ``path, currency, conversions, value``."""
    rows = join_touches(events, scope, plan)
    touch = ibis.struct({"moment": rows.moment, "id": rows.id, "place": rows.place})  # ties by time and id
    journeys = rows.group_by("actor", "order").aggregate(
        touches=touch.collect(), value=rows.value.max(), currency=rows.currency.max()
    )
    journeys = journeys.mutate(path=journeys.touches.sort().map(lambda one: one["place"]))
    return journeys.group_by("path", "currency").aggregate(
        conversions=journeys.count(), value=journeys.value.sum().cast("int64")
    )


def count_lost_paths(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count people by the path of their touches of the period that no conversion followed: ``path, people, open``.

    Open are those whose last touch may still be followed by one, for the data ends before its time is over.
    """
    span = timedelta(seconds=plan.lookback_s)
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    touches = pick_touches(rows, scope, plan)
    rows = keep_span(events, scope, scope.period.start, scope.period.end + span)
    rows = rows.filter(match_step(rows, plan.conversion))
    bought = rows.select(buyer=rows.actor, bought=scope.count_micros(rows.time))
    is_after = bought.bought > touches.moment if _is_strict(plan) else bought.bought >= touches.moment
    lost = touches.anti_join(
        bought,
        [touches.actor == bought.buyer, is_after, bought.bought <= touches.moment + plan.lookback_micros],
    )
    touch = ibis.struct({"moment": lost.moment, "id": lost.id, "place": lost.place})
    journeys = lost.group_by("actor").aggregate(touches=touch.collect(), last=lost.moment.max())
    journeys = journeys.mutate(
        path=journeys.touches.sort().map(lambda one: one["place"]),
        is_open=journeys["last"] > plan.horizon_micros - plan.lookback_micros,
    )
    return journeys.group_by("path").aggregate(people=journeys.count(), still_open=journeys.is_open.sum().cast("int64"))


def count_conversions(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count the conversions of the period by currency, and how often one of them was told again."""
    found = pick_conversions(events, scope, plan)
    return found.group_by("currency").aggregate(
        conversions=found.count(), value=found.value.sum().cast("int64"), repeated=(found.told - 1).sum().cast("int64")
    )


def count_returned(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count the conversions of the period that a refund names, by its parent or by the order's number, at any time."""
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    rows = rows.filter(match_step(rows, plan.conversion))
    rows = rows.select("actor", "id", order=_read_order(rows))
    refunds = events.filter(events.type == str(Verb.REFUND))
    parents, numbers = (each.nullif("") for each in (refunds.parent, _read_order(refunds)))  # both may be null
    named = refunds.select(back=parents).union(refunds.select(back=numbers))
    ids, orders = (each.nullif("") for each in (rows.id, rows.order))
    keys = rows.select("actor", "order", key=ids).union(rows.select("actor", "order", key=orders))
    returned = keys.semi_join(named, keys.key == named.back)
    return returned.select("actor", "order").distinct().aggregate(returned=ibis._.count())


def credit_last(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Count conversions by the last touch before them: ``place, conversions``."""
    rows = join_touches(events, scope, plan)
    touch = ibis.struct({"moment": rows.moment, "id": rows.id, "place": rows.place})
    last = rows.group_by("actor", "order").aggregate(touch=touch.max())
    last = last.select(place=last.touch["place"])
    return last.group_by("place").aggregate(conversions=last.count())


def credit_decay(events: ir.Table, scope: Scope, plan: JourneyPlan, half_life_s: int) -> ir.Table:
    """Share each conversion among the touches before it, half as much per half-life: ``place, credit, squares``.

    Touches of one name are added up before the share is taken: a window over few rows, and no table is used twice.
    """
    rows = join_touches(events, scope, plan)
    age = (rows.bought - rows.moment).cast("float64") / float(half_life_s * MICROS_PER_S)
    rows = rows.mutate(weight=ibis.literal(2.0) ** -age)
    named = rows.group_by("actor", "order", "place").aggregate(weight=rows.weight.sum())
    share = named.weight / named.weight.sum().over(ibis.window(group_by=["actor", "order"]))
    named = named.select("place", share=share)
    return named.group_by("place").aggregate(credit=named.share.sum(), squares=(named.share * named.share).sum())


def join_touches(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Return every touch beside each conversion of its person that followed it within the look-back."""
    before = scope.period.start - timedelta(seconds=plan.lookback_s)
    touches = pick_touches(keep_span(events, scope, before, scope.period.end), scope, plan)
    rows = pick_conversions(events, scope, plan).join(touches, "actor")
    is_before = rows.moment < rows.bought if _is_strict(plan) else rows.moment <= rows.bought
    return rows.filter(is_before, rows.moment >= rows.bought - plan.lookback_micros)


def pick_touches(rows: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Pick the touches among events: whose, when, and what they are named after."""
    rows = rows.filter(match_step(rows, plan.touch))
    return rows.select("actor", "id", moment=scope.count_micros(rows.time), place=read_field(rows, plan.by))


def pick_conversions(events: ir.Table, scope: Scope, plan: JourneyPlan) -> ir.Table:
    """Pick the conversions of the period; those with one ``order_id`` in their props are one, the first of them."""
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    rows = rows.filter(match_step(rows, plan.conversion))
    rows = rows.select(
        "actor",
        order=_read_order(rows),
        bought=scope.count_micros(rows.time),
        value=rows.value.fill_null(0),
        currency=rows.currency.fill_null(""),
    )
    return rows.group_by("actor", "order").aggregate(
        bought=rows.bought.min(), value=rows.value.max(), currency=rows.currency.max(), told=rows.count()
    )


def _is_strict(plan: JourneyPlan) -> bool:
    return can_coincide(plan.touch, plan.conversion)


def _read_order(rows: ir.Table) -> ir.StringValue:
    """Read the number of an order, or else the event's id."""
    order = read_field(rows, "props.order_id")
    return ibis.ifelse(order == "", rows.id, order)
