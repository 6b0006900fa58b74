"""``canyu metric`` on the command line: what a program reads, kept as it stands; what a person reads; refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.metric import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from canyu.measure.catalogue import METRICS
from metric_lake import fill_metric_lake

GOLDEN = Path(__file__).resolve().parents[1] / "data" / "measure" / "metric.json"


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_metric_lake(tmp_path_factory.mktemp("metric") / "metric.lake").path


def run(lake: str, *words: str) -> Result:
    days = ["--from", "2025-04-01", "--to", "2025-04-30"]
    return CliRunner().invoke(command, [*words, "--lake", lake, *days])


def test_a_program_reads_what_it_read_before(lake_path: str) -> None:
    result = run(lake_path, "repurchase_rate", "--by", "market,week", "--window-days", "60", "--json")
    assert result.exit_code == 0
    found = parse_json(result.stdout)
    assert "SELECT" in found.pop("sql")  # the engine's words for it may change with the engine
    assert found == parse_json(GOLDEN.read_text("utf-8"))


def test_a_person_reads_value_interval_rows_and_definition(lake_path: str) -> None:
    told = run(lake_path, "first_response_rate").output
    assert "First responses in time (%)\n  33.3333 [6.1492, 79.234] Left out because what follows was told" in told
    assert "4 rows; data version events 1." in told
    assert METRICS["first_response_rate"].definition.en in told


def test_a_dimension_tells_its_parts(lake_path: str) -> None:
    told = run(lake_path, "ecosystem", "--weight", "retention=0").output
    assert "ecosystem_depth: 1.5" in told
    assert "score 12.5, weight 2" in told


def test_every_metric_is_named() -> None:
    told = CliRunner().invoke(command, ["--list"]).output
    assert [name for name in METRICS if name not in told] == []
    rows = parse_json(CliRunner().invoke(command, ["--list", "--json"]).stdout)
    assert [row["name"] for row in rows] == list(METRICS)


def test_what_cannot_be_asked_is_refused(lake_path: str) -> None:
    assert isinstance(run(lake_path, "nothing").exception, NotFound)
    assert isinstance(run(lake_path, "orders", "--by", "mood").exception, BadInput)
    assert "--lake is missing" in CliRunner().invoke(command, ["orders"]).output
    assert "write nps=2" in run(lake_path, "resonance", "--weight", "nps").output
