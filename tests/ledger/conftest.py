"""A ledger on each database: an SQLite file, and a real PostgreSQL server of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from canyu.ledger import LedgerDoor, drop_schema, open_ledger
from postgres_server import find_programs, run_postgres


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine: the ledger was tested on SQLite alone")
    with run_postgres(programs) as (address, _log):
        yield f"{address}/postgres"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger, on each database in turn."""
    if request.param == "sqlite":
        found = str(tmp_path / "ledger.sqlite3")
    else:
        found = request.getfixturevalue("postgres_address")
        with open_ledger(found) as door, door.transaction():
            drop_schema(door.connection)
    open_ledger(found, create=True).close()
    return found


@pytest.fixture
def door(address: str) -> Iterator[LedgerDoor]:
    with open_ledger(address) as found:
        yield found
