"""Coordinated posting in a lake: the groups of accounts that a listening found, with the evidence of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.listen.coordination_table import KIND, UNIT
from canyu.listen.copies import CoordinationRules, Group
from canyu.listen.findings import Row
from canyu.listen.slices import SliceReader


@dataclass(frozen=True, slots=True)
class Coordination:
    """Groups of ``posts`` read (``total`` there are) in the whole weeks from ``since`` to before ``until``.

    ``accounts``: the known ones, those of each week added up. ``rules``: what counted as coordinated; ``zone``: whose
    weeks these are, Monday to Sunday. Without posts ``since`` and ``until`` are None.
    """

    groups: tuple[Group, ...]
    posts: int
    total: int
    accounts: int
    since: datetime | None
    until: datetime | None
    rules: CoordinationRules
    model_version: str
    versions: dict[str, int]


def read_coordination(
    lake: Lake, begin: datetime, end: datetime, *, versions: dict[str, int] | None = None
) -> Coordination:
    """Return the groups of every week that the time from ``begin`` to before ``end`` touches, largest first.

    The same data versions give the same groups.
    """
    at = lake.versions() if versions is None else versions
    reader = SliceReader(lake, at, find_model_version(lake, at))

    def choose(rows: ir.Table) -> ir.Table:
        touched = (rows.period_end > ibis.literal(begin)) & (rows.period_start < ibis.literal(end))
        rows = rows.filter(rows.unit == UNIT, touched)
        if "kind" in rows.columns:
            return rows.filter(rows.kind == KIND)
        first = ibis.literal(begin.date()) - ibis.interval(days=8)
        return rows.filter(rows.day >= first, rows.day <= ibis.literal(end.date()))

    book = reader.run(choose, "findings").to_pylist()
    groups = sorted(map(_make_group, reader.run(choose, KIND).to_pylist()), key=lambda one: (-one.posts, one.group_id))
    return Coordination(
        groups=tuple(groups),
        posts=sum(row["posts"] for row in book),
        total=sum(row["total"] for row in book),
        accounts=sum(row["accounts"] or 0 for row in book),
        since=min((row["period_start"] for row in book), default=None),
        until=max((row["period_end"] for row in book), default=None),
        rules=CoordinationRules(zone=book[0]["zone"]) if book else CoordinationRules(),
        model_version=reader.model,
        versions=reader.list_versions("events", "scores", "coordination", "findings", "listenings"),
    )


def _make_group(row: Row) -> Group:
    traces = dict(zip(row["traces"], row["trace_counts"], strict=True))
    fields = {name: row[name] for name in Group.__dataclass_fields__ if name in row}
    lists = {name: tuple(row[name]) for name in ("channels", "event_ids")}
    return Group(**{**fields, **lists, "kind": row["group_kind"], "traces": traces})
