"""A program that works on a lake until it is killed: forks one child per order, so that a start takes no second.

Orders come as JSON lines on standard input, the child's process id goes out. A child writes to its log: ``start``
when it begins, then each number that the lake has acknowledged.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import canyu
from canyu.events import Event, build_event_table
from canyu.events.known_ids import KnownIds
from canyu.events.writing import Change, commit, fit_events, write_files

START = datetime(2025, 3, 1, tzinfo=UTC)


def make_posts(first: int, count: int, actors: int = 5) -> pa.Table:
    times = [START + timedelta(hours=number) for number in range(first, first + count)]
    return build_event_table(
        [
            Event(f"e{first + at}", "post", time, time, "test", actor=f"person-{(first + at) % actors}", text="真快")
            for at, time in enumerate(times)
        ]
    )


def append(lake: canyu.Lake, order: dict[str, Any], log: int) -> None:
    for first in range(order["first"], order["last"], order["step"]):
        added = lake.append(make_posts(first, order["step"])).added
        os.write(log, f"{first} {added}\n".encode())


def append_blind(lake: canyu.Lake, order: dict[str, Any], log: int) -> None:
    """Look, wait until the other has looked too, write: what the lake would do without its check at the commit."""
    rows = fit_events(make_posts(order["first"], order["last"] - order["first"]))
    table = lake.store.create("events")
    known = set(lake.engine.run(lake.scan().select("id"))["id"].to_pylist())
    rows = rows.filter(pa.array([key not in known for key in rows["id"].to_pylist()]))
    os.write(log, b"looked\n")
    while not all("looked" in Path(other).read_text() for other in order["others"]):
        time.sleep(0.01)
    commit(lake.store, "events", table, Change(write_files(lake.store, "events", rows)))


def compact(lake: canyu.Lake, order: dict[str, Any], log: int) -> None:
    lake.compact(files_per_day=order["files_per_day"])


def erase(lake: canyu.Lake, order: dict[str, Any], log: int) -> None:
    lake.erase(order["actor"])


def erase_posts(lake: canyu.Lake, order: dict[str, Any], log: int) -> None:
    done = lake.erase_posts(order["ids"])
    os.write(log, f"erased {done.rows} {len(done.unknown)}\n".encode())


ORDERS = {
    "append": append,
    "append_blind": append_blind,
    "compact": compact,
    "erase": erase,
    "erase_posts": erase_posts,
}


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    KnownIds().compute_prints(pa.chunked_array([["warm"]]))  # loads the compiled code before the first child
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child:
            os.write(1, f"{child}\n".encode())
            continue
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        lake = canyu.open(order["lake"], create=True)
        os.write(log, b"start\n")
        ORDERS[order["do"]](lake, order, log)
        os.write(log, b"end\n")
        os._exit(0)


if __name__ == "__main__":
    main()
