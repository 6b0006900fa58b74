"""I9: kill -9 in the middle of group commits: what was acknowledged is kept, and nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from canyu.ledger import OpenAccount, Side, Transfer, Verdict, open_ledger, open_reader, prove
from postgres_server import find_programs, run_postgres

WORKER = Path(__file__).with_name("ledger_worker.py")
UNIT = "piece"
KILLS = 5
pytestmark = pytest.mark.faults


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.sqlite3")
        return
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine: the ledger was killed on SQLite alone")
    with run_postgres(programs) as (found, _log):
        yield f"{found}/postgres"


def fill(address: str) -> None:
    accounts = [OpenAccount("made", UNIT), OpenAccount("free", UNIT, Side.CREDIT), OpenAccount("sold", UNIT)]
    with open_ledger(address, create=True) as door:
        door.apply([*accounts, Transfer("stock", "made", "free", 10**9, UNIT)])


def run_until_killed(address: str, first: int, log: Path, after_s: float) -> set[str]:
    """Run two workers on the same ledger, kill one that long after its first acknowledgement, then the other."""
    logs = [log.with_name(f"{log.name}-{at}") for at in range(2)]
    given = [(str(first + at * 500_000), str(one)) for at, one in enumerate(logs)]
    workers = [subprocess.Popen([sys.executable, str(WORKER), address, *one]) for one in given]
    end = time.monotonic() + 120
    while not all(one.exists() and one.stat().st_size for one in logs) and time.monotonic() < end:
        time.sleep(0.005)
    for worker in workers:
        time.sleep(after_s)
        worker.kill()
        assert worker.wait(timeout=60) == -9
    return {name for one in logs for name in one.read_text().split("\n")[:-1]}


def test_i9_killed_at_any_moment(address: str, tmp_path: Path) -> None:
    fill(address)
    chance = random.Random(7)
    acknowledged: set[str] = set()
    for turn in range(KILLS):
        acknowledged |= run_until_killed(address, turn * 1_000_000, tmp_path / f"log{turn}", chance.uniform(0, 0.4))
    with open_reader(address) as reader:
        proof = prove(reader)
        rows = [placed.row for placed in reader.iterate_rows()]
        sold = reader.get_account("sold")
    kept = [row.id for row in rows if row.id.startswith("t")]
    assert proof.is_sound
    assert proof.open_holds == 0  # a hold and its settlement are kept together
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept)) == sold.credits
    assert len(acknowledged) >= KILLS * 2
    again = [Transfer(name, "free", "sold", 1, UNIT) for name in sorted(acknowledged) if int(name[1:]) % 5]
    with open_ledger(address) as door:
        assert {outcome.verdict for outcome in door.apply(again)} == {Verdict.EXISTS}
    with open_reader(address) as reader:
        assert reader.count_rows() == len(rows)
