"""What hot lists and measured series ask of the data: Ibis expressions that answer in whole numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from canyu.events.tables import LONGEST_GAP_MINUTES
from canyu.events.vocabulary import Verb
from canyu.measure.expressions import Scope, add_union, cut_spells, find_day_number, get_edges
from canyu.measure.period import Period
from canyu.measure.props import read_prop

BOARD_METRICS = ("hot_rank", "hot_rank_daily", "hot_spell")
"""Facts about a place on a list; every other metric is a series of its own."""
MOST_TITLES = 2_000
MOST_OBJECTS = 20_000
HOURS_PER_DAY = 24


def sum_title_time(board: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """Add up what is known of each title of the brand: microseconds on lists (union), best rank and heat, when seen.

    A title that was only seen before an unknown gap is there with 0 microseconds.
    """
    begin, end = ibis.literal(period.start), ibis.literal(period.end)
    is_in = (board.start < end) & ((board.end > begin) | (board.start >= begin))
    rows = add_union(cut_spells(board.filter(is_in, board.brand == scope.brand), scope, *get_edges(period)), "title")
    found = rows.group_by("title").aggregate(
        micros=rows.added.sum().cast("int64"),
        top_rank=rows.top_rank.min(),
        heat=rows.heat.max(),
        first=rows.since.min(),
        last=rows.until.max(),
        sightings=rows.count(),
        channels=rows.channel.nunique(),
        untold=rows.is_spell.isnull().sum().cast("int64"),
    )
    return found.order_by(found.micros.desc(), "first", "title").limit(MOST_TITLES + 1)


def list_captures(events: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """List the moments at which each list was captured, in the period and as far around it as a capture stands."""
    around = timedelta(minutes=LONGEST_GAP_MINUTES)
    rows = _keep_facts(events, period.start - around, period.end + around)
    rows = rows.filter(rows.props.contains('"hot_rank"'))  # most facts are none: their JSON need not be read
    if scope.channel:
        rows = rows.filter(rows.channel == scope.channel)
    rows = rows.mutate(
        metric=read_prop(rows.props, "metric"),
        place=rows.channel.fill_null(""),
        board=read_prop(rows.props, "board"),
        moment=scope.count_micros(rows.time),
    )
    rows = rows.filter(rows.metric == "hot_rank")
    return rows.select("place", "source", "board", "moment").distinct().order_by("place", "source", "board", "moment")


def list_measured(events: ir.Table, period: Period) -> ir.Table:
    """List what has a series in the period: subject, metric, and how many values; those with most values first."""
    rows = _keep_facts(events, period.start, period.end)
    rows = _add_metric(rows.filter(~rows.props.contains('"metric":"hot_')))  # most facts; the exact rule follows
    rows = rows.filter(rows.metric.notin(("", *BOARD_METRICS)), rows.object.notnull(), rows.value.notnull())
    found = rows.group_by("object", "metric").aggregate(values=rows.count(), total=rows.value.sum().cast("int64"))
    return found.order_by(found["values"].desc(), found.total.desc(), "object", "metric").limit(MOST_OBJECTS)


def sum_measures(events: ir.Table, scope: Scope, objects: tuple[str, ...], metrics: tuple[str, ...]) -> ir.Table:
    """Add up what was measured of some subjects by local hour, source and length of the source's buckets."""
    period = scope.period
    rows = _keep_facts(events, period.start, period.end)
    rows = _add_metric(rows.filter(rows.object.isin(objects), rows.value.notnull()))
    rows = rows.filter(rows.metric.isin(metrics))
    if scope.channel:
        rows = rows.filter(rows.channel == scope.channel)
    # a day of a clock that runs 24 times as fast is an hour
    hourly = replace(scope, count_days=lambda local: scope.count_days(local * HOURS_PER_DAY))
    rows = rows.mutate(hour=find_day_number(rows.time, hourly), moment=scope.count_micros(rows.time))
    return rows.group_by("object", "metric", "source", "bucket", "hour").aggregate(
        total=rows.value.sum().cast("int64"),
        seen=rows.count(),
        open=rows.is_open.sum().cast("int64"),
        last=rows.value.argmax(rows.moment).cast("int64"),
    )


def _keep_facts(events: ir.Table, begin: datetime, end: datetime) -> ir.Table:
    days = (ibis.literal(begin.date()), ibis.literal(end.date()))
    rows = events.filter(events.day.between(*days), events.type == str(Verb.OBSERVE))
    return rows.filter(rows.time >= ibis.literal(begin), rows.time < ibis.literal(end))


def _add_metric(rows: ir.Table) -> ir.Table:
    is_open = rows.props.re_search(r'"closed"\s*:\s*false').fill_null(False)
    return rows.mutate(metric=read_prop(rows.props, "metric"), bucket=read_prop(rows.props, "bucket"), is_open=is_open)
