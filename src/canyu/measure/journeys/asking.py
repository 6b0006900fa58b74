"""What funnels, retention and journeys ask first: which days the lake holds at all, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure.expressions import Scope, find_day_number
from canyu.measure.facts import Reader
from canyu.measure.figure import OverviewQuery
from canyu.measure.journeys.steps import OF_STAFF
from canyu.measure.period import EPOCH, Period, find_previous, make_period, to_day_number

NO_EVENTS = Words("期间内没有任何事件。", "There is no event in the period.")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question stands on: the reader, its scope, the days of the period that hold events, and the last event."""

    reader: Reader
    scope: Scope
    observed: frozenset[int]
    horizon_micros: int

    @property
    def period(self) -> Period:
        """The period asked for."""
        return self.scope.period

    @property
    def notes(self) -> tuple[Words, ...]:
        """What the reader must know of days without data; none where every day holds some."""
        days = len(self.period.days)
        gaps = days - len(self.observed)
        if not gaps or not self.observed:
            return ()
        return (
            Words(
                f"期间 {days} 天中有 {gaps} 天没有任何事件：那些天可能没有采集，发生过什么不得而知。",
                f"{gaps} of the period's {days} days hold no event at all: they may not have been collected, and what "
                "happened on them is not known.",
            ),
        )


def find_ground(lake: Lake, query: OverviewQuery) -> Ground:
    """Return what a question about a period stands on."""
    reader = Reader(lake)
    period = make_period(query.start, query.end, query.zone)
    engine = lake.engine
    scope = Scope(period, find_previous(period), "", "", query.market, "", engine.count_micros, engine.count_days)
    rows = reader.ask(list_event_days, "events", scope).table.to_pylist()
    first, last = to_day_number(scope.period.first), to_day_number(scope.period.last)
    observed = frozenset(row["day_number"] for row in rows if first <= row["day_number"] <= last)
    horizon = reader.ask(find_last_moment, "events", scope).table["last"][0].as_py()
    return Ground(reader, scope, observed, horizon or scope.period.start_micros)


def list_event_days(events: ir.Table, scope: Scope) -> ir.Table:
    """List the days of the period, in its zone, that hold any event of the market."""
    rows = keep_span(events, scope, scope.period.start, scope.period.end)
    return rows.select(day_number=find_day_number(rows.time, scope)).distinct()


def find_last_moment(events: ir.Table, scope: Scope) -> ir.Table:
    """Return the last moment of any event, in microseconds."""
    return events.filter(events.source != OF_STAFF).aggregate(last=scope.count_micros(events.time.max()))


def keep_span(events: ir.Table, scope: Scope, start: datetime, end: datetime) -> ir.Table:
    """Keep the events of a span of time, of the scope's market, without those of the staff."""
    last = (end - timedelta(microseconds=1)).astimezone(UTC).date()
    first: date = start.astimezone(UTC).date()
    wanted = [
        events.day.between(ibis.literal(first), ibis.literal(last)),  # the partition: other days' files stay closed
        events.time >= ibis.literal(start),
        events.time < ibis.literal(end),
        events.source != OF_STAFF,
    ]
    if scope.market:
        wanted.append(events.market == scope.market)
    return events.filter(*wanted)


def to_moment(micros: int) -> datetime:
    """Return the moment of a count of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)
