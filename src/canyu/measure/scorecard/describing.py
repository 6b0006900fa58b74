"""A scorecard as a program reads it: the same from the command and over HTTP."""

from __future__ import annotations

from typing import Any

from canyu.measure.catalogue.indices import describe_index
from canyu.measure.catalogue.result import describe_result
from canyu.measure.scorecard.card import Scorecard


def describe_card(card: Scorecard) -> dict[str, Any]:
    """Return a card as a program reads it."""
    return {
        "from": card.query.start.isoformat(),
        "to": card.query.end.isoformat(),
        "simulated": card.is_simulated,
        "lines": [
            {
                **describe_result(line.result),
                "target": line.goal.value if line.goal else None,
                "standing": line.standing.value,
            }
            for line in card.lines
        ],
        "indices": [describe_index(index) for index in card.indices],
        "moved": [
            {
                "metric": shift.metric,
                "by": shift.dimension,
                "change": None if shift.change is None else float(shift.change),
                "missing": shift.missing.en if shift.missing else None,
                "parts": [
                    {"key": one.key, "amount": float(one.amount), "own": float(one.own), "mix": float(one.mix)}
                    for one in shift.parts
                ],
            }
            for _, shift in card.shifts
        ],
        "claims": [{"statement": one.statement.en, "verdict": one.verdict.value} for one in card.claims],
    }
