"""What a lake's alerts are computed from: hourly counts per product, aspect and sentiment, and the posts behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import Lake
from canyu.events.listenings import find_model_version
from canyu.listen.bursts import (
    Alert,
    BurstSettings,
    CountMatrix,
    Replay,
    Rule,
    SeriesKey,
    attach_evidence,
    build_matrix,
    find_unknown_hours,
    replay,
)

POSTS, NEGATIVE = "posts", "negative"
HOUR_US = 3_600_000_000
LEARNING_DAYS = 56
"""Read before the days that are replayed: eight weeks show the week's season."""
EVIDENCE_HOURS = 48


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


def read_matrix(lake: Lake, begin: datetime, end: datetime) -> CountMatrix:
    """Return the counts of ``count_hours`` as hours x series; hours in which nothing was collected are unknown."""
    matrix = build_matrix(count_hours(lake, begin, end))
    first, totals = matrix.first_hour, np.zeros(len(matrix.counts), np.int64)
    if not len(totals):
        return matrix
    scores = _cut(_scan(lake, "scores"), begin, end)
    scores = scores.mutate(hour=lake.engine.count_micros(scores.time) // HOUR_US)
    found = lake.engine.run(scores.group_by("hour").aggregate(posts=scores.count()))
    places = found["hour"].to_numpy() - first
    inside = (places >= 0) & (places < len(totals))
    totals[places[inside]] = found["posts"].to_numpy()[inside]
    return matrix.hide(find_unknown_hours(totals, first))


def replay_alerts(
    lake: Lake, *, days: int, now: datetime, settings: BurstSettings | None = None, rules: Sequence[Rule] = ()
) -> Replay:
    """Return what would have fired on this lake in the ``days`` before ``now``, each alert with the posts behind it."""
    counts = read_matrix(lake, now - timedelta(days=days + LEARNING_DAYS), now)
    found = replay(counts, days=days, now=now, settings=settings, rules=rules)
    return replace(found, alerts=attach_posts(lake, found.alerts))


def attach_posts(lake: Lake, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the alerts with the ids of the posts behind them; the lake is read once for all of them."""
    if not alerts:
        return ()
    posts = {has_aspect: _read_posts(lake, alerts, has_aspect) for has_aspect in (False, True)}
    return tuple(attach_evidence(alert, _choose(posts[bool(alert.series.aspect)], alert)) for alert in alerts)


def read_texts(lake: Lake, posts: Sequence[str]) -> dict[str, str]:
    """Return the texts of these posts by id."""
    if not posts:
        return {}
    events = lake.scan("events")
    rows = events.filter(events.id.isin(sorted(set(posts))), events.text.notnull()).select("id", "text")
    found = lake.engine.run(rows)
    return dict(zip(found["id"].to_pylist(), found["text"].to_pylist(), strict=True))


def _read_posts(lake: Lake, alerts: Sequence[Alert], has_aspect: bool) -> pa.Table:
    """Return the posts of all alerts' days that name their products, as ``choose_evidence`` reads them."""
    meant = [alert for alert in alerts if bool(alert.series.aspect) == has_aspect]
    days = sorted({day for alert in meant for day in _list_days(alert)})
    rows = _scan(lake, "opinions" if has_aspect else "mentions")
    if has_aspect:
        rows = rows.filter(rows.polarity < 0).mutate(sentiment=ibis.literal(NEGATIVE))
    else:
        rows = rows.mutate(aspect=ibis.literal(""))
    rows = rows.filter(rows.day.isin(days), rows.link.isin(sorted({alert.series.product for alert in meant})))
    rows = rows.select("event_id", "link", "aspect", "sentiment", at="time")
    scores, spread = _scan(lake, "scores"), _scan(lake, "engagement")
    scores = scores.filter(scores.day.isin(days)).select(scored="event_id", cluster_id="cluster_id")
    rows = rows.left_join(scores, [("event_id", "scored")])
    rows = rows.left_join(spread.select(posted="event_id", engagement="total"), [("event_id", "posted")])
    found = rows.select("link", "aspect", "sentiment", "at", "cluster_id", "engagement", post_id="event_id")
    return lake.engine.run(found.order_by("at", "post_id"))


def _choose(posts: pa.Table, alert: Alert) -> pa.Table:
    key, end = alert.series, _find_end(alert)
    wanted = pc.and_(pc.equal(posts["link"], key.product), pc.equal(posts["aspect"], key.aspect))
    if key.sentiment:
        wanted = pc.and_(wanted, pc.fill_null(pc.equal(posts["sentiment"], key.sentiment), False))
    return posts.filter(pc.and_(wanted, pc.less(posts["at"], pa.scalar(end, posts["at"].type))))


def _find_end(alert: Alert) -> datetime:
    return min(alert.closed_at or alert.found + timedelta(hours=1), alert.begin + timedelta(hours=EVIDENCE_HOURS))


def _list_days(alert: Alert) -> list[date]:
    first, last = alert.begin.astimezone(UTC).date(), _find_end(alert).astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


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
