"""What marks an event as simulated: the one rule behind the permanent mark on pages and reports."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir

REHEARSED_SOURCE = "rehearsal"
SIMULATED_PROPS = '"simulated":true'


def mark_simulated(events: ir.Table) -> Any:
    """Return a boolean column: true where the event comes from a rehearsal, by its source or by its props."""
    return (events.source == REHEARSED_SOURCE) | events.props.contains(SIMULATED_PROPS)
