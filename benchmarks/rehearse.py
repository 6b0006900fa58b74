"""Rehearsal: a year of about a million events, against DuckDB merely sorting and writing the same events again."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from canyu.kit.jsonio import dump_json, parse_json

SCALE = "0.001"
ROUNDS = 3


def rehearse(out: Path) -> tuple[float, int]:
    """Run the command as a person would, start of the interpreter included; return its seconds and its events."""
    program = [sys.executable, "-c", "from canyu.cli import main; main()"]
    words = ["rehearse", "--scale", SCALE, "--seed", "7", "--out", str(out), "--force", "--json"]
    started = time.perf_counter()
    done = subprocess.run([*program, *words], check=True, capture_output=True)
    return time.perf_counter() - started, int(parse_json(done.stdout.splitlines()[-1])["events"])


def rewrite(out: Path, copy: Path) -> float:
    """Sort and write the same events with DuckDB: what the writing alone costs, with nothing made up."""
    started = time.perf_counter()
    with duckdb.connect() as connection:
        events = connection.read_parquet(f"{out}/events/*.parquet").order("time, id")
        events.write_parquet(str(copy), compression="zstd")
    return time.perf_counter() - started


def main() -> None:
    own, peer, events, peak = [], [], 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "world")
        for _ in range(ROUNDS):
            seconds, events = rehearse(out)
            own.append(seconds)
            # of the first run alone: a later one would be charged with DuckDB's memory, held at the fork
            peak = peak or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            peer.append(rewrite(out, Path(folder, "copy.parquet")))
    seconds, against = statistics.median(own), statistics.median(peer)
    line = {
        "name": "rehearse",
        "value": round(events / seconds),
        "unit": "events/s",
        "peer": "DuckDB sorts and writes the same events",
        "ratio": round(seconds / against, 2),
        "rows": events,
        "seconds": round(seconds, 2),
        "peer_seconds": round(against, 2),
        "peak_mb": round(peak),
    }
    print(dump_json(line))


if __name__ == "__main__":
    main()
