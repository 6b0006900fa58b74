"""The reference page says what the code says."""

from __future__ import annotations

from pathlib import Path

import canyu.measure
from canyu.measure.definitions import DEFINITIONS, LABELS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")


def test_every_definition_stands_in_the_reference_in_both_languages() -> None:
    assert [name for name, words in DEFINITIONS.items() if words.zh not in PAGE or words.en not in PAGE] == []
    assert [name for name, words in LABELS.items() if f"### {words.en} · {words.zh}" not in PAGE] == []


def test_public_names_are_sorted_and_there() -> None:
    assert canyu.measure.__all__ == sorted(canyu.measure.__all__, key=lambda name: (name.lower() == name, name))
    assert [name for name in canyu.measure.__all__ if not hasattr(canyu.measure, name)] == []
