"""Imports that are killed, and imports that run at once: acknowledged events are all there, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import canyu
from waiting import LONGEST_S, wait_until

pytestmark = pytest.mark.faults

SMALL_COMMITS = "from canyu.events.importers import run; run.COMMIT_ROWS = 1500; from canyu.cli import main; main()"
SMALL_PIECES = "from canyu.events.importers import sources; sources.PIECE_BYTES = 1 << 16; "


def write_posts(path: Path, numbers: range, *, keyed: bool) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("mid,正文,时间,用户ID\n" if keyed else "正文,时间,用户ID\n")
        for at in numbers:
            key = f"{at}," if keyed else ""
            file.write(f"{key}第{at // 2}条,2025-01-{at // 2 % 28 + 1:02d} 08:00,u{at // 2 % 9}\n")
            if at % 500 == 0:
                file.write(f"{key}坏,没有时间,u\n")
    return path


def start_import(lake: Path, *files: Path) -> subprocess.Popen[str]:
    arguments = ["import", *map(str, files), "--lake", str(lake), "--zone", "Asia/Shanghai", "--source", "s", "--json"]
    environment = os.environ | {"CANYU_ACTOR_SALT": "the same in every lake of this test"}
    return subprocess.Popen(
        [sys.executable, "-c", SMALL_PIECES + SMALL_COMMITS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, int]:
    out, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, err
    counts: dict[str, int] = canyu.kit.jsonio.parse_json(out.strip().splitlines()[-1])
    return counts


def read_lake(path: Path, name: str = "events") -> pa.Table:
    lake = canyu.open(path)
    return lake.engine.run(lake.scan(name)).drop_columns("received").sort_by("id")


@pytest.mark.parametrize("keyed", [True, False])
def test_an_import_that_was_killed_and_repeated_gives_the_same_lake(tmp_path: Path, keyed: bool) -> None:
    posts = write_posts(tmp_path / "posts.csv", range(20_000), keyed=keyed)
    whole = finish(start_import(tmp_path / "whole.lake", posts))
    lake = tmp_path / "killed.lake"
    process = start_import(lake, posts)
    wait_until(lambda: len(list(lake.glob("events/_delta_log/*.json"))) >= 4, process)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = read_lake(lake).num_rows
    again = finish(start_import(lake, posts))
    assert 0 < before < whole["kept"]
    assert again == whole | {"added": whole["kept"] - before, "version": again["version"]}
    assert read_lake(lake).equals(read_lake(tmp_path / "whole.lake"))
    assert read_lake(lake, "quarantine").equals(read_lake(tmp_path / "whole.lake", "quarantine"))


def test_two_imports_at_once_of_overlapping_files_count_each_event_once(tmp_path: Path) -> None:
    first = write_posts(tmp_path / "a.csv", range(6_000), keyed=True)
    second = write_posts(tmp_path / "b.csv", range(3_000, 9_000), keyed=True)
    processes = [start_import(tmp_path / "my.lake", path) for path in (first, second)]
    counts = [finish(process) for process in processes]
    ids = read_lake(tmp_path / "my.lake")["id"].to_pylist()
    assert len(ids) == len(set(ids)) == sum(count["added"] for count in counts) == 9_000
