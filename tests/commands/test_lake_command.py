"""The word `canyu lake` from outside: what it says, what it writes, how it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

import canyu
from canyu.cli import canyu as program
from canyu.events import TABLES, Event, build_event_table, make_event_id
from canyu.events.importers.actors import get_salt, hash_actor
from canyu.kit.errors import CanyuError

NOW = datetime(2025, 3, 1, tzinfo=UTC)


def say(*words: str) -> str:
    result = CliRunner().invoke(program, ["lake", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def ask(*words: str) -> Any:
    return json.loads(say(*words, "--json").splitlines()[-1])


@pytest.fixture
def address(tmp_path: Path) -> str:
    lake = canyu.open(tmp_path / "my.lake", create=True)
    name = hash_actor(get_salt(lake.path), "weibo", "1001")
    for number in range(3):
        lake.append(
            build_event_table([Event(f"e{number}", "post", NOW, NOW, "weibo", actor=name, text="真\x1b[31m快")])
        )
    lake.append(build_event_table([Event("e9", "post", NOW, NOW, "weibo", actor="other", text="慢")]))
    return lake.path


def test_history_is_listed(address: str) -> None:
    assert [row["rows"] for row in ask("history", "--lake", address)["versions"]] == [1, 1, 1, 1, None]
    assert len(say("history", "--lake", address, "--limit", "2").splitlines()) == 2


def test_compaction_and_vacuum_tell_what_they_did(address: str) -> None:
    assert ask("compact", "--lake", address, "--files-per-day", "1")["tables"][0]["files_before"] == 4
    assert say("compact", "--lake", address) == "Nothing to do.\n"
    assert ask("vacuum", "--lake", address, "--keep-hours", "0", "--dry-run")["files"] == 4
    assert say("vacuum", "--lake", address, "--keep-hours", "0") == "4 files removed.\n"


def test_a_pinned_version_outlives_a_vacuum(address: str) -> None:
    assert say("pin", "2", "--lake", address, "--reason", "report") == "events 2: report\n"
    say("compact", "--lake", address, "--files-per-day", "1")
    assert ask("vacuum", "--lake", address, "--keep-hours", "0")["files"] == 2


def test_a_person_is_erased_by_the_id_of_the_source(address: str) -> None:
    done = ask("erase", "1001", "--source", "weibo", "--lake", address, "--yes")
    assert (done["rows"], canyu.open(address).scan().count().to_pyarrow().as_py()) == (3, 1)


def test_posts_are_erased_by_the_ids_of_the_source_or_of_the_events(address: str, tmp_path: Path) -> None:
    lake = canyu.open(address)
    ids = [make_event_id("weibo", number) for number in ("4987001", "4987002")]
    lake.append(build_event_table([Event(name, "post", NOW, NOW, "weibo", text="快") for name in ids]))
    raw = {"id": "q", "received": NOW, "file": "a.csv", "row": 1, "field": "time", "reason": "no_zone", "mend": ""}
    lake.refuse(pa.Table.from_pylist([raw | {"raw": "4987001,soon"}], TABLES["quarantine"].schema))
    file = tmp_path / "gone.txt"
    file.write_text("4987002\r\n\n4987001\n", "utf-8-sig")
    done = ask("erase-posts", "4987001", "--from-file", str(file), "--source", "weibo", "--lake", address, "--yes")
    assert (done["rows"], done["unknown"], done["console"]) == (2, [], None)
    assert canyu.open(address).scan("quarantine").count().to_pyarrow().as_py() == 0
    assert "1 events erased" in say("erase-posts", "e9", "--lake", address, "--yes")
    assert canyu.open(address).scan().count().to_pyarrow().as_py() == 3


def test_a_post_that_is_not_there_is_told_by_the_id_that_was_given(address: str) -> None:
    words = ["lake", "erase-posts", "e9", "4\x1b[31m2", "--lake", address, "--yes"]
    result = CliRunner().invoke(program, words)
    assert (result.exit_code, "holds none of these 1" in result.output) == (1, True)
    assert result.output.splitlines()[-1].endswith(": 4 [31m2")
    again = CliRunner().invoke(program, ["lake", "erase-posts", "77", "--source", "weibo", "--json", *words[4:]])
    assert (again.exit_code, json.loads(again.output)["unknown"]) == (1, ["77"])
    none = CliRunner().invoke(program, ["lake", "erase-posts", "--lake", address, "--yes"])
    assert isinstance(none.exception, CanyuError) or "Which post" in none.output
    assert canyu.open(address).scan().count().to_pyarrow().as_py() == 3


def test_an_erasure_asks_first(address: str) -> None:
    result = CliRunner().invoke(program, ["lake", "erase", "other", "--lake", address], input="n\n")
    assert result.exit_code == 1
    assert canyu.open(address).scan().count().to_pyarrow().as_py() == 4


def test_an_export_takes_its_format_from_the_ending(address: str, tmp_path: Path) -> None:
    assert ask("export", str(tmp_path / "out.jsonl"), "--lake", address)["rows"] == 4
    assert ask("export", str(tmp_path / "out.x"), "--as", "activity", "--lake", address)["rows"] == 4
    day = ["--from", "2025-03-02", "--to", "2025-03-02"]
    assert ask("export", str(tmp_path / "out.csv"), "--lake", address, *day)["rows"] == 0
    result = CliRunner().invoke(program, ["lake", "export", "out.x", "--lake", address])
    assert "give --as" in result.output


def test_refused_rows_are_listed_and_cannot_steer_the_terminal(address: str) -> None:
    import pyarrow as pa

    from canyu.events import TABLES

    row = {"id": "q", "received": NOW, "file": "a\x1b[2J.csv", "row": 3, "field": "time", "reason": "no_time"}
    canyu.open(address).refuse(pa.Table.from_pylist([row | {"mend": "State it."}], TABLES["quarantine"].schema))
    assert ask("quarantine", "--lake", address)["reasons"][0]["rows"] == 1
    assert "\x1b" not in say("quarantine", "--lake", address)


def test_a_check_ends_with_one_where_a_file_is_damaged(address: str) -> None:
    assert "whole" in say("check", "--lake", address)
    broken = next(Path(address).glob("events/day=*/*.parquet"))
    broken.write_bytes(b"PAR1")
    result = CliRunner().invoke(program, ["lake", "check", "--lake", address])
    assert (result.exit_code, broken.name in result.output) == (1, True)


def test_an_absent_lake_is_an_error_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(CanyuError, match="Import a file first"):
        say("history", "--lake", str(tmp_path / "none"))
