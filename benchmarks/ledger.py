"""Durable transfers a second: in groups, through the group writer, and one transaction each, on both databases.

``groups`` is the engine alone: 500 transfers a transaction, acknowledged after the commit is on the disk. ``writer`` is
what a server does: four threads hand single transfers to the group writer and wait for their answers. ``one_each`` is
the same ledger with a transaction per transfer; ``plain`` is what most shops do: one transaction with a conditional
UPDATE of the stock and an INSERT of the order, without double entry, holds or idempotency. CPU seconds are those of
this process and, on PostgreSQL, of the server's.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from canyu.ledger import (
    GroupWriter,
    LedgerDoor,
    OpenAccount,
    Outcome,
    Side,
    Transfer,
    Verdict,
    open_ledger,
    open_reader,
    prove,
)
from postgres_server import find_programs, run_postgres  # the server that the tests start as well

GROUP, THREADS, IN_FLIGHT = 500, 4, 500
BARS = {"sqlite": 30_000, "postgresql": 10_000}
TICKS = os.sysconf("SC_CLK_TCK")
Work = Callable[[int], None]


def sale(name: str, at: int) -> Transfer:
    return Transfer(f"{name}-{at}", "free", "sold", 1, "piece")


def fill(door: LedgerDoor) -> None:
    accounts = [OpenAccount("made", "piece"), OpenAccount("free", "piece", Side.CREDIT), OpenAccount("sold", "piece")]
    outcomes = door.apply([*accounts, Transfer("stock", "made", "free", 10**12, "piece")])
    assert all(outcome.is_kept for outcome in outcomes)


def check(outcomes: list[Outcome]) -> None:
    assert all(outcome.verdict is Verdict.DONE for outcome in outcomes)


def run_groups(address: str, count: int) -> None:
    with open_ledger(address) as door:
        for start in range(0, count, GROUP):
            check(door.apply([sale("g", at) for at in range(start, start + GROUP)]))


def run_one_each(address: str, count: int) -> None:
    with open_ledger(address) as door:
        for at in range(count):
            check(door.apply([sale("o", at)]))


def run_writer(address: str, count: int) -> None:
    with GroupWriter(lambda: open_ledger(address), most=GROUP * 2) as writer:

        def serve(thread: int) -> None:
            waiting: deque[Future[list[Outcome]]] = deque()
            for at in range(count // THREADS):
                if len(waiting) == IN_FLIGHT:
                    check(waiting.popleft().result())
                waiting.append(writer.apply([sale(f"w{thread}", at)]))
            for future in waiting:
                check(future.result())

        threads = [threading.Thread(target=serve, args=(at,)) for at in range(THREADS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()


def run_plain(address: str, count: int) -> None:
    with open_ledger(address) as door:
        connection = door.connection
        is_sqlite = isinstance(connection, sqlite3.Connection)
        mark, begin = ("?", "BEGIN IMMEDIATE") if is_sqlite else ("%s", "BEGIN")
        connection.execute("CREATE TABLE shop_stock (id TEXT PRIMARY KEY, free BIGINT NOT NULL)")
        connection.execute("CREATE TABLE shop_order (id TEXT PRIMARY KEY, made_at BIGINT NOT NULL)")
        connection.execute("INSERT INTO shop_stock VALUES ('drop', 1000000000)")
        for at in range(count):
            connection.execute(begin)
            took = connection.execute("UPDATE shop_stock SET free = free - 1 WHERE id = 'drop' AND free > 0")
            assert took.rowcount == 1
            query = f"INSERT INTO shop_order VALUES ({mark}, {mark})"  # noqa: S608 - no value in it
            connection.execute(query, (f"o{at}", time.time_ns()))
            connection.execute("COMMIT")


def measure(work: Callable[[], None], count: int, count_server: Callable[[], float]) -> dict[str, float]:
    server, cpu, wall = count_server(), time.process_time(), time.perf_counter()
    work()
    wall = time.perf_counter() - wall
    cpu = time.process_time() - cpu + count_server() - server
    return {"per_s": round(count / wall), "per_cpu_s": round(count / cpu)}


def count_cpu_below(parent: int) -> float:
    """Return the CPU seconds of a process and its living children, as the kernel counts them."""
    seconds = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == parent or path.parent.name == str(parent):
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


@contextmanager
def open_databases(only: str) -> Iterator[list[tuple[str, str, Callable[[], float]]]]:
    programs = find_programs()
    with TemporaryDirectory(prefix="canyu-ledger-", dir=os.environ.get("TMPDIR")) as folder:
        found: list[tuple[str, str, Callable[[], float]]] = []
        if only in {"", "sqlite"}:
            found.append(("sqlite", str(Path(folder, "ledger.sqlite3")), lambda: 0.0))
        if only == "sqlite" or programs is None:
            yield found
            return
        with run_postgres(programs) as (address, log):
            parent = int(log.with_name("data").joinpath("postmaster.pid").read_text().split()[0])
            found.append(("postgresql", f"{address}/postgres", lambda: count_cpu_below(parent)))
            yield found


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--transfers", type=int, default=100_000, help="transfers in groups")
    reader.add_argument("--singles", type=int, default=2_000, help="transfers in a transaction each")
    reader.add_argument("--only", choices=["sqlite", "postgresql"], default="", help="one database")
    given = reader.parse_args()
    with open_databases(given.only) as databases:
        for name, address, count_server in databases:
            with open_ledger(address, create=True) as door:
                fill(door)
            runs: dict[str, tuple[Callable[[str, int], None], int]] = {
                "plain": (run_plain, given.singles),
                "one_each": (run_one_each, given.singles),
                "groups": (run_groups, given.transfers),
                "writer": (run_writer, given.transfers // 2),
            }
            found: dict[str, dict[str, float]] = {}
            for kind, (run, count) in runs.items():
                found[kind] = measure(partial(run, address, count), count, count_server)
            with open_reader(address) as books:
                assert prove(books).is_sound
            tell(name, found)


def tell(name: str, found: dict[str, Any]) -> None:
    groups = found["groups"]
    line = {
        "name": "ledger",
        "setting": name,
        "unit": "durable transfers/s",
        "value": groups["per_s"],
        "bar": BARS[name],
        "per_cpu_s": groups["per_cpu_s"],
        **found,
        "times_one_each": round(groups["per_s"] / found["one_each"]["per_s"], 1),
        "times_plain": round(groups["per_s"] / found["plain"]["per_s"], 1),
        "times_plain_per_cpu_s": round(groups["per_cpu_s"] / found["plain"]["per_cpu_s"], 1),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
