"""Which rows count: choices that several metrics share, each made once."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.measure.catalogue.view import View
from canyu.measure.expressions import keep_scope
from canyu.measure.props import read_prop

NO_TIME = timedelta(0)
HISTORY = timedelta(days=3660)
"""Who was there before the period is no newcomer: as far back as periods reach."""
AGAIN = timedelta(days=30)
"""An order number that is told again within so long is the same order."""
ORDER_NUMBER = "order_id"
PREORDER = "pre_?order"


def list_events(
    events: ir.Table, view: View, verbs: tuple[Verb, ...], before: timedelta = NO_TIME, after: timedelta = NO_TIME
) -> ir.Table:
    """Return the events of these types in the files of the days asked for and so long around them, unfiltered."""
    names = [str(verb) for verb in verbs]
    kind = events.type == names[0] if len(names) == 1 else events.type.isin(names)
    return events.filter(view.is_from(events.day, before, after), kind)


def keep_events(events: ir.Table, view: View, *verbs: Verb) -> ir.Table:
    """Return the events of these types in the days asked for that pass the filters."""
    rows = list_events(events, view, verbs)
    return keep_asked(rows.filter(view.is_within(rows.time)), view)


def keep_asked(rows: ir.Table, view: View) -> ir.Table:
    """Return the events that pass the query's filters."""
    asked = view.query
    filters = {"channel": asked.channel, "market": asked.market, "campaign": asked.campaign, "object": asked.object}
    wanted = [rows[name] == value for name, value in filters.items() if value]
    return rows.filter(*wanted) if wanted else rows


def keep_told(rows: ir.Table, view: View) -> ir.Table:
    """Return what listening made of the days asked for: of the model that counts, by the filters."""
    asked = view.query
    told = keep_scope(rows, view.scope, view.spans, by_day="day" in rows.columns)
    if asked.without and "actor" in rows.columns:
        told = told.filter(told.actor.isnull() | told.actor.notin(asked.without))
    if asked.is_once and "is_copy" in rows.columns:
        told = told.filter(~told.is_copy.fill_null(False))
    return told


def list_orders(events: ir.Table, view: View, before: timedelta, after: timedelta = NO_TIME) -> ir.Table:
    """Return orders, each number once at its first instant; told with ``key``, the number or else the event's id."""
    rows = list_events(events, view, (Verb.ORDER,), before, after)
    rows = rows.mutate(key=read_prop(rows.props, ORDER_NUMBER).nullif("").fill_null(rows.id))
    first = ibis.row_number().over(ibis.window(group_by="key", order_by=["time", "id"])) == 0
    return rows.mutate(is_first=first).filter(ibis._.is_first)


def keep_unreturned(orders: ir.Table, events: ir.Table) -> ir.Table:
    """Return the orders that no refund names, by its parent or by the order's number, whenever it was told."""
    refunds = events.filter(events.type == str(Verb.REFUND))
    parents = refunds.filter(refunds.parent.notnull()).select(parent="parent")
    numbers = refunds.select(number=read_prop(refunds.props, ORDER_NUMBER).nullif(""))
    numbers = numbers.filter(numbers.number.notnull())
    kept = orders.anti_join(parents, orders.id == parents.parent)
    return kept.anti_join(numbers, kept.key == numbers.number)


def aggregate(table: ir.Table, view: View, /, **columns: ir.Value) -> ir.Table:
    """Return whole numbers for each combination of the dimensions, or in all where there are none."""
    made = {name: value.cast("int64") for name, value in columns.items()}
    return table.group_by(view.keys).aggregate(**made) if view.keys else table.aggregate(**made)


def count_followed(begun: ir.Table, ends: ir.Table, view: View, length: timedelta) -> ir.Table:
    """Count what began, and of it what ended well: an end within ``length`` after the beginning.

    ``begun`` has ``id``, ``began`` (microseconds) and the dimensions, ``ends`` has ``root`` (an id) and ``ended``. What
    began so late that its time is not over is open, whether it ended or not: those that ended alone would flatter.
    Where every end lies before the beginning the clocks disagree, and nothing is known.
    """
    rows = begun.left_join(ends, begun.id == ends.root)
    took = rows.ended - rows.began
    cases = rows.group_by(*view.keys, "id", "began").aggregate(best=took.min(where=took >= 0), any=took.min())
    is_disordered = cases.best.isnull() & cases["any"].notnull()
    is_over = view.is_followed(cases.began, length)
    is_well = (cases.best <= length // timedelta(microseconds=1)).fill_null(False)
    return aggregate(
        cases,
        view,
        part=(is_well & is_over).sum().fill_null(0),
        whole=(is_over & ~is_disordered).sum().fill_null(0),
        open=(~is_over & ~is_disordered).sum().fill_null(0),
        disordered=is_disordered.sum().fill_null(0),
        rows=cases.count(),
    )
