"""What referral credit asks of the events: each order's chain of parents, climbed to the shares it came through."""

from __future__ import annotations

from typing import Any

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
    that the lake does not hold); ``long`` (more than 12 steps). Each sharer of a referred order is a row of its level.
    """
    rows = _climb(events, scope)
    rows = rows.mutate(sharer=_list_sharers(rows).unnest())
    rows = rows.mutate(level=rows.sharer["level"], channel=rows.sharer["channel"], known=rows.sharer["actor"].notnull())
    rows = rows.filter(rows.known | ((rows.level == 1) & (rows.depth == 0)))
    return rows.group_by("state", "level", "depth", "channel", "currency").aggregate(
        orders=rows.count(), value=rows.value.sum().cast("int64")
    )


def list_sharers(events: ir.Table, scope: Scope) -> ir.Table:
    """List who shared with most buyers: ``actor, orders, value``; ties by name."""
    rows = _climb(events, scope)
    rows = rows.filter(rows.actor_1.notnull())
    found = rows.group_by(actor=rows.actor_1).aggregate(orders=rows.count(), value=rows.value.sum().cast("int64"))
    return found.order_by(found.orders.desc(), found.actor).limit(MOST_SHARERS)


def _climb(events: ir.Table, scope: Scope) -> ir.Table:
    """Climb from each order of the period to what it answers, up to 12 times; each step is one join."""
    rows = _begin(events, scope)
    above = keep_span(events, scope, BEGIN, scope.period.end)
    above = above.filter(above.type.isin(CHAIN)).select(
        *("id", "type"), above_actor=above.actor, above_channel=above.channel.fill_null(""), above_parent=above.parent
    )
    for _ in range(HOPS):
        joined = rows.left_join(above, rows.at == above.id)
        rows = _take(joined)
    is_long = (rows.state == "") & rows.at.notnull()
    ended = ibis.cases((rows.state != "", rows.state), (is_long, "long"), else_="other")
    return rows.mutate(state=ibis.ifelse(rows.depth > 0, "referred", ended))


def _begin(events: ir.Table, scope: Scope) -> ir.Table:
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    rows = rows.filter(rows.type == "order", rows.actor.notnull(), rows.source != OF_STAFF)
    empty: dict[str, Any] = {}
    for level in range(1, LEVELS + 1):
        empty |= {f"actor_{level}": ibis.literal(None, "string"), f"channel_{level}": ibis.literal(None, "string")}
    return rows.select(
        buyer=rows.actor,
        value=rows.value.fill_null(0),
        currency=rows.currency.fill_null(""),
        at=rows.parent,
        state=ibis.ifelse(rows.parent.isnull(), "alone", ""),
        depth=ibis.literal(0, "int64"),
        newest=rows.actor,
        **empty,
    )


def _take(rows: ir.Table) -> ir.Table:
    """Take one step up: a share by somebody new fills the next level; nobody refers themselves."""
    is_share = (
        (rows.type == "share") & (rows.above_actor != rows.buyer) & (rows.above_actor != rows.newest)
    ).fill_null(False)
    is_new = is_share & (rows.depth < LEVELS)
    taken: dict[str, Any] = {}
    for level in range(1, LEVELS + 1):
        is_here = is_new & (rows.depth == level - 1)
        taken[f"actor_{level}"] = ibis.ifelse(is_here, rows.above_actor, rows[f"actor_{level}"])
        taken[f"channel_{level}"] = ibis.ifelse(is_here, rows.above_channel, rows[f"channel_{level}"])
    is_broken = rows.at.notnull() & rows.id.isnull()
    return rows.select(
        *("buyer", "value", "currency"),
        at=rows.above_parent,
        state=ibis.ifelse(is_broken, "broken", rows.state),
        depth=rows.depth + is_new.cast("int64"),
        newest=ibis.ifelse(is_share, rows.above_actor, rows.newest),
        **taken,
    )


def _list_sharers(rows: ir.Table) -> ir.ArrayColumn:
    return ibis.array(
        [
            ibis.struct(
                {
                    "level": ibis.literal(level, "int64"),
                    "actor": rows[f"actor_{level}"],
                    "channel": rows[f"channel_{level}"].fill_null(""),
                }
            )
            for level in range(1, LEVELS + 1)
        ]
    )
