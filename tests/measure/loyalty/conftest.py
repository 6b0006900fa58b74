"""The public inputs that the models of loyalty are held to, and a shop small enough to count by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Columns = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def read_reference(shared_data: Path) -> Callable[[str], Columns]:
    """Return a reader of the reference inputs by name; says so in one line where they are absent."""
    folder = shared_data.parent / "scenarios" / "measure-data"

    def read(name: str) -> Columns:
        path = folder / name
        if not path.is_file():
            pytest.skip(f"no {path}: a published reference was not checked")
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}

    return read
