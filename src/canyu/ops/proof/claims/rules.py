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
from canyu.measure.claims import VERDICTS, Verdict

MOST_BYTES = 1 << 20
MOST_CLAIMS = 500
SAMPLE = "xiaomi-2025"
"""The file of claims that Canyu brings along as a start."""
COLUMNS = (
    *("id", "statement", "source", "metric", "relation", "stated", "value", "low", "high"),
    *("verdict", "reason", "notes", "query_hash", "lake_version", "run_at", "simulated"),
)


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
