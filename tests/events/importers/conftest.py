"""Small files of every kind, and one call that imports them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import canyu
from canyu.events.importers import FileReport, Mapping, Stated, import_file, plan_import

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text or bytes to a file and return its path."""

    def write(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def bring(lake: canyu.Lake) -> Callable[..., FileReport]:
    """Import one file into the test's lake, Shanghai time unless said otherwise."""

    def bring(path: Path, mapping: Mapping | None = None, **stated: str) -> FileReport:
        plan = plan_import(path, mapping, Stated(**({"zone": "Asia/Shanghai"} | stated)))
        return import_file(plan, lake, now=NOW)

    return bring


@pytest.fixture
def read(lake: canyu.Lake) -> Callable[..., list[dict[str, Any]]]:
    """Read a table of the test's lake as rows, by time or row number."""

    def read(name: str = "events") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = lake.engine.run(lake.scan(name)).to_pylist()
        return sorted(rows, key=lambda row: row["time"] if name == "events" else row["row"])

    return read
