"""The only place that changes the outbox: events put in with what they tell of, and led into the lake."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from canyu.events import Event, build_event_table
from canyu.kit.clock import get_now
from canyu.ops.lakes import find_lake
from canyu.ops.outbox.models import WaitingEvent
from canyu.ops.outbox.rules import dump_event, load_event
from canyu.ops.sources.outbound.actions import announce_events

AT_ONCE = 500  # SQLite takes no more variables in one query on old systems
logger = logging.getLogger("canyu.outbox")


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one round did: events added to the lake, those that it had already, those that wait for a lake."""

    added: int
    repeated: int
    waiting: int


def add_event(event: Event, now: datetime) -> None:
    """Put an event on its way, in the transaction of the change that it tells of: both are kept, or neither.

    An id that waits already is the same event, and is not put in again.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event needs the transaction of the change that it tells of")
    WaitingEvent.objects.get_or_create(event_id=event.id, defaults={"event": dump_event(event), "made_at": now})


def add_events(events: Sequence[Event], now: datetime) -> None:
    """Put many events on their way at once, as ``add_event`` does; for groups, where each would be two queries."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event needs the transaction of the change that it tells of")
    rows = (WaitingEvent(event_id=event.id, event=dump_event(event), made_at=now) for event in events)
    WaitingEvent.objects.bulk_create(rows, batch_size=AT_ONCE // 3, ignore_conflicts=True)


def relay() -> Relayed:
    """Lead every waiting event into the lake, oldest first; without a lake they wait.

    Safe to repeat, to kill and to run twice at once: an event leaves the outbox only after the lake's commit, and the
    lake counts an id once. Raises StorageFailure or Conflict where the lake refuses; then what was not sent waits.
    """
    lake = find_lake()
    if lake is None:
        return Relayed(0, 0, WaitingEvent.objects.count())
    added = repeated = 0
    while rows := list(WaitingEvent.objects.order_by("pk")[:AT_ONCE]):
        events = build_event_table([load_event(row.event) for row in rows])
        done = lake.append(events)
        announce_events(events, get_now())
        _drop([row.pk for row in rows])
        added, repeated = added + done.added, repeated + done.repeated
    if added:
        logger.info("%s events of the console were added to the lake", added)
    return Relayed(added, repeated, 0)


def forget_actors(actors: list[str]) -> int:
    """Drop waiting events of these actors; return how many."""
    dropped = [row.pk for row in WaitingEvent.objects.only("event") if row.event.get("actor") in set(actors)]
    _drop(dropped)
    return len(dropped)


def _drop(pks: list[int]) -> None:
    for start in range(0, len(pks), AT_ONCE):
        WaitingEvent.objects.filter(pk__in=pks[start : start + AT_ONCE]).delete()
