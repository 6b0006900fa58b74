"""``canyu experiment`` on the command line: what a program reads, what a person reads, and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import canyu
from canyu.commands.experiment import command
from canyu.events import Event, build_event_table
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak

FILE = """
format: 1
experiments:
  - name: button
    unit: person
    shareable: true
    arms: [{name: control, weight: 0.5}, {name: big, weight: 0.5}]
    start: 2025-04-01T00:00:00+00:00
    end: 2025-04-15T00:00:00+00:00
    outcomes:
      - {name: orders, event: order, label: {zh: 下单, en: orders}}
      - {name: shares, event: share}
  - name: night
    unit: period
    period_hours: 12
    arms: [{name: control, weight: 0.5}, {name: big, weight: 0.5}]
    start: 2025-04-01T00:00:00+00:00
    end: 2025-04-15T00:00:00+00:00
    outcomes: [{name: orders, event: order}]
"""
START = datetime(2025, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("experiment") / "experiments.yaml"
    file.write_text(FILE, "utf-8")
    return str(file)


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two hundred people, of whom the treated order twice as often."""
    events = []
    for person in range(200):
        arm, moment = ("control", "big")[person % 2], START + timedelta(hours=1 + person)
        given = {"id": f"v{person}", "type": "view", "object": f"experiment:button/{arm}"}
        events.append(Event(**given, time=moment, received=moment, source="test", actor=f"p{person}"))
        for number in range(1 + person % 2 + person % 3):
            later = moment + timedelta(minutes=1 + number)
            given = {"id": f"o{person}-{number}", "type": "order", "object": "phone", "value": 1, "currency": "CNY"}
            events.append(Event(**given, time=later, received=later, source="test", actor=f"p{person}"))
    lake = canyu.open(tmp_path_factory.mktemp("experiment") / "my.lake", create=True)
    lake.append(build_event_table(events))
    return lake.path


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_the_arm_is_told_for_each_person(path: str) -> None:
    result = run("assign", path, "button", "a", "b", "--json")
    rows = [parse_json(line) for line in result.stdout.splitlines()]
    assert [row["person"] for row in rows] == ["a", "b"]
    assert all(row["object"] == f"experiment:button/{row['arm']}" for row in rows)
    assert run("assign", path, "button", "a").stdout == f"a\t{rows[0]['object']}\n"


def test_the_arm_of_a_moment_is_told(path: str) -> None:
    result = run("assign", path, "night", "--at", "2025-04-03T05:00:00+00:00", "--json")
    assert parse_json(result.stdout)["arm"] in {"control", "big"}
    assert "takes no part" in run("assign", path, "night", "--at", "2024-04-03T05:00:00+00:00").stdout
    assert "no time with its zone" in run("assign", path, "night", "--at", "2025-04-03").stderr


def test_the_file_and_the_split_are_checked(path: str, lake_path: str) -> None:
    assert run("check", path).stdout == "button\tperson\nnight\tperiod\n"
    result = run("check", path, "--lake", lake_path, "--json")
    first = parse_json(result.stdout.splitlines()[0])
    assert (result.exit_code, first["split"]["counts"]) == (0, {"control": 100, "big": 100})
    assert first["split"]["p_value"] == 1


def test_a_broken_split_ends_with_one(path: str, lake_path: str, tmp_path: Path) -> None:
    uneven = tmp_path / "uneven.yaml"
    uneven.write_text(FILE.replace("weight: 0.5}, {name: big, weight: 0.5", "weight: 0.8}, {name: big, weight: 0.2", 1))
    result = run("check", str(uneven), "--lake", lake_path)
    assert result.exit_code == 1
    assert "not as planned" in result.stdout


def test_a_program_reads_the_effects_and_the_refusals(path: str, lake_path: str) -> None:
    result = run("analyse", path, "button", "--lake", lake_path, "--json")
    found = parse_json(result.stdout)
    effects = {(row["outcome"], row["target"]): row for row in found["effects"]}
    direct = effects["orders", "direct"]["difference"]
    assert direct["low"] < 1 < direct["high"]
    assert direct["p_value"] < 1e-6 < 0.05
    assert effects["orders", "total"]["difference"]["value"] is None
    assert effects["shares", "total"]["difference"]["missing"].startswith("Incremental referrals cannot come from")
    assert found["proofs"][0]["versions"] == {"events": 1}
    assert "SELECT" in found["proofs"][0]["sql"]
    early = parse_json(
        run("analyse", path, "button", "--lake", lake_path, "--until", "2025-04-02T00:00:00Z", "--json").stdout
    )
    assert sum(early["split"]["counts"].values()) == 23


def test_a_person_reads_it_in_either_language(path: str, lake_path: str) -> None:
    english = run("analyse", path, "button", "--lake", lake_path).stdout
    assert english.splitlines()[0] == "arms: control 100, big 100 (as planned, p 1)"
    assert "direct effect on oneself: 1.99 → 3" in english
    with speak("zh-hans"):
        chinese = run("analyse", path, "button", "--lake", lake_path).stdout
    assert "对本人的直接效应" in chinese
    assert "按人分配的实验不能得出“带来的推荐”" in chinese


def test_what_is_not_there_is_told(path: str, lake_path: str) -> None:
    assert isinstance(run("analyse", path, "nothing", "--lake", lake_path).exception, NotFound)
    assert isinstance(run("assign", path, "button", "").exception, BadInput)
