"""What a lake's alerts are computed from: hourly counts per product, aspect and sentiment, and the posts behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.listen.bursts import (
    Alert,
    BurstSettings,
    Replay,
    Rule,
    SeriesKey,
    attach_evidence,
    replay,
)

POSTS, NEGATIVE = "posts", "negative"
HOUR_US = 3_600_000_000
LEARNING_DAYS = 56
"""Read before the days that are replayed: eight weeks show the week's season."""
EVIDENCE_HOURS = 48
MOST_EVIDENCE_ROWS = 5_000


def find_last_hour(lake: Lake) -> datetime | None:
    """Return the end of the hour in which the newest mention lies: "now" for a lake of past data."""
    mentions = _scan(lake, "mentions")
    last = lake.engine.run(mentions.aggregate(last=mentions.time.max()))["last"][0].as_py()
    return None if last is None else last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def count_hours(lake: Lake, begin: datetime, end: datetime) -> pa.Table:
    """Return posts per hour of every product, its negative ones, and the negative ones per aspect.

    Columns ``series`` (``product|aspect|sentiment|posts``), ``hour``, ``count`` and ``unique`` (copies left out), from
    ``begin`` to ``end`` (aware).
    """
    mentions = _cut(_scan(lake, "mentions"), begin, end)
    opinions = _cut(_scan(lake, "opinions"), begin, end)
    opinions = opinions.filter(opinions.link.notnull(), opinions.polarity < 0)
    parts = [
        _count(lake, mentions, lambda row: _name(row["link"])),
        _count(lake, mentions.filter(mentions.sentiment == NEGATIVE), lambda row: _name(row["link"], "", NEGATIVE)),
        _count(lake, opinions, lambda row: _name(row["link"], row["aspect"], NEGATIVE), "aspect"),
    ]
    return pa.concat_tables(parts)


def replay_alerts(
    lake: Lake, *, days: int, now: datetime, settings: BurstSettings | None = None, rules: Sequence[Rule] = ()
) -> Replay:
    """Return what would have fired on this lake in the ``days`` before ``now``, each alert with the posts behind it."""
    counts = count_hours(lake, now - timedelta(days=days + LEARNING_DAYS), now)
    found = replay(counts, days=days, now=now, settings=settings, rules=rules)
    return replace(found, alerts=tuple(attach_evidence(alert, read_window(lake, alert)) for alert in found.alerts))


def read_window(lake: Lake, alert: Alert) -> pa.Table:
    """Return the posts that an alert counted, as ``choose_evidence`` reads them; at most some thousand."""
    end = min(alert.closed_at or alert.found + timedelta(hours=1), alert.begin + timedelta(hours=EVIDENCE_HOURS))
    key = alert.series
    rows = _scan(lake, "opinions" if key.aspect else "mentions")
    rows = _cut(rows, alert.begin, end).filter(ibis._.link == key.product)
    if key.aspect:
        rows = rows.filter(ibis._.aspect == key.aspect, ibis._.polarity < 0)
    elif key.sentiment:
        rows = rows.filter(ibis._.sentiment == key.sentiment)
    chosen = rows.select("event_id", "time").order_by("time", "event_id").limit(MOST_EVIDENCE_ROWS)
    scores, spread = _cut(_scan(lake, "scores"), alert.begin, end), _scan(lake, "engagement")
    chosen = chosen.left_join(scores.select(scored="event_id", cluster_id="cluster_id"), [("event_id", "scored")])
    chosen = chosen.left_join(spread.select(posted="event_id", engagement="total"), [("event_id", "posted")])
    found = chosen.select("cluster_id", "engagement", post_id="event_id", at="time")
    return lake.engine.run(found.order_by("at", "post_id"))


def _scan(lake: Lake, name: str) -> ir.Table:
    rows = lake.scan(name)
    return rows.filter(rows.model_version == find_model_version(lake))


def _cut(rows: ir.Table, begin: datetime, end: datetime) -> ir.Table:
    days = rows.day.between(ibis.literal(begin.astimezone(UTC).date()), ibis.literal(end.astimezone(UTC).date()))
    return rows.filter(days, rows.time >= ibis.literal(begin), rows.time < ibis.literal(end))


def _count(lake: Lake, rows: ir.Table, name: Callable[[dict[str, Any]], str], *keys: str) -> pa.Table:
    rows = rows.mutate(hour=lake.engine.count_micros(rows.time) // HOUR_US)
    grouped = rows.group_by("link", *keys, "hour").aggregate(
        count=rows.count(), unique=(~rows.is_copy.fill_null(False)).sum().cast("int64")
    )
    found = lake.engine.run(grouped.order_by("link", *keys, "hour"))
    series = pa.array([name(row) for row in found.select(["link", *keys]).to_pylist()], pa.string())
    hours = pc.multiply(found["hour"], HOUR_US).cast(pa.timestamp("us", "UTC"))
    return pa.table({"series": series, "hour": hours, "count": found["count"], "unique": found["unique"]})


def _name(product: str, aspect: str = "", sentiment: str = "") -> str:
    return str(SeriesKey(product, aspect, sentiment, POSTS))
