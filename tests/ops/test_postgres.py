"""The tests of what the console keeps in its database once more, on a real PostgreSQL server of this test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_server import find_programs, run_postgres

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
WRITING = (
    *("people", "alerts"),
    *("kols_import", "kols_bookings", "kols_outbox", "kols_erasure", "kols_races"),
    *("ledger_room", "links"),
)  # those that write at the same time as others, in bulk, or by conditional updates; the rest write as these do
SELLING = (
    *("offers/test_redeeming_races", "offers/test_drops"),
    *("campaigns/test_charity", "fans/test_identity", "stations/test_bookings"),
    "crisis/test_release_races",
)
PROVING = ("proof/test_card_mail", "proof/test_claims_pages", "studies/test_designs")
ROOMS = (
    *(f"tests/ops/test_{name}.py" for name in WRITING),
    *(f"tests/ops/{name}.py" for name in (*SELLING, *PROVING)),
)


@pytest.fixture
def postgres() -> Iterator[tuple[str, Path]]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine: the console was tested on SQLite alone")
    with run_postgres(programs, "-F") as (address, log):
        yield f"{address}/console", log


def test_the_console_does_the_same_on_postgresql(postgres: tuple[str, Path]) -> None:
    url, log = postgres
    environment = {**os.environ, "CANYU_DATABASE_URL": url}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", *ROOMS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert 'CREATE TABLE "people_person"' in log.read_text("utf-8", "replace")
