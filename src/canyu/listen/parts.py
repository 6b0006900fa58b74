"""Work cut into parts of whole days that fit into memory, so that a lake of any size needs bounded space."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir


@dataclass(frozen=True, slots=True)
class Part:
    """The days from ``first`` to ``last``, or of a huge day slice ``number`` of ``slices`` (a power of two)."""

    first: date
    last: date
    rows: int
    slices: int = 1
    number: int = 0


def pack_days(days: Iterable[tuple[date, int, float]]) -> list[Part]:
    """Pack days (day, rows, weight), in order, into parts of a weight of at most one; a heavier day is sliced.

    >>> [part.rows for part in pack_days([(date(2025, 1, day), 10, 0.4) for day in (1, 2, 3)])]
    [20, 10]
    """
    parts: list[Part] = []
    room = 0.0
    for day, rows, weight in days:
        if weight > 1:
            slices = 1 << int(weight).bit_length()
            parts += [Part(day, day, -(-rows // slices), slices, number) for number in range(slices)]
            room = 0.0
        elif weight <= room:
            parts[-1] = Part(parts[-1].first, day, parts[-1].rows + rows)
            room -= weight
        else:
            parts.append(Part(day, day, rows))
            room = 1 - weight
    return parts


def cut(rows: ir.Table, part: Part, event_id: ir.StringColumn) -> ir.Table:
    """Return the rows of a part, of a table kept by day; slices go by the hash of the event's id."""
    days = rows.day.between(ibis.literal(part.first), ibis.literal(part.last))
    if part.slices == 1:
        return rows.filter(days)
    return rows.filter(days, (event_id.hash() & (part.slices - 1)) == part.number)
