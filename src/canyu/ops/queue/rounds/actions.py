"""The only place that changes what comes round: taken by one conditional update, done, and due again."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from canyu.kit.words import Words
from canyu.ops.queue.models import RoundRow
from canyu.ops.queue.rules import Lane, Lease, describe_fault, is_round_due, judge_lease

LATER = timedelta(minutes=1)
"""What comes round more seldom than this is not done at the very first start."""
logger = logging.getLogger("canyu.queue")


@dataclass(frozen=True, slots=True)
class Round:
    """One thing that comes round again; safe to repeat, to kill and to run twice at once.

    ``every`` passes between its end and its next start. A worker that died is taken over after ``lease``, which is
    longer than it may run.
    """

    name: str
    title: Words
    every: timedelta
    run: Callable[[], object]
    lane: Lane = Lane.QUICK
    lease: timedelta = timedelta(minutes=15)


def take_round(this: Round, worker: str, now: datetime) -> str | None:
    """Take a round that is due and that nobody is at; returns the name of this taking, None where there is none.

    Of workers that look at once one gets it. The clock set back an hour does not put a round off by an hour.
    """
    first = now + this.every if this.every > LATER else now
    row, _ = RoundRow.objects.get_or_create(name=this.name, defaults={"next_at": first})
    same = RoundRow.objects.filter(name=row.name, taken_by=row.taken_by, next_at=row.next_at)
    if row.taken_by and row.started_at is not None:
        lease = judge_lease(row.started_at, this.lease, now)
        if lease is Lease.AHEAD:  # the lease begins anew: its worker may well be alive
            same.update(started_at=now)
        if lease is not Lease.OVER:
            return None
    if not is_round_due(row.next_at, this.every, now):
        return None
    taking = f"{worker}/{secrets.token_hex(4)}"
    taken = same.update(taken_by=taking, started_at=now, next_at=now + this.every)
    return taking if taken else None


def finish_round(this: Round, taking: str, fault: str, now: datetime) -> bool:
    """Note how a round went, with its fault or none, and when it is due again. False where another worker has it."""
    how = {"fault": fault, "fault_at": now, "faults": F("faults") + 1} if fault else {"faults": 0}
    mine = RoundRow.objects.filter(name=this.name, taken_by=taking)
    return bool(mine.update(taken_by="", finished_at=now, next_at=now + this.every, **how))


def run_round(this: Round, worker: str, clock: Callable[[], datetime]) -> bool:
    """Do a round where it is due; one that fails is told in the log and comes round again. Says whether it was due."""
    taking = take_round(this, worker, clock())
    if taking is None:
        return False
    fault = ""
    try:
        this.run()
    except Exception as error:
        logger.exception("the round %s failed; it comes again", this.name)
        fault = describe_fault(error)
    if not finish_round(this, taking, fault, clock()):
        logger.warning("the round %s took longer than its lease of %s", this.name, this.lease)
    return True


def release_rounds(worker: str, now: datetime) -> int:
    """Let the rounds be due that a worker of this name was at; only for one that is certainly not running any more."""
    return RoundRow.objects.filter(taken_by__startswith=f"{worker}/").update(taken_by="", next_at=now)
