"""``canyu topics`` on the command line: what a program reads, what a person reads, and the largest only."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from canyu.commands.topics import command
from canyu.kit.jsonio import parse_json
from voices_lake import fill_voices_lake


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_voices_lake(tmp_path_factory.mktemp("topics") / "voices.lake").path


def run(lake: str, *words: str) -> Result:
    days = ["--from", "2025-04-07", "--to", "2025-05-04", "--brand", "xiaomi"]
    return CliRunner().invoke(command, ["--lake", lake, *days, *words], catch_exceptions=False)


def test_a_program_reads_each_week_with_its_topics(lake_path: str) -> None:
    found = parse_json(run(lake_path, "--json").stdout)
    assert (found["unit"], found["zone"], found["brand"]) == ("week", "Asia/Shanghai", "xiaomi")
    weeks = [(week["first"], week["last"], week["topics_in_all"]) for week in found["periods"]]
    assert weeks[2] == ("2025-04-21", "2025-04-27", 2)
    first = found["periods"][2]["topics"][0]
    assert (first["label"], first["posts"], first["posts_without_copies"]) == ("续航不行", 14, 9)
    assert (first["status"], first["from"]) == ("continued", [{"id": first["id"], "label": "续航不行"}])
    assert all("小米SU7续航不行" in one["text"] for one in first["standing"])


def test_only_the_largest_are_told_and_how_many_there_are(lake_path: str) -> None:
    week = parse_json(run(lake_path, "--json", "--limit", "1").stdout)["periods"][2]
    assert (len(week["topics"]), week["topics_in_all"]) == (1, 2)


def test_a_person_reads_sizes_and_a_text(lake_path: str) -> None:
    lines = run(lake_path).stdout.splitlines()
    assert "  续航不行: 14 posts, 9 without copies (goes on)" in lines
    assert "    小米SU7续航不行<script>alert(1)</script>" in lines


def test_few_days_are_told_by_day(lake_path: str) -> None:
    result = CliRunner().invoke(
        command, ["--lake", lake_path, "--from", "2025-04-27", "--to", "2025-04-27", "--json"], catch_exceptions=False
    )
    assert parse_json(result.stdout)["unit"] == "day"
