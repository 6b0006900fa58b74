"""One small rehearsal, played once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from canyu.rehearse import MarketPlan, RehearsalResult, rehearse_market

PLAN = MarketPlan(year=2025, scale=0.0003, seed=11)


@pytest.fixture(scope="session")
def played() -> RehearsalResult:
    """A third of a million events."""
    return rehearse_market(PLAN)


@pytest.fixture(scope="session")
def truth(played: RehearsalResult) -> dict[str, Any]:
    """What was planted."""
    return played.truth


@pytest.fixture
def ask(played: RehearsalResult) -> Iterator[Any]:
    """Ask in SQL of the tables ``events``, ``labels`` and ``orders``, with ``?`` for values; rows come as tuples."""
    connection = duckdb.connect(config={"threads": 1})
    for name in ("events", "labels", "orders"):
        table: pa.Table = getattr(played, name)
        connection.register(name, table)
    connection.execute("SET TimeZone = 'UTC'")
    yield lambda sql, *values: connection.execute(sql, values).fetchall()
    connection.close()
