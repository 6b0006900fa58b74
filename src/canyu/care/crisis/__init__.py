"""A crisis as a run of a playbook, and the statements that answer a claim; values and rules, no database."""

from __future__ import annotations

from canyu.care.crisis import run_events
from canyu.care.crisis.playbook import (
    Duty,
    Item,
    Playbook,
    check_item,
    describe_playbook,
    get_default_playbook,
    make_playbook,
    read_playbook,
)
from canyu.care.crisis.run import (
    ItemState,
    Run,
    RunStatus,
    StatementState,
    check_run_event,
    derive_run,
    find_look,
    list_dues,
    list_missed,
)
from canyu.care.crisis.run_events import RunEvent, describe_run_event, read_run_event

__all__ = [
    "Duty",
    "Item",
    "ItemState",
    "Playbook",
    "Run",
    "RunEvent",
    "RunStatus",
    "StatementState",
    "check_item",
    "check_run_event",
    "derive_run",
    "describe_playbook",
    "describe_run_event",
    "find_look",
    "get_default_playbook",
    "list_dues",
    "list_missed",
    "make_playbook",
    "read_playbook",
    "read_run_event",
    "run_events",
]
