"""What the columns of a run are derived from, what may be sent in, and what things are called; pure, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canyu.care import CaseKind
from canyu.care.case_events import Audience
from canyu.care.crisis import Duty, Run, find_look
from canyu.kit.words import Words
from canyu.ops.care.models import FAR

MOST_TEXT = 5_000
RUN_KINDS = frozenset({CaseKind.RUMOUR.value, CaseKind.CRISIS.value})
"""Kinds of cases from which a run may start."""
STANDS = ("open", "closed", "all")
STAND_WORDS = {
    "open": Words("进行中", "going on"),
    "closed": Words("已结束", "over"),
    "all": Words("全部", "all"),
}


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A run as somebody starts it."""

    title: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class StakeholderDraft:
    """Somebody who must be told; ``person``: their actor in the lake, where they have one."""

    name: str
    audience: Audience
    organisation: str = ""
    contact: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A line that somebody adds to a checklist, due ``in_s`` seconds from now."""

    title: str
    in_s: int
    duty: Duty = Duty.OWNER
    title_en: str = ""


def clean(text: str, most: int) -> str:
    """Return a text as it is kept: without NUL, which no database takes, and cut at a length."""
    return text.replace("\0", "").strip()[:most]


def describe_columns(run: Run) -> dict[str, Any]:
    """Return the columns of a run that its records give."""
    counted = [state for state in run.items if not state.is_dropped and state.item.every_s is None]
    return {
        "status": run.status.value,
        "is_open": run.is_open,
        "closed_at": run.closed_at,
        "update_due": run.update_due,
        "next_due": run.next_due or FAR,
        "items_done": sum(state.is_done for state in counted),
        "items_all": len(counted),
        "look_at": find_look(run),
    }
