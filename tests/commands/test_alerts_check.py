"""``canyu alerts check``: keeps, writes and sends; a missing lake or nothing listened to is told with its mend."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alert_lake import fill_alert_lake
from canyu.kit.jsonio import parse_json


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "alert.lake"
    fill_alert_lake(path)
    return path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", "alerts", "check", *words]
    return subprocess.run(command, env={**kept, "CANYU_LANG": "en"}, capture_output=True, text=True)


def test_a_check_keeps_what_fired_and_the_next_one_finds_nothing_new(lake_path: Path) -> None:
    first = run("--lake", str(lake_path), "--deliver", "--now", "2025-04-14T00:05", "--json")
    assert first.returncode == 0, first.stderr
    told = parse_json(first.stdout)
    assert (told["alerts"], told["new"], told["until"]) == (6, 6, "2025-04-14T00:00:00+00:00")
    again = run("--lake", str(lake_path), "--now", "2025-04-14T00:05")
    assert "6 alerts, 0 new, 0 messages written" in again.stdout
    earlier = run("--lake", str(lake_path), "--now", "2025-04-13T23:05")
    assert "A later check was first" in earlier.stdout


def test_two_checks_at_once_find_everything_new_once(tmp_path: Path) -> None:
    path = tmp_path / "alert.lake"
    fill_alert_lake(path)
    first = parse_json(run("--lake", str(path), "--now", "2025-04-13T20:05", "--json").stdout)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: run("--lake", str(path), "--now", "2025-04-14T00:05", "--json"), range(2)))
    told = [parse_json(each.stdout) for each in done]
    assert [each.returncode for each in done] == [0, 0]
    assert sorted(each["new"] for each in told) == [0, told[0]["alerts"] - first["alerts"]]


def test_a_lake_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = run("--lake", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
