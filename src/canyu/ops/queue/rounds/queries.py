"""Which rounds a worker should try to take: one read for all, for it looks every two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from canyu.ops.queue.models import RoundRow
from canyu.ops.queue.rounds.actions import Round
from canyu.ops.queue.rules import is_round_due


def list_to_try(rounds: Sequence[Round], now: datetime) -> list[Round]:
    """Return the rounds that are due, that somebody has (they may be dead), or that were never done."""
    rows = {row.name: row for row in RoundRow.objects.filter(name__in=[this.name for this in rounds])}
    found = []
    for this in rounds:
        row = rows.get(this.name)
        if row is None or row.taken_by or is_round_due(row.next_at, this.every, now):
            found.append(this)
    return found
