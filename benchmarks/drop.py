"""A drop over HTTP: durable claims a second and p99, against one transaction per claim and a bare handler.

Two server processes on SQLite as it is served, two client processes on the same machine. Every entrant posts 1 to 5
times in a random order. Checked after the run: one holder per serial 1..N, one unit per person, units = sold + held +
free, the ledger proved. One JSON line.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "ops" / "offers")]

from test_drop_door import RECOUNT, Site  # noqa: E402

from drop_crowd import Crowd, Door, list_posts, send_crowd  # noqa: E402 - the tests' crowd

CLIENTS, CONNECTIONS = 2, 64


def send(work: tuple[Door, list[str]]) -> Crowd:
    door, posts = work
    return send_crowd(door, posts, CONNECTIONS)


def measure(mode: str, units: int, people: int) -> dict[str, Any]:
    """Return rates and waiting times of one crowd at one kind of server."""
    os.environ["DROP_SITE"] = mode
    posts = list_posts([f"p{at}" for at in range(people)], seed=1)
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(CLIENTS) as pool:
        site = Site(Path(folder), units)
        try:
            door = site.open_door(posts)
            begin = time.perf_counter()
            crowds = pool.map(send, [(door, posts[at::CLIENTS]) for at in range(CLIENTS)])
            wall_s = time.perf_counter() - begin
            found = json.loads(site.run(RECOUNT))
        finally:
            site.kill()
    times = sorted(one for crowd in crowds for one in crowd.times_s)
    holders = {answer[1] for crowd in crowds for answers in crowd.told.values() for answer in answers} - {None}
    errors = sum(crowd.errors + len(crowd.unanswered) for crowd in crowds)
    told = {
        "posts": len(posts),
        "claims_per_s": round(len(posts) / wall_s),
        "p50_ms": round(1000 * statistics.median(times), 1),
        "p99_ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "wall_s": round(wall_s, 2),
        "errors": errors,
    }
    if mode != "noop":
        serials = [serial for serial, _person in found["rows"]]
        assert serials == list(range(1, min(units, people) + 1)), "a gap or a double"
        assert holders == set(serials), "what was told is not what is kept"
        assert found["is_conserved"], "units are not sold + held + free"
        assert found["is_sound"], "the ledger does not hold"
        told["holders"] = len(serials)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=2_000, help="people in the two runs that are compared with")
    asked = parser.parse_args()
    group = measure("group", asked.units, asked.people)
    single = measure("single", asked.sample, asked.sample)
    noop = measure("noop", 1, asked.sample * 5)
    line = {
        "benchmark": "drop",
        "units": asked.units,
        "people": asked.people,
        **group,
        "single": single,
        "noop": noop,
        "times_one_transaction_per_claim": round(group["claims_per_s"] / single["claims_per_s"], 1),
        "share_of_noop": round(group["claims_per_s"] / noop["claims_per_s"], 2),
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
