"""A hundred claims on a million events: checked, and replayed at the versions of their record; CPU seconds."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

import canyu
from canyu.events import Event, build_event_table
from canyu.measure.claims import check_claims, dump_records, load_records, parse_claims, replay_records

EVENTS, CLAIMS, DAYS = 1_000_000, 100, 365
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
METRICS = ("orders", "female_share", "overseas_share", "repurchase_rate", "conversion")


def make_events(count: int, seed: int) -> pa.Table:
    """Return orders and visits of a year, sorted by time; columns as the lake keeps them."""
    chance = np.random.default_rng(seed)
    first = build_event_table(
        [Event(id="x", type="visit", time=BEGIN, received=BEGIN, source="shop", actor="a", object="page", props="{}")]
    )
    micros = np.sort(chance.integers(0, DAYS * 86_400_000_000, count))
    is_order = chance.random(count) < 0.1
    women = np.where(chance.random(count) < 0.4, '{"gender":"female"}', '{"gender":"male"}')
    values = {
        "id": pa.array([f"e{number}" for number in range(count)]),
        "type": pa.array(np.where(is_order, "order", "visit")),
        "time": pa.array(micros + int(BEGIN.timestamp()) * 1_000_000).cast(first.schema.field("time").type),
        "received": pa.array(micros + int(BEGIN.timestamp()) * 1_000_000).cast(first.schema.field("received").type),
        "source": pa.array(["shop"] * count),
        "market": pa.array(np.where(chance.random(count) < 0.46, "de", "cn")),
        "channel": pa.array(chance.choice(["wom", "ads", "shop"], count)),
        "actor": pa.array(np.char.add("p", chance.integers(0, count // 10, count).astype(str))),
        "object": pa.array([f"o{number}" for number in range(count)]),
        "value": pa.array(np.where(is_order, 19_900, 0)),
        "currency": pa.array(np.where(is_order, "CNY", None)),
        "props": pa.array(women),
    }
    columns = [values[f.name].cast(f.type) if f.name in values else pa.nulls(count, f.type) for f in first.schema]
    return pa.table(columns, schema=first.schema)


def write_claims() -> str:
    """Return a hundred claims: five metrics over twenty periods each."""
    lines = ["format: 1", "zone: UTC", "claims:"]
    for number in range(CLAIMS):
        metric = METRICS[number % len(METRICS)]
        start = (BEGIN + timedelta(days=number)).date()
        end = start + timedelta(days=89)
        lines.append(
            f"  - {{id: c{number}, statement: claim {number}, source: benchmark, metric: {metric}, from: {start},"
            f" to: {end}, stated: 40, relation: at_least}}"
        )
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = canyu.open(Path(folder) / "shop.lake", create=True)
        lake.append(make_events(EVENTS, 1))
        lake.compact()
        claims = parse_claims(write_claims(), Path(folder))
        now = datetime.now(UTC)
        began = time.process_time()
        record = load_records(dump_records(check_claims(lake, claims, now)))
        checked, wall = time.process_time(), time.perf_counter()
        changed = sum(bool(each.changes) for each in replay_records(lake, claims, record, now))
        replayed = time.process_time() - checked
        print(
            json.dumps(
                {
                    "benchmark": "claims",
                    "events": EVENTS,
                    "claims": CLAIMS,
                    "check_cpu_s": round(checked - began, 1),
                    "replay_cpu_s": round(replayed, 1),
                    "replay_wall_s": round(time.perf_counter() - wall, 1),
                    "changed": changed,
                    "bar": "replayed under 60 s",
                }
            )
        )


if __name__ == "__main__":
    main()
