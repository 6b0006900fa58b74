"""What referral credit asks of the events: each order's chain of parents, climbed to the shares it came through."""

from __future__ import annotations

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from canyu.measure.expressions import Scope
from canyu.measure.journeys.asking import keep_span
from canyu.measure.journeys.retention_expressions import BEGIN
from canyu.measure.journeys.steps import OF_STAFF

HOPS = 12
LEVELS = 3
"""How many people up the tree are told: who shared with the buyer, who shared with them, and once more."""
CHAIN = ("click", "scan", "visit", "join", "view", "share", "claim", "redeem", "book", "submit", "order")
MOST_SHARERS = 20


def count_referrals(events: ir.Table, scope: Scope) -> ir.Table:
    """Count orders by where their chain led: ``state, level, depth, channel, currency, orders, value``.

    ``state``: ``referred``; ``alone`` (no parent); ``other`` (a chain without anybody's share); ``broken`` (a parent
    that the lake does not hold); ``long`` (more than 12 steps). Each sharer of a referred order is a row of its level,
    from the nearest on; an order without one is a row of level 1 and depth 0.
    """
    rows = _list_sharers(_climb(events, scope))
    depth = rows.level.max().over(ibis.window(group_by="order"))
    rows = rows.mutate(depth=depth, state=ibis.ifelse(depth > 0, "referred", rows.ended))
    rows = rows.filter((rows.level > 0) | (rows.depth == 0))
    named = rows.mutate(level=ibis.greatest(rows.level, 1), channel=ibis.ifelse(rows.depth > 0, rows.channel, ""))
    return named.group_by("state", "level", "depth", "channel", "currency").aggregate(
        orders=named.count(), value=named.value.sum().cast("int64")
    )


def list_sharers(events: ir.Table, scope: Scope) -> ir.Table:
    """List who shared with most buyers: ``actor, orders, value``; ties by name."""
    rows = _list_sharers(_climb(events, scope))
    rows = rows.filter(rows.level == 1)
    found = rows.group_by(actor=rows.sharer).aggregate(orders=rows.count(), value=rows.value.sum().cast("int64"))
    return found.order_by(found.orders.desc(), found.actor).limit(MOST_SHARERS)


def _climb(events: ir.Table, scope: Scope) -> ir.Table:
    """Climb from each order of the period to what it answers, and so on: one join per step."""
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    rows = rows.filter(rows.type == "order", rows.actor.notnull(), rows.source != OF_STAFF)
    rows = rows.select(
        order=rows.id,
        buyer=rows.actor,
        value=rows.value.fill_null(0),
        currency=rows.currency.fill_null(""),
        parent_0=rows.parent,
    )
    above = keep_span(events, scope, BEGIN, scope.period.end)
    above = above.filter(above.type.isin(CHAIN))
    for hop in range(1, HOPS + 1):
        sharer = ibis.cases((above.type == "share", above.actor))
        named = {f"id_{hop}": above.id, f"sharer_{hop}": sharer, f"parent_{hop}": above.parent}
        step = above.select(**named, **{f"channel_{hop}": above.channel.fill_null("")})
        rows = rows.left_join(step, [(f"parent_{hop - 1}", f"id_{hop}")])
    return rows


def _list_sharers(rows: ir.Table) -> ir.Table:
    """Return a row per order and share on its way, with its level from 1; and one of level 0 per order.

    Nobody refers themselves, and a person who shared twice in a row counts once.
    """
    hops = range(1, HOPS + 1)
    broken = [rows[f"parent_{hop - 1}"].notnull() & rows[f"id_{hop}"].isnull() for hop in hops]
    is_broken = reduce(or_, broken)
    ended = ibis.cases(
        (rows.parent_0.isnull(), "alone"),
        (is_broken, "broken"),
        (rows[f"parent_{HOPS}"].notnull(), "long"),
        else_="other",
    )
    steps = [
        ibis.struct(
            {"hop": ibis.literal(0, "int64"), "sharer": ibis.literal("", "string"), "channel": ibis.literal("")}
        )
    ]
    for hop in hops:
        sharer = rows[f"sharer_{hop}"]
        named = ibis.ifelse(sharer == rows.buyer, ibis.literal(None, "string"), sharer)
        steps.append(
            ibis.struct({"hop": ibis.literal(hop, "int64"), "sharer": named, "channel": rows[f"channel_{hop}"]})
        )
    found = rows.select("order", "value", "currency", ended=ended, step=ibis.array(steps).unnest())
    found = found.select(
        *("order", "value", "currency", "ended"),
        hop=found.step["hop"],
        sharer=found.step["sharer"],
        channel=found.step["channel"],
    )
    found = found.filter(found.sharer.notnull())
    upwards = ibis.window(group_by="order", order_by="hop")
    found = found.mutate(before=found.sharer.lag().over(upwards))
    found = found.filter(found.before.isnull() | (found.before != found.sharer))
    found = found.mutate(level=ibis.row_number().over(upwards))
    return found.filter(found.level <= LEVELS)
