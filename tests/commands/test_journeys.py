"""``canyu funnel``, ``retention`` and ``attribution``: what a program reads, what a person reads, and refusals."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from click.testing import CliRunner, Result

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import parse_json
from journey_lake import fill_journey_lake

DAYS = ("--from", "2025-03-03", "--to", "2025-04-06")


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_journey_lake(tmp_path_factory.mktemp("journeys") / "my.lake").path


def run(name: str, lake: str, *words: str) -> Result:
    command = importlib.import_module(f"canyu.commands.{name}").command
    return CliRunner().invoke(command, ["--lake", lake, *DAYS, *words])


def read(name: str, lake: str, *words: str) -> Any:
    result = run(name, lake, *words, "--json")
    assert result.exit_code == 0, result.output
    return parse_json(result.stdout)


FUNNEL = ("--step", "view", "--step", "click", "--step", "order")


def test_a_program_reads_a_funnel_and_which_start_it_has(lake_path: str) -> None:
    first = read("funnel", lake_path, *FUNNEL, "--start", "first", "--by", "channel")
    every = read("funnel", lake_path, *FUNNEL, "--start", "any", "--window", "6h")
    assert (first["start"], every["start"], every["window_s"]) == ("first", "any", 21_600)
    people = [step["people"] for step in first["whole"]["steps"]]
    assert people[0] == sum(group["steps"][0]["people"] for group in first["groups"])
    assert people == sorted(people, reverse=True)
    last = first["whole"]["steps"][-1]
    assert last["of_start"]["low"] < last["of_start"]["value"] < last["of_start"]["high"]
    assert last["times"]["p25_s"] <= last["times"]["p50_s"] <= last["times"]["p75_s"]
    assert (first["versions"], first["engine"], first["simulated"]) == ({"events": 1}, "duckdb", False)
    assert "SELECT" in first["sql"]


def test_a_person_reads_a_funnel_in_lines(lake_path: str) -> None:
    lines = run("funnel", lake_path, *FUNNEL, "--start", "any").stdout.splitlines()
    assert lines[0].startswith("1. view: ")
    assert "half of them within" in lines[2]
    assert any("any start" in line for line in lines)


def test_the_start_of_a_funnel_must_be_named(lake_path: str) -> None:
    result = run("funnel", lake_path, *FUNNEL)
    assert (result.exit_code, "--start" in result.output) == (2, True)
    result = run("funnel", lake_path, *FUNNEL, "--start", "any", "--window", "long")
    assert isinstance(result.exception, BadInput)


def test_retention_is_read_by_programs_and_people(lake_path: str) -> None:
    found = read("retention", lake_path, "--begin", "view", "--back", "order", "--quantity", "revenue")
    assert {cohort["currency"] for cohort in found["cohorts"]} == {"CNY"}
    assert found["cohorts"][-1]["weeks"][-1].keys() >= {"value", "low", "high"}
    told = run("retention", lake_path, "--begin", "view").stdout
    assert "2025-03-03" in told
    assert "Week 0: 100.0%" in told


def test_attribution_says_that_it_is_not_lift(lake_path: str) -> None:
    found = read("attribution", lake_path, "--method", "markov", "--method", "decay", "--touch", "view,click")
    assert (found["is_lift"], [each["method"] for each in found["methods"]]) == (False, ["markov", "decay"])
    assert found["methods"][0]["channels"][0]["removal_effect"] > 0
    assert found["methods"][1]["channels"][0]["removal_effect"] is None
    assert found["referral"]["states"]["alone"] == found["referral"]["orders"]
    assert found["survey"]["word_of_mouth"]["missing"] == "No survey answer can be matched with an order."
    told = run("attribution", lake_path, "--method", "last").stdout
    assert "Attribution is not lift" in told
    assert "without a known touch" in told
