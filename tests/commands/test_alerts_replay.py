"""``canyu alerts replay``: bursts, rules on counts and rules on forecasts from one file, in words and as JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alarm_lake import fill_alarm_lake
from canyu.kit.jsonio import parse_json

RULES = """
- {name: brakes, team: Care, at_least: 50, hours: 3}
- {name: far, team: PR, passes: 500, chance_percent: 40}
"""


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "alarm.lake"
    fill_alarm_lake(path)
    return path


def run(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANYU_", "DJANGO_"))}
    command = [sys.executable, "-m", "canyu", "alerts", "replay", "--days", "30", *words]
    return subprocess.run(command, env={**kept, "CANYU_LANG": language}, capture_output=True, text=True)


def test_a_file_of_both_kinds_of_rules_is_replayed(lake_path: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    found = run("--lake", str(lake_path), "--rules", str(tmp_path / "rules.yaml"), "--json")
    assert found.returncode == 0, found.stderr
    told = parse_json(found.stdout)
    assert [rule["source"] for rule in told["rules"]] == ["bursts", "rule:brakes"]
    (alarm,), (rule,) = told["forecast_alerts"], told["forecast_rules"]
    assert (alarm["post"], alarm["passes"], alarm["chance"] >= 0.4, alarm["is_settled"]) == ("far", 500, True, False)
    assert (rule["rule"], rule["alerts"], rule["not_settled"], rule["share_passed"]) == ("far", 1, 1, None)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "forecasts (passes 500 with 50 % or more): 1 alerts"),
        ("zh", "forecasts（超过 500 条的可能不低于 50%）：1 条"),
    ],
)
def test_without_a_file_one_rule_on_forecasts_is_replayed(lake_path: Path, language: str, said: str) -> None:
    found = run("--lake", str(lake_path), language=language)
    assert found.returncode == 0, found.stderr
    assert said in found.stdout
    assert "新车" not in found.stdout


def test_a_rule_that_cannot_be_used_is_named(lake_path: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("- {name: far, team: PR, passes: many}\n", "utf-8")
    found = run("--lake", str(lake_path), "--rules", str(tmp_path / "wrong.yaml"))
    assert (found.returncode != 0, "rules[0].passes" in found.stderr) == (True, True)
