"""kill -9 while listening: the next listening ends with exactly what an undisturbed one gives."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import canyu
from canyu.events import Event, Lake, build_event_table
from canyu.events.catalogue import load_catalogue
from canyu.events.listenings import find_model_version
from canyu.listen.pipeline import listen
from canyu.listen.scorer import load_scorer

pytestmark = pytest.mark.faults

NOW = datetime(2025, 7, 1, tzinfo=UTC)
TEXTS = (
    "小米SU7真好看，就是续航太差，高速掉电很快",
    "华为手机和苹果手机",
    "喝小米粥",
    "特斯拉Model 3降价了，难受",
    "just words",
)

# A day per commit, so that there are many moments to be killed in.
LISTEN = """
import sys
from datetime import UTC, datetime
import canyu
from canyu.events.catalogue import load_catalogue
from canyu.listen import pipeline
from canyu.listen.scorer import load_scorer
pipeline.ROWS_PER_COMMIT = 50
scorer = load_scorer(load_catalogue())
pipeline.listen(canyu.open(sys.argv[1]), scorer, now=datetime(2025, 7, 1, tzinfo=UTC))
"""


def fill(path: Path) -> Lake:
    lake = canyu.open(path, create=True)
    events = [
        Event(
            id=f"e{day}-{number}",
            type="post",
            time=NOW - timedelta(days=day, seconds=number),
            received=NOW,
            source="test",
            text=TEXTS[number % len(TEXTS)],
        )
        for day in range(24)
        for number in range(50)
    ]
    lake.append(build_event_table(events))
    return lake


def read_all(path: Path) -> dict[str, list[dict[str, object]]]:
    lake = canyu.open(path)
    keys = {"scores": ["event_id"], "mentions": ["event_id", "link"], "engagement": ["event_id"]}
    keys |= {"clusters": ["event_id"], "opinions": ["event_id", "aspect", "link"]}
    return {name: lake.engine.run(lake.scan(name).order_by(key)).to_pylist() for name, key in keys.items()}


def kill_after(path: Path, table: str, commits: int) -> bool:
    """Listen in a process of its own and kill it when the table has so many commits; tell whether it was in time."""
    process = subprocess.Popen([sys.executable, "-c", LISTEN, str(path)])
    last = path / table / "_delta_log" / f"{commits:020d}.json"
    while process.poll() is None and not last.exists():
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def hurt_while_rebuilding(folder: Path) -> Lake:
    """Return a lake whose listening was killed when its last table was written and before it was called finished."""
    for attempt in range(20):  # the moment is short: a busy machine may sleep through it
        path = folder / f"hurt-{attempt}.lake"
        lake = fill(path)
        if kill_after(path, "engagement", 0) and lake.version("listenings") is None:
            return lake
    pytest.fail("no listening was killed in time")


def test_a_listening_killed_again_and_again_doubles_and_loses_nothing(tmp_path: Path) -> None:
    scorer = load_scorer(load_catalogue())
    listen(fill(tmp_path / "clean.lake"), scorer, now=NOW)
    hurt = fill(tmp_path / "hurt.lake")
    kills = [kill_after(tmp_path / "hurt.lake", "mentions", 3), kill_after(tmp_path / "hurt.lake", "scores", 9)]
    assert kills == [True, True]
    assert listen(canyu.open(hurt.path), scorer, now=NOW).remaining == 0
    assert read_all(Path(hurt.path)) == read_all(tmp_path / "clean.lake")
    assert find_model_version(hurt) == scorer.version


def test_a_listening_killed_while_it_rebuilds_is_finished_by_the_next(tmp_path: Path) -> None:
    scorer = load_scorer(load_catalogue())
    listen(fill(tmp_path / "clean.lake"), scorer, now=NOW)
    hurt = hurt_while_rebuilding(tmp_path)
    heard = listen(canyu.open(hurt.path), scorer, now=NOW)
    assert (heard.scored, heard.engagement) == (0, 1200)
    assert read_all(Path(hurt.path)) == read_all(tmp_path / "clean.lake")
