"""Jobs: there with what asked for them, done once, tried again, given up; whoever dies or comes late."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from canyu.kit.clock import get_now
from canyu.ops.people.models import Person
from canyu.ops.queue import actions
from canyu.ops.queue.errors import LeaseLost, NotDead
from canyu.ops.queue.rules import Lane, Lease, find_wait, judge_lease
from job_work import do_jobs
from queue_kinds import LEASE, count_notes, write, write_apart
from racing import run_together

NOW = get_now() + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def take(now: datetime = NOW, worker: str = "a", lane: Lane = Lane.QUICK) -> actions.Job:
    job = actions.take_job(lane, worker, now)
    assert job is not None
    return job


def get_row() -> DBTaskResult:
    return DBTaskResult.objects.get()


def test_a_rolled_back_transaction_asks_for_nothing() -> None:
    with transaction.atomic():
        write.enqueue("a")
        transaction.set_rollback(True)
    assert DBTaskResult.objects.count() == 0
    with transaction.atomic():
        write.enqueue("a")
    assert (do_jobs(), count_notes(), get_row().status) == (1, 1, "SUCCESSFUL")


def test_a_key_is_asked_for_once_for_ever() -> None:
    assert actions.ask_once(write, "k", "a")
    assert not actions.ask_once(write, "k", "a")
    assert do_jobs() == 1
    assert not actions.ask_once(write, "k", "a")  # done, and still known
    assert actions.ask_once(write_apart, "k", "a")  # another kind, another job
    write.enqueue("a")
    write.enqueue("a")
    assert do_jobs() == 3  # without a key each is one


def test_what_a_job_wrote_and_that_it_is_done_are_one() -> None:
    write.enqueue("a", fault="13800138000")
    assert (do_jobs(), count_notes()) == (0, 0)
    row = get_row()
    assert (row.status, len(row.worker_ids)) == ("READY", 1)
    assert row.traceback == "ValueError"  # where it came from is no code of ours, and its words are not kept
    assert row.run_after > get_now()


def test_a_worker_that_comes_late_changes_nothing() -> None:
    write.enqueue("a")
    late = take()
    assert actions.reap(NOW + LEASE - timedelta(seconds=1)) == 0
    assert actions.reap(NOW + LEASE) == 1
    mine = take(NOW + LEASE, "b")
    for _ in range(2):  # while the other is at it, and after
        assert not actions.run_job(late, lambda: NOW + LEASE)
        assert not actions.fail_job(late, write, "late", NOW + LEASE)
        assert not actions.take_back(late, write, NOW + LEASE)
        actions.run_job(mine, lambda: NOW + LEASE)
    with pytest.raises(LeaseLost):
        actions.finish_job(late, NOW)
    assert (count_notes(), get_row().status, len(get_row().worker_ids)) == (1, "SUCCESSFUL", 2)


def test_without_one_transaction_a_late_worker_does_it_twice() -> None:
    """The negative control of the one before: nothing but the common transaction keeps it from that."""
    write_apart.enqueue("a")
    late = take(lane=Lane.SLOW)
    actions.reap(NOW + LEASE)
    assert actions.run_job(take(NOW + LEASE, "b", Lane.SLOW), lambda: NOW)
    assert not actions.run_job(late, lambda: NOW)
    assert count_notes() == 2


def test_a_job_that_fails_each_time_is_given_up_and_tried_again_by_a_person() -> None:
    write.enqueue("a", fault="no")
    now = NOW
    for attempt in range(1, 4):
        assert not actions.run_job(take(now), lambda at=now: at)
        now += find_wait(attempt)
    row = get_row()
    assert (row.status, len(row.worker_ids), count_notes()) == ("FAILED", 3, 1)  # the one note: that it was given up
    assert actions.take_job(Lane.QUICK, "a", now + timedelta(days=1)) is None
    person = Person(username="lead")
    actions.try_again(person, row.pk)
    with pytest.raises(NotDead):
        actions.try_again(person, row.pk)
    assert take(now).attempts == 1


def test_a_job_that_kills_its_worker_each_time_is_given_up() -> None:
    write.enqueue("a")
    now = NOW
    for _ in range(3):
        take(now)
        now += LEASE
        assert actions.reap(now) == 1
    assert (get_row().status, get_row().traceback) == ("FAILED", actions.UNFINISHED)
    assert count_notes() == 1


def test_a_job_whose_kind_is_gone_is_given_up_and_kept() -> None:
    write.enqueue("a")
    DBTaskResult.objects.update(task_path="queue_kinds.gone")
    assert not actions.run_job(take(), get_now)
    assert (get_row().status, get_row().traceback) == ("FAILED", actions.UNKNOWN)


def test_what_a_dead_worker_had_is_free_at_once_where_that_is_certain() -> None:
    write.enqueue("a")
    take(worker="here")
    assert actions.release_worker("her", NOW) == 0
    assert actions.release_worker("here", NOW) == 1
    assert take(worker="there").attempts == 2


def test_the_clock_set_back_an_hour_keeps_no_job_and_takes_none_away() -> None:
    write.enqueue("a")
    job = take()
    earlier = NOW - timedelta(hours=1)
    assert actions.reap(earlier) == 0  # its worker is alive as far as anybody knows
    assert actions.reap(earlier + LEASE) == 1  # and is taken over after one lease by the new clock
    assert not actions.run_job(job, lambda: earlier)
    again = take(earlier + LEASE)
    actions.fail_job(again, write, "f", NOW + timedelta(hours=2))  # a failure noted by the clock before it was set back
    actions.reap(earlier)
    assert take(earlier + find_wait(2)).attempts == 3


def test_old_jobs_are_forgotten_the_given_up_later() -> None:
    write.enqueue("a")
    do_jobs()
    assert actions.drop_old(get_now() + timedelta(days=6)) == 0
    assert actions.drop_old(get_now() + timedelta(days=8)) == 1
    write.enqueue("b")
    DBTaskResult.objects.update(status="FAILED", finished_at=get_now())
    assert actions.drop_old(get_now() + timedelta(days=89)) == 0
    assert actions.drop_old(get_now() + timedelta(days=91)) == 1


@pytest.mark.parametrize(
    ("after_s", "stands"), [(-1, Lease.AHEAD), (0, Lease.HELD), (29, Lease.HELD), (30, Lease.OVER)]
)
def test_where_a_lease_stands(after_s: int, stands: Lease) -> None:
    assert judge_lease(NOW, LEASE, NOW + timedelta(seconds=after_s)) is stands


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_take_the_same_job() -> None:
    for name in range(20):
        write.enqueue(f"n{name}")
    taken: list[uuid.UUID] = []

    def work(worker: str) -> None:
        while job := actions.take_job(Lane.QUICK, worker, NOW):
            taken.append(job.id)
            assert actions.run_job(job, get_now)

    assert run_together(*(partial(work, worker) for worker in "abc")) == []
    assert (len(taken), len(set(taken)), count_notes()) == (20, 20, 20)


@pytest.mark.django_db(transaction=True)
def test_two_that_ask_for_one_key_at_once_get_one_job() -> None:
    run_together(*[lambda: actions.ask_once(write, "k", "a")] * 3)
    assert DBTaskResult.objects.count() == 1


def test_a_job_of_a_kind_that_only_newer_code_knows_is_left_to_who_is_at_it() -> None:
    write.enqueue("a")
    take()
    DBTaskResult.objects.update(task_path="queue_kinds.newer")
    assert actions.reap(NOW + timedelta(minutes=59)) == 0
    assert actions.reap(NOW + timedelta(minutes=60)) == 1
