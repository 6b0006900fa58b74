"""A panel from the lake: one expression, the same on every engine, counting in whole numbers by unit and time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from canyu.events import Lake, Verb
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.definitions import SIMULATED
from canyu.measure.facts import Reader
from canyu.measure.figure import Proof
from canyu.measure.lift.panel import Panel, Time, make_panel
from canyu.measure.period import Period, list_offsets, make_period
from canyu.measure.props import read_prop

UNITS = ("market", "channel", "object", "campaign")
FILTERS = ("market", "channel", "object", "currency")
IN_PROPS = re.compile(r"props\.(\w+)")
"""A unit that the source keeps in ``props``, such as ``props.region``."""
GRAINS = {"day": 86_400_000_000, "hour": 3_600_000_000}
NOT_SEEN = Words(
    "某天全湖没有任何该类事件时，视为未知而非 0。",
    "A day on which the lake holds no such event at all is not known; it is not 0.",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is counted in the lake: events of one type, or the sum of their amounts in minor units of ``currency``.

    ``unit`` is a column of ``UNITS`` or a text of ``props``; ``market``, ``channel`` and ``object`` narrow.
    """

    event: str
    currency: str = ""
    unit: str = "market"
    grain: str = "day"
    zone: str = "Asia/Shanghai"
    market: str = ""
    channel: str = ""
    object: str = ""


@dataclass(frozen=True, slots=True)
class Counting:
    """What the expression is given: the outcome, its period, and what the engines name differently."""

    outcome: Outcome
    period: Period
    count_micros: Callable[[Any], Any]


def read_panel(
    lake: Lake, outcome: Outcome, first: date, last: date, versions: Mapping[str, int] | None = None
) -> Panel:
    """Return the outcome by unit and period of the lake, both days included, with its proof.

    A unit without such an event has 0 where the lake holds any of that type on that day, else nothing is known.
    Raises BadInput for a type, unit or grain that there is not, and where nothing was found.
    """
    check_outcome(outcome)
    period = make_period(first, last, outcome.zone)
    reader = Reader(lake, versions)
    if "events" not in reader.versions:
        return make_panel(())
    answer = reader.ask(count_cells, "events", Counting(outcome, period, lake.engine.count_micros))
    found = [row for row in answer.table.to_pylist() if row["unit"] is not None]
    definition = Words(
        f"按{outcome.unit}与{outcome.grain}统计的 {outcome.event} 事件。",
        f"Events of the type {outcome.event} by {outcome.unit} and {outcome.grain}.",
    )
    events = sum(row["events"] for row in found)
    proof = Proof(definition, answer.sql, answer.versions, events, lake.engine.name, (NOT_SEEN,))
    panel = make_panel(_list_cells(found, outcome, period), proof)
    return replace(panel, notes=(*panel.notes, SIMULATED)) if reader.is_simulated() else panel


def check_outcome(outcome: Outcome) -> None:
    """Raise BadInput where the outcome names something that there is not."""
    for name, allowed in (("event", tuple(verb.value for verb in Verb)), ("unit", UNITS), ("grain", tuple(GRAINS))):
        found = getattr(outcome, name)
        if found not in allowed and not (name == "unit" and IN_PROPS.fullmatch(found)):
            listed = ", ".join(allowed) + (", props.NAME" if name == "unit" else "")
            raise BadInput(
                Words(f"outcome.{name} 没有 {found!r}。", f"There is no outcome.{name} {found!r}."),
                mend=Words(f"可用：{listed}。", f"There are: {listed}."),
            )


def count_cells(events: ir.Table, counting: Counting) -> ir.Table:
    """Count the events, and add up their values, by unit and period of the zone's own clock."""
    outcome, period = counting.outcome, counting.period
    last = (period.end - timedelta(microseconds=1)).date()
    wanted = [
        events.type == outcome.event,
        events.day.between(ibis.literal(period.start.date()), ibis.literal(last)),
        events.time >= ibis.literal(period.start),
        events.time < ibis.literal(period.end),
    ]
    wanted += [events[name] == getattr(outcome, name) for name in FILTERS if getattr(outcome, name)]
    rows = events.filter(*wanted)
    micros = counting.count_micros(rows.time)
    offsets = list_offsets(period.first, period.last, period.zone)
    local = micros + offsets[0][1]
    if len(offsets) > 1:
        cases = [(micros >= since, micros + offset) for since, offset in reversed(offsets[1:])]
        local = ibis.cases(*cases, else_=local)
    # Hours are counted in UTC: on the zone's clock one would be lost, and one doubled, every year.
    grain = ibis.literal(GRAINS[outcome.grain], "int64")
    counted = local if outcome.grain == "day" else micros
    rows = rows.mutate(unit=_find_unit(rows, outcome.unit), bin=(counted - counted % grain))
    return rows.group_by("unit", "bin").aggregate(
        events=rows.count(), total=rows.value.fill_null(0).sum().cast("int64")
    )


def _find_unit(rows: ir.Table, unit: str) -> ir.StringColumn:
    """Return a column, or the text that ``props`` keeps under a name."""
    named = IN_PROPS.fullmatch(unit)
    if named is None:
        return rows[unit]
    return read_prop(rows.props, named[1]).nullif("")


def _list_cells(found: list[dict[str, Any]], outcome: Outcome, period: Period) -> list[tuple[str, Time, float | None]]:
    key = "total" if outcome.currency else "events"
    values = {(row["unit"], row["bin"]): row[key] for row in found}
    grain, zone = GRAINS[outcome.grain], ZoneInfo(outcome.zone)
    names: dict[int, Time]
    if outcome.grain == "day":
        names = {(day - date(1970, 1, 1)).days * grain: day for day in period.days}
        seen = {name: name for name in names.values()}
    else:
        names = {
            at: datetime.fromtimestamp(at // 1_000_000, UTC)
            for at in range(period.start_micros - period.start_micros % grain, period.end_micros, grain)
        }
        seen = {name: name.astimezone(zone).date() for name in names.values()}  # type: ignore[union-attr]  # moments
    known_days = {seen[names[at]] for _, at in values if at in names}
    return [
        (unit, name, float(values.get((unit, at), 0)) if seen[name] in known_days else None)
        for unit in sorted({unit for unit, _ in values})
        for at, name in names.items()
    ]
