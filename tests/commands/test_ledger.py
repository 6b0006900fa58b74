"""``canyu ledger``: a sound ledger ends with 0, damage with 1 and its name; exports; a lake without a console."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from canyu.ledger import OpenAccount, Side, Transfer, open_ledger


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "my.lake"
    folder.mkdir()
    with open_ledger(folder / "console.sqlite3", create=True) as door:
        accounts = [OpenAccount("made", "piece"), OpenAccount("free", "piece", Side.CREDIT)]
        door.apply([*accounts, Transfer("stock", "made", "free", 10, "piece")])
    return folder


def run(lake: Path, *words: str, language: str = "en") -> tuple[int, str, str]:
    command = [sys.executable, "-m", "canyu", "ledger", *words, "--lake", str(lake)]
    environment = {"CANYU_LANG": language, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_sound_ledger_is_told_and_ends_with_0(lake: Path) -> None:
    status, out, err = run(lake, "audit", "--json")
    assert (status, err) == (0, "")
    proof = json.loads(out)
    assert (proof["is_sound"], proof["rows"], proof["accounts"], proof["found"]) == (True, 1, 2, 0)
    assert proof["units"] == [
        {
            "unit": "piece",
            "accounts": 2,
            "debits": 10,
            "credits": 10,
            "debits_held": 0,
            "credits_held": 0,
            "is_even": True,
        }
    ]


def test_damage_ends_with_1_and_names_the_row_and_the_mend(lake: Path) -> None:
    with sqlite3.connect(lake / "console.sqlite3") as other:
        other.execute("UPDATE ledger_balance SET debits = 11 WHERE account = 'made'")
    status, out, _ = run(lake, "audit", "--json")
    proof = json.loads(out)
    assert status == 1
    assert [(one["flaw"], one["row"]) for one in proof["breaches"]] == [("wrong_sum", "made"), ("uneven", "piece")]
    assert "debits 11 ≠ 10" in proof["breaches"][0]["message"]
    assert "stop writing" in proof["breaches"][0]["mend"]
    status, out, _ = run(lake, "audit", language="zh_CN")
    assert (status, "账户 made 的合计与各行不符" in out, "共 2 处不符" in out) == (1, True, True)


def test_the_ledger_is_written_to_a_file(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    status, told, err = run(lake, "export", "--out", str(out), "--json")
    assert (status, err) == (0, "")
    assert json.loads(told) == {"out": str(out), "bytes": out.stat().st_size}
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["stock"]
    status, _, err = run(lake, "export", "--out", str(out), "--account", "nobody")
    assert (status, "no account 'nobody'" in err) == (2, True)


def test_where_there_is_no_ledger_nothing_is_made(tmp_path: Path) -> None:
    status, _, err = run(tmp_path, "audit", "--json")
    assert (status, "no ledger file" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []
