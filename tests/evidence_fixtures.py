"""Fixtures of the pages of evidence: the lake of ``evidence_lake``, written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_lake import fill_evidence_lake


@pytest.fixture(scope="session")
def evidence_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``evidence_lake``."""
    path = tmp_path_factory.mktemp("evidence") / "evidence.lake"
    fill_evidence_lake(path)
    return path


@pytest.fixture
def evidence_lake(evidence_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows the lake of ``evidence_lake``."""
    use_lake(evidence_path)
    return evidence_path
