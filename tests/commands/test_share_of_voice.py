"""``canyu share-of-voice`` on the command line: what a program reads, what a person reads, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from brand_lake import fill_brand_lake
from canyu.commands.share_of_voice import command
from canyu.events.catalogue_file import read_text
from canyu.kit.errors import NotFound
from canyu.kit.jsonio import parse_json


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_brand_lake(tmp_path_factory.mktemp("voice") / "brand.lake").path


def run(lake: str, *words: str) -> Result:
    days = ["--from", "2025-03-01", "--to", "2025-03-09"]
    return CliRunner().invoke(command, ["--lake", lake, *days, *words])


def test_a_program_reads_the_period_and_its_weeks(lake_path: str) -> None:
    result = run(lake_path, "--rival", "tesla", "--json")
    assert result.exit_code == 0
    found = parse_json(result.stdout)
    assert (found["brands"], found["simulated"], found["model_version"]) == (["xiaomi", "tesla"], True, "hand-1")
    assert [(row["brand"], row["mentions"]) for row in found["whole"]["raw"]] == [("xiaomi", 35), ("tesla", 9)]
    assert [(week["first"], week["days"], week["observed_days"]) for week in found["weeks"]] == [
        ("2025-03-01", 2, 2),
        ("2025-03-03", 7, 7),
    ]


def test_own_accounts_of_the_catalogue_can_be_left_out(lake_path: str, tmp_path: Path) -> None:
    catalogue = tmp_path / "own.yaml"
    catalogue.write_text(read_text() + "accounts:\n  - {actor: person-1}\n", "utf-8")  # 3 of Xiaomi, 1 of Tesla
    words = ("--rival", "tesla", "--catalogue", str(catalogue), "--json")
    found, every = (parse_json(run(lake_path, *words, *more).stdout) for more in (("--without-own",), ()))
    assert [(row["brand"], row["mentions"]) for row in found["whole"]["raw"]] == [("xiaomi", 32), ("tesla", 8)]
    assert [row["mentions"] for row in every["whole"]["raw"]] == [35, 9]
    assert found["definition"].endswith("that the catalogue registers (1) are left out.")
    assert every["definition"].endswith("Posts of the brands' own accounts count too.")


def test_a_person_reads_a_line_per_brand_and_week(lake_path: str) -> None:
    result = run(lake_path, "--rival", "tesla")
    assert "79.5% [65.5, 88.8] (35)" in result.stdout
    assert len(result.stdout.splitlines()) == 4


def test_days_without_data_are_null_and_not_zero(lake_path: str) -> None:
    result = CliRunner().invoke(
        command, ["--lake", lake_path, "--from", "2020-01-01", "--to", "2020-01-03", "--rival", "tesla", "--json"]
    )
    found = parse_json(result.stdout)
    assert (found["whole"]["raw"], found["whole"]["without_copies"], found["whole"]["observed_days"]) == (None, None, 0)


def test_a_brand_outside_the_catalogue_is_refused(lake_path: str) -> None:
    assert isinstance(run(lake_path, "--rival", "no-such-brand").exception, NotFound)


def test_the_help_names_the_interval(lake_path: str) -> None:
    assert "95 %" in run(lake_path, "--help").stdout
