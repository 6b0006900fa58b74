"""A case as it stands at a moment, derived from its events alone: state, clocks, warnings, and what may come next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from canyu.care import case_events as events
from canyu.care.case_clocks import ClockFacts, ClockState, Round, compute_clocks
from canyu.care.clock import Pause
from canyu.care.policies import ClockName, Policy
from canyu.care.severity import CaseKind, Harm, Severity, judge_severity
from canyu.kit.errors import BadInput
from canyu.kit.words import Words


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PAUSED = "paused"
    SOLVED = "solved"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class TakenPause:
    """A pause as it was taken: ``end`` is None while it lasts, ``until`` when it ends by itself."""

    reason: events.PauseReason
    start: datetime
    end: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case at a moment. ``clocks`` are those of the policy in force; ``breached``: the first breach of each ever."""

    status: Status
    kind: CaseKind
    harm: Harm
    reach: int
    product: str
    opened_at: datetime
    solved_at: datetime | None
    first_response_at: datetime | None
    closed: tuple[Pause, ...]
    """Each time from solved to reopened."""
    pauses: tuple[TakenPause, ...]
    policy: Policy | None
    clocks: tuple[ClockState, ...]
    breached: tuple[tuple[ClockName, datetime], ...]
    assignee: str
    acknowledged_at: datetime | None
    escalated: tuple[int, ...]
    warned: frozenset[tuple[ClockName, int]]
    mentions: tuple[str, ...]
    links: tuple[str, ...]
    merged_into: str
    rating_asked_at: datetime | None
    rating: int | None
    last_at: datetime
    """The latest time of its events; one that tells an earlier time counts as of this one."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return judge_severity(self.kind, self.harm, self.reach)

    @property
    def is_closed(self) -> bool:
        """Whether nothing runs any more: solved, or gone on in another case."""
        return self.status in {Status.SOLVED, Status.MERGED}

    def find_clock(self, name: ClockName) -> ClockState | None:
        """Return a clock of the policy in force, or None."""
        return next((clock for clock in self.clocks if clock.name is name), None)


def derive_case(happened: Sequence[events.CaseEvent], now: datetime) -> Case:
    """Return the case that its events, in the order they were written, make at a moment.

    A clock that was set back writes an event before the one it follows: it counts as of that one, and no time is ever
    counted twice or backwards. Raises BadInput for a list that does not begin with ``Opened``.
    """
    if not happened or not isinstance(happened[0], events.Opened):
        raise BadInput(
            Words("工单的事件必须从“建立”开始。", "The events of a case begin with its opening."),
            mend=Words("请先记录 opened。", "Record opened first."),
        )
    reading = _Reading(happened[0])
    for event in happened[1:]:
        reading.take(event)
    return reading.tell(max(now, reading.last))


@dataclass
class _Reading:
    """What the events said so far."""

    opened: events.Opened
    last: datetime = field(init=False)
    kind: CaseKind = field(init=False)
    harm: Harm = field(init=False)
    reach: int = field(init=False)
    solved_at: datetime | None = None
    answered_at: datetime | None = None
    closed: list[Pause] = field(default_factory=list)
    pauses: list[TakenPause] = field(default_factory=list)
    policies: list[tuple[datetime, Policy | None]] = field(default_factory=list)
    resets: dict[ClockName, list[datetime]] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    assignee: str = ""
    acknowledged_at: datetime | None = None
    escalated: list[int] = field(default_factory=list)
    warned: set[tuple[ClockName, int]] = field(default_factory=set)
    mentions: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    merged_into: str = ""
    asked_at: datetime | None = None
    rating: int | None = None

    def __post_init__(self) -> None:
        self.last, self.kind = self.opened.at, self.opened.kind
        self.harm, self.reach = self.opened.harm, self.opened.reach
        self.rounds.append(Round(self.opened.at, None))

    def take(self, event: events.CaseEvent) -> None:
        """Take the next event in, as of the latest time so far where it tells an earlier one."""
        self.last = max(self.last, event.at)
        handler = _HANDLERS.get(type(event))
        if handler is None:
            raise BadInput(
                Words(f"工单不能第二次 {event.name}。", f"A case is {event.name} once."),
                mend=Words("请新建一张工单。", "Open another case."),
            )
        handler(self, event)

    def find_pause(self, at: datetime) -> TakenPause | None:
        """Return the pause that lasts at a moment."""
        if not self.pauses:
            return None
        latest = self.pauses[-1]
        return latest if latest.end is None and at < latest.until else None

    def end_pause(self, at: datetime) -> None:
        """End the pause that lasts, at its own end at the latest."""
        if self.pauses and self.pauses[-1].end is None:
            latest = self.pauses[-1]
            self.pauses[-1] = TakenPause(latest.reason, latest.start, min(at, latest.until), latest.until)

    def say(self, event: events.Said) -> None:
        """Take a message: an answer of ours stops what waits for one; one of the customer asks anew."""
        if event.is_answer:
            self.answered_at = self.answered_at or self.last
            if self.rounds[-1].end is None:
                self.rounds[-1] = Round(self.rounds[-1].start, self.last)
        elif event.is_customer and self.solved_at is None and self.rounds[-1].end is not None:
            self.rounds.append(Round(self.last, None))

    def solve(self) -> None:
        """Stop everything that runs."""
        self.end_pause(self.last)
        self.solved_at = self.last

    def reopen(self) -> None:
        """Go on without the time since it was solved."""
        if self.solved_at is not None:
            self.closed.append(Pause(self.solved_at, self.last))
        self.solved_at = None
        if self.rounds[-1].end is not None:
            self.rounds.append(Round(self.last, None))

    def tell(self, now: datetime) -> Case:
        """Return the case at a moment."""
        current = self.find_pause(now)
        if current is None:
            self.end_pause(now)
        policy = self.policies[-1][1] if self.policies else None
        facts = ClockFacts(
            tuple(self.policies),
            self.opened.at,
            tuple(Pause(each.start, each.end) for each in self.pauses),
            tuple(self.closed),
            self.answered_at,
            self.solved_at,
            bool(self.merged_into),
            {name: tuple(times) for name, times in self.resets.items()},
            tuple(self.rounds),
            None if current is None else current.until,
        )
        clocks, breached = compute_clocks(facts, now)
        status = Status.MERGED if self.merged_into else Status.SOLVED if self.solved_at else Status.OPEN
        return Case(
            Status.PAUSED if status is Status.OPEN and current is not None else status,
            self.kind,
            self.harm,
            self.reach,
            self.opened.product,
            self.opened.at,
            self.solved_at,
            self.answered_at,
            tuple(self.closed),
            tuple(self.pauses),
            policy,
            clocks,
            breached,
            self.assignee,
            self.acknowledged_at,
            tuple(self.escalated),
            frozenset(self.warned),
            tuple(self.mentions),
            tuple(self.links),
            self.merged_into,
            self.asked_at,
            self.rating,
            self.last,
        )


def _take_judgement(reading: _Reading, event: events.Judged) -> None:
    reading.kind, reading.harm, reading.reach = event.kind, event.harm, event.reach


def _take_policy(reading: _Reading, event: events.PolicyGiven) -> None:
    reading.policies.append((reading.last, event.policy))


def _take_pause(reading: _Reading, event: events.Paused) -> None:
    reading.end_pause(reading.last)
    reading.pauses.append(TakenPause(event.reason, reading.last, None, max(event.until, reading.last)))


def _take_reset(reading: _Reading, event: events.ClockReset) -> None:
    reading.resets.setdefault(event.clock, []).append(reading.last)


def _take_assignment(reading: _Reading, event: events.Assigned) -> None:
    reading.assignee = event.agent


def _take_mention(reading: _Reading, event: events.MentionFolded) -> None:
    if event.mention not in reading.mentions:
        reading.mentions.append(event.mention)
        reading.reach += event.reach


def _take_merge(reading: _Reading, event: events.MergedInto) -> None:
    reading.merged_into = event.case
    if reading.solved_at is None:
        reading.solve()


def _take_split(reading: _Reading, event: events.SplitOff) -> None:
    reading.mentions = [each for each in reading.mentions if each not in event.mentions]
    reading.links.append(event.case)


def _take_acknowledgement(reading: _Reading, _: events.Acknowledged) -> None:
    reading.acknowledged_at = reading.acknowledged_at or reading.last


def _take_question(reading: _Reading, _: events.RatingAsked) -> None:
    reading.asked_at = reading.asked_at or reading.last


def _take_rating(reading: _Reading, event: events.Rated) -> None:
    reading.rating = event.score if reading.rating is None else reading.rating


_HANDLERS: dict[type[events.CaseEvent], Callable[[_Reading, Any], None]] = {
    events.Judged: _take_judgement,
    events.PolicyGiven: _take_policy,
    events.Said: _Reading.say,
    events.Paused: _take_pause,
    events.Resumed: lambda reading, _: reading.end_pause(reading.last),
    events.Solved: lambda reading, _: reading.solve(),
    events.Reopened: lambda reading, _: reading.reopen(),
    events.ClockReset: _take_reset,
    events.Assigned: _take_assignment,
    events.Warned: lambda reading, event: reading.warned.add((event.clock, event.threshold)),
    events.Escalated: lambda reading, event: reading.escalated.append(event.step),
    events.Acknowledged: _take_acknowledgement,
    events.MentionFolded: _take_mention,
    events.MergedInto: _take_merge,
    events.SplitOff: _take_split,
    events.LinkedTo: lambda reading, event: reading.links.append(event.case),
    events.RatingAsked: _take_question,
    events.Rated: _take_rating,
}
