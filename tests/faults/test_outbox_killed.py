"""kill -9 around the relay of the outbox: every event that was kept reaches the lake, and none twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

import canyu
from canyu.events import Event, build_event_table
from waiting import LONGEST_S, wait_until

START = datetime(2025, 3, 1, tzinfo=UTC)
pytestmark = pytest.mark.faults
WORKER = Path(__file__).with_name("outbox_worker.py")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    path = tmp_path / "my.lake"
    canyu.open(path, create=True).append(build_event_table([Event("p", "post", START, START, "t", text="真快")]))
    return path


def run_until_dead(lake: Path, first: int, moment: str, after_s: float | None = None) -> set[str]:
    """Run the worker until it kills itself, or is killed so many seconds after its first event; return what it kept."""
    log = lake / f"kept-{first}.log"
    worker = subprocess.Popen([sys.executable, str(WORKER), str(lake), str(first), moment])
    if after_s is not None:
        wait_until(log.exists, worker)
        time.sleep(after_s)
        worker.kill()
    assert worker.wait(LONGEST_S) == -9
    return set(log.read_text().split())


def relay_rest(lake: Path) -> None:
    code = (
        "import sys; from canyu.commands.serve import configure; from canyu.commands.alerts import prepare_database;"
        "configure(sys.argv[1], '127.0.0.1'); prepare_database();"
        "from canyu.ops.outbox.actions import relay; relay();"
        "from canyu.ops.outbox.models import WaitingEvent; sys.exit(WaitingEvent.objects.count())"
    )
    subprocess.run([sys.executable, "-c", code, str(lake)], check=True)


def count_ids(lake: Path) -> Counter[str]:
    return Counter(canyu.open(lake).scan().id.to_pyarrow().to_pylist())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_on_either_side_of_the_commit(moment: str, lake: Path) -> None:
    kept = run_until_dead(lake, 0, moment)
    there = count_ids(lake)
    assert kept == {"b0"}
    assert there["b0"] == (moment == "after")
    relay_rest(lake)
    assert count_ids(lake) == {"p": 1, "b0": 1}


def test_killed_at_any_moment(lake: Path) -> None:
    chance = random.Random(3)
    kept: set[str] = set()
    for turn in range(4):
        kept |= run_until_dead(lake, turn * 1000, "never", chance.uniform(0, 1.5))
    relay_rest(lake)
    counted = count_ids(lake)
    assert kept <= set(counted)
    assert set(counted.values()) == {1}
    assert len(kept) >= 4
