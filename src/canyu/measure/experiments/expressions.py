"""What an experiment asks of the lake: one expression per outcome, whole numbers out, the same on every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events.vocabulary import Verb
from canyu.measure.experiments.assignment import PREFIX
from canyu.measure.experiments.experiment import Experiment, Kind, Outcome
from canyu.measure.experiments.sums import PAIRS
from canyu.measure.period import to_micros
from canyu.measure.props import read_prop

HOUR = 3_600_000_000
DAY = 24 * HOUR
MIXED, RECENT, HOMELESS = "?mixed", "?recent", "?homeless"


@dataclass(frozen=True, slots=True)
class Sought:
    """One outcome of one experiment, counted up to ``until``; ``cap`` is the most that one person counts, 0 for all."""

    experiment: Experiment
    outcome: Outcome
    until: datetime
    count_micros: Callable[[Any], Any]
    cap: int = 0


def multiply(one: ir.IntegerColumn, other: ir.IntegerColumn) -> ir.DecimalScalar:
    """Return the sum of the products, exactly: 19 digits are the fewest that DuckDB multiplies without overflow."""
    product = one.cast("decimal(19, 0)") * other.cast("decimal(19, 0)")
    return product.cast("decimal(38, 0)").sum()


def sum_people_of_experiment(events: ir.Table, sought: Sought) -> ir.Table:
    """Add up the people of each arm, with squares and cross products: everything that an analysis needs.

    Beside the arms stand those who were left out: seen in two arms, or too recently for their days to be over.
    """
    people = _list_people(events, sought)
    products = {pair: multiply(people[pair[0]], people[pair[1]]) for pair in PAIRS}
    return people.group_by("state").aggregate(**_add_up(people), **products)


def sum_clusters_of_experiment(events: ir.Table, sought: Sought) -> ir.Table:
    """Add up the people of each cluster, by arm and stage."""
    people = _list_people(events, sought)
    added = people.group_by("state", "cluster").aggregate(**_add_up(people), yy=multiply(people.y, people.y))
    return added.order_by("state", "cluster")


def find_cap_of_experiment(events: ir.Table, sought: Sought) -> ir.Table:
    """Return the amount at the outcome's percentile over all people of the arms, as the nearest rank."""
    people = _list_people(events, sought)
    people = people.filter(~people.state.startswith("?"))
    ranked = people.select(
        people.y,
        rank=ibis.row_number().over(ibis.window(order_by="y")) + 1,
        whole=people.count().over(ibis.window()),
    )
    reached = ranked.filter(ranked["rank"] >= ranked.whole * sought.outcome.winsorise)
    return reached.aggregate(cap=reached.y.min())


def sum_periods_of_experiment(events: ir.Table, sought: Sought) -> ir.Table:
    """Add up each period of a switchback, without its first hours; periods without any event at all do not appear."""
    experiment, outcome = sought.experiment, sought.outcome
    rows = _keep_time(events, experiment.start, sought.until)
    length = experiment.period_hours * HOUR
    since = sought.count_micros(rows.time) - ibis.literal(to_micros(experiment.start), "int64")
    rows = rows.mutate(period=(since / float(length)).floor().cast("int64"), since=since)
    rows = rows.filter(rows.since - rows.period * length >= experiment.washout_hours * HOUR)
    amount, is_outcome, is_foreign = _find_amount(rows, outcome)
    rows = rows.select(
        "period",
        y=ibis.ifelse(is_outcome, amount, 0),
        d=(rows.type == outcome.per).cast("int64"),
        foreign=is_foreign.cast("int64"),
    )
    added = rows.group_by("period").aggregate(
        events=rows.count(), **{name: rows[name].sum().cast("int64") for name in ("y", "d", "foreign")}
    )
    return added.order_by("period")


def find_newest_of_experiment(events: ir.Table, start: datetime, count_micros: Callable[[Any], Any]) -> ir.Table:
    """Return the moment of the newest event since the start: what the lake does not reach cannot be over."""
    first = start.astimezone(UTC)
    rows = events.filter(events.day >= ibis.literal(first.date()), events.time >= ibis.literal(first))
    return rows.aggregate(newest=count_micros(rows.time).max())


def _add_up(people: ir.Table) -> dict[str, ir.Scalar]:
    added = {name: people[name].sum().cast("int64") for name in ("y", "d", "x", "e", "foreign")}
    return {"people": people.count(), **added}


def _list_people(events: ir.Table, sought: Sought) -> ir.Table:
    """Return a row per exposed person: where they belong, and what they did after it and before the start."""
    outcome = sought.outcome
    rows = _mark_events(events, sought)
    added = rows.group_by("actor").aggregate(
        **{name: _add_where(rows, rows.counts_after, name) for name in ("y", "d")},
        x=_add_where(rows, rows.counts_before, "y"),
        e=_add_where(rows, rows.counts_before, "d"),
        foreign=rows.foreign.sum().cast("int64"),
        arm=rows.arm.min(),  # first and last by name, not a count of distinct ones: Spark would triple the rows
        last_arm=rows.arm.max(),
        cluster=rows.cluster.min(),
        last_cluster=rows.cluster.max(),
        first=rows.first.min(),
    )
    unit = sought.experiment.unit
    is_mixed = added.arm != added.last_arm
    if unit.is_cluster:
        is_mixed = is_mixed | (added.cluster != added.last_cluster)
    is_homeless = (added.cluster == "") & ibis.literal(unit.is_cluster)
    ends = added.first + outcome.days * DAY
    state = ibis.cases(
        (is_mixed, MIXED),
        (is_homeless, HOMELESS),
        (ends > to_micros(sought.until), RECENT),
        else_=added.arm,
    )
    people = added.mutate(state=state)
    if outcome.kind is Kind.PROPORTION:
        people = people.mutate(y=(people.y > 0).cast("int64"), x=(people.x > 0).cast("int64"))
    if outcome.kind is not Kind.RATIO:
        people = people.mutate(d=ibis.literal(1, "int64"), e=ibis.literal(1, "int64"))
    if sought.cap:
        people = people.mutate(**{name: ibis.least(people[name], ibis.literal(sought.cap)) for name in ("y", "x")})
    return people


def _mark_events(events: ir.Table, sought: Sought) -> ir.Table:
    """Return the events of exposed people that count, with the moment at which each was first exposed."""
    experiment, outcome = sought.experiment, sought.outcome
    begin = experiment.start - timedelta(days=outcome.days_before)
    rows = _keep_time(events, begin, sought.until)
    prefix = f"{PREFIX}{experiment.name}/"
    is_exposure = (rows.type == str(Verb.VIEW)) & rows.object.startswith(prefix).fill_null(False)
    amount, is_outcome, is_foreign = _find_amount(rows, outcome)
    is_per = (rows.type == outcome.per) if outcome.per else ibis.literal(False)
    rows = rows.filter(rows.actor.notnull(), is_exposure | is_outcome | is_foreign | is_per)
    moment = sought.count_micros(rows.time)
    is_seen = is_exposure & (rows.time >= ibis.literal(experiment.start)) & (rows.time < ibis.literal(experiment.end))
    rows = rows.select(
        "actor",
        moment=moment,
        arm=ibis.ifelse(is_seen, rows.object.substr(len(prefix)), ibis.null("string")),
        cluster=ibis.ifelse(is_seen, read_prop(rows.props, "cluster"), ibis.null("string")),
        seen=ibis.ifelse(is_seen, moment, ibis.null("int64")),
        y=ibis.ifelse(is_outcome & ~is_exposure, amount, 0),
        d=(is_per & ~is_exposure).cast("int64"),
        foreign=is_foreign.cast("int64"),
    )
    rows = rows.mutate(first=rows.seen.min().over(ibis.window(group_by="actor")))
    rows = rows.filter(rows.first.notnull())
    last = rows.first + outcome.days * DAY if outcome.days else to_micros(sought.until)
    return rows.mutate(
        counts_after=(rows.moment >= rows.first) & (rows.moment < last),
        counts_before=rows.moment < to_micros(experiment.start),
    )


def _find_amount(rows: ir.Table, outcome: Outcome) -> tuple[Any, Any, Any]:
    """Return what an event counts, whether it is of the outcome, and whether it would be but for its currency."""
    is_event = rows.type == outcome.event
    if not outcome.currency:
        return ibis.literal(1, "int64"), is_event, ibis.literal(False)
    is_money = (rows.currency == outcome.currency).fill_null(False)
    return rows.value.fill_null(0), is_event & is_money, is_event & ~is_money


def _add_where(rows: ir.Table, is_counted: Any, name: str) -> Any:
    return ibis.ifelse(is_counted, rows[name], 0).sum().cast("int64")


def _keep_time(events: ir.Table, begin: datetime, end: datetime) -> ir.Table:
    first, last = begin.astimezone(UTC), end.astimezone(UTC)
    by_day = events.day.between(ibis.literal(first.date()), ibis.literal(last.date()))
    return events.filter(by_day, events.time >= ibis.literal(first), events.time < ibis.literal(last))
