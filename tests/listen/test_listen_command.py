"""The command `canyu listen`: its one line of JSON, its words for people, its errors."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

import canyu
from canyu.cli import canyu as command
from canyu.events import Event, build_event_table
from canyu.kit.errors import NotFound

NOW = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> str:
    texts = ("小米SU7真好看", "今天下雨")
    events = [
        Event(id=f"e{n}", type="post", time=NOW, received=NOW, source="t", text=text) for n, text in enumerate(texts)
    ]
    canyu.open(tmp_path / "my.lake", create=True).append(build_event_table(events))
    return str(tmp_path / "my.lake")


def test_json_is_one_line_and_the_second_time_nothing_is_new(path: str) -> None:
    first = CliRunner().invoke(command, ["listen", "--lake", path, "--json"])
    told = orjson.loads(first.stdout)
    assert first.stdout.count("\n") == 1
    assert (told["scored"], told["mentions"], told["remaining"], told["engagement"]) == (2, 2, 0, 2)
    again = orjson.loads(CliRunner().invoke(command, ["listen", "--lake", path, "--json"]).stdout)
    assert (again["scored"], again["model_version"]) == (0, told["model_version"])


def test_a_limit_leaves_the_rest_and_rescore_does_all_again(path: str) -> None:
    limited = CliRunner().invoke(command, ["listen", "--lake", path, "--limit", "1"])
    assert "1 events scored" in limited.stdout
    assert "1 are left for the next time." in limited.stdout
    assert orjson.loads(CliRunner().invoke(command, ["listen", "--lake", path, "--json"]).stdout)["scored"] == 1
    again = CliRunner().invoke(command, ["listen", "--lake", path, "--rescore", "--json"])
    assert orjson.loads(again.stdout)["scored"] == 2


def test_a_lake_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["listen", "--lake", str(tmp_path / "none")])
    assert isinstance(result.exception, NotFound)
