"""``canyu claims``: verdicts for people and programs, a record and its replay in both languages, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.claims import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.kit.words import speak
from metric_lake import fill_metric_lake

CLAIMS = """format: 1
claims:
  - id: orders
    statement: {zh: 四月订单 3 单以上, en: At least 3 orders in April}
    source: a test
    metric: orders
    from: 2025-04-01
    to: 2025-04-30
    where: {channel: site, is_once: "false"}
    stated: 3
    relation: at_least
  - id: brought
    statement: {zh: 口碑带来 2 单, en: Word of mouth brought 2 orders}
    source: a test
    metric: orders
    from: 2025-04-01
    to: 2025-04-30
    stated: 2
    relation: at_least
"""


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_metric_lake(tmp_path_factory.mktemp("claims") / "metric.lake").path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "april.yaml"
    path.write_text(CLAIMS, "utf-8")
    return path


def run(lake: str, *words: object) -> Result:
    return CliRunner().invoke(command, [*map(str, words), "--lake", lake])


def test_a_program_gets_every_field_of_each_verdict(lake_path: str, file: Path) -> None:
    told = run(lake_path, "check", file, "--json")
    assert told.exit_code == 0, told.output
    found = parse_json(told.stdout)
    wanted = {"id", "statement", "stated", "value", "low", "high", "verdict", "reason", "query_hash", "lake_version"}
    assert all(wanted <= row.keys() for row in found)
    assert [(row["id"], row["verdict"], row["reason_code"]) for row in found] == [
        ("orders", "verified", "holds"),
        ("brought", "not_supported", "no_lift_design"),
    ]
    assert found[0]["value"] >= 3


def test_a_person_reads_the_verdict_and_why(lake_path: str, file: Path) -> None:
    told = run(lake_path, "check", file)
    assert "verified · At least 3 orders in April" in told.stdout
    assert "≥ 3" in told.stdout
    assert "attribution is not lift" in told.stdout


def test_a_replay_says_in_words_what_changed(lake_path: str, file: Path) -> None:
    record = file.with_suffix(".json")
    run(lake_path, "check", file, "--record", record)
    same = run(lake_path, "replay", file, record)
    assert (same.exit_code, "orders: the same digits" in same.stdout) == (0, True)
    file.write_text(CLAIMS.replace("stated: 3", "stated: 99"), "utf-8")
    changed = run(lake_path, "replay", file, record)
    assert changed.exit_code == 1
    assert "stated value 3.0 → 99.0; verdict verified → not supported; reason Every value" in changed.stdout
    with speak("zh"):
        chinese = run(lake_path, "replay", file, record).stdout
    assert "所称数值 3.0 → 99.0" in chinese
    assert "结论 已证实 → 无法支持" in chinese
    program = parse_json(run(lake_path, "replay", file, record, "--json").stdout)
    assert {change["field"]: change["now"] for change in program[0]["changes"]}["verdict"] == "not_supported"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("relation: at_least", "relation: nearly", "nearly"),
        ('is_once: "false"', "is_once: maybe", "true, false"),
        ("channel: site", "colour: red", "colour"),
        ("channel: site", "incremental: 3", "incremental"),
    ],
    ids=["relation", "switch", "unknown filter", "what no text says"],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    lake_path: str, file: Path, old: str, new: str, told: str
) -> None:
    file.write_text(CLAIMS.replace(old, new, 1), "utf-8")
    error = run(lake_path, "check", file, "--json").exception
    assert isinstance(error, BadInput)
    assert told in str(error)
    assert "line" in str(error)


def test_a_file_that_is_absent_and_a_record_that_is_none_are_refused(lake_path: str, file: Path) -> None:
    assert isinstance(run(lake_path, "check", file.with_name("none.yaml")).exception, NotFound)
    file.with_suffix(".json").write_text("{}", "utf-8")
    assert isinstance(run(lake_path, "replay", file, file.with_suffix(".json")).exception, BadInput)
