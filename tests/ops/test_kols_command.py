"""``canyu kols`` from a terminal, and an erasure that reaches the roster by itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from canyu.events import build_event_table, open_lake
from canyu.kit.jsonio import parse_json
from kol_fixtures import EVENTS

ROSTER = "kol,platform,handle,actor,followers\nMei,weibo,mei,k_mei,1000\nLin,weibo,lin,k_lin,many\n"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", *words]
    return subprocess.run(command, env={**kept, "CANYU_LANG": "en"}, capture_output=True, text=True)


def test_a_roster_is_taken_in_measured_and_forgotten(tmp_path: Path) -> None:
    lake, file = str(tmp_path / "my.lake"), tmp_path / "roster.csv"
    open_lake(lake, create=True).append(build_event_table(EVENTS))
    file.write_text(ROSTER, "utf-8")
    taken = run("kols", "import", str(file), "--lake", lake, "--refused", str(tmp_path / "refused.csv"))
    assert (taken.returncode, taken.stderr) == (1, "")
    assert "row 2, followers 'many': is no count. Write a whole number, as 125000." in taken.stdout
    assert "Lin,weibo,lin,k_lin,many,2,followers" in (tmp_path / "refused.csv").read_text("utf-8-sig")
    again = parse_json(run("kols", "import", str(file), "--lake", lake, "--json").stdout)
    assert (again["added"], again["unchanged"], again["refused"]) == (0, 1, 1)
    told = parse_json(run("kols", "check", "--lake", lake, "--json").stdout)
    assert told == {"accounts": 1, "measured": 0, "outside": 0, "bookings": 0}
    erased = parse_json(run("lake", "erase", "k_mei", "--lake", lake, "--yes", "--json").stdout)
    assert {name for name, dropped in erased["console"].items() if dropped} == {"kols"}
    assert erased["console"]["kols"] == 1
    with sqlite3.connect(Path(lake, "console.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM kols_account").fetchone() == (0,)
    files = [path for path in Path(lake).glob("console.sqlite3*") if b"k_mei" in path.read_bytes()]
    assert files == []


def test_a_file_or_a_lake_that_is_not_there_is_told_with_the_mend(tmp_path: Path) -> None:
    answer = run("kols", "import", str(tmp_path / "no.csv"), "--lake", str(tmp_path / "my.lake"))
    assert (answer.returncode, "Check the path" in answer.stderr) == (2, True)
    assert run("kols", "check", "--lake", str(tmp_path / "nowhere.lake")).returncode == 2
    assert not (tmp_path / "nowhere.lake").exists()
