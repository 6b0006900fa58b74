"""The card of the shipped aspect model says what its files say."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from canyu.listen.aspects import load_aspects

FOLDER = Path(__file__).resolve().parents[3] / "models" / "aspects-zh-1"
CARD = (FOLDER / "README.md").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))


def test_the_card_names_the_version_and_the_bytes() -> None:
    assert FIGURES["version"] == load_aspects("aspects-zh-1").version
    assert f"`{FIGURES['version']}`" in CARD
    assert hashlib.sha256((FOLDER / "weights.npz").read_bytes()).hexdigest() in CARD


@pytest.mark.parametrize("line", FIGURES["figures"], ids=lambda line: f"{line['source']} {line['task']}")
def test_the_card_shows_the_figures(line: dict[str, float]) -> None:
    ece = "-" if line["ece"] is None else f"{line['ece']:.3f}"
    value = f"{line['value']:.3f} ({line['low']:.3f}-{line['high']:.3f})"
    assert f"| {line['source']} | {line['task']} | {line['texts']:,} | {value} | {ece} |" in CARD
