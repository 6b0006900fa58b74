"""What comes round again: done by one of those who look, due again after its end, whatever the clock does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from canyu.kit.clock import get_now
from canyu.kit.words import Words
from canyu.ops.queue.actions import take_job
from canyu.ops.queue.models import RoundRow
from canyu.ops.queue.rounds.actions import Round, release_rounds, run_round, take_round
from canyu.ops.queue.rules import Lane
from canyu.ops.queue.worker import Worker, read_name
from canyu.ops.rounds import ROUNDS
from queue_kinds import write
from racing import run_together

NOW = get_now()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
pytestmark = pytest.mark.django_db


def make(run: Callable[[], object] = lambda: None, every: timedelta = MINUTE) -> Round:
    return Round("test", Words("试验", "Test"), every, run, lease=5 * MINUTE)


def is_due(this: Round, now: datetime) -> bool:
    return run_round(this, "w", lambda: now)


def test_a_round_comes_again_after_its_rhythm() -> None:
    assert is_due(make(), NOW)
    assert not is_due(make(), NOW + MINUTE - timedelta(seconds=1))
    assert is_due(make(), NOW + MINUTE)


def test_a_seldom_round_is_not_done_at_the_very_first_start_but_after_it_missed_its_time() -> None:
    seldom = make(every=HOUR)
    assert not is_due(seldom, NOW)
    assert is_due(seldom, NOW + 5 * HOUR)
    assert not is_due(seldom, NOW + 5 * HOUR)  # once, not five times


def test_a_round_that_fails_is_told_and_comes_again() -> None:
    def fail() -> None:
        raise ValueError("Li Lei")

    for turn in range(2):
        assert is_due(make(fail), NOW + turn * MINUTE)
    row = RoundRow.objects.get()
    assert (row.fault, row.fault_at, row.faults) == ("ValueError", NOW + MINUTE, 2)
    is_due(make(), NOW + 2 * MINUTE)
    row.refresh_from_db()
    assert (row.fault, row.faults, row.finished_at) == ("ValueError", 0, NOW + 2 * MINUTE)  # the last fault stays told


def test_a_round_whose_worker_died_is_taken_over_after_its_lease() -> None:
    assert take_round(make(), "dead", NOW)
    assert take_round(make(), "b", NOW + 5 * MINUTE - timedelta(seconds=1)) is None
    assert take_round(make(), "b", NOW + 5 * MINUTE)


def test_a_round_is_due_at_once_where_its_worker_is_certainly_dead() -> None:
    assert take_round(make(), "dead", NOW)
    assert release_rounds("dea", NOW) == 0
    assert release_rounds("dead", NOW) == 1
    assert is_due(make(), NOW)


def test_the_clock_set_back_an_hour_puts_no_round_off_by_an_hour() -> None:
    is_due(make(), NOW)
    assert is_due(make(), NOW - HOUR)
    assert take_round(make(), "dead", NOW) is not None
    earlier = NOW - HOUR
    assert take_round(make(), "b", earlier) is None  # taken in what is now the future: its worker may be alive
    assert take_round(make(), "b", earlier + 4 * MINUTE) is None
    assert take_round(make(), "b", earlier + 5 * MINUTE)


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_look_at_once_one_does_it() -> None:
    done: list[int] = []
    for turn in range(5):
        looks = [partial(run_round, make(lambda: done.append(1)), w, lambda at=NOW + turn * HOUR: at) for w in "abc"]
        assert run_together(*looks) == []
        assert len(done) == turn + 1


def test_a_worker_does_its_rounds_and_goes_on_after_one_that_fails() -> None:
    done: list[str] = []
    rounds = [
        Round("a", Words("甲", "A"), MINUTE, lambda: 1 / 0),
        Round("b", Words("乙", "B"), MINUTE, lambda: done.append("b")),
    ]
    worker, is_over = Worker(Lane.QUICK, "w", rounds), threading.Event()
    worker.step(is_over)
    worker.step(is_over)
    assert done == ["b"]
    assert RoundRow.objects.get(name="a").faults == 1


def test_an_idle_worker_asks_the_database_little(django_assert_num_queries: Any) -> None:
    worker = Worker(Lane.QUICK, "w", [this for this in ROUNDS if this.every > MINUTE])
    worker.step(threading.Event())
    worker._next_look = worker._next_reap = 0.0
    with django_assert_num_queries(4):  # leases, waits, rounds, jobs; between these looks one, for jobs
        worker.step(threading.Event())


def test_a_worker_takes_back_what_the_one_of_its_folder_left(tmp_path: Path) -> None:
    name = read_name(tmp_path, Lane.QUICK)
    assert name == read_name(tmp_path, Lane.QUICK) != read_name(tmp_path, Lane.SLOW)
    take_round(make(), name, NOW)
    write.enqueue("a")
    assert take_job(Lane.QUICK, name, NOW)
    Worker(Lane.QUICK, name, clock=lambda: NOW).release()
    assert take_round(make(), name, NOW)
    assert take_job(Lane.QUICK, name, NOW)


def test_every_round_of_the_server_runs_on_an_empty_database(use_lake: Callable[[Path], None], tmp_path: Path) -> None:
    use_lake(tmp_path / "none.lake")
    assert len({this.name for this in ROUNDS}) == len(ROUNDS)
    for this in ROUNDS:
        this.run()
