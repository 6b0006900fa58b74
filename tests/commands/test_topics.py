"""``canyu topics`` on the command line: what a program reads, what a person reads, and the largest only."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.topics import command
from canyu.events.catalogue_file import read_text
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


def test_posts_of_own_accounts_are_told_apart(lake_path: str, tmp_path: Path) -> None:
    catalogue = tmp_path / "own.yaml"
    catalogue.write_text(read_text() + "accounts:\n  - {actor: praise-0}\n", "utf-8")
    found = parse_json(run(lake_path, "--json", "--catalogue", str(catalogue)).stdout)
    assert (found["posts_in_topics"], found["posts_in_topics_without_copies"]) == (68, 63)
    assert [(row["label"], row["own_posts"]) for row in found["periods"][2]["topics"]] == [
        ("续航不行", 0),
        ("徕卡拍照真好", 2),
    ]
    assert "  徕卡拍照真好: 7 posts, 7 without copies, 2 by own accounts (goes on)" in (
        run(lake_path, "--catalogue", str(catalogue)).stdout.splitlines()
    )
    every = parse_json(run(lake_path, "--json").stdout)
    assert {row["own_posts"] for week in every["periods"] for row in week["topics"]} == {None}


def test_few_days_are_told_by_day(lake_path: str) -> None:
    result = CliRunner().invoke(
        command, ["--lake", lake_path, "--from", "2025-04-27", "--to", "2025-04-27", "--json"], catch_exceptions=False
    )
    assert parse_json(result.stdout)["unit"] == "day"
