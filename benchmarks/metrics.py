"""Every metric of the catalogue on ten million events, against DuckDB SQL written by hand.

Prints one JSON line: the ratio of processor time of each metric to its peer, so that a busy machine does not decide,
and the largest. Both sides read the same files, in the same process with as many threads, in turn, and must give the
same whole numbers. Build the lake of ten million once:

    python benchmarks/metrics_parts/measure_events.py --derived --lake /tmp/measure-10m.lake
    python benchmarks/metrics.py --lake /tmp/measure-10m.lake
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

import canyu
from canyu.engine import DuckEngine
from canyu.events import TABLES
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.catalogue import METRICS, MetricQuery, compute_metric, make_query
from canyu.measure.catalogue.compute import make_view
from canyu.measure.estimate import Estimate
from canyu.measure.facts import Reader
from metrics_parts.measure_events import World, write_lake
from metrics_parts.peers import PEERS

EVENTS = 1_000_000  # where no lake is given

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
BRAND: dict[str, Any] = {"brand": "xiaomi"}
ASKED: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("volume", "volume_once", "ugc_a_day", "share_of_voice", "net_sentiment"), BRAND),
    **dict.fromkeys(("aspect_sentiment", "engagement", "board_minutes", "board_title_minutes", "units"), BRAND),
    "message_pull_through": {"message": "safety", **BRAND},
    "index_peak": {"object": "xiaomi/p1"},
    "segment_share": {"segment": "premium", **BRAND},
    "preorders": {"since": datetime(2025, 6, 30, 16, tzinfo=UTC)},
    "conversion_lift": {"channel": "site", "against": "store"},
    "repurchase_rate": {"window_days": 90},
    "clv": {"window_days": 90},
    "cost_per_incremental_order": {"incremental": Estimate(1000, 500, 1500, None, Words("", ""))},
    "retention": {"end": date(2025, 11, 2)},
}
COMPARED = ("value", "part", "whole", "positive", "negative", "promoters", "detractors", "micros", "cost", "total")


def measure_cpu(run: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    found = run()
    return time.process_time() - begin, found


def open_peer(lake: canyu.Lake, threads: int) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view of each table over the lake's live files."""
    peer = duckdb.connect(config={"threads": threads})
    peer.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
    for name in lake.versions():
        table = lake.store.find(name)
        files = ", ".join(f"'{path}'" for path in lake.store.list_paths(name, table))
        hive = ", hive_partitioning = true, hive_types = {'day': DATE}" if TABLES[name].by_day else ""
        peer.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}]{hive})")  # noqa: S608 - our own files
    return peer


def make_asked(name: str) -> MetricQuery:
    """Return what is asked of a metric: the year 2025, and what it needs."""
    asked = dict(ASKED.get(name, {}))
    return make_query(name, YEAR[0], asked.pop("end", YEAR[1]), (), asked)  # type: ignore[arg-type]  # its fields


def compare(lake: canyu.Lake, peer: duckdb.DuckDBPyConnection, name: str, turns: int) -> dict[str, float]:
    """Run both sides in turn and return their processor time and its ratio; raises where they differ."""
    row = peer.execute(PEERS[name]).to_arrow_table().to_pylist()[0]  # also warms the cache of files
    reader, metric, query = Reader(lake), METRICS[name], make_asked(name)
    view, table = make_view(reader, metric, query), metric.table(query)
    mine = dict(compute_metric(lake, query).cells[0].counts)  # compiles; the plan is kept, as for a page or a claim
    wrong = {key: (mine[key], int(row[key])) for key in row if key in COMPARED and mine.get(key) != int(row[key] or 0)}
    assert not wrong, (name, wrong)
    ours, theirs = [], []
    for _ in range(turns):
        theirs.append(measure_cpu(lambda: peer.execute(PEERS[name]).to_arrow_table())[0])
        ours.append(measure_cpu(lambda: reader.ask(metric.build, table, view).table)[0])
    one, other = statistics.median(ours), statistics.median(theirs)
    return {"cpu_s": round(one, 3), "peer_cpu_s": round(other, 3), "ratio": round(one / other, 2)}


def main() -> None:
    """Compare every metric that has a peer and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, help="one of measure_events.py; by default a million events are made")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", help="metrics; all by default")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if told.lake is None:
            told.lake = Path(folder) / "events.lake"
            write_lake(told.lake, World(EVENTS, EVENTS // 12), has_derived=True)
        report(told)


def report(told: argparse.Namespace) -> None:
    """Print how each metric stands to its peer."""
    lake = canyu.Lake(told.lake, engine=DuckEngine(threads=told.threads))
    peer = open_peer(lake, told.threads)
    found = {name: compare(lake, peer, name, told.turns) for name in told.names or PEERS}
    worst = max(found, key=lambda name: found[name]["ratio"])
    print(
        dump_json(
            {
                "name": "metrics",
                "value": found[worst]["ratio"],
                "unit": "times the processor time of hand-written SQL (the worst metric)",
                "worst": worst,
                "metrics": len(found),
                "without_peer": sorted(set(METRICS) - set(PEERS)),
                "ratios": found,
            }
        )
    )


if __name__ == "__main__":
    main()
