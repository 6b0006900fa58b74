"""What a funnel asks of the events: one expression for each way to begin, on every engine the same.

Both answer ``by, depth, bucket, people, still_open``: people whose furthest or first way reached step ``depth``, by the
time that it took them. Nothing is joined as of a moment: Spark cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from canyu.measure.expressions import Scope
from canyu.measure.journeys.asking import keep_span
from canyu.measure.journeys.steps import Step, can_coincide, match_step, read_field

MICROS_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class FunnelPlan:
    """A funnel as the engine needs it: ``grain_s`` is how wide a bucket of time is, the horizon the last event."""

    steps: tuple[Step, ...]
    window_s: int
    hold: str
    by: str
    grain_s: int
    horizon_micros: int

    @property
    def window_micros(self) -> int:
        """The window in microseconds."""
        return self.window_s * MICROS_PER_S

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name whoever goes through: the person, and the value that is held constant."""
        return ("actor", "held") if self.hold else ("actor",)

    def is_strict(self, place: int) -> bool:
        """Tell whether a step must come later than the one before it, for one event could be both.

        Otherwise what happens at the same moment counts in the order of the steps: many sources know seconds only.
        """
        return any(can_coincide(self.steps[place], earlier) for earlier in self.steps[:place])


def follow_first_start(events: ir.Table, scope: Scope, plan: FunnelPlan) -> ir.Table:
    """Follow each person from their first event of step 1 in the period: each next step at its earliest moment."""
    rows = _pick(events, scope, plan, 0)
    first: dict[str, Any] = {"start": rows.moment.min(), "moment": rows.moment.min()}
    if plan.by:  # ties by time and id
        first["by"] = rows.by.argmin(ibis.struct({"moment": rows.moment, "id": rows.id}))
    reached = [rows.group_by(*plan.keys).aggregate(**first)]
    for place in range(1, len(plan.steps)):
        before = reached[-1].rename(before="moment")
        rows = before.join(_pick(events, scope, plan, place), list(plan.keys))
        is_after = rows.moment > rows.before if plan.is_strict(place) else rows.moment >= rows.before
        rows = rows.filter(is_after, rows.moment <= rows.start + plan.window_micros)
        carried: dict[str, Any] = {"start": rows.start.max(), "moment": rows.moment.min()}
        if plan.by:
            carried["by"] = rows.by.max()
        reached.append(rows.group_by(*plan.keys).aggregate(**carried))
    return ibis.union(*(_group(rows, plan, ibis.literal(depth, "int64")) for depth, rows in enumerate(reached, 1)))


def follow_any_start(events: ir.Table, scope: Scope, plan: FunnelPlan) -> ir.Table:
    """Follow each person from every event of step 1: a step's event carries the latest start that leads to it.

    The events of one step and what reached the step before are put in order together, and each takes the last start
    before it: a chain of windows over few rows, and each table is used once. A row that is its person's first at its
    depth stays to be counted.
    """
    rows = _pick(events, scope, plan, 0)
    rows = rows.mutate(start=rows.moment, depth=ibis.literal(1, "int64"))
    for place in range(1, len(plan.steps)):
        rows = _reach(rows, _pick(events, scope, plan, place), plan, place)
    return _count_first(rows, plan)


def _reach(reached: ir.Table, news: ir.Table, plan: FunnelPlan, place: int) -> ir.Table:
    """Return what was to be counted before, and the events of one more step that a start leads to in time."""
    depth = place + 1
    by = ("by",) if plan.by else ()
    columns = (*plan.keys, "moment", "start", "depth", *by)
    unknown = {"by": ibis.literal(None, "string")} if plan.by else {}
    targets = news.mutate(start=ibis.literal(None, "int64"), depth=ibis.literal(depth, "int64"), **unknown)
    rows = ibis.union(reached.select(*columns), targets.select(*columns))
    rows = rows.mutate(rank=ibis.ifelse(rows.depth == depth, -1 if plan.is_strict(place) else 1, 0))
    before = ibis.window(group_by=plan.keys, order_by=["moment", "rank"], preceding=(None, 1))
    is_source = rows.depth == place
    # The latest start is the greatest: Ibis leaves IGNORE NULLS out of the last value of a window.
    carried: dict[str, Any] = {"carried": ibis.cases((is_source, rows.start)).max().over(before)}
    if plan.by:
        source = ibis.struct({"start": rows.start, "by": rows.by})
        carried["carried_by"] = ibis.cases((is_source, source)).max().over(before)
    rows = rows.mutate(**carried)
    is_in_time = (rows.depth == depth) & (rows.moment - rows.carried <= plan.window_micros)
    is_first = ibis.literal(True) if plan.by else rows.carried.isnull()  # a group has a first of its own
    rows = rows.filter(is_in_time | (rows.depth < place) | ((rows.depth == place) & is_first))
    is_target = rows.depth == depth
    taken: dict[str, Any] = {"start": ibis.ifelse(is_target, rows.carried, rows.start)}
    if plan.by:
        taken["by"] = ibis.ifelse(is_target, rows.carried_by["by"], rows.by)
    return rows.mutate(**taken).select(*columns)


def _count_first(rows: ir.Table, plan: FunnelPlan) -> ir.Table:
    """Count each person once per depth (and group), by the time that the first way to it took.

    The start that is carried never falls as time goes on, so the earliest moment has the earliest of them.
    """
    groups = ("by",) if plan.by else ()
    firsts = rows.group_by(*plan.keys, *groups, "depth").aggregate(moment=rows.moment.min(), start=rows.start.min())
    return _group(firsts, plan, firsts.depth)


def _group(rows: ir.Table, plan: FunnelPlan, depth: Any) -> ir.Table:
    by = rows.by if plan.by else ibis.literal("")
    bucket = (rows.moment - rows.start) // (plan.grain_s * MICROS_PER_S)
    named = rows.select(
        by=by, depth=depth, bucket=bucket, is_open=rows.start > plan.horizon_micros - plan.window_micros
    )
    return named.group_by("by", "depth", "bucket").aggregate(
        people=named.count(), still_open=named.is_open.sum().cast("int64")
    )


def _pick(events: ir.Table, scope: Scope, plan: FunnelPlan, place: int) -> ir.Table:
    """Pick the events of one step: starts within the period, later steps as long after it as the window is."""
    end = scope.period.end + (timedelta(seconds=plan.window_s) if place else timedelta(0))
    rows = keep_span(events, scope, scope.period.start, end)
    rows = rows.filter(match_step(rows, plan.steps[place]))
    picked: dict[str, Any] = {"actor": rows.actor, "moment": scope.count_micros(rows.time)}
    if plan.hold:
        picked["held"] = read_field(rows, plan.hold)
        rows = rows.filter(picked["held"] != "")
    if plan.by and not place:
        picked |= {"id": rows.id, "by": read_field(rows, plan.by)}
    return rows.select(**picked)
