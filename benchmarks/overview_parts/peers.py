"""The overview's queries as a person who knows DuckDB would write them, for the same rows from the same files."""

from __future__ import annotations

_NOW = "\"time\" >= '2024-12-31 16:00:00+00' AND \"time\" < '2025-12-31 16:00:00+00'"
_BOTH = "\"time\" >= '2023-12-31 16:00:00+00' AND \"time\" < '2025-12-31 16:00:00+00'"
_DAY = '(epoch_us("time") + 28800000000) // 86400000000'

_COUNT = "count(*) AS posts, count(*) FILTER (NOT is_copy) AS voices"

PEERS: dict[str, tuple[str, str]] = {
    "count_mentions": (
        "mentions",
        f"SELECT {_DAY} AS day_number, brand, channel, sentiment, {_COUNT} FROM {{files}} "  # noqa: S608
        f"WHERE is_first_of_brand AND model_version = '{{model}}' AND {_BOTH} GROUP BY ALL",
    ),
    "count_scored": (
        "scores",
        f"SELECT {_DAY} AS day_number, channel, sentiment, {_COUNT} FROM {{files}} "  # noqa: S608
        f"WHERE model_version = '{{model}}' AND {_BOTH} GROUP BY ALL",
    ),
    "count_links": (
        "mentions",
        f"SELECT link, sentiment, {_COUNT} FROM {{files}} "  # noqa: S608
        f"WHERE brand = 'xiaomi' AND link <> 'xiaomi' AND model_version = '{{model}}' AND {_NOW} GROUP BY ALL",
    ),
    "sum_engagement": (
        "engagement",
        "SELECT \"time\" >= '2024-12-31 16:00:00+00' AS is_now, count(*), sum(reposts), sum(comments), sum(likes), "  # noqa: S608
        "sum(total) FROM {files} "
        f"WHERE list_contains(brands, 'xiaomi') AND model_version = '{{model}}' AND {_BOTH} GROUP BY ALL",
    ),
    "list_top_posts": (
        "engagement",
        'SELECT event_id, "time", channel, reposts, comments, likes, total FROM {files} '  # noqa: S608
        f"WHERE list_contains(brands, 'xiaomi') AND model_version = '{{model}}' AND {_NOW} "
        'ORDER BY total DESC, "time", event_id LIMIT 10',
    ),
    "sum_board_time": (
        "board",
        "SELECT brand, sum(greatest(0, until - greatest(since, coalesce(seen, since)))) AS micros, count(*), "
        "count(DISTINCT title) FROM (SELECT *, max(until) OVER (PARTITION BY brand ORDER BY since, until "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen FROM (SELECT brand, title, "
        "epoch_us(greatest(\"start\", '2024-12-31 16:00:00+00'::TIMESTAMPTZ)) AS since, "
        "epoch_us(least(\"end\", '2025-12-31 16:00:00+00'::TIMESTAMPTZ)) AS until FROM {files} "
        "WHERE model_version = '{model}' AND \"start\" < '2025-12-31 16:00:00+00' "
        "AND \"end\" > '2024-12-31 16:00:00+00')) GROUP BY brand",
    ),
}
