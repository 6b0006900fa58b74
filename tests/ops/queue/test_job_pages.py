"""The page of jobs: what stands where, what was given up and is tried again, what comes round and is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django_tasks_db.models import DBTaskResult

from canyu.kit.clock import get_now
from canyu.ops.people.rules import Role
from canyu.ops.queue.models import RoundRow
from canyu.ops.queue.rounds.actions import run_round
from canyu.ops.rounds import ROUNDS
from job_work import do_jobs
from queue_kinds import write


def read(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_job_that_was_given_up_is_shown_and_tried_again(brand_lake: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in(Role.DATA_ANALYST)
    assert "No job was asked for yet." in read(client.get("/jobs/"))
    write.enqueue("a")
    DBTaskResult.objects.update(
        status="FAILED", finished_at=get_now(), worker_ids=["w/1", "w/2"], traceback="ValueError (ops/<b>.py:1)"
    )
    page = read(client.get("/jobs/"))
    assert "ValueError (ops/&lt;b&gt;.py:1)" in page
    place = f"/jobs/one/{DBTaskResult.objects.get().pk}/again/"
    assert client.post(place).status_code == 302
    assert client.post(place).status_code == 409  # a double click tries once
    assert do_jobs() == 1
    DBTaskResult.objects.update(status="FAILED", traceback="unfinished", task_path="gone.away")
    page = read(client.get("/jobs/", headers={"accept-language": "zh-hans"}))
    assert "进程中止，或超过了租期" in page
    assert "gone.away" in page


def test_what_comes_round_is_told_with_its_last_time_fault_and_lateness(
    brand_lake: Path, sign_in: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    client, now = sign_in(Role.MARKETING_LEAD), get_now()
    assert "does the server run?" not in read(client.get("/jobs/"))
    run_round(ROUNDS[0], "w", get_now)
    RoundRow.objects.update(next_at=now - timedelta(minutes=11), fault="OSError", fault_at=now, faults=3)
    with django_assert_max_num_queries(12):
        page = read(client.get("/jobs/"))
    assert "1 thing that comes round is late: does the server run?" in page
    assert "every 30 s" in page
    assert "3 times in a row" in page
    page = read(client.get("/jobs/", headers={"accept-language": "zh-hans"}))
    assert "有 1 项定期工作已延误" in page
    assert all(this.title.zh in page for this in ROUNDS)
