"""What can happen in a run: one list per run, only ever added to, from which everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from canyu.care.case_events import Audience
from canyu.care.crisis.playbook import Item, Playbook, describe_item, describe_playbook, read_item, read_playbook
from canyu.kit.errors import BadInput
from canyu.kit.words import Words

UPDATE = "update"
"""What the timer of status updates is called where a key of an item could stand."""


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened in a run: when, by the clock of whoever wrote it down, and by whom."""

    at: datetime
    by: str

    name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Started(RunEvent):
    """The run began, against a case, by a copy of a playbook."""

    case: str
    playbook: Playbook

    name = "started"


@dataclass(frozen=True, slots=True)
class ItemAdded(RunEvent):
    """A line that the playbook did not have."""

    item: Item

    name = "item added"


@dataclass(frozen=True, slots=True)
class ItemAssigned(RunEvent):
    """Somebody has an item; nobody where ``who`` is empty."""

    key: str
    who: str

    name = "item assigned"


@dataclass(frozen=True, slots=True)
class ItemDone(RunEvent):
    """An item was done; one that comes round is due again later."""

    key: str

    name = "item done"


@dataclass(frozen=True, slots=True)
class ItemUndone(RunEvent):
    """The last tick of an item was a mistake."""

    key: str

    name = "item undone"


@dataclass(frozen=True, slots=True)
class ItemDropped(RunEvent):
    """An item is not to be done in this run, for a reason (the key of a text)."""

    key: str
    text: str

    name = "item dropped"


@dataclass(frozen=True, slots=True)
class UpdateGiven(RunEvent):
    """Somebody said where things stand (``text``: the key of the words), to whoever is of that audience."""

    text: str
    audience: Audience = Audience.INSIDE

    name = "update given"


@dataclass(frozen=True, slots=True)
class Noted(RunEvent):
    """A remark, inside; it is no status update and stops no timer."""

    text: str

    name = "noted"


@dataclass(frozen=True, slots=True)
class Missed(RunEvent):
    """The sweep saw that an item, or the status update, was not done when it was due: once per due time."""

    key: str
    due: datetime

    name = "missed"


@dataclass(frozen=True, slots=True)
class StakeholderAdded(RunEvent):
    """Somebody is to be told what their audience is told (``stakeholder``: the key of their name)."""

    stakeholder: str
    audience: Audience

    name = "stakeholder added"


@dataclass(frozen=True, slots=True)
class StakeholderTold(RunEvent):
    """A person told a stakeholder where things stand."""

    stakeholder: str

    name = "stakeholder told"


@dataclass(frozen=True, slots=True)
class StakeholderRemoved(RunEvent):
    """A stakeholder is not to be told any more."""

    stakeholder: str

    name = "stakeholder gone"


@dataclass(frozen=True, slots=True)
class Drafted(RunEvent):
    """A version of a statement was written; nobody outside sees it."""

    statement: str
    version: int

    name = "drafted"


@dataclass(frozen=True, slots=True)
class Returned(RunEvent):
    """A second person did not release a version, and said why."""

    statement: str
    version: int
    text: str

    name = "returned"


@dataclass(frozen=True, slots=True)
class Released(RunEvent):
    """A version was released by somebody who did not write it; ``digest`` is that of what it says."""

    statement: str
    version: int
    release: int
    digest: str

    name = "released"


@dataclass(frozen=True, slots=True)
class Closed(RunEvent):
    """The crisis is over; what counts from the closing is due from here on."""

    text: str

    name = "closed"


@dataclass(frozen=True, slots=True)
class Reopened(RunEvent):
    """It was not over after all."""

    text: str

    name = "reopened"


EVENTS: dict[str, type[RunEvent]] = {
    each.name: each
    for each in (
        Started,
        ItemAdded,
        ItemAssigned,
        ItemDone,
        ItemUndone,
        ItemDropped,
        UpdateGiven,
        Noted,
        Missed,
        StakeholderAdded,
        StakeholderTold,
        StakeholderRemoved,
        Drafted,
        Returned,
        Released,
        Closed,
        Reopened,
    )
}
_READ: dict[str, Any] = {
    "at": datetime.fromisoformat,
    "due": datetime.fromisoformat,
    "audience": Audience,
    "playbook": read_playbook,
    "item": read_item,
}


def describe_run_event(event: RunEvent) -> dict[str, Any]:
    """Return an event as plain values that JSON can hold, ``event`` telling which it is."""
    told: dict[str, Any] = {"event": event.name}
    for each in fields(event):
        value = getattr(event, each.name)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, Playbook):
            value = describe_playbook(value)
        elif isinstance(value, Item):
            value = describe_item(value)
        told[each.name] = value
    return told


def read_run_event(kept: dict[str, Any]) -> RunEvent:
    """Return the event that ``describe_run_event`` described. Raises BadInput for a kind of event that is none."""
    found = EVENTS.get(kept["event"])
    if found is None:
        raise BadInput(
            Words(f"没有 {kept['event']!r} 这种危机事件。", f"There is no event {kept['event']!r} of runs."),
            mend=Words("这条记录可能来自更新的版本。", "The record may be of a newer version."),
        )
    values = {each.name: kept[each.name] for each in fields(found)}
    return found(**{name: _READ[name](value) if name in _READ else value for name, value in values.items()})
