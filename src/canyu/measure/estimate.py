"""The one form of an estimated answer: value, interval and p-value of one method, or the reason it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canyu.kit.words import Words


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its 95 % interval (unless ``method`` says another level); the p-value is of the same method.

    ``value`` is None where it could not be known, and ``missing`` then says why.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    method: Words
    notes: tuple[Words, ...] = ()
    missing: Words | None = None


def tell_missing(reason: Words, method: Words, notes: tuple[Words, ...] = ()) -> Estimate:
    """Return the estimate that is not known, with its reason."""
    return Estimate(None, None, None, None, method, notes, reason)


def describe_estimate(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as a program reads it; an open bound is null, and so is what is missing, with its reason."""
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "p_value": estimate.p_value,
        "method": estimate.method.en,
        "notes": [note.en for note in estimate.notes],
        "missing": estimate.missing.en if estimate.missing else None,
    }
