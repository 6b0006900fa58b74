"""The examples on the pages about experiments and loyalty run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import canyu
from canyu.measure.experiments.experiment_file import parse_experiments

PAGES = Path(__file__).parents[2] / "docs" / "measure"


def read_blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)


def run(page: str, **given: Any) -> list[dict[str, Any]]:
    """Run each Python block and return what it left, its last line as ``last``."""
    found = []
    for block in read_blocks(page, "python"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        names = dict(given)
        exec("\n".join([*lines[:-1], f"last = {lines[-1]}"]), names)  # noqa: S102 - our own pages
        found.append(names)
    return found


def test_the_page_of_experiments_runs() -> None:
    (text,) = read_blocks("experiments.md", "yaml")
    assert len(parse_experiments(text)["share-button"].outcomes) == 4
    assigned, compared, planned = run("experiments.md", text=text)
    arm, is_treated, name = assigned["last"]
    assert name == f"experiment:share-button/{arm}/{'treated' if is_treated else 'untreated'}"
    assert str(compared["last"]) in read_blocks("experiments.md", "python")[1]
    assert planned["effect"] == 1.98
    assert planned["last"][1] > 20_000 > 0 < planned["last"][0]


def test_the_page_of_loyalty_runs(lake: canyu.Lake) -> None:
    read, fitted = run("loyalty.md", lake=lake)
    assert read["found"].customers == 0
    assert fitted["fitted"].is_settled
    assert fitted["last"].low < fitted["last"].value
