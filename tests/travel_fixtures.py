"""Fixtures of the pages of spread: the lakes of ``travel_lake``, written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from travel_lake import fill_large_lake, fill_travel_lake


@pytest.fixture(scope="session")
def travel_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``fill_travel_lake``."""
    path = tmp_path_factory.mktemp("travel") / "travel.lake"
    fill_travel_lake(path)
    return path


@pytest.fixture(scope="session")
def large_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of ``fill_large_lake``: one cascade of ten thousand reposts."""
    path = tmp_path_factory.mktemp("travel") / "large.lake"
    fill_large_lake(path)
    return path


@pytest.fixture
def travel_lake(travel_path: Path, use_lake: Callable[[Path], None]) -> Path:
    """The console shows the lake of ``fill_travel_lake``."""
    use_lake(travel_path)
    return travel_path
