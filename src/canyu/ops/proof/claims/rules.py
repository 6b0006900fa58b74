"""What a file of claims is read from, and how its verdicts leave: pure, no database."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from canyu.kit.sheets import quote_formula
from canyu.kit.words import Words
from canyu.measure.claims import VERDICTS, Change, Verdict

MOST_BYTES = 1 << 20
MOST_CLAIMS = 500
SAMPLE = "xiaomi-2025"
"""The file of claims that Canyu brings along as a start."""
COLUMNS = (
    *("id", "statement", "source", "metric", "relation", "stated", "value", "low", "high"),
    *("verdict", "reason", "notes", "query_hash", "lake_version", "run_at", "simulated"),
)
CHANGED: dict[str, Words] = {
    "stated": Words("所称数值", "stated value"),
    "value": Words("数值", "figure"),
    "low": Words("下限", "lower bound"),
    "high": Words("上限", "upper bound"),
    "verdict": Words("结论", "verdict"),
    "reason_code": Words("原因", "reason"),
}
"""What a replay calls the fields that it compares."""


def name_change(change: Change) -> Words:
    """Return what a replay found to be different, in words."""
    return CHANGED.get(change.what.en, change.what)


def read_sample() -> str:
    """Return the text of the shipped claims: a checkout's own, else the one that an installation brought."""
    folders = (Path(__file__).resolve().parents[5] / "claims", Path(sys.prefix) / "share" / "canyu" / "claims")
    return next(folder for folder in folders if folder.is_dir()).joinpath(f"{SAMPLE}.yaml").read_text("utf-8")


def count_verdicts(checks: Iterable[Mapping[str, Any]]) -> list[tuple[Verdict, Words, int]]:
    """Return how many claims have each verdict."""
    found = [check["verdict"] for check in checks]
    return [(verdict, words, found.count(verdict.value)) for verdict, words in VERDICTS.items()]


def write_csv(checks: Iterable[Mapping[str, Any]]) -> str:
    """Return the verdicts as CSV; texts that a spreadsheet would run as formulas are disarmed."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for check in checks:
        writer.writerow([_spell(check.get(name)) for name in COLUMNS])
    return stream.getvalue()


def _spell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return quote_formula(", ".join(f"{name}@{number}" for name, number in sorted(value.items())))
    return quote_formula(" ".join(map(str, value)) if isinstance(value, list) else str(value))
