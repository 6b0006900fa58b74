"""kill -9 of who asks for jobs and of who does them: none is lost, none is done twice, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postgres_server import find_programs, run_postgres
from waiting import wait_until

pytestmark = pytest.mark.faults
PROGRAM = Path(__file__).with_name("queue_worker.py")
JOBS, KILLS = 300, 5


class Crew:
    """The program that starts workers and askers, and those that it started."""

    def __init__(self, folder: Path, url: str) -> None:
        self.log = folder / "log"
        self.log.touch()
        environment = {**os.environ, "CANYU_LAKE": str(folder / "my.lake"), "CANYU_DATABASE_URL": url}
        self.program = subprocess.Popen(
            [sys.executable, str(PROGRAM)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready", self.program.communicate()

    def order(self, do: str, **more: Any) -> str:
        assert self.program.stdin is not None
        self.program.stdin.write(json.dumps({"do": do, "log": str(self.log), **more}) + "\n")
        self.program.stdin.flush()
        return self._read()

    def start(self, do: str, **more: Any) -> int:
        return int(self.order(do, **more))

    def kill(self, *pids: int) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            self.order("wait", pid=pid)

    def count(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = json.loads(self.order("count"))
        return found

    def count_begun(self) -> int:
        return self.log.read_text().count("began")

    def wait_for(self, states: dict[str, int]) -> None:
        """Return when the jobs stand so; asked seldom, for the workers need the processor."""

        def is_so() -> bool:
            time.sleep(0.1)
            return self.count()["states"] == states

        wait_until(is_so, self.program)

    def stop(self) -> None:
        self.program.communicate()

    def _read(self) -> str:
        assert self.program.stdout is not None
        return self.program.stdout.readline().strip()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    tmp_path = tmp_path_factory.mktemp("queue")
    if request.param == "sqlite":
        found = Crew(tmp_path, "")
        yield found
        found.stop()
        return
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine: the queue was killed on SQLite alone")
    with run_postgres(programs) as (address, _log):
        found = Crew(tmp_path, f"{address}/postgres")
        yield found
        found.stop()


@pytest.fixture
def crew(started: Crew) -> Crew:
    """The crew with empty tables: loading Django is what costs."""
    started.order("clear")
    started.log.write_text("")
    return started


def test_killed_at_any_moment_no_job_is_lost_and_none_is_done_twice(crew: Crew) -> None:
    chance = random.Random(11)
    asker = crew.start("ask", count=JOBS)
    time.sleep(chance.uniform(0.2, 0.8))
    crew.kill(asker)
    asker = crew.start("ask", count=JOBS)  # from the first again: it does not know how far it came
    for _ in range(KILLS):
        workers = [crew.start("work", reaps=True) for _ in range(2)]
        before = crew.count_begun()
        wait_until(lambda at=before: crew.count_begun() > at)
        time.sleep(chance.uniform(0, 0.4))
        crew.kill(*workers)
    crew.order("wait", pid=asker)
    workers = [crew.start("work", reaps=True) for _ in range(2)]
    crew.wait_for({"SUCCESSFUL": JOBS})
    crew.kill(*workers)
    assert crew.count()["notes"] == {f"job-{number}": 1 for number in range(JOBS)}
    assert crew.count_begun() > JOBS  # some were begun again: the kills did hit


def test_the_negative_controls(crew: Crew) -> None:
    """Without the reaper a job stays with its dead worker; done apart from its note, it is done again after a kill."""
    crew.order("enqueue", name="a")
    worker = crew.start("work", reaps=False)
    wait_until(lambda: crew.count_begun() == 1)
    crew.kill(worker)
    worker = crew.start("work", reaps=False)
    time.sleep(1.5)  # longer than the lease
    assert crew.count()["states"] == {"RUNNING": 1}
    crew.kill(worker)
    worker = crew.start("work", reaps=True)
    crew.wait_for({"SUCCESSFUL": 1})
    assert crew.count()["notes"] == {"a": 2}
    crew.kill(worker)
