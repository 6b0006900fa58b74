"""Funnels, retention, last touch and time decay against SQL written by hand, over the events of ``measure_events.py``.

    python benchmarks/metrics_parts/measure_events.py --rows 10000000 --lake /tmp/measure-10m.lake
    python benchmarks/funnels.py --lake /tmp/measure-10m.lake

One JSON line per question: CPU seconds of ours and of the peer, best of the turns, the peer in turn with ours. Both
read the same live files with DuckDB and must give the same counts. ``--only`` names questions; ``--no-peer`` leaves
peers out.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from canyu.engine import open_engine
from canyu.events import Lake
from canyu.kit.jsonio import dump_json
from canyu.measure.figure import OverviewQuery
from canyu.measure.journeys import JourneyQuery, parse_step
from canyu.measure.journeys.asking import find_ground
from canyu.measure.journeys.funnel_expressions import FunnelPlan, follow_any_start, follow_first_start
from canyu.measure.journeys.path_expressions import count_paths, credit_decay, credit_last
from canyu.measure.journeys.paths import prepare_journeys
from canyu.measure.journeys.retention_expressions import FIRST_MONDAY, RetentionPlan, count_weeks
from metrics_parts.measure_events import World, write_lake

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
EVENTS = 1_000_000  # where no lake is given
STEPS = ("view", "click", "visit", "order")
ACTIVE = ("view", "like", "repost", "comment", "post", "visit")
WINDOW_S = 14 * 86_400
LOOKBACK = timedelta(days=30)
HALF_LIFE_S = 7 * 86_400
BEGIN = "timestamptz '2024-12-31 16:00:00+00'"
FIRST_WEEK = 2869  # weeks from Monday, 5 January 1970, to the week of 1 January 2025

# ruff: noqa: E501, S608 - queries as a person writes them, of names that stand here
ROWS = "SELECT actor, epoch_us(time) AS t FROM events WHERE type = '{}' AND actor IS NOT NULL"
WINDOW = "w AS (PARTITION BY actor ORDER BY t, d ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
SQL = {
    "funnel": f"""
WITH s1 AS (SELECT actor, min(t) t1 FROM ({ROWS.format("view")}) GROUP BY 1),
s2 AS (SELECT s.actor, any_value(t1) t1, min(t) t2 FROM s1 s JOIN ({ROWS.format("click")}) e ON e.actor = s.actor
  AND t >= t1 AND t <= t1 + {WINDOW_S}000000 GROUP BY 1),
s3 AS (SELECT s.actor, any_value(t1) t1, min(t) t3 FROM s2 s JOIN ({ROWS.format("visit")}) e ON e.actor = s.actor
  AND t >= t2 AND t <= t1 + {WINDOW_S}000000 GROUP BY 1),
s4 AS (SELECT s.actor, min(t) t4 FROM s3 s JOIN ({ROWS.format("order")}) e ON e.actor = s.actor
  AND t >= t3 AND t <= t1 + {WINDOW_S}000000 GROUP BY 1)
SELECT (SELECT count(*) FROM s1), (SELECT count(*) FROM s2), (SELECT count(*) FROM s3), (SELECT count(*) FROM s4)""",
    "any start": f"""
WITH r AS (SELECT actor, epoch_us(time) t, CASE type WHEN 'view' THEN 1 WHEN 'click' THEN 2 WHEN 'visit' THEN 3 ELSE 4
  END d FROM events WHERE type IN {STEPS} AND actor IS NOT NULL),
a AS (SELECT *, max(CASE WHEN d = 1 THEN t END) OVER w l1 FROM r WINDOW {WINDOW}),
b AS (SELECT *, max(CASE WHEN d = 2 AND t - l1 <= {WINDOW_S}000000 THEN l1 END) OVER w l2 FROM a WINDOW {WINDOW}),
c AS (SELECT *, max(CASE WHEN d = 3 AND t - l2 <= {WINDOW_S}000000 THEN l2 END) OVER w l3 FROM b WINDOW {WINDOW})
SELECT count(DISTINCT CASE WHEN d = 1 THEN actor END),
  count(DISTINCT CASE WHEN d = 2 AND t - l1 <= {WINDOW_S}000000 THEN actor END),
  count(DISTINCT CASE WHEN d = 3 AND t - l2 <= {WINDOW_S}000000 THEN actor END),
  count(DISTINCT CASE WHEN d = 4 AND t - l3 <= {WINDOW_S}000000 THEN actor END) FROM c""",
    "retention": f"""
WITH r AS (SELECT DISTINCT actor, ((epoch_us(time) + 28800000000) // 86400000000 - 4) // 7 - {FIRST_WEEK} AS week
  FROM events WHERE type IN {ACTIVE} AND actor IS NOT NULL),
f AS (SELECT actor, min(week) AS first FROM r GROUP BY 1)
SELECT sum(people) FROM (SELECT first, week - first AS later, count(*) AS people FROM r JOIN f USING (actor) GROUP BY 1, 2)
WHERE first >= 0""",
    "last touch": f"""
WITH o AS (SELECT id, actor, time FROM events WHERE type = 'order' AND actor IS NOT NULL AND time >= {BEGIN}),
e AS (SELECT actor, time, channel FROM events WHERE type IN ('view', 'click', 'visit') AND actor IS NOT NULL)
SELECT count(*) FROM o ASOF JOIN e ON o.actor = e.actor AND o.time >= e.time
WHERE o.time - e.time <= INTERVAL 30 DAY""",
    "time decay": f"""
WITH o AS (SELECT id, actor, epoch_us(time) b FROM events WHERE type = 'order' AND actor IS NOT NULL AND time >= {BEGIN}),
e AS (SELECT actor, epoch_us(time) t, channel FROM events WHERE type IN ('view', 'click', 'visit') AND actor IS NOT NULL),
j AS (SELECT id, channel, sum(2.0 ** ((t - b) / {HALF_LIFE_S}e6)) w FROM o JOIN e ON o.actor = e.actor AND t <= b
  AND t >= b - {30 * 86_400}000000 GROUP BY 1, 2)
SELECT count(DISTINCT id) FROM (SELECT id, channel, w / sum(w) OVER (PARTITION BY id) FROM j)""",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lake", default="", help="one of measure_events.py; by default a million events are made")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--memory", default="5GB")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.lake or str(Path(folder) / "events.lake")
        if not given.lake:
            write_lake(Path(path), World(EVENTS, EVENTS // 12))
        compare(given, path)


def compare(given: argparse.Namespace, path: str) -> None:
    lake = Lake(path, engine=open_engine("duckdb", threads=2, memory_limit=given.memory))
    questions = build_questions(lake)
    rows = lake.scan("events").count().to_pyarrow().as_py()
    for name, (ours, check) in questions.items():
        if given.only and name not in given.only:
            continue
        peer = None if given.no_peer or name not in SQL else prepare_peer(lake, SQL[name])
        best: dict[str, float] = {}
        for _ in range(given.turns):
            spent, found = spend(ours)
            best["ours_s"] = min(spent, best.get("ours_s", spent))
            if peer:
                spent, told = spend(peer)
                best["peer_s"] = min(spent, best.get("peer_s", spent))
                expected = check(told)
                assert check(found) == expected, (name, check(found), expected)
        line: dict[str, Any] = {"benchmark": "funnels", "question": name, "events": rows}
        line |= {key: round(value, 2) for key, value in best.items()}
        if "peer_s" in best:
            line["ratio"] = round(best["ours_s"] / best["peer_s"], 2)
        line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(dump_json(line), flush=True)


def build_questions(lake: Lake) -> dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """Return each question as we ask it, and what of its answer is compared; compiled anew in every turn."""
    events, engine = lake.scan("events"), lake.engine
    ground = find_ground(lake, OverviewQuery(FIRST, LAST))
    plan = FunnelPlan(tuple(map(parse_step, STEPS)), WINDOW_S, "", "", 61, ground.horizon_micros)
    active = parse_step(",".join(ACTIVE))
    weeks = RetentionPlan(active, active, FIRST_WEEK, 53)
    assert FIRST_MONDAY == 4
    query = JourneyQuery(FIRST, LAST, touch=parse_step("view,click,visit"), lookback=LOOKBACK)
    _, journey = prepare_journeys(lake, query)
    scope = ground.scope

    def run(build: Callable[..., Any], *more: Any) -> Callable[[], Any]:
        return lambda: engine.run(build(events, scope, *more)).to_pylist()

    def count_depths(rows: Any) -> list[int]:
        if isinstance(rows[0], tuple):
            return list(rows[0])
        return [sum(row["people"] for row in rows if row["depth"] == depth) for depth in (1, 2, 3, 4)]

    def add(name: str) -> Callable[[Any], int]:
        return lambda rows: rows[0][0] if isinstance(rows[0], tuple) else sum(row[name] for row in rows)

    def add_weeks(rows: Any) -> int:
        told = isinstance(rows[0], tuple)
        return int(rows[0][0]) if told else sum(row[f"back_{later}"] for row in rows for later in range(53))

    return {
        "funnel": (run(follow_first_start, plan), count_depths),
        "any start": (run(follow_any_start, plan), count_depths),
        "retention": (run(count_weeks, weeks), add_weeks),
        "last touch": (run(credit_last, journey), add("conversions")),
        "time decay": (run(credit_decay, journey, HALF_LIFE_S), lambda rows: round(float(add("credit")(rows)))),
        "journeys": (run(count_paths, journey), add("conversions")),
    }


def prepare_peer(lake: Lake, sql: str) -> Callable[[], Any]:
    """Return the hand-written query over the same files."""
    connection: Any = lake.engine.backend.con  # type: ignore[attr-defined]  # DuckDB's
    text = sql.replace("FROM events", f"FROM {lake.scan('events').get_name()}")
    return lambda: connection.execute(text).fetchall()


def spend(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of all threads, and the answer."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


if __name__ == "__main__":
    main()
