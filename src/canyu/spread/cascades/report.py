"""What was odd about the reposts that came in, in numbers: nothing is dropped without being counted."""

from __future__ import annotations

from dataclasses import dataclass

from canyu.spread.cascades.how import How


@dataclass(frozen=True, slots=True)
class CascadeReport:
    """Counts of one run: ``rows == reposts + root_rows + repeats``, and ``by_how`` adds up to ``reposts``."""

    rows: int
    cascades: int
    reposts: int
    """Nodes below the roots."""
    root_rows: int
    """Cascades whose post itself is a row."""
    repeats: int
    """Rows with a root and an id that were there before; the first by time is kept."""
    without_id: int
    """Reposts without an id: they stay, as leaves."""
    without_author: int
    without_time: int
    """Reposts without a time: they stand after all others, and count for no half-life."""
    orphans: int
    """Reposts that state a parent which is not in their cascade."""
    self_parents: int
    """Reposts that state themselves as their parent."""
    cycles: int
    """Circles of two reposts or more that were cut."""
    backward: int
    """Reposts with a time before that of their stated parent; the parent stays, ids beat clocks."""
    before_root: int
    """Reposts with a time before that of their post."""
    by_how: dict[How, int]
    """Reposts by the way their parent was found; ways that did not occur are left out."""
