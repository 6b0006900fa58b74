"""The only place that changes jobs: taken by one worker for a while, done once, tried again, given up.

Every change is a conditional update on the row of the job as it was taken: a worker whose lease ran out changes
nothing any more, and what it wrote in the same transaction is rolled back.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from canyu.kit.words import Words
from canyu.ops.people.models import Person
from canyu.ops.queue.errors import LeaseLost, NotDead
from canyu.ops.queue.kinds import Kind, find_kind, give_id
from canyu.ops.queue.rules import (
    FIRST_WAIT,
    KEPT_DEAD,
    KEPT_DONE,
    UNFINISHED,
    UNKNOWN,
    Lane,
    Lease,
    describe_fault,
    find_wait,
    judge_lease,
    make_id,
)

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
DONE, DEAD = TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED
UNKNOWN_LEASE = timedelta(hours=1)  # another machine may have newer code, and be at it
logger = logging.getLogger("canyu.queue")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as one worker took it: ``takers`` names every taking so far, its own the last."""

    id: UUID
    path: str
    takers: tuple[str, ...]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def attempts(self) -> int:
        """How often it was begun, this time included."""
        return len(self.takers)


def ask_once(kind: Kind[..., Any], key: str, *args: Any) -> bool:
    """Ask for a job of which there is one for a key, whoever asks how often; returns whether it is new."""
    try:
        with transaction.atomic(), give_id(make_id(kind.module_path, key)):
            kind.enqueue(*args)
    except IntegrityError:
        return False
    return True


def take_job(lane: Lane, worker: str, now: datetime) -> Job | None:
    """Lease the next job of a lane that is due; two workers never get the same one."""
    due = DBTaskResult.objects.filter(
        Q(run_after=get_date_max()) | Q(run_after__lte=now), status=READY, queue_name=lane.value
    )
    if not due.exists():  # a look needs no lock: SQLite would keep other writers waiting
        return None
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        takers = [*row.worker_ids, f"{worker}/{secrets.token_hex(4)}"]
        taken = due.filter(pk=row.pk).update(status=RUNNING, started_at=now, worker_ids=takers)
    return _read_job(row, takers) if taken else None


def finish_job(job: Job, now: datetime) -> None:
    """Note that a job is done, once. Raises LeaseLost where it is not this worker's any more."""
    done = _list_mine(job).update(status=DONE, finished_at=now, exception_class_path="", traceback="")
    if not done:
        raise LeaseLost(Words("这个任务已由别的进程接手。", "Another worker has this job by now."))


def fail_job(job: Job, kind: Kind[..., Any] | None, fault: str, now: datetime) -> bool:
    """Keep a job for another try, or give it up; without a kind there is no other try. Returns False if it was lost."""
    if kind is not None and job.attempts < kind.most_attempts:
        wait = find_wait(job.attempts)
        return bool(_list_mine(job).update(status=READY, run_after=now + wait, traceback=fault))
    with transaction.atomic():
        if not _list_mine(job).update(status=DEAD, finished_at=now, traceback=fault):
            return False
        if kind is not None and kind.give_up is not None:
            _give_up(job, kind.give_up)
    logger.error("the job %s of %s was given up: %s", job.id, job.path, fault)
    return True


def reap(now: datetime) -> int:
    """Take jobs back whose worker died or took longer than its lease; returns how many.

    A lease that begins in the future begins anew: the clock was set back, and its worker may well be alive. So does
    the wait for another try.
    """
    reaped = 0
    for row in DBTaskResult.objects.filter(status=RUNNING):
        job, kind = _read_job(row, row.worker_ids), find_kind(row.task_path)
        lease = kind.lease if kind else UNKNOWN_LEASE
        stands = judge_lease(row.started_at or now, lease, now)
        if stands is Lease.AHEAD:
            _list_mine(job).update(started_at=now)
        if stands is Lease.OVER:
            reaped += take_back(job, kind, now)
    _shorten_waits(now)
    return reaped


def take_back(job: Job, kind: Kind[..., Any] | None, now: datetime) -> bool:
    """Let others have a job whose worker is gone, at once while it may be tried again."""
    if kind is None or job.attempts >= kind.most_attempts:
        return fail_job(job, kind, UNFINISHED if kind else UNKNOWN, now)
    return bool(_list_mine(job).update(status=READY, run_after=now, traceback=UNFINISHED))


def release_worker(worker: str, now: datetime) -> int:
    """Take back what a worker of this name had; only for one that is certainly not running any more."""
    rows = [row for row in DBTaskResult.objects.filter(status=RUNNING) if _is_of(row.worker_ids, worker)]
    return sum(take_back(_read_job(row, row.worker_ids), find_kind(row.task_path), now) for row in rows)


def try_again(viewer: Person, job_id: UUID) -> None:
    """Have a job that was given up tried anew, with all its tries. Raises NotDead where it is not given up."""
    dead = DBTaskResult.objects.filter(pk=job_id, status=DEAD)
    if not dead.update(status=READY, run_after=get_date_max(), worker_ids=[], finished_at=None):
        raise NotDead(
            Words("这个任务没有放弃，或已被重试。", "This job is not given up, or is being tried again."),
            mend=Words("请刷新页面。", "Reload the page."),
        )
    logger.info("%s has the job %s tried again", viewer.username, job_id)


def drop_old(now: datetime) -> int:
    """Forget jobs that were done a week ago, or given up long ago; returns how many."""
    rows = DBTaskResult.objects.all()
    done, _ = rows.filter(status=DONE, finished_at__lt=now - KEPT_DONE).delete()
    dead, _ = rows.filter(status=DEAD, finished_at__lt=now - KEPT_DEAD).delete()
    return done + dead


def run_job(job: Job, clock: Callable[[], datetime]) -> bool:
    """Do a job that was taken; what it raises is kept in few words, and told in the log. Returns whether it is done."""
    kind = find_kind(job.path)
    if kind is None:
        fail_job(job, None, UNKNOWN, clock())
        return False
    try:
        with transaction.atomic() if kind.is_atomic else nullcontext():
            kind.call(*job.args, **job.kwargs)
            finish_job(job, clock())
    except LeaseLost:
        logger.warning("the job %s of %s took longer than its lease of %s", job.id, job.path, kind.lease)
        return False
    except Exception as error:
        logger.exception("the job %s of %s failed", job.id, job.path)
        fail_job(job, kind, describe_fault(error), clock())
        return False
    return True


def _read_job(row: DBTaskResult[..., Any], takers: list[str]) -> Job:
    given = row.args_kwargs
    return Job(row.pk, row.task_path, tuple(takers), tuple(given["args"]), dict(given["kwargs"]))


def _shorten_waits(now: datetime) -> None:
    """Let no job wait longer for its next try than it would from now: the clock was set back."""
    begun = DBTaskResult.objects.filter(status=READY, run_after__lt=get_date_max()).exclude(worker_ids=[])
    for pk, takers in begun.filter(run_after__gt=now + FIRST_WAIT).values_list("pk", "worker_ids"):
        soonest = now + find_wait(len(takers))
        begun.filter(pk=pk, run_after__gt=soonest).update(run_after=soonest)


def _give_up(job: Job, tell: Callable[..., None]) -> None:
    try:
        with transaction.atomic():
            tell(*job.args, **job.kwargs)
    except Exception:  # the job is a dead letter all the same, or the reaper would come to it for ever
        logger.exception("giving up the job %s of %s failed", job.id, job.path)


def _list_mine(job: Job) -> QuerySet[DBTaskResult[..., Any]]:
    return DBTaskResult.objects.filter(pk=job.id, status=RUNNING, worker_ids=list(job.takers))


def _is_of(takers: list[str], worker: str) -> bool:
    return bool(takers) and takers[-1].rpartition("/")[0] == worker
