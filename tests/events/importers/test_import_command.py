"""The command ``canyu import``, as a person and as a program use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from canyu.commands.import_files import command
from canyu.kit.jsonio import parse_json

Write = Callable[..., Path]
GOOD = "微博ID,正文,时间\n1,x,2025-01-01\n2,y,2025-01-02\n"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run the command on a lake of the test's own."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(a) for a in (*arguments, "--lake", tmp_path / "my.lake")])

    return run


def last_line(result: Result) -> Any:
    return parse_json(result.stdout.strip().splitlines()[-1])


def test_json_is_the_last_line_and_adds_nothing_the_second_time(write: Write, run: Callable[..., Result]) -> None:
    arguments = (write("a.csv", GOOD + "3,z,x\n"), "--zone", "Asia/Shanghai", "--json")
    first, second = run(*arguments), run(*arguments)
    assert last_line(first) == {
        "rows": 3,
        "kept": 2,
        "refused": 1,
        "added": 2,
        "deletions": 0,
        "version": last_line(first)["version"],
    }
    assert last_line(second) == last_line(first) | {"added": 0}
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "unreadable_time" in first.stderr
    assert "canyu lake quarantine" in first.stderr


def test_a_missing_zone_stops_with_its_mend(write: Write, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(write("a.csv", GOOD), "--json")
    assert result.exit_code == 1
    assert "--zone Asia/Shanghai" in result.stderr
    assert last_line(result)["added"] == 0
    assert not (tmp_path / "my.lake" / "events").exists()


def test_a_broken_file_does_not_keep_the_others_out(write: Write, run: Callable[..., Result]) -> None:
    result = run(write("a.xlsx", b"PK\x03\x04"), write("b.csv", GOOD), "--zone", "UTC", "--json")
    assert last_line(result)["added"] == 2
    assert result.exit_code == 1
    assert "a.xlsx" in result.stderr


def test_the_preview_imports_nothing(write: Write, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run(write("a.csv", GOOD), "--zone", "UTC", "--preview")
    assert result.exit_code == 0
    assert "微博ID" in result.stderr
    assert not (tmp_path / "my.lake").exists()


def test_a_written_mapping_gives_the_same_events(write: Write, run: Callable[..., Result], tmp_path: Path) -> None:
    path, mapping = write("a.csv", GOOD), tmp_path / "m.yaml"
    assert run(path, "--zone", "UTC", "--write-mapping", mapping).exit_code == 0
    assert last_line(run(path, "--mapping", mapping, "--json"))["added"] == 2
    assert last_line(run(path, "--zone", "UTC", "--json"))["added"] == 0


def test_text_for_a_terminal_is_shown_not_obeyed(write: Write, run: Callable[..., Result]) -> None:
    result = run(write("a.csv", "正文,时间\n[bold]x[/nope]\x1b[31m,2025-01-01\n"), "--zone", "UTC", "--preview")
    assert result.exit_code == 0
    assert "[bold]x" in result.stderr
    assert "\x1b[31m" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["a.csv", "--preset-folder", "."], ["a.csv", "--preset", "cdnow", "--mapping", "m.yaml"]]
)
def test_contradictions_are_told(run: Callable[..., Result], arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_table_of_counts_is_written(write: Write, run: Callable[..., Result], tmp_path: Path) -> None:
    run(write("a.csv", GOOD), "--zone", "UTC", "--table", tmp_path / "table.md")
    assert "| a.csv | 2 | 2 | 0 | 2 | – |" in (tmp_path / "table.md").read_text("utf-8")
