"""The notebook of the docs runs from top to bottom, and finds what was planted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from canyu.kit.jsonio import parse_json

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "measure.ipynb"


def test_the_notebook_runs_and_finds_what_was_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cells = [cell for cell in parse_json(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells] == [[]] * len(cells)
    found: dict[str, Any] = {}
    for cell in cells:
        exec(compile("".join(cell["source"]), cell["id"], "exec"), found)  # noqa: S102 - our own notebook
    assert found["nothing"].value is None
    assert found["lift"].total.low <= found["planted"] <= found["lift"].total.high
    assert [checked.judged.reason.value for checked in found["checks"]] == ["holds", "no_lift_design"]
    assert "Attribution is not lift" in capsys.readouterr().out
