"""The bars on the hand-written copies: at least 95 % of the breaches caught, no lawful copy flagged, on either half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from canyu.listen.copycheck import Finding, Severity, check_copies, check_copy

SETS = Path(__file__).resolve().parents[2] / "data" / "copycheck"
FLAGS = {Severity.BLOCK, Severity.NEEDS_PROOF}


def load(name: str) -> list[list[Any]]:
    return yaml.safe_load((SETS / f"{name}.yaml").read_text("utf-8"))


def is_at(finding: Finding, text: str, term: str) -> bool:
    if not term:
        return finding.rule == "ad-measures-9"
    at = text.index(term)
    return finding.start < at + len(term) and finding.end > at


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_breaches_are_caught_at_their_place(half: str) -> None:
    missed, rows = [], load(f"violations_{half}")
    for text, term, industry, kind in rows:
        findings = check_copy(text, industry=industry, is_paid=kind == "paid").findings
        if not any(each.severity in FLAGS and is_at(each, text, term) for each in findings):
            missed.append(text)
    assert len(missed) <= 0.05 * len(rows), missed


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_lawful_copies_pass(half: str) -> None:
    assert [
        text for text, _, industry in load(f"lawful_{half}") if check_copy(text, industry=industry).is_flagged
    ] == []


@pytest.mark.real
def test_ordinary_reviews_are_rarely_flagged(shared_data: Path) -> None:
    table = pq.read_table(shared_data / "online_shopping_10_cats" / "reviews.parquet", columns=["review"])
    reviews = [review or "" for review in table["review"].to_pylist()]
    flagged = sum(report.is_flagged for report in check_copies(reviews))
    assert 0 < flagged <= 0.02 * len(reviews)
