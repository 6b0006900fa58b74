"""The overview of ten million events: the page's time, and each query against DuckDB SQL written by hand.

Prints one JSON line. ``value`` is the 95th percentile of a warm page; ``fresh_…`` is the overview of a data version
that the process has not seen before, where nothing is kept but compiled queries. The ratios are of processor time, so
that a busy machine does not decide them. Build once, in a folder that stays:
``python benchmarks/overview.py --lake /tmp/overview.lake``.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

import canyu
from canyu.engine import DuckEngine
from canyu.events import TABLES, Lake
from canyu.kit.jsonio import dump_json
from canyu.measure import OverviewQuery, compute_overview, forget_overviews, render_chart
from canyu.measure import expressions as ask
from canyu.measure.facts import Reader
from canyu.measure.period import find_previous, make_period
from overview_parts.peers import PEERS
from overview_parts.world import list_months, make_tables

MODEL = "2026-11/bench"
YEAR = OverviewQuery(date(2025, 1, 1), date(2025, 12, 31), brand="xiaomi")


def build_lake(folder: Path, rows: int) -> None:
    """Write the tables month by month, as an import and a listening run would leave them after compaction."""
    for month, (first, last) in enumerate(list_months(rows)):
        for name, table in make_tables(first, last, rows).items():
            spec = TABLES[name]
            table = table.select(spec.schema.names).cast(spec.schema)
            by = ["day"] if spec.by_day else None
            write_deltalake(str(folder / name), table, partition_by=by, mode="append" if month else "overwrite")
    heard = {"number": 1, "time": datetime(2026, 1, 1, tzinfo=UTC), "model_version": MODEL, "events_version": 11}
    schema = TABLES["listenings"].schema
    write_deltalake(str(folder / "listenings"), pa.Table.from_pylist([{**heard, "scored": rows}], schema=schema))


def measure_cpu_ms(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return (time.process_time() - begin) * 1000


def measure_ms(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return (time.perf_counter() - begin) * 1000


def measure_pages(lake: Lake, repeats: int) -> dict[str, list[float]]:
    """Return milliseconds of pages computed anew, of the same pages asked again, and of drawing their charts."""
    queries = [YEAR]
    queries += [OverviewQuery(date(2025, m, 1), date(2025, m, 28), brand="xiaomi") for m in (3, 6, 9)]
    queries += [OverviewQuery(date(2025, 1, 1), date(2025, 12, 31)), OverviewQuery(date(2025, 7, 1), date(2025, 9, 30))]
    found: dict[str, list[float]] = {"fresh": [], "warm": [], "charts": []}
    for query in queries * repeats:
        forget_overviews()
        found["fresh"].append(measure_ms(lambda query=query: compute_overview(lake, query)))
        found["charts"].append(measure_ms(lambda query=query: draw(lake, query)))
        found["warm"] += [measure_ms(lambda query=query: draw(lake, query)) for _ in range(5)]
    return found


def draw(lake: Lake, query: OverviewQuery) -> None:
    """Compute the overview and draw all its charts, as a page does."""
    for picture in compute_overview(lake, query).pictures:
        render_chart(picture, "zh", "auto")


def list_queries(reader: Reader) -> dict[str, Callable[[], Any]]:
    """Return what the overview asks, each to the rows in hand."""
    period = make_period(YEAR.start, YEAR.end, YEAR.zone)
    # Equal work on both sides: the model's version is compared here as it is in the hand-written SQL.
    engine = reader.lake.engine
    filters = (YEAR.brand, "", "", MODEL)
    scope = ask.Scope(period, find_previous(period), *filters, engine.count_micros, engine.count_days)
    return {
        "count_mentions": lambda: reader.ask(ask.count_mentions, "mentions", scope).table,
        "count_scored": lambda: reader.ask(ask.count_scored, "scores", scope).table,
        "count_links": lambda: reader.ask(ask.count_links, "mentions", scope).table,
        "sum_engagement": lambda: reader.ask(ask.sum_engagement, "engagement", scope).table,
        "list_top_posts": lambda: reader.ask(ask.list_top_posts, "engagement", scope).table,
        "sum_board_time": lambda: reader.ask(ask.sum_board_time, "board", scope, period).table,
    }


def compare_queries(lake: Lake, folder: Path, repeats: int) -> dict[str, dict[str, float]]:
    """Run each query and its hand-written peer in turn; the same rows must come out."""
    peer = duckdb.connect(config={"threads": 2})
    peer.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
    queries = list_queries(Reader(lake))
    found = {}
    for name, run in queries.items():
        table, sql = PEERS[name]
        files = ", ".join(f"'{path}'" for path in lake_files(folder, table))
        text = sql.format(files=f"read_parquet([{files}], hive_partitioning = true)", model=MODEL)
        ask_peer = lambda text=text: peer.execute(text).to_arrow_table()  # noqa: E731 - one line says it
        assert run().num_rows == ask_peer().num_rows, name
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(measure_cpu_ms(run))
            theirs.append(measure_cpu_ms(ask_peer))
        mine, other = statistics.median(ours), statistics.median(theirs)
        found[name] = {"cpu_ms": round(mine, 1), "peer_cpu_ms": round(other, 1), "ratio": round(mine / other, 2)}
    return found


def lake_files(folder: Path, table: str) -> list[str]:
    """Return the live files of a table; the benchmark's tables are never rewritten, so all files live."""
    return sorted(str(path) for path in (folder / table).rglob("*.parquet") if "_delta_log" not in path.parts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--lake", type=Path, default=None)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    folder = given.lake or Path(tempfile.mkdtemp(prefix="canyu-overview-"))
    begin = time.perf_counter()
    if not (folder / "events").exists():
        build_lake(folder, given.rows)
    built_s = time.perf_counter() - begin
    lake = canyu.open(folder)
    lake.engine = DuckEngine(threads=2)
    compute_overview(lake, YEAR)  # warm
    pages = measure_pages(lake, given.repeats)
    queries = compare_queries(lake, folder, given.repeats)
    worst = max(queries.values(), key=lambda query: query["ratio"])
    line = {
        "name": "overview",
        "value": round(statistics.quantiles(pages["warm"], n=20)[-1], 1),
        "unit": "ms, 95th percentile of a warm page: overview and its seven charts, data version seen before",
        "fresh_median_ms": round(statistics.median(pages["fresh"]), 1),
        "fresh_p95_ms": round(statistics.quantiles(pages["fresh"], n=20)[-1], 1),
        "charts_first_ms": round(statistics.median(pages["charts"]), 1),
        "peer": "DuckDB SQL by hand, the slowest query in proportion",
        "ratio": worst["ratio"],
        "total_ratio": round(
            sum(q["cpu_ms"] for q in queries.values()) / sum(q["peer_cpu_ms"] for q in queries.values()), 2
        ),
        "queries": queries,
        "rows": given.rows,
        "seconds": round(time.perf_counter() - begin, 1),
        "build_seconds": round(built_s, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(dump_json(line))
    if given.lake is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
