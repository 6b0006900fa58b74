"""What the lake says of a session: its viewers, its orders with what was given back, and the weeks before it.

Everything is read from one version of the lake, which the figures name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events import Lake, Verb
from canyu.measure.catalogue.rows import PREORDER
from canyu.measure.catalogue.view import has_prop
from canyu.ops.campaigns.lives.rules import MOST_VIEWERS, Metric, Reading, Scope, Source, Span, floor_minute
from canyu.ops.campaigns.reading.queries import find_number

PLAYS = "plays"
METRIC = r'"metric"\s*:\s*"([^"\\]*)"'


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: from which version, of which campaign and products, under which name viewers come."""

    version: int
    campaign: str
    scope: Scope
    products: tuple[str, ...]
    object_name: str


@dataclass(frozen=True, slots=True)
class Order:
    """One order, counted once by the shop's number or else by its event; ``is_ours`` where the session's scope has it.

    ``is_refunded`` where a refund, of the whole or a part, was told of it at any time since.
    """

    at: datetime
    is_ours: bool
    is_preorder: bool
    is_refunded: bool


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of a span by time, the query that found them, and how many rows it read."""

    rows: list[Order]
    sql: str
    events: int


@dataclass(frozen=True, slots=True)
class PlaysTold:
    """How often a clip had been played in all by a moment, as an event says it; ``channel`` may be empty."""

    object_name: str
    channel: str
    at: datetime
    plays: int


@dataclass(frozen=True, slots=True)
class Told:
    """What events say of viewers: of each minute what was told last, and the platform's own numbers by metric."""

    readings: dict[Metric, list[Reading]]


def read_viewers(lake: Lake, asked: Asked, span: Span) -> Told:
    """Return what ``observe`` events say of a span's minutes. A 0 without ``is_zero`` is a feed that told nothing."""
    rows = _narrow(lake.scan(version=asked.version), span, Verb.OBSERVE)
    rows = rows.filter(rows.object == asked.object_name, rows.value.notnull(), rows.channel.notnull())
    rows = rows.mutate(metric=rows.props.re_extract(METRIC, 1), is_zero=_has(rows, "is_zero"))
    rows = rows.filter(rows.metric.isin([str(metric) for metric in Metric]))
    found = lake.engine.run(rows.select("time", "channel", "metric", "value", "is_zero", "id").order_by("time", "id"))
    last: dict[Metric, dict[tuple[str, datetime], Reading]] = {metric: {} for metric in Metric}
    for row in found.to_pylist():
        minute, value = floor_minute(row["time"]), row["value"]
        is_known = 0 < value <= MOST_VIEWERS or (value == 0 and row["is_zero"])
        reading = Reading(row["channel"], minute, value if is_known else None, Source.LAKE)
        last[Metric(row["metric"])][row["channel"], minute] = reading
    return Told({metric: list(readings.values()) for metric, readings in last.items()})


def read_plays(lake: Lake, version: int, names: Collection[str], since: datetime) -> list[PlaysTold]:
    """Return what ``observe`` events say of how often clips had been played in all, by time; an instant's last counts.

    ``names``: the objects that the clips are called. A 0 without ``is_zero`` is a feed that told nothing.
    """
    events = lake.scan(version=version)
    rows = events.filter(
        events.type == str(Verb.OBSERVE),
        events.day >= ibis.literal(_find_day(since)),
        events.object.isin(list(names)),
        events.value.notnull(),
    )
    rows = rows.mutate(metric=rows.props.re_extract(METRIC, 1), is_zero=_has(rows, "is_zero"))
    rows = rows.filter(rows.metric == PLAYS)
    found = lake.engine.run(rows.select("time", "object", "channel", "value", "is_zero", "id").order_by("time", "id"))
    return [
        PlaysTold(row["object"], row["channel"] or "", row["time"].astimezone(UTC), row["value"])
        for row in found.to_pylist()
        if 0 < row["value"] <= MOST_VIEWERS or (row["value"] == 0 and row["is_zero"])
    ]


def read_orders(lake: Lake, asked: Asked, span: Span) -> Orders:
    """Return the comparable orders of a span: of the session's products, or all where it names none.

    An order that is told twice counts at its first instant. Refunds are looked for at any time since.
    """
    events = lake.scan(version=asked.version)
    chosen = _choose(_narrow(events, span, Verb.ORDER), asked)
    refunds = events.filter(events.type == str(Verb.REFUND), events.day >= ibis.literal(_find_day(span.start)))
    numbers = refunds.mutate(number=find_number(refunds))
    numbers = numbers.filter(numbers.number != "")
    query = chosen.mutate(
        is_refunded=chosen.id.isin(refunds.parent.fill_null("")) | chosen.number.isin(numbers.number)
    ).order_by("time", "id")
    rows = lake.engine.run(query).to_pylist()
    seen: dict[str, Order] = {}
    for row in rows:
        key = row["number"] or row["id"]
        first = seen.get(key)
        at = first.at if first else row["time"].astimezone(UTC)
        seen[key] = Order(
            at,
            _is_ours(row, asked) or bool(first and first.is_ours),
            row["is_preorder"] or bool(first and first.is_preorder),
            row["is_refunded"] or bool(first and first.is_refunded),
        )
    return Orders(list(seen.values()), lake.engine.compile_sql(query), len(rows))


def read_moments(lake: Lake, asked: Asked, spans: Sequence[Span]) -> list[list[datetime]]:
    """Return when comparable orders came in each span, each once; nothing is asked for no span."""
    if not spans:
        return []
    events = lake.scan(version=asked.version)
    parts = [_is_within(events, span) for span in spans]
    rows = _choose(events.filter(events.type == str(Verb.ORDER), reduce(or_, parts)), asked)
    found = lake.engine.run(rows.select("id", "time", "number").order_by("time", "id")).to_pylist()
    first = {row["number"] or row["id"]: row["time"].astimezone(UTC) for row in reversed(found)}
    moments = sorted(first.values())
    return [[moment for moment in moments if span.holds(moment)] for span in spans]


def find_observed(lake: Lake, asked: Asked, spans: Sequence[Span]) -> list[Span]:
    """Return the spans on whose days the lake has any event at all: a day that nobody collected is no day of 0."""
    if not spans:
        return []
    events = lake.scan(version=asked.version)
    days = sorted({day for span in spans for day in _list_days(span)})
    found = events.filter(events.day.isin([ibis.literal(day) for day in days])).select("day").distinct()
    known = set(lake.engine.run(found)["day"].to_pylist())
    return [span for span in spans if all(day in known for day in _list_days(span))]


def _choose(orders: ir.Table, asked: Asked) -> ir.Table:
    rows = orders.mutate(number=find_number(orders), is_preorder=_has(orders, PREORDER))
    if asked.products:
        named = [rows.props.fill_null("").contains(f'"{product}"') for product in asked.products]
        rows = rows.filter(reduce(or_, named, rows.object.isin(asked.products)))
    return rows.select("id", "time", "campaign", "number", "is_preorder")


def _is_ours(row: dict[str, Any], asked: Asked) -> bool:
    return asked.scope is Scope.PRODUCTS or row["campaign"] == asked.campaign


def _narrow(events: ir.Table, span: Span, verb: Verb) -> ir.Table:
    return events.filter(events.type == str(verb), _is_within(events, span))


def _is_within(events: ir.Table, span: Span) -> ir.BooleanValue:
    first, last = _find_day(span.start), _find_day(span.end)
    days = (events.day >= ibis.literal(first)) & (events.day <= ibis.literal(last))  # few files are opened then
    within: ir.BooleanValue = days & (events.time >= ibis.literal(span.start)) & (events.time < ibis.literal(span.end))
    return within


def _find_day(moment: datetime) -> Any:
    return moment.astimezone(UTC).date()


def _list_days(span: Span) -> list[Any]:
    last = _find_day(span.end - timedelta(microseconds=1))
    first = _find_day(span.start)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _has(events: ir.Table, name: str) -> ir.BooleanColumn:
    found: ir.BooleanColumn = has_prop(events, name, "true").fill_null(False)
    return found
