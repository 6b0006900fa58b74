"""Promises with dates: which is due, which was kept and which was broken at a day; from the facts alone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from canyu.care.severity import Harm
from canyu.kit.words import Words


class Rhythm(StrEnum):
    """When a promise asks for something."""

    ONCE = "once"
    EVERY = "every"
    ON_REQUEST = "on request"


class Standing(StrEnum):
    """Where a promise stands at a day."""

    AHEAD = "ahead"
    DUE = "due"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asked for what was promised on request; ``honoured``: the day on which they got it."""

    asked: date
    honoured: date | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, from a day to another (both included), and what was done about it so far.

    ``every_months``: the length of a window of ``EVERY``, each of which needs one ``done``. ``within_days``: how long
    an asking may wait. ``owners``: how many people it was made to.
    """

    name: str
    words: Words
    rhythm: Rhythm
    first: date
    last: date
    every_months: int = 0
    within_days: int = 0
    done: tuple[date, ...] = ()
    askings: tuple[Asking, ...] = ()
    harm: Harm = Harm.NUISANCE
    owners: int = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """A due day that passed without what was promised; ``mended``: the day on which it came after all."""

    due: date
    mended: date | None = None

    @property
    def since(self) -> date:
        """The first day on which the promise was broken."""
        return self.due + timedelta(1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a promise stands at a day, when it is due next, and every breach; one that was mended stays on record."""

    promise: Promise
    day: date
    standing: Standing
    next_due: date | None
    breaches: tuple[Breach, ...] = field(default=())


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last: 29 February and a year is 28 February.

    >>> str(add_months(date(2024, 2, 29), 12)), str(add_months(date(2025, 1, 31), 1))
    ('2025-02-28', '2025-02-28')
    """
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def judge_promise(promise: Promise, day: date) -> Judgement:
    """Return where a promise stands at a day; what happened later than that day is not known yet.

    A due day that has not ended breaks nothing. A promise with a breach that nothing mended is broken; one whose
    breaches were all mended is due or kept again, and the breaches stay.

    >>> first, last = date(2025, 1, 1), date(2025, 12, 31)
    >>> told = Promise("u", Words("", ""), Rhythm.EVERY, first, last, 6, done=(date(2025, 3, 1),))
    >>> [judge_promise(told, day).standing.value for day in (date(2024, 12, 31), date(2025, 12, 31), date(2026, 1, 1))]
    ['ahead', 'due', 'broken']
    """
    if day < promise.first:
        return Judgement(promise, day, Standing.AHEAD, next(_list_dues(promise), (None,))[-1])
    judge = {Rhythm.ONCE: _judge_windows, Rhythm.EVERY: _judge_windows, Rhythm.ON_REQUEST: _judge_askings}
    breaches, next_due = judge[promise.rhythm](promise, day)
    if any(breach.mended is None for breach in breaches):
        standing = Standing.BROKEN
    elif next_due is not None or (promise.rhythm is Rhythm.ON_REQUEST and day <= promise.last):
        standing = Standing.DUE
    else:
        standing = Standing.KEPT
    return Judgement(promise, day, standing, next_due, tuple(breaches))


def _list_dues(promise: Promise) -> Iterator[tuple[date, date]]:
    """Yield the windows of a promise: the first day and the due day of each; the last may be shorter."""
    if promise.rhythm is Rhythm.ONCE:
        yield promise.first, promise.last
    elif promise.rhythm is Rhythm.EVERY:
        start, place = promise.first, 0
        while start <= promise.last:
            place += 1
            after = add_months(promise.first, place * promise.every_months)  # from the first day: months do not drift
            yield start, min(after - timedelta(1), promise.last)
            start = after


def _judge_windows(promise: Promise, day: date) -> tuple[list[Breach], date | None]:
    done = sorted(each for each in promise.done if each <= day)
    breaches: list[Breach] = []
    for start, due in _list_dues(promise):
        if any(start <= each <= due for each in done):
            continue
        if due >= day:
            return breaches, due
        breaches.append(Breach(due, next((each for each in done if each > due), None)))
    return breaches, None


def _judge_askings(promise: Promise, day: date) -> tuple[list[Breach], date | None]:
    breaches: list[Breach] = []
    waiting: list[date] = []
    for each in sorted(promise.askings, key=lambda asking: asking.asked):
        if not promise.first <= each.asked <= min(day, promise.last):
            continue
        due = each.asked + timedelta(promise.within_days)
        honoured = each.honoured if each.honoured is not None and each.honoured <= day else None
        if honoured is not None and honoured <= due:
            continue
        if honoured is None and due >= day:
            waiting.append(due)
        else:
            breaches.append(Breach(due, honoured))
    return breaches, min(waiting, default=None)
