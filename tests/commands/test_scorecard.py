"""``canyu scorecard``: the file that was asked for, what a program reads of it, refusals that leave no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canyu.commands.scorecard import command
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import parse_json
from metric_lake import fill_metric_lake


@pytest.fixture(scope="module")
def lake_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill_metric_lake(tmp_path_factory.mktemp("card") / "metric.lake").path


def run(lake: str, out: Path, *words: str) -> Result:
    days = ["--from", "2025-04-01", "--to", "2025-04-30"]
    return CliRunner().invoke(command, ["--lake", lake, *days, "--out", str(out), *words])


def test_a_card_is_written_and_told(lake_path: str, tmp_path: Path) -> None:
    out = tmp_path / "score.html"
    told = run(lake_path, out, "--lang", "en", "--target", "orders=1000", "--json")
    assert told.exit_code == 0, told.output
    found = parse_json(told.stdout)
    assert (found["out"], found["from"], found["to"]) == (str(out), "2025-04-01", "2025-04-30")
    assert "1,000" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "error"),
    [(["--target", "orders"], BadInput), (["--target", "happiness=1"], NotFound), (["--lang", "en"], BadInput)],
    ids=["no value", "no metric", "no form"],
)
def test_what_cannot_be_written_leaves_nothing(
    lake_path: str, tmp_path: Path, words: list[str], error: type[Exception]
) -> None:
    out = tmp_path / ("score.doc" if error is BadInput and words[0] == "--lang" else "score.html")
    assert isinstance(run(lake_path, out, *words).exception, error)
    assert list(tmp_path.iterdir()) == []
