"""The console shows the small lake of ``metric_lake``: April 2025, every figure counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from canyu.ops.proof.card import queries
from metric_lake import fill_metric_lake


@pytest.fixture(scope="session")
def metric_lake_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake, written once."""
    path = tmp_path_factory.mktemp("proof") / "metric.lake"
    fill_metric_lake(path)
    return path


@pytest.fixture
def metric_lake(metric_lake_path: Path, use_lake: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The console shows it; a page waits until its card is whole."""
    use_lake(metric_lake_path)
    monkeypatch.setattr(queries, "WAIT_S", 120.0)
    return metric_lake_path


@pytest.fixture
def own_lake(metric_lake: Path, tmp_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """A copy that the test may change."""
    path = tmp_path / "own.lake"
    copytree(metric_lake, path)
    use_lake(path)
    return path
