"""The only place that sweeps: once a minute over the cases that must be looked at, and notices on their way.

Judged by when a threshold was passed, not by when somebody looked: a sweep that comes a day late tells the same.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from canyu import care
from canyu.care import CaseEvent, case_events
from canyu.kit.errors import CanyuError
from canyu.ops.alerts import delivery
from canyu.ops.care.actions import CANYU
from canyu.ops.care.models import Agent, Case, CaseRecord, Notice, Sending
from canyu.ops.care.policies.queries import choose_receivers, list_agents, load_named_calendar
from canyu.ops.care.records import describe_record, load_events
from canyu.ops.care.rules import describe_columns
from canyu.ops.care.sweeping.rules import CHAIN, write_notice
from canyu.ops.config import load_config

AT_ONCE = 200
MOST_AT_ONCE = 100
LEASE = timedelta(minutes=15)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
logger = logging.getLogger("canyu.care")


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: cases looked at, thresholds passed, steps of chains taken."""

    cases: int
    warned: int
    called: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What a round of sending did: notices sent, kept for another try, and settled without one."""

    sent: int
    failed: int
    settled: int


def sweep(now: datetime) -> Swept:
    """Look at every case whose time has come. Safe to repeat, to kill and to run twice at once.

    Each batch is one transaction over rows that nobody else has; a notice is one row for ever.
    """
    cases = warned = called = last = 0
    while True:
        with transaction.atomic():
            rows = _take_batch(now, last)
            if not rows:
                return Swept(cases, warned, called)
            told = _sweep_batch(rows, now)
        last = rows[-1].pk
        cases, warned, called = cases + len(rows), warned + told[0], called + told[1]


def send_notices(now: datetime) -> Sent:
    """Send the notices whose time has come, those of one case and role together; what fails is kept and tried again.

    Nothing is given up: a notice that nobody took waits, at most an hour between two tries. An address that took one
    is not told again when another one of the role failed.
    """
    due = Notice.objects.filter(sending__in=(Sending.WAITING, Sending.SENDING), due_at__lte=now)
    sent = failed = settled = 0
    pairs = list(dict.fromkeys(due.order_by("due_at", "pk").values_list("case_id", "role")[:MOST_AT_ONCE]))
    for case_id, role in pairs:
        rows = _lease(due.filter(case_id=case_id, role=role).order_by("crossed_at", "pk"), now)
        if not rows:
            continue
        state = _send(rows, care.Role(role), now)
        sent += len(rows) if state is Sending.SENT else 0
        failed += len(rows) if state is Sending.WAITING else 0
        settled += len(rows) if state in {Sending.CONSOLE, Sending.MOOT} else 0
    return Sent(sent, failed, settled)


def _take_batch(now: datetime, after: int) -> list[Case]:
    """Return the next cases to look at, locked; SQLite has one writer at a time and needs no lock of rows."""
    due = Case.objects.filter(look_at__lte=now, pk__gt=after).order_by("pk")
    if connection.vendor == "postgresql":
        due = due.select_for_update(skip_locked=True)
    return list(due[:AT_ONCE])


def _sweep_batch(rows: Sequence[Case], now: datetime) -> tuple[int, int]:
    happened, agents = load_events([row.pk for row in rows]), list_agents()
    records: list[CaseRecord] = []
    notices: list[Notice] = []
    called = 0
    for row in rows:
        events = happened[row.pk]
        try:
            new, told = _judge(row, care.derive_case(events, now), agents, now)
        except CanyuError:
            # one case that cannot be read keeps no other one from being told
            logger.exception("case %s cannot be swept; it is looked at again in an hour", row.pk)
            Case.objects.filter(pk=row.pk, look_at=row.look_at).update(look_at=now + timedelta(hours=1))
            continue
        notices += told
        called += sum(isinstance(event, case_events.Escalated) for event in new)
        records += [_make_record(row, len(events) + at, event) for at, event in enumerate(new, 1)]
        state = care.derive_case([*events, *new], now)
        columns = describe_columns(state, now) | {"records_count": len(events) + len(new)}
        if columns["look_at"] is not None and columns["look_at"] <= now:
            columns["look_at"] = now + timedelta(minutes=1)
        if not Case.objects.filter(pk=row.pk, look_at=row.look_at, records_count=len(events)).update(**columns):
            raise RuntimeError(f"case {row.pk} was changed within the lock of its sweep")
    CaseRecord.objects.bulk_create(records)
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(records) - called, called


def _judge(row: Case, state: care.Case, agents: Sequence[Agent], now: datetime) -> tuple[list[CaseEvent], list[Notice]]:
    """Return what is to be written of a case, and whom it tells."""
    crossings = care.list_crossings(state, now)
    calls = care.list_calls(state, now)
    events: list[CaseEvent] = [case_events.Warned(now, CANYU, each.clock, each.threshold) for each in crossings]
    events += [case_events.Escalated(now, CANYU, call.step, call.role) for call in calls]
    notices = [
        Notice(case=row, clock=each.clock.value, threshold=each.threshold, crossed_at=each.at, role=notice.role.value)
        for notice in care.plan_notices(crossings)
        for each in notice.crossings
    ]
    notices += [
        Notice(case=row, clock=CHAIN, threshold=call.step, crossed_at=call.at, role=call.role.value) for call in calls
    ]
    for notice in notices:
        receivers = choose_receivers(agents, care.Role(notice.role), state.assignee)
        notice.send_at = notice.due_at = _find_sending_time(state, receivers, now)
    return events, notices


def _find_sending_time(state: care.Case, receivers: Sequence[Agent], now: datetime) -> datetime:
    """Return when a notice may go out: as soon as one of its receivers is at work, of a crisis at once."""
    times = [care.find_sending_time(state, load_named_calendar(row.calendar), now) for row in receivers]
    return min(times, default=now)


def _make_record(row: Case, sequence: int, event: CaseEvent) -> CaseRecord:
    inside = care.Audience.INSIDE.value
    return CaseRecord(
        case=row, sequence=sequence, type=event.name, at=event.at, by=event.by, audience=inside,
        body=describe_record(event),
    )  # fmt: skip


def _lease(due: object, now: datetime) -> list[Notice]:
    """Return the notices that are this sender's for a while; one that died is taken over after the lease."""
    mine = []
    for row in list(due):  # type: ignore[call-overload]  # a query set of notices
        taken = Notice.objects.filter(pk=row.pk, attempts=row.attempts, due_at=row.due_at).update(
            sending=Sending.SENDING, attempts=row.attempts + 1, due_at=now + LEASE
        )
        if taken:
            mine.append(row)
    return mine


def _send(rows: Sequence[Notice], role: care.Role, now: datetime) -> Sending:
    case = Case.objects.get(pk=rows[0].case_id)
    if not case.is_open:
        return _settle(rows, Sending.MOOT, now)
    names = dict.fromkeys(
        name for agent in choose_receivers(list_agents(), role, case.assignee) for name in agent.addresses
    )
    if not names:
        return _settle(rows, Sending.CONSOLE, now)
    told = set.intersection(*(set(row.told) for row in rows))
    text = write_notice(case, rows, load_config().zone).say(load_config().language)
    fault = ""
    for name in names:
        if name in told:
            continue
        failed = delivery.send_text(name, f"Canyu · {case.number}", text)
        fault = fault or failed
        if not failed:
            told.add(name)
            # kept at once: a sender that dies at the next address does not tell this one again
            Notice.objects.filter(pk__in=[row.pk for row in rows]).update(told=sorted(told))
    if not fault:
        return _settle(rows, Sending.SENT, now)
    wait = min(FIRST_WAIT * 2 ** min(rows[0].attempts, 10), LONGEST_WAIT)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(
        sending=Sending.WAITING, fault=fault, due_at=now + wait
    )
    logger.warning("%s notices of case %s were not taken by all: %s", len(rows), case.pk, fault)
    return Sending.WAITING


def _settle(rows: Sequence[Notice], state: Sending, now: datetime) -> Sending:
    sent_at = now if state is Sending.SENT else None
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(sending=state, sent_at=sent_at, fault="")
    return state
