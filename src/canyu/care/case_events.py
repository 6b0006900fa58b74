"""What can happen to a case: one list per case, only ever added to, from which everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from canyu.care.policies import ClockName, Policy, Role, describe_policy, read_policy
from canyu.care.severity import CaseKind, Harm
from canyu.kit.errors import BadInput
from canyu.kit.words import Words


class Audience(StrEnum):
    """Who may see a message."""

    INSIDE = "inside"
    CUSTOMER = "customer"
    PUBLIC = "public"


class PauseReason(StrEnum):
    """What a case waits for while its clock stands still."""

    CUSTOMER = "customer"
    PARTS = "parts"
    LAB = "lab"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened to a case: when, by the clock of whoever wrote it down, and by whom."""

    at: datetime
    by: str

    name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Opened(CaseEvent):
    """The case began; a case born waiting or solved is so by the event after, at the same time."""

    kind: CaseKind = CaseKind.QUESTION
    harm: Harm = Harm.NONE
    reach: int = 0
    product: str = ""

    name = "opened"


@dataclass(frozen=True, slots=True)
class Judged(CaseEvent):
    """A person judged the case anew: its kind, its harm, how many people it reaches."""

    kind: CaseKind
    harm: Harm
    reach: int

    name = "judged"


@dataclass(frozen=True, slots=True)
class PolicyGiven(CaseEvent):
    """A copy of a policy came into force; None: no policy matches any more, and no clock runs."""

    policy: Policy | None
    reason: str = ""

    name = "policy given"


@dataclass(frozen=True, slots=True)
class Said(CaseEvent):
    """A message. An automatic one is shown and answers nothing; one inside is seen by nobody outside."""

    message: str
    audience: Audience = Audience.CUSTOMER
    is_customer: bool = False
    is_automatic: bool = False

    name = "said"

    @property
    def is_answer(self) -> bool:
        """Whether it answers the customer: a person of ours wrote it, and it can be seen outside."""
        return not (self.is_customer or self.is_automatic) and self.audience is not Audience.INSIDE


@dataclass(frozen=True, slots=True)
class Paused(CaseEvent):
    """The case waits for something until a time at the latest; the solution's clock stands still, no longer."""

    reason: PauseReason
    until: datetime

    name = "paused"


@dataclass(frozen=True, slots=True)
class Resumed(CaseEvent):
    """The wait was over before its end."""

    name = "resumed"


@dataclass(frozen=True, slots=True)
class Solved(CaseEvent):
    """The case was solved."""

    name = "solved"


@dataclass(frozen=True, slots=True)
class Reopened(CaseEvent):
    """The case was not solved after all; its clock goes on without the time between."""

    reason: str = ""

    name = "reopened"


@dataclass(frozen=True, slots=True)
class ClockReset(CaseEvent):
    """A person began a clock anew, for a reason; a breach stays on record."""

    clock: ClockName
    reason: str

    name = "clock reset"


@dataclass(frozen=True, slots=True)
class Assigned(CaseEvent):
    """Somebody has the case."""

    agent: str

    name = "assigned"


@dataclass(frozen=True, slots=True)
class Warned(CaseEvent):
    """A notice went out that a clock passed a threshold (per cent): there is never a second one."""

    clock: ClockName
    threshold: int

    name = "warned"


@dataclass(frozen=True, slots=True)
class Escalated(CaseEvent):
    """A step of the chain called its role."""

    step: int
    role: Role

    name = "escalated"


@dataclass(frozen=True, slots=True)
class Acknowledged(CaseEvent):
    """Somebody took the call; the chain stops."""

    name = "acknowledged"


@dataclass(frozen=True, slots=True)
class MentionFolded(CaseEvent):
    """One more mention says the same: it joins the case, and its reach the case's."""

    mention: str
    reach: int = 0

    name = "mention folded"


@dataclass(frozen=True, slots=True)
class MergedInto(CaseEvent):
    """The case goes on in another one."""

    case: str

    name = "merged into"


@dataclass(frozen=True, slots=True)
class SplitOff(CaseEvent):
    """Some of its mentions became a case of their own."""

    case: str
    mentions: tuple[str, ...]

    name = "split off"


@dataclass(frozen=True, slots=True)
class LinkedTo(CaseEvent):
    """The case has to do with another one."""

    case: str

    name = "linked to"


@dataclass(frozen=True, slots=True)
class RatingAsked(CaseEvent):
    """The customer was asked for a rating, once, after solving."""

    name = "rating asked"


@dataclass(frozen=True, slots=True)
class Rated(CaseEvent):
    """The customer's rating, whatever it is, from 1 to 5."""

    score: int
    words: str = ""

    name = "rated"


EVENTS: dict[str, type[CaseEvent]] = {
    each.name: each
    for each in (
        Opened,
        Judged,
        PolicyGiven,
        Said,
        Paused,
        Resumed,
        Solved,
        Reopened,
        ClockReset,
        Assigned,
        Warned,
        Escalated,
        Acknowledged,
        MentionFolded,
        MergedInto,
        SplitOff,
        LinkedTo,
        RatingAsked,
        Rated,
    )
}
_READ: dict[str, Any] = {
    "kind": CaseKind,
    "harm": Harm,
    "audience": Audience,
    "clock": ClockName,
    "role": Role,
    "until": datetime.fromisoformat,
    "mentions": tuple,
}


def describe_event(event: CaseEvent) -> dict[str, Any]:
    """Return an event as plain values that JSON can hold, ``event`` telling which it is."""
    told: dict[str, Any] = {"event": event.name}
    for each in fields(event):
        value = getattr(event, each.name)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, Policy):
            value = describe_policy(value)
        told[each.name] = list(value) if isinstance(value, tuple) else value
    return told


def read_event(kept: dict[str, Any]) -> CaseEvent:
    """Return the event that ``describe_event`` described. Raises BadInput for a kind of event that is none."""
    found = EVENTS.get(kept["event"])
    if found is None:
        raise BadInput(
            Words(f"没有 {kept['event']!r} 这种工单事件。", f"There is no event {kept['event']!r} of cases."),
            mend=Words("这条记录可能来自更新的版本。", "The record may be of a newer version."),
        )
    values = {}
    for each in fields(found):
        value = kept[each.name]
        if each.name == "at":
            value = datetime.fromisoformat(value)
        elif each.name == "policy":
            value = None if value is None else read_policy(value)
        elif each.name == "reason" and found is Paused:
            value = PauseReason(value)
        elif each.name in _READ:
            value = _READ[each.name](value)
        values[each.name] = value
    return found(**values)
