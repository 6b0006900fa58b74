"""How pages of crises say who wrote, what an item waits for, and how large a file is."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template

from canyu.care.crisis import ItemState
from canyu.console.templatetags.canyu import say
from canyu.kit.words import Words
from canyu.ops.care.models import Case
from canyu.ops.crisis.actions import CANYU
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.queries import find_newest_run
from canyu.ops.crisis.rules import RUN_KINDS
from canyu.ops.evidence.words import say_span

register = template.Library()
SYSTEM = Words("系统", "the system")


@register.filter
def run_writer(by: str) -> str:
    """Return who wrote a record of a run."""
    return say(SYSTEM) if by == CANYU else by


@register.filter
def lateness(state: ItemState) -> str:
    """Return how late an item was done the last time, empty where it was in time."""
    if not state.was_late:
        return ""
    span = say_span(state.done[-1][2])
    return say(Words(f"晚了 {span.zh}", f"{span.en} late"))


@register.filter
def kilobytes(size: int) -> str:
    """Return the size of a file as people read it.

    >>> kilobytes(900), kilobytes(2_500_000)
    ('1 KB', '2.5 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(round(size / 1000), 1)} KB"


@register.filter
def post_query(event_id: str) -> str:
    """Return a post's id as the query of the pages of spread."""
    return urlencode({"post": event_id})


@register.simple_tag
def crisis_of(case: Case) -> Run | None:
    """Return the run that goes on against a case, else its newest one, or None."""
    return find_newest_run(case)


@register.filter
def may_start_run(case: Case) -> bool:
    """Say whether a run may start from a case: of a kind that a crisis is made of, and not merged into another."""
    return case.kind in RUN_KINDS and case.status != "merged"
