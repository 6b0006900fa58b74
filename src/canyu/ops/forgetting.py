"""Forgetting in the console what was erased from its lake, in every room that keeps something of a post."""

from __future__ import annotations

from dataclasses import dataclass

from canyu.ops.alerts.actions import forget_erased as forget_in_alerts
from canyu.ops.labels.actions import forget_erased as forget_in_labels


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the console dropped: corrections with their texts, and posts from the evidence of so many alerts."""

    corrections: int
    alerts: int


def forget_erased() -> Forgotten:
    """Drop what the console keeps of posts that the lake does not hold any more; safe to repeat. Raises NotFound."""
    return Forgotten(forget_in_labels(), forget_in_alerts())
