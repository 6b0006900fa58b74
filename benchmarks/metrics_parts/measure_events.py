"""Synthetic events of one year for the benchmarks of ``measure``: seeded, sorted by time, as the lake keeps them.

Every type of the vocabulary is there, with the parents it needs: comments of posts, joins of shares, orders of visits
and joins, refunds of orders, replies of complaints. Every draw is a hash of the row's number, so that a row is the same
however the year is cut, and 100 million rows need no more memory than one part. Build once:

    python benchmarks/metrics_parts/measure_events.py --rows 10000000 --lake /tmp/measure-10m.lake

With ``--derived`` the tables of listening stand beside (scores, mentions, opinions, engagement, board, listenings).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from canyu.events import TABLES

MODEL = "2026-11/bench"
START = datetime(2024, 12, 31, 16, tzinfo=UTC)  # the first moment of 2025 in Shanghai
DAYS = 365
DAY_MICROS = 86_400_000_000
ROWS_AT_ONCE = 2_000_000
BLOCK = 1_000
SHARES: dict[str, int] = {
    "view": 240,
    "like": 150,
    "repost": 130,
    "comment": 110,
    "post": 90,
    "visit": 60,
    "click": 40,
    "order": 40,
    "share": 20,
    "join": 20,
    "observe": 15,
    "complain": 12,
    "scan": 10,
    "submit": 10,
    "vote": 10,
    "reply": 10,
    "rate": 10,
    "resolve": 8,
    "claim": 5,
    "contribute": 4,
    "refund": 3,
    "redeem": 3,
}
"""Rows of each type in a thousand: a thousand rows in a row hold exactly these."""
ANSWERS: dict[str, tuple[str, float]] = {
    "repost": ("post", 1.0),
    "comment": ("post", 0.6),
    "like": ("post", 0.5),
    "scan": ("share", 2.0),
    "click": ("share", 2.0),
    "visit": ("click", 0.2),
    "join": ("share", 3.0),
    "order": ("visit", 4.0),
    "refund": ("order", 9.0),
    "vote": ("submit", 2.0),
    "reply": ("complain", 0.3),
    "resolve": ("complain", 0.7),
}
"""What each type answers, and the mean delay in days; every second order answers a join instead of a visit."""

_MACROS = """
CREATE OR REPLACE MACRO h(i, k) AS hash((i + {seed}::BIGINT * 1000000000) * 64 + k);
CREATE OR REPLACE MACRO u(i, k) AS ((h(i, k) >> 11) + 1)::DOUBLE / 9007199254740992;
CREATE OR REPLACE MACRO person(i) AS (pow(u(i, 1), 2) * {people})::BIGINT;
CREATE OR REPLACE MACRO event_id(i) AS lpad(lower(to_hex(i)), 32, '0');
CREATE OR REPLACE MACRO moment(i) AS timestamptz '{start}' + to_microseconds(i * {step});
CREATE OR REPLACE MACRO back(i, days) AS
  greatest(i // {block} - 1 - floor(-ln(u(i, 2)) * days * {blocks_a_day})::BIGINT, 0);
CREATE OR REPLACE MACRO among(i, slots) AS slots[1 + (h(i, 3) % len(slots))::INT];
CREATE OR REPLACE MACRO joins_first(i) AS h(i, 4) % 2 = 0;
CREATE OR REPLACE MACRO order_parent(i) AS back(i, {order_days}) * {block}
  + CASE WHEN joins_first(i) THEN among(i, {join_slots}) ELSE among(i, {visit_slots}) END;
CREATE OR REPLACE MACRO refunded(i) AS back(i, {refund_days}) * {block} + among(i, {order_slots});
"""
_WORLD = """
CREATE OR REPLACE TEMP TABLE world AS
SELECT *, CASE WHEN answered < i THEN answered END AS parent, h(whose, 20) AS body, CASE h(whose, 20) % 10
  WHEN 0 THEN 'in' WHEN 1 THEN 'id' WHEN 2 THEN 'de' WHEN 3 THEN 'es' ELSE 'cn' END AS market,
  ['xiaomi', 'byd', 'huawei', 'tesla', 'nio', 'xpeng', 'apple', 'xiaomi'][1 + (h(i, 6) % 8)::INT] AS brand,
  (h(i, 7) % 14)::INT AS product, (h(i, 8) % 10)::INT AS spoken,
  ['positive', 'neutral', 'negative', 'neutral'][1 + (h(i, 9) % 4)::INT] AS mood, (h(i, 10) % 1000)::BIGINT AS draw
FROM (
  SELECT i, kind, moment(i) AS happened, {answered} AS answered,
    CASE kind WHEN 'order' THEN person(order_parent(i)) WHEN 'refund' THEN person(order_parent(refunded(i)))
      ELSE person(i) END AS whose
  FROM (SELECT i, {kinds}[1 + (i % {block})::INT] AS kind FROM range({first}, {last}) t(i))
)
"""
_TABLES = {
    "events": """
SELECT event_id(i) AS id, kind AS "type", happened AS "time", happened AS received, 'bench' AS source, market,
  ['weibo', 'douyin', 'xiaohongshu', 'bilibili', 'wechat', 'store', 'site', 'community'][1 + (h(i, 11) % 8)::INT]
    AS channel,
  CASE WHEN kind <> 'observe' THEN 'u' || whose END AS actor,
  CASE WHEN kind IN ('post', 'repost', 'comment', 'like', 'reply', 'resolve') THEN NULL
       WHEN kind = 'join' AND draw % 2 = 0
         THEN 'device/' || ['phone', 'watch', 'tv', 'lock', 'car', 'purifier'][1 + (draw // 2 % 6)::INT]
       WHEN kind = 'view' THEN event_id(greatest(i - draw * 7, 0))
       ELSE brand || '/p' || product END AS object,
  CASE WHEN kind <> 'join' OR draw % 2 = 1 THEN event_id(parent) END AS parent,
  CASE WHEN draw < 300 THEN 'c' || draw % 20 END AS campaign,
  CASE WHEN kind IN ('post', 'repost', 'comment', 'complain', 'reply')
       THEN '第' || i || '条：这台车' || brand || '刹车和续航都值得聊聊，周末试驾再说' END AS text,
  'zh' AS lang,
  CASE kind WHEN 'order' THEN 9900 + draw * 400 WHEN 'refund' THEN 9900 WHEN 'rate' THEN draw % 11
            WHEN 'observe' THEN 1000 + draw END AS "value",
  CASE WHEN kind IN ('order', 'refund') THEN 'CNY' WHEN kind = 'observe' AND draw % 5 = 4 THEN 'CNY' END AS currency,
  CASE kind WHEN 'order' THEN '{"order_id":"o' || i || '","age_band":"' ||
              ['18-24', '25-29', '30-39', '40-49', '50+'][1 + (body % 5)::INT] || '","gender":"' ||
              ['female', 'male', 'female', 'male', 'unknown'][1 + (body // 8 % 5)::INT] || '","segment":"' ||
              ['premium', 'middle', 'entry'][1 + (body // 64 % 3)::INT] || '"' ||
              CASE WHEN draw % 10 = 0 THEN ',"preorder":true}' ELSE '}' END
            WHEN 'refund' THEN '{"order_id":"o' || refunded(i) || '"}'
            WHEN 'join' THEN CASE WHEN draw % 2 = 0 THEN '{"household":"h' || whose // 3 || '"}' ELSE '{}' END
            WHEN 'rate' THEN CASE WHEN draw % 2 = 0 THEN '{"question":"nps"}' ELSE '{}' END
            WHEN 'observe' THEN CASE draw % 5 WHEN 0 THEN '{"metric":"search_index"}'
              WHEN 1 THEN '{"metric":"play","bucket":"1h"}' WHEN 2 THEN '{"metric":"download","bucket":"1h"}'
              WHEN 3 THEN '{"metric":"units","brand":"' || brand || '","segment":"' ||
                ['premium', 'middle', 'entry'][1 + product % 3] || '"}' ELSE '{"metric":"cost"}' END
            ELSE '{}' END AS props,
  CAST(happened AT TIME ZONE 'UTC' AS DATE) AS "day"
FROM world""",
    "scores": """
SELECT event_id(i) AS event_id, CAST(happened AT TIME ZONE 'UTC' AS DATE) AS "day", happened AS "time",
  kind AS "type", market,
  ['weibo', 'douyin', 'xiaohongshu', 'bilibili', 'wechat', 'store', 'site', 'community'][1 + (h(i, 11) % 8)::INT]
    AS channel,
  'u' || whose AS actor, 'zh' AS lang, mood AS sentiment, 0.2::FLOAT AS p_negative, 0.3::FLOAT AS p_neutral,
  0.5::FLOAT AS p_positive, CASE WHEN spoken < 6 THEN [brand] ELSE [] END AS links, NULL::VARCHAR AS emotion,
  CASE WHEN draw % 20 = 0 THEN ['safety'] WHEN draw % 20 = 1 THEN ['range', 'safety'] ELSE [] END AS storylines,
  event_id(i) AS cluster_id, event_id(i) AS family_id, i % 5 = 0 AS is_copy, $model AS model_version
FROM world WHERE kind IN ('post', 'repost', 'comment')""",
    "mentions": """
SELECT event_id(i) AS event_id, CAST(happened AT TIME ZONE 'UTC' AS DATE) AS "day", happened AS "time",
  kind AS "type", market,
  ['weibo', 'douyin', 'xiaohongshu', 'bilibili', 'wechat', 'store', 'site', 'community'][1 + (h(i, 11) % 8)::INT]
    AS channel,
  'u' || whose AS actor, brand, CASE WHEN n = 0 THEN brand ELSE brand || '/p' || product END AS link,
  n = 0 AS is_first_of_brand, mood AS sentiment, i % 5 = 0 AS is_copy, $model AS model_version
FROM world, range(2) r(n) WHERE kind IN ('post', 'repost', 'comment') AND spoken < 6 AND (n = 0 OR spoken < 3)
ORDER BY i, n""",
    "opinions": """
SELECT event_id(i) AS event_id, CAST(happened AT TIME ZONE 'UTC' AS DATE) AS "day", happened AS "time",
  kind AS "type", market,
  ['weibo', 'douyin', 'xiaohongshu', 'bilibili', 'wechat', 'store', 'site', 'community'][1 + (h(i, 11) % 8)::INT]
    AS channel,
  'u' || whose AS actor, brand, brand || '/p' || product AS link,
  ['car/range', 'car/brake', 'car/price', 'car/service'][1 + (draw % 4)::INT] AS aspect,
  (draw // 4 % 3 - 1)::TINYINT AS polarity, 0.8::FLOAT AS p, NULL::INT AS "start", NULL::INT AS "end",
  true AS is_first_of_aspect, i % 5 = 0 AS is_copy, $model AS model_version
FROM world WHERE kind IN ('post', 'repost', 'comment') AND spoken < 4""",
    "engagement": """
SELECT event_id(i) AS event_id, happened AS "time", market,
  ['weibo', 'douyin', 'xiaohongshu', 'bilibili', 'wechat', 'store', 'site', 'community'][1 + (h(i, 11) % 8)::INT]
    AS channel,
  CASE WHEN spoken < 6 THEN [brand] ELSE [] END AS brands, CASE WHEN spoken < 6 THEN [brand] ELSE [] END AS links,
  draw AS reposts, draw // 2 AS comments, draw * 3 AS likes, draw + draw // 2 + draw * 3 AS total,
  $model AS model_version
FROM world WHERE kind = 'post'""",
    "board": """
SELECT event_id(i) AS event_id, 'weibo' AS channel, brand, '词条' || draw AS title, happened AS "start",
  happened + to_minutes(10 + draw % 110) AS "end", 1 + draw % 50 AS top_rank, NULL::BIGINT AS heat, true AS is_spell,
  $model AS model_version
FROM world WHERE h(i, 12) % 500 = 0""",
}


@dataclass(frozen=True, slots=True)
class World:
    """How many events a year holds, of how many people, and which draw of the year it is."""

    rows: int
    people: int
    seed: int = 7

    @property
    def step_micros(self) -> int:
        """The time from one event to the next."""
        return DAYS * DAY_MICROS // self.rows


def list_parts(world: World) -> Iterator[tuple[int, int]]:
    """Return the row numbers of each part: whole UTC days, so that a day is one file."""
    hours = START.hour * DAY_MICROS // 24
    edges = [0]
    for day in range(1, DAYS + 2):
        row = min(-(-(day * DAY_MICROS - hours) // world.step_micros), world.rows)
        if row - edges[-1] >= ROWS_AT_ONCE or row == world.rows:
            edges.append(row)
        if row == world.rows:
            break
    yield from pairwise(edges)


def make_tables(world: World, first: int, last: int, names: tuple[str, ...] = ("events",)) -> dict[str, pa.Table]:
    """Return the rows ``first`` to ``last`` (outside) of each table, sorted by time."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(_MACROS.format(**_list_facts(world)))
        kinds, slots = _shuffle_kinds()
        cases = " ".join(
            f"WHEN '{kind}' THEN back(i, {days}) * {BLOCK} + among(i, {slots[parent]})"
            for kind, (parent, days) in ANSWERS.items()
            if kind not in {"order", "refund"}
        )
        answered = f"CASE kind WHEN 'order' THEN order_parent(i) WHEN 'refund' THEN refunded(i) {cases} END"
        connection.execute(_WORLD.format(answered=answered, kinds=kinds, block=BLOCK, first=first, last=last))
        found = {}
        for name in names:
            sql = _TABLES[name]
            table = connection.execute(sql, {"model": MODEL} if "$model" in sql else None).to_arrow_table()
            schema = TABLES[name].schema
            found[name] = table.select(schema.names).cast(schema)
        return found


def write_lake(folder: Path, world: World, *, has_derived: bool = False) -> None:
    """Write the lake part by part, one file a day, as an import and a listening leave it after compaction."""
    names = tuple(_TABLES) if has_derived else ("events",)
    for number, (first, last) in enumerate(list_parts(world)):
        for name, table in make_tables(world, first, last, names).items():
            by = ["day"] if TABLES[name].by_day else None
            write_deltalake(str(folder / name), table, partition_by=by, mode="append" if number else "overwrite")
    if has_derived:
        heard = {"number": 1, "time": START + timedelta(days=DAYS), "model_version": MODEL, "events_version": 1}
        rows = [{**heard, "scored": world.rows}]
        write_deltalake(
            str(folder / "listenings"), pa.Table.from_pylist(rows, schema=TABLES["listenings"].schema), mode="overwrite"
        )


def _shuffle_kinds() -> tuple[list[str], dict[str, list[int]]]:
    """Return the type at each place of a block of a thousand rows, and the places of each type."""
    listed = [kind for kind, count in SHARES.items() for _ in range(count)]
    kinds = [listed[place * 367 % BLOCK] for place in range(BLOCK)]  # 367 and 1,000 share no divisor
    return kinds, {kind: [place for place, other in enumerate(kinds) if other == kind] for kind in SHARES}


def _list_facts(world: World) -> dict[str, object]:
    _, slots = _shuffle_kinds()
    return {
        "seed": world.seed,
        "people": world.people,
        "start": START.isoformat(),
        "step": world.step_micros,
        "block": BLOCK,
        "blocks_a_day": DAY_MICROS / world.step_micros / BLOCK,
        "order_days": ANSWERS["order"][1],
        "refund_days": ANSWERS["refund"][1],
        "join_slots": slots["join"],
        "visit_slots": slots["visit"],
        "order_slots": slots["order"],
    }


def main() -> None:
    """Write a lake and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=0, help="1 for each 12 rows by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--derived", action="store_true", help="write what listening makes of them, too")
    asked = parser.parse_args()
    begin = time.process_time()
    world = World(asked.rows, asked.people or max(asked.rows // 12, 1), asked.seed)
    write_lake(asked.lake, world, has_derived=asked.derived)
    size = sum(path.stat().st_size for path in asked.lake.rglob("*.parquet"))
    print(f"{asked.rows} rows, {size / 1e6:.0f} MB, {time.process_time() - begin:.0f} CPU s")


if __name__ == "__main__":
    main()
