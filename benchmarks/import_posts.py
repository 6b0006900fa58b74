"""Import of a million posts: the whole command, against DuckDB that reads the same CSV and writes Parquet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
FOLDER = Path("bench-data")
LIMIT_RATIO = 4.0
LIMIT_MB = 1500
PEER = "import duckdb; c = duckdb.connect(); c.execute('SET threads = 2'); c.execute(\"COPY (FROM '{0}') TO '{1}'\")"


@dataclass(frozen=True)
class Run:
    """One process: wall and processor seconds, peak memory."""

    seconds: float
    cpu_s: float
    peak_mb: float


def write_posts(path: Path, rows: int) -> None:
    """Write ten columns, about 80 Chinese characters of text, times within one quarter; the same bytes every time."""
    chance = np.random.default_rng(7)
    letters = np.array([chr(code) for code in range(0x4E00, 0x4E00 + 1500)])
    words = np.array(["".join(chance.choice(letters, size)) for size in chance.integers(4, 13, 5000)], dtype=object)
    texts = words[chance.integers(0, 5000, (rows, 9))]
    seconds = chance.integers(0, 90 * 86_400, rows).astype("timedelta64[s]")
    times = np.char.replace(np.datetime_as_string(np.datetime64("2025-01-01T00:00:00") + seconds), "T", " ")
    table = pa.table(
        {
            "微博ID": (4_900_000_000_000_000 + np.arange(rows) * 37).astype(str),
            "微博正文": ["，".join(line) for line in texts],
            "发布时间": times,
            "用户ID": chance.integers(1_000_000_000, 1_000_400_000, rows),
            "用户昵称": words[chance.integers(0, 5000, rows)],
            "转发数": chance.integers(0, 500, rows),
            "评论数": chance.integers(0, 500, rows),
            "点赞数": chance.integers(0, 5000, rows),
            "来源": words[chance.integers(0, 40, rows)],
            "话题": words[chance.integers(0, 200, rows)],
        }
    )
    draft = path.with_suffix(".part")
    pacsv.write_csv(table, draft)
    draft.replace(path)


def run_once(arguments: list[str]) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{arguments[:4]} ended with {process.returncode}"
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def run_import(path: Path, folder: Path) -> Run:
    lake = folder / "bench.lake"
    shutil.rmtree(lake, ignore_errors=True)
    canyu = str(Path(sys.executable).with_name("canyu"))
    return run_once([canyu, "import", str(path), "--lake", str(lake), "--zone", "Asia/Shanghai", "--json"])


def run_peer(path: Path, folder: Path) -> Run:
    return run_once([sys.executable, "-c", PEER.format(path, folder / "peer.parquet")])


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"posts-{ROWS}.csv"
    if not path.exists():
        write_posts(path, ROWS)
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        run_import(path, folder)  # compiled code is made once per machine; the page cache is warm for both
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(run_import(path, folder))
            theirs.append(run_peer(path, folder))
    seconds, peer = median(run.seconds for run in ours), median(run.seconds for run in theirs)
    cpu, peer_cpu = median(run.cpu_s for run in ours), median(run.cpu_s for run in theirs)
    peak = max(run.peak_mb for run in ours)
    print(
        json.dumps(
            {
                "name": "import_posts",
                "value": round(seconds, 2),
                "unit": "s",
                "peer": "DuckDB: read the CSV, write Parquet",
                "ratio": round(seconds / peer, 2),
                "rows": ROWS,
                "seconds": round(seconds, 2),
                "peak_mb": round(peak),
                "peer_seconds": round(peer, 2),
                "cpu_s": round(cpu, 2),
                "cpu_ratio": round(cpu / peer_cpu, 2),
                "limit_ratio": LIMIT_RATIO,
                "limit_mb": LIMIT_MB,
            }
        )
    )


if __name__ == "__main__":
    main()
