"""Fixtures of the pages of aspects, storylines and topics: the lake of ``voices_lake``, written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from voices_lake import fill_voices_lake


@pytest.fixture(scope="session")
def voices_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``voices_lake``."""
    path = tmp_path_factory.mktemp("voices") / "voices.lake"
    fill_voices_lake(path)
    return path


@pytest.fixture
def voices_lake(voices_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows the lake of ``voices_lake``."""
    use_lake(voices_path)
    return voices_path
