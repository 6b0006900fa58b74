"""Computes a metric: one expression on the lake's engine, then shares and intervals in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.kit.words import Words
from canyu.measure import definitions as say
from canyu.measure.catalogue.checking import check_query
from canyu.measure.catalogue.festivals import list_stretches
from canyu.measure.catalogue.metric import METHODS, Counted, Metric
from canyu.measure.catalogue.query import MetricQuery, Versus
from canyu.measure.catalogue.registry import get_metric
from canyu.measure.catalogue.result import Cell, MetricResult
from canyu.measure.catalogue.view import TIMES, View, list_buckets, tell_bucket
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.expressions import Scope, find_day_number
from canyu.measure.facts import Answer, Reader
from canyu.measure.figure import Proof
from canyu.measure.figures import COMPARABLE_SHARE
from canyu.measure.kept import Kept
from canyu.measure.period import find_previous, make_period, to_day_number

NOT_COLLECTED = Words("这些日子没有采集到任何同类数据。", "Nothing of this kind was collected on these days.")
NO_EVENTS = Words("数据湖还没有事件。", "The lake has no events yet.")
PARTLY = Words("{days} 天中有 {observed} 天有数据。", "Of {days} days, {observed} hold data.")
WINDOW = Words("时限 {days} 天。", "Window: {days} days.")
NO_PEER = Words(
    "{count} 天在上一年没有可比的日子（春节前后），因此不作比较。",
    "{count} days have no peer a year before (around the Spring Festival), so nothing is compared.",
)
SPLIT = Words(
    "期间跨过春节的边界，上一年的日子不连续，因此不作比较。",
    "The period crosses the edge of the Spring Festival and its peers are not in one row, so nothing is compared.",
)

_OBSERVED = Kept(256)


def compute_metric(lake: Lake, query: MetricQuery, versions: Mapping[str, int] | None = None) -> MetricResult:
    """Return a metric as the lake stands now, or stood at ``versions``; the same digits on every engine.

    Raises NotFound for a name that is none, BadInput for what cannot be asked.
    """
    metric = get_metric(query.name)
    check_query(metric, query)
    reader = Reader(lake, versions)
    view = make_view(reader, metric, query)
    table = metric.table(query)
    reason = _find_reason(reader, metric, table)
    answer = reader.ask(metric.build, table, view)
    observed = frozenset() if reason else _list_observed(reader, table, view, metric.basis)
    cells = _make_cells(metric, view, answer, observed)
    if reason:
        method = METHODS[metric.method]
        cells = tuple(replace(cell, estimate=tell_missing(reason, method)) for cell in cells)
    elif query.versus:
        cells = _compare(reader, metric, (view, observed), cells)
    proof = _prove(reader, metric, view, answer, (cells, observed))
    return MetricResult(metric, query, cells, proof, reader.is_simulated())


def make_view(reader: Reader, metric: Metric, query: MetricQuery) -> View:
    """Return a checked query made ready for the lake's engine."""
    period = make_period(query.start, query.end, query.zone)
    window = query.window_days if query.window_days is not None else metric.window_days or 0
    plain = View(query, _make_scope(reader, metric, query, period.first, period.last), (period,), None, window)
    until = query.as_of or (_find_last(reader) if window or "hours" in metric.filters else None)
    view = replace(plain, until=until)
    if not metric.has_year_before:
        return view
    stretches = list_stretches(period.days)
    peers = [(one.first - timedelta(days=one.days_back), one.last - timedelta(days=one.days_back)) for one in stretches]
    shifts = [
        (to_day_number(first), to_day_number(last), one.days_back)
        for (first, last), one in zip(peers, stretches, strict=True)
    ]
    if not peers:
        return view
    before = make_period(min(first for first, _ in peers), max(last for _, last in peers), query.zone)
    spans = (period, *(make_period(first, last, query.zone) for first, last in peers))
    return replace(view, scope=replace(view.scope, previous=before), spans=spans, shifts=tuple(shifts))


def _make_scope(reader: Reader, metric: Metric, query: MetricQuery, first: date, last: date) -> Scope:
    period = make_period(first, last, query.zone)
    compared = ""
    if metric.has_model:
        model = reader.find_model()
        compared = "" if set(reader.list_models(metric.table(query))) <= {model} else model
    engine = reader.lake.engine
    filters = (query.brand, query.channel, query.market)
    return Scope(period, find_previous(period), *filters, compared, engine.count_micros, engine.count_days)


def _find_reason(reader: Reader, metric: Metric, table: str) -> Words | None:
    """Return why nothing at all can be known, where that is so."""
    if not metric.has_model:
        return None if table in reader.versions else NO_EVENTS
    if table in reader.versions and reader.find_model() in reader.list_models(table):
        return None
    return say.NO_BOARD if table == "board" else say.NO_SCORES


def find_last(events: ir.Table) -> ir.Table:
    """Find the time of the last event."""
    return events.aggregate(last=events.time.max())


def _find_last(reader: Reader) -> datetime | None:
    key = ("last", reader.identity, reader.versions.get("events"))
    found: datetime | None = _OBSERVED.find(key)
    if found is None and "events" in reader.versions:
        found = reader.ask(find_last, "events").table["last"][0].as_py()
        _OBSERVED.keep(key, found)
    return found


def list_observed(rows: ir.Table, scope: Scope, basis: tuple[str, ...]) -> ir.Table:
    """List the local days of a period that hold any row at all, or any of these types; ``is_asked``: of the channel."""
    time = rows.time if "time" in rows.columns else rows.start
    kept = rows.filter(time >= ibis.literal(scope.period.start), time < ibis.literal(scope.period.end))
    if "day" in rows.columns:
        last = (scope.period.end - timedelta(microseconds=1)).date()
        kept = kept.filter(kept.day.between(ibis.literal(scope.period.start.date()), ibis.literal(last)))
    kept = kept.filter(kept.type.isin(basis)) if basis else kept
    time = kept.time if "time" in kept.columns else kept.start
    is_asked = (kept.channel == scope.channel).fill_null(False) if scope.channel else ibis.literal(True)
    days = kept.select(number=find_day_number(time, scope), is_asked=is_asked)
    return days.group_by("number").aggregate(is_asked=days.is_asked.max())


def _list_observed(reader: Reader, table: str, view: View, basis: tuple[str, ...]) -> frozenset[int]:
    """Return the days with data; none where all of them is of other channels than the one that is asked for."""
    key = ("observed", reader.identity, table, reader.versions.get(table), view.period, basis, view.scope.channel)
    found: frozenset[int] | None = _OBSERVED.find(key)
    if found is None:
        days = reader.ask(list_observed, table, view.scope, basis).table.to_pydict()
        found = frozenset(days["number"] if any(days["is_asked"]) else ())
        _OBSERVED.keep(key, found)
    return found


def _make_cells(metric: Metric, view: View, answer: Answer, observed: frozenset[int]) -> tuple[Cell, ...]:
    rows = {tuple(row[key] for key in view.keys): row for row in answer.table.to_pylist()}
    return tuple(_make_cell(metric, view, key, rows.get(key, {}), observed) for key in _list_keys(view, set(rows)))


def _list_keys(view: View, found: set[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the keys of all cells in order: with a dimension of time every bucket, filled or not."""
    place = next((place for place, name in enumerate(view.by) if name in TIMES), None)
    if place is None:
        return sorted(found, key=_rank) if view.by else [()]
    buckets = sorted(list_buckets(view.by[place], view.period))
    rest = {key[:place] + key[place + 1 :] for key in found} or ({()} if len(view.by) == 1 else set())
    pairs = product(sorted(rest, key=_rank), buckets)
    return [(*other[:place], bucket, *other[place:]) for other, bucket in pairs]


def _rank(key: tuple[Any, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((part is None, str(part)) for part in key)


def _make_cell(metric: Metric, view: View, key: tuple[Any, ...], row: dict[str, Any], observed: frozenset[int]) -> Cell:
    names, days = [], [to_day_number(day) for span in view.spans[:1] for day in span.days]
    for name, part in zip(view.by, key, strict=True):
        if name in TIMES:
            first, last = list_buckets(name, view.period)[part]
            days = list(range(to_day_number(first), to_day_number(last) + 1))
            part = tell_bucket(name, part)
        names.append((name, None if part is None else str(part)))
    numbers = {name: value for name, value in row.items() if name not in view.keys}
    counted = Counted(numbers, len(days), sum(day in observed for day in days), view.query)
    estimate = _reckon(metric, counted)
    counts = tuple((name, int(value or 0)) for name, value in numbers.items())
    return Cell(tuple(names), estimate, counts, counted.days, counted.observed_days)


def _reckon(metric: Metric, counted: Counted) -> Estimate:
    method = METHODS[metric.method]
    if not counted.observed_days and not counted["rows"]:
        return tell_missing(NOT_COLLECTED, method)
    return metric.reckon(counted, method)


def _compare(
    reader: Reader, metric: Metric, now: tuple[View, frozenset[int]], cells: tuple[Cell, ...]
) -> tuple[Cell, ...]:
    """Return the cells with what they are compared with, or with the reason why they are not."""
    view, observed = now
    method, period = METHODS[metric.method], view.period
    if view.query.versus is Versus.YEAR:
        stretches = list_stretches(period.days)
        lost = len(period.days) - sum((one.last - one.first).days + 1 for one in stretches)
        reason = NO_PEER.fill(count=lost) if lost else SPLIT if len(stretches) > 1 and metric.is_contiguous else None
        back = [timedelta(days=one.days_back) for one in stretches]
        days = [(one.first - gone, one.last - gone) for one, gone in zip(stretches, back, strict=True)]
    else:
        before, reason = find_previous(period), None
        days = [(before.first, before.last)]
    if reason:
        return tuple(replace(cell, previous=tell_missing(reason, method)) for cell in cells)
    spans = tuple(make_period(first, last, period.zone) for first, last in sorted(days))
    scope = _make_scope(reader, metric, view.query, spans[0].first, spans[-1].last)
    earlier = replace(view, scope=scope, spans=spans)
    table = metric.table(view.query)
    inside = {to_day_number(day) for span in spans for day in span.days}
    seen = _list_observed(reader, table, earlier, metric.basis) & inside
    if not seen or len(seen) < COMPARABLE_SHARE * len(observed):
        told = say.CAVEAT_NO_PREVIOUS.fill(days=len(inside), observed=len(seen))
        return tuple(replace(cell, previous=tell_missing(told, method)) for cell in cells)
    found = _make_cells(metric, earlier, reader.ask(metric.build, table, earlier), seen)
    by_key = {cell.keys: cell.estimate for cell in found}
    return tuple(replace(cell, previous=by_key.get(cell.keys)) for cell in cells)


def _prove(
    reader: Reader, metric: Metric, view: View, answer: Answer, found: tuple[tuple[Cell, ...], frozenset[int]]
) -> Proof:
    cells, observed = found
    days = len(view.period.days)
    caveats = [say.CAVEAT_COLLECTED, *metric.caveats]
    if metric.has_model and metric.table(view.query) != "board":
        caveats.append(say.CAVEAT_MODEL.fill(model=reader.find_model() or "—"))
    if 0 < len(observed) < days:
        caveats.append(PARTLY.fill(days=days, observed=len(observed)))
    definition = metric.definition
    if metric.window_days is not None:
        told = WINDOW.fill(days=view.window_days)
        definition = Words(definition.zh + told.zh, f"{definition.en} {told.en}")
    rows = sum(cell.rows for cell in cells)
    return Proof(definition, answer.sql, answer.versions, rows, reader.lake.engine.name, tuple(caveats))
