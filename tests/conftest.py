"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import canyu

os.environ["CANYU_LANG"] = "en"  # tests match English texts, whatever the terminal speaks

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets beside the checkout; tests that need it say so when it is absent."""
    folder = Path(os.environ.get("CANYU_SHARED", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder}: real-data tests did not run")
    return folder


@pytest.fixture
def lake(tmp_path: Path) -> canyu.Lake:
    """An empty lake in a folder of its own."""
    return canyu.open(tmp_path / "my.lake", create=True)
