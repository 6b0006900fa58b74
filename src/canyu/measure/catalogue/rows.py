"""Which rows count: choices that several metrics share, each made once."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.measure.catalogue.view import View, read_prop

NO_TIME = timedelta(0)
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
    return rows.filter(*[rows[name] == value for name, value in filters.items() if value])


def keep_told(rows: ir.Table, view: View) -> ir.Table:
    """Return what listening made of the days asked for: of the model that counts, by the filters."""
    asked = view.query
    wanted = [view.is_within(rows.time)]
    if "day" in rows.columns:
        wanted.append(view.is_in_files(rows.day))
    if view.scope.model:
        wanted.append(rows.model_version == view.scope.model)
    wanted += [rows[name] == value for name, value in (("channel", asked.channel), ("market", asked.market)) if value]
    if asked.without and "actor" in rows.columns:
        wanted.append(rows.actor.isnull() | rows.actor.notin(asked.without))
    if asked.is_once and "is_copy" in rows.columns:
        wanted.append(~rows.is_copy.fill_null(False))
    return rows.filter(*wanted)


def list_orders(events: ir.Table, view: View, before: timedelta, after: timedelta = NO_TIME) -> ir.Table:
    """Return orders, each number once at its first instant; told with ``key``, the number or else the event's id."""
    rows = list_events(events, view, (Verb.ORDER,), before, after)
    rows = rows.mutate(key=read_prop(rows, ORDER_NUMBER).fill_null(rows.id))
    first = ibis.row_number().over(ibis.window(group_by="key", order_by=["time", "id"])) == 0
    return rows.mutate(is_first=first).filter(ibis._.is_first)


def keep_unreturned(orders: ir.Table, events: ir.Table, view: View) -> ir.Table:
    """Return the orders that no refund names, by its parent or by the order's number, whenever it was told."""
    refunds = events.filter(events.type == str(Verb.REFUND))
    numbers = read_prop(refunds, ORDER_NUMBER)
    names = refunds.select(name=refunds.parent).union(refunds.select(name=numbers))
    names = names.filter(names.name.notnull())
    kept = orders.anti_join(names, orders.key == names.name)
    return kept.anti_join(names, kept.id == names.name)


def aggregate(rows: ir.Table, view: View, **columns: ir.Value) -> ir.Table:
    """Return whole numbers for each combination of the dimensions, or in all where there are none."""
    made = {name: value.cast("int64") for name, value in columns.items()}
    return rows.group_by(view.keys).aggregate(**made) if view.keys else rows.aggregate(**made)
