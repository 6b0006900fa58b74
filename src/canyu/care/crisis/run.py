"""A run as it stands at a moment, derived from its events alone: the checklist, the timer, who is to be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from canyu.care.case_events import Audience
from canyu.care.crisis import run_events as events
from canyu.care.crisis.playbook import Item, Playbook, find_item_due
from canyu.kit.errors import BadInput, CanyuError, Conflict
from canyu.kit.words import Words


class RunStatus(StrEnum):
    """Where a run stands."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item at a moment. ``due``: None while it waits for the closing, and once nothing more is to be done.

    ``done``: every time it was done, with whom, and how many seconds after it was due (negative: before).
    """

    item: Item
    begins_at: datetime
    due: datetime | None
    who: str
    done: tuple[tuple[datetime, str, float], ...]
    is_dropped: bool
    is_over: bool
    """Overdue and not done."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return not self.is_dropped and (self.item.every_s is not None or not self.done)

    @property
    def is_done(self) -> bool:
        """Whether it is done for good."""
        return not self.is_dropped and self.item.every_s is None and bool(self.done)

    @property
    def done_at(self) -> datetime | None:
        """When it was done last."""
        return self.done[-1][0] if self.done else None

    @property
    def was_late(self) -> bool:
        """Whether it was done after it was due, the last time."""
        return bool(self.done) and self.done[-1][2] > 0


@dataclass(frozen=True, slots=True)
class StatementState:
    """A statement in a run: its newest version, and the one that is released."""

    key: str
    newest: int
    released: int | None = None
    releases: int = 0
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run at a moment."""

    status: RunStatus
    case: str
    playbook: Playbook
    started_at: datetime
    closed_at: datetime | None
    items: tuple[ItemState, ...]
    updates: tuple[datetime, ...]
    update_due: datetime | None
    """When the next status update is due; None where the playbook has no timer, and once the run is closed."""
    missed: frozenset[tuple[str, datetime]]
    """What was overdue when the sweep came by."""
    stakeholders: tuple[tuple[str, Audience, datetime | None], ...]
    """Whom to tell, what they may read, and when somebody told them last."""
    statements: tuple[StatementState, ...]
    last_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the crisis goes on."""
        return self.status is RunStatus.OPEN

    @property
    def next_due(self) -> datetime | None:
        """The earliest of everything that is still to be done."""
        return min((due for _, due in list_dues(self)), default=None)

    def find_item(self, key: str) -> ItemState | None:
        """Return an item of the checklist, or None."""
        return next((state for state in self.items if state.item.key == key), None)

    def find_statement(self, key: str) -> StatementState | None:
        """Return a statement, or None."""
        return next((state for state in self.statements if state.key == key), None)

    @property
    def first_released_at(self) -> datetime | None:
        """When the first statement was released."""
        return min((each.released_at for each in self.statements if each.released_at), default=None)


def derive_run(happened: Sequence[events.RunEvent], now: datetime) -> Run:
    """Return the run that its events, in the order they were written, make at a moment.

    A clock that was set back counts as of the event before; no time is counted backwards. Raises BadInput for a list
    that does not begin with ``Started``.
    """
    if not happened or not isinstance(happened[0], events.Started):
        raise BadInput(
            Words("危机的事件必须从“启动”开始。", "The events of a run begin with its start."),
            mend=Words("请先记录 started。", "Record started first."),
        )
    reading = _Reading(happened[0])
    for event in happened[1:]:
        reading.take(event)
    return reading.tell(max(now, reading.last))


def list_dues(run: Run) -> list[tuple[str, datetime]]:
    """Return everything that is still to be done with its due time, by key; the status update among them."""
    found = [(state.item.key, state.due) for state in run.items if state.is_open and state.due is not None]
    if run.update_due is not None:
        found.append((events.UPDATE, run.update_due))
    return found


def list_missed(run: Run, now: datetime) -> list[tuple[str, datetime]]:
    """Return what is overdue and was not noted yet; a due time that was reached is not overdue before it has passed."""
    return [(key, due) for key, due in list_dues(run) if due < now and (key, due) not in run.missed]


def find_look(run: Run) -> datetime | None:
    """Return when the sweep must look at a run again; None where nothing more can fall overdue."""
    return min((due for key, due in list_dues(run) if (key, due) not in run.missed), default=None)


def check_run_event(run: Run, event: events.RunEvent) -> None:
    """Refuse what may not happen in a run as it stands: Conflict where it came too late, BadInput where it is unsound.

    A closed run still takes notes, statements, and the items that count from its closing.
    """
    rule = _RULES.get(type(event))
    refusal = None if rule is None else rule(run, event)
    if refusal is None and not run.is_open and not _may_follow(run, event):
        refusal = Conflict(
            Words("这次危机已经结束。", "This run is closed."),
            mend=Words("要继续处理，请先重新打开。", "Open it again to go on."),
        )
    if refusal is not None:
        raise refusal


def _may_follow(run: Run, event: events.RunEvent) -> bool:
    if isinstance(event, events.ItemDone | events.ItemUndone | events.ItemAssigned | events.ItemDropped):
        state = run.find_item(event.key)
        return state is not None and state.item.follows_close
    if isinstance(event, events.Missed):
        return True
    after = (events.Noted, events.Drafted, events.Returned, events.Released, events.Reopened)
    return isinstance(event, (*after, events.StakeholderTold, events.StakeholderRemoved))


@dataclass
class _Reading:
    """What the events said so far."""

    started: events.Started
    last: datetime = field(init=False)
    items: dict[str, Item] = field(init=False)
    who: dict[str, str] = field(default_factory=dict)
    done: dict[str, list[tuple[datetime, str, float]]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    updates: list[datetime] = field(default_factory=list)
    timer_from: datetime = field(init=False)
    missed: set[tuple[str, datetime]] = field(default_factory=set)
    people: dict[str, tuple[Audience, datetime | None]] = field(default_factory=dict)
    statements: dict[str, StatementState] = field(default_factory=dict)
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        self.last = self.timer_from = self.started.at
        self.items = {item.key: item for item in self.started.playbook.items}

    def take(self, event: events.RunEvent) -> None:
        """Take the next event in, as of the latest time so far where it tells an earlier one."""
        self.last = max(self.last, event.at)
        handler = _HANDLERS.get(type(event))
        if handler is None:
            raise BadInput(
                Words(f"一次危机不能第二次 {event.name}。", f"A run is {event.name} once."),
                mend=Words("请新建一次。", "Start another one."),
            )
        handler(self, event)

    def find_due(self, key: str) -> datetime | None:
        """Return when an item is due."""
        done = self.done.get(key, [])
        item = self.items[key]
        if done and item.every_s is None:
            return None
        latest = done[-1][0] if done else None
        return find_item_due(self.started.playbook, item, self.started.at, self.closed_at, latest)

    def tick(self, event: events.ItemDone) -> None:
        """Keep that an item was done, and how late."""
        due = self.find_due(event.key)
        late_s = 0.0 if due is None else (self.last - due).total_seconds()
        self.done.setdefault(event.key, []).append((self.last, event.by, late_s))

    def untick(self, event: events.ItemUndone) -> None:
        """Take the last tick back."""
        self.done[event.key].pop()

    def give_update(self, _: events.UpdateGiven) -> None:
        """Begin the timer anew."""
        self.updates.append(self.last)
        self.timer_from = self.last

    def close(self) -> None:
        """Stop the timer, and everything that counts from the start."""
        self.closed_at = self.last

    def reopen(self) -> None:
        """Go on; the timer begins anew."""
        self.closed_at, self.timer_from = None, self.last

    def tell(self, now: datetime) -> Run:
        """Return the run at a moment."""
        playbook = self.started.playbook
        is_open = self.closed_at is None
        timer = None
        if is_open and playbook.update_s is not None:
            timer = self.timer_from + timedelta(seconds=playbook.update_s)
        return Run(
            RunStatus.OPEN if is_open else RunStatus.CLOSED,
            self.started.case,
            playbook,
            self.started.at,
            self.closed_at,
            tuple(self._tell_item(item, now) for item in self.items.values()),
            tuple(self.updates),
            timer,
            frozenset(self.missed),
            tuple((key, audience, told) for key, (audience, told) in self.people.items()),
            tuple(self.statements.values()),
            self.last,
        )

    def _tell_item(self, item: Item, now: datetime) -> ItemState:
        is_dropped = item.key in self.dropped
        runs = not is_dropped and (self.closed_at is None or item.follows_close)
        due = self.find_due(item.key) if runs else None
        begins_at = self.started.at + timedelta(seconds=item.from_s)
        done = tuple(self.done.get(item.key, ()))
        is_over = due is not None and due < now
        return ItemState(item, begins_at, due, self.who.get(item.key, ""), done, is_dropped, is_over)


def _add_item(reading: _Reading, event: events.ItemAdded) -> None:
    reading.items[event.item.key] = event.item


def _assign(reading: _Reading, event: events.ItemAssigned) -> None:
    reading.who[event.key] = event.who


def _add_stakeholder(reading: _Reading, event: events.StakeholderAdded) -> None:
    reading.people[event.stakeholder] = (event.audience, None)


def _tell_stakeholder(reading: _Reading, event: events.StakeholderTold) -> None:
    audience, _ = reading.people[event.stakeholder]
    reading.people[event.stakeholder] = (audience, reading.last)


def _remove_stakeholder(reading: _Reading, event: events.StakeholderRemoved) -> None:
    del reading.people[event.stakeholder]


def _draft(reading: _Reading, event: events.Drafted) -> None:
    known = reading.statements.get(event.statement, StatementState(event.statement, 0))
    reading.statements[event.statement] = replace(known, newest=event.version)


def _release(reading: _Reading, event: events.Released) -> None:
    known = reading.statements[event.statement]
    first = known.released_at or reading.last
    reading.statements[event.statement] = replace(
        known, released=event.version, releases=event.release, released_at=first
    )


_HANDLERS: dict[type[events.RunEvent], Callable[[_Reading, Any], None]] = {
    events.ItemAdded: _add_item,
    events.ItemAssigned: _assign,
    events.ItemDone: _Reading.tick,
    events.ItemUndone: _Reading.untick,
    events.ItemDropped: lambda reading, event: reading.dropped.add(event.key),
    events.UpdateGiven: _Reading.give_update,
    events.Noted: lambda _, __: None,
    events.Missed: lambda reading, event: reading.missed.add((event.key, event.due)),
    events.StakeholderAdded: _add_stakeholder,
    events.StakeholderTold: _tell_stakeholder,
    events.StakeholderRemoved: _remove_stakeholder,
    events.Drafted: _draft,
    events.Returned: lambda _, __: None,
    events.Released: _release,
    events.Closed: lambda reading, _: reading.close(),
    events.Reopened: lambda reading, _: reading.reopen(),
}


def _check_start(_: Run, __: events.Started) -> CanyuError | None:
    return Conflict(
        Words("这次危机已经启动。", "This run has started already."), mend=Words("请新建一次。", "Start another one.")
    )


def _check_new_item(run: Run, event: events.ItemAdded) -> CanyuError | None:
    if run.find_item(event.item.key) is None and event.item.key != events.UPDATE:
        return None
    return Conflict(
        Words(f"条目 {event.item.key!r} 已经在清单里。", f"The item {event.item.key!r} is in the list already."),
        mend=Words("请换一个名字。", "Give it another key."),
    )


def _check_item(run: Run, event: Any) -> CanyuError | None:
    state = run.find_item(event.key)
    if state is None:
        return BadInput(
            Words(f"清单里没有 {event.key!r} 这一项。", f"The list has no item {event.key!r}."),
            mend=Words("请从清单里选。", "Choose one of the list."),
        )
    if state.is_dropped:
        return Conflict(
            Words("这一项已经划掉。", "The item was dropped."),
            mend=Words("需要时请另加一项。", "Add another where needed."),
        )
    return None


def _check_done(run: Run, event: events.ItemDone) -> CanyuError | None:
    refusal = _check_item(run, event)
    if refusal is not None:
        return refusal
    state = run.find_item(event.key)
    if state is not None and state.is_done:
        return Conflict(
            Words("这一项已经有人做完。", "Somebody has done it already."),
            mend=Words("不必再做。", "Nothing is to be done."),
        )
    if state is not None and state.item.follows_close and run.is_open:
        return Conflict(
            Words("这一项从危机结束算起。", "The item counts from the closing of the run."),
            mend=Words("请先结束这次危机。", "Close the run first."),
        )
    return None


def _check_undone(run: Run, event: events.ItemUndone) -> CanyuError | None:
    refusal = _check_item(run, event)
    state = run.find_item(event.key)
    if refusal is None and state is not None and not state.done:
        return Conflict(
            Words("这一项还没有做过。", "The item has not been done."),
            mend=Words("不必撤销。", "Nothing is to be taken back."),
        )
    return refusal


def _check_missed(run: Run, event: events.Missed) -> CanyuError | None:
    if (event.key, event.due) in list_missed(run, event.at):
        return None
    return Conflict(
        Words("没有逾期，或已经记过。", "It is not overdue, or was noted before."),
        mend=Words("不必再做。", "Nothing is to be done."),
    )


def _check_stakeholder(run: Run, event: Any) -> CanyuError | None:
    if any(key == event.stakeholder for key, _, _ in run.stakeholders):
        return None
    return Conflict(
        Words("名单里没有这个人了。", "They are not in the list any more."),
        mend=Words("请刷新页面。", "Load the page anew."),
    )


def _check_draft(run: Run, event: events.Drafted) -> CanyuError | None:
    known = run.find_statement(event.statement)
    if event.version == (known.newest if known else 0) + 1:
        return None
    return _tell_stale()


def _check_newest(run: Run, event: Any) -> CanyuError | None:
    known = run.find_statement(event.statement)
    if known is None or known.newest != event.version or known.released == event.version:
        return _tell_stale()
    if isinstance(event, events.Released) and event.release != known.releases + 1:
        return _tell_stale()
    return None


def _check_closing(run: Run, _: events.Closed) -> CanyuError | None:
    if run.is_open:
        return None
    return Conflict(
        Words("这次危机已经结束。", "The run is closed already."), mend=Words("不必再做。", "Nothing is to do.")
    )


def _check_reopening(run: Run, _: events.Reopened) -> CanyuError | None:
    if not run.is_open:
        return None
    return Conflict(Words("这次危机还在进行。", "The run is open."), mend=Words("不必再做。", "Nothing is to do."))


def _tell_stale() -> CanyuError:
    return Conflict(
        Words("声明在此期间有了新的版本，或这一版已经发布。", "The statement has a newer version, or this one is out."),
        mend=Words(
            "什么都没有发布。请打开最新一版再看。", "Nothing was released. Open the newest version and read it."
        ),
    )


_RULES: dict[type[events.RunEvent], Callable[[Run, Any], CanyuError | None]] = {
    events.Started: _check_start,
    events.ItemAdded: _check_new_item,
    events.ItemAssigned: _check_item,
    events.ItemDone: _check_done,
    events.ItemUndone: _check_undone,
    events.ItemDropped: _check_item,
    events.Missed: _check_missed,
    events.StakeholderTold: _check_stakeholder,
    events.StakeholderRemoved: _check_stakeholder,
    events.Drafted: _check_draft,
    events.Returned: _check_newest,
    events.Released: _check_newest,
    events.Closed: _check_closing,
    events.Reopened: _check_reopening,
}
