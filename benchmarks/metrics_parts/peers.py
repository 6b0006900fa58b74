# ruff: noqa: E501, S608 - SQL, broken where it reads best; it reads our own files
"""Every metric as a person who knows DuckDB would write it, for the same numbers from the same files of 2025."""

from __future__ import annotations

_NOW = "\"time\" >= '2024-12-31 16:00:00+00' AND \"time\" < '2025-12-31 16:00:00+00'"
_MODEL = "model_version = '2026-11/bench'"
_US = 'epoch_us("time")'
_DAY = f"({_US} + 28800000000) // 86400000000"
_JOINED = 'epoch_us(e."time")'
_UNTIL = '(SELECT max(epoch_us("time")) FROM events)'
_FORTNIGHT = 14 * 86_400_000_000
_QUARTER = 90 * 86_400_000_000
_HOURS = 24 * 3_600_000_000


def _prop(name: str) -> str:
    return f"nullif(regexp_extract(props, '\"{name}\"\\s*:\\s*\"?([^\",}}\\\\]+)', 1), '')"


def _measured(metric: str, more: str = "") -> str:
    """Return the query of each subject and day by the source that states most: ``total``, ``facts``, ``maker``."""
    return (
        "SELECT max(total) AS total, sum(facts) AS facts, maker FROM (SELECT object, channel, market, source, "
        f'{_DAY} AS d, {_prop("brand")} AS maker, sum("value") AS total, count(*) AS facts FROM events '
        f"WHERE \"type\" = 'observe' AND {_NOW} AND props LIKE '%\"{metric}\"%' {more} GROUP BY ALL) "
        "GROUP BY object, channel, market, d, maker"
    )


_ORDERS = (
    f"SELECT * FROM (SELECT *, coalesce({_prop('order_id')}, id) AS key FROM events WHERE \"type\" = 'order') "
    'QUALIFY row_number() OVER (PARTITION BY key ORDER BY "time", id) = 1'
)
_JUNE = _ORDERS.replace(
    "\"type\" = 'order'", "\"type\" = 'order' AND \"day\" BETWEEN DATE '2024-12-01' AND DATE '2026-01-01'"
)
_PREMIUM = f"AND {_prop('segment')} = 'premium'"
_KEPT = (
    f"SELECT * FROM ({_ORDERS}) o WHERE actor IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events r "
    "WHERE r.\"type\" = 'refund' AND r.parent = o.id) AND NOT EXISTS (SELECT 1 FROM events r "
    f"WHERE r.\"type\" = 'refund' AND {_prop('order_id')} = o.key)"
)
_PEOPLE = (
    f"SELECT v.actor, v.channel, v.began, min(o.ended) AS ended FROM (SELECT actor, channel, {_US} AS began FROM events "
    f"WHERE \"type\" = 'visit' AND actor IS NOT NULL AND {_NOW} {{more}} "
    'QUALIFY row_number() OVER (PARTITION BY actor ORDER BY "time", id) = 1) v '
    f"LEFT JOIN (SELECT actor, {_US} AS ended FROM events WHERE \"type\" = 'order') o "
    "ON v.actor = o.actor AND o.ended >= v.began GROUP BY ALL"
)
_ALL = _PEOPLE.format(more="")
_TWO = _PEOPLE.format(more="AND channel IN ('site', 'store')")


def _followed(ends: str, begun: str, length: int) -> str:
    return (
        f"SELECT count(*) FILTER (best <= {length} AND began + {length} <= {_UNTIL}) AS part, "
        f"count(*) FILTER (began + {length} <= {_UNTIL} AND (best IS NOT NULL OR first IS NULL)) AS whole FROM ("
        "SELECT b.id, b.began, min(e.ended - b.began) FILTER (e.ended >= b.began) AS best, min(e.ended) AS first "
        f"FROM ({begun}) b LEFT JOIN ({ends}) e ON e.root = b.id GROUP BY ALL)"
    )


_SHARES = f"SELECT id, {_US} AS began FROM events WHERE \"type\" = 'share' AND {_NOW}"
_STEPS = "SELECT id, parent FROM events WHERE \"type\" IN ('click', 'scan', 'join', 'visit') AND parent IS NOT NULL"
_CASES = f"SELECT id, {_US} AS began FROM events WHERE \"type\" = 'complain' AND {_NOW}"


def _board(group: str) -> str:
    return (
        "SELECT sum(greatest(0, until - greatest(since, coalesce(seen, since)))) AS micros FROM (SELECT *, max(until) "
        f"OVER ({group} ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen FROM ("
        "SELECT title, epoch_us(greatest(\"start\", '2024-12-31 16:00:00+00'::TIMESTAMPTZ)) AS since, "
        "epoch_us(least(\"end\", '2025-12-31 16:00:00+00'::TIMESTAMPTZ)) AS until FROM board "
        f"WHERE brand = 'xiaomi' AND {_MODEL} AND \"start\" < '2025-12-31 16:00:00+00' "
        "AND \"end\" > '2024-12-31 16:00:00+00'))"
    )


_ACTING = "('post', 'repost', 'comment', 'share', 'join', 'submit', 'vote', 'contribute')"
_PRESENT = f"{_ACTING[:-1]}, 'view', 'like', 'click', 'scan', 'visit')"
_RETURNING = f"{_PRESENT[:-1]}, 'order', 'claim', 'redeem', 'rate', 'book')"

PEERS: dict[str, str] = {
    "volume": f"SELECT count(*) AS value FROM mentions WHERE is_first_of_brand AND brand = 'xiaomi' AND {_MODEL} AND {_NOW}",
    "volume_once": "SELECT count(*) FILTER (NOT is_copy) AS value FROM mentions "
    f"WHERE is_first_of_brand AND brand = 'xiaomi' AND {_MODEL} AND {_NOW}",
    "ugc_a_day": "SELECT count(*) AS value FROM mentions WHERE is_first_of_brand AND brand = 'xiaomi' "
    f"AND \"type\" = 'post' AND {_MODEL} AND {_NOW}",
    "share_of_voice": "SELECT count(*) FILTER (brand = 'xiaomi') AS part, count(*) AS whole FROM mentions "
    f"WHERE is_first_of_brand AND {_MODEL} AND {_NOW}",
    "net_sentiment": "SELECT count(*) FILTER (sentiment = 'positive') AS positive, "
    "count(*) FILTER (sentiment = 'negative') AS negative, count(*) AS whole FROM mentions "
    f"WHERE is_first_of_brand AND brand = 'xiaomi' AND sentiment IS NOT NULL AND {_MODEL} AND {_NOW}",
    "aspect_sentiment": "SELECT count(*) FILTER (polarity > 0) AS positive, count(*) FILTER (polarity < 0) AS negative, "
    f"count(*) AS whole FROM opinions WHERE brand = 'xiaomi' AND {_MODEL} AND {_NOW}",
    "message_pull_through": "SELECT count(*) FILTER (list_contains(storylines, 'safety')) AS part, count(*) AS whole "
    f"FROM scores WHERE list_contains(links, 'xiaomi') AND {_MODEL} AND {_NOW}",
    "engagement": "SELECT sum(total) AS value FROM engagement "
    f"WHERE list_contains(brands, 'xiaomi') AND {_MODEL} AND {_NOW}",
    "reach": f'SELECT count(DISTINCT actor) AS value FROM events WHERE {_NOW} AND "type" IN '
    "('view', 'repost', 'comment', 'like', 'click', 'scan', 'visit', 'vote', 'join')",
    "index_peak": "SELECT max(\"value\") AS value FROM events WHERE \"type\" = 'observe' AND object = 'xiaomi/p1' "
    f"AND props LIKE '%\"search_index\"%' AND {_NOW}",
    "plays": f"SELECT sum(total) AS value FROM ({_measured('play')})",
    "downloads": f"SELECT sum(total) AS value FROM ({_measured('download')})",
    "units": f"SELECT sum(total) AS value FROM ({_measured('units')}) WHERE maker = 'xiaomi'",
    "segment_share": "SELECT sum(total) FILTER (maker = 'xiaomi') AS part, sum(total) AS whole FROM "
    f"({_measured('units', _PREMIUM)})",
    "cost_per_incremental_order": 'SELECT sum("value") AS cost FROM events WHERE "type" = \'observe\' AND '
    f"currency = 'CNY' AND props LIKE '%\"cost\"%' AND {_NOW}",
    "board_minutes": _board(""),
    "board_title_minutes": _board("PARTITION BY title"),
    "k_factor": 'WITH s AS MATERIALIZED (SELECT id, actor, "time" FROM events WHERE "type" = \'share\' AND actor IS NOT NULL), '
    f"f AS (SELECT actor, min({_US}) AS began FROM s GROUP BY actor), "
    f"j AS (SELECT s.actor, e.actor AS invited, {_JOINED} AS joined FROM events e "
    "JOIN s ON e.parent = s.id WHERE e.\"type\" = 'join' AND e.actor IS NOT NULL AND e.actor <> s.actor) "
    f"SELECT sum(n) FILTER (began + {_FORTNIGHT} <= {_UNTIL}) AS part, "
    f"count(*) FILTER (began + {_FORTNIGHT} <= {_UNTIL}) AS whole FROM (SELECT f.actor, f.began, count(DISTINCT invited) AS n "
    f"FROM f LEFT JOIN j ON f.actor = j.actor AND joined >= began AND joined < began + {_FORTNIGHT} GROUP BY ALL)",
    "share_to_visit": _followed(
        f'SELECT coalesce(c.parent, v.parent) AS root, {_US} AS ended FROM (SELECT parent, "time" FROM events '
        f"WHERE \"type\" = 'visit' AND parent IS NOT NULL) v LEFT JOIN ({_STEPS}) c ON v.parent = c.id",
        _SHARES,
        _FORTNIGHT,
    ),
    "share_to_order": _followed(
        f'SELECT coalesce(d.parent, c.parent, o.parent) AS root, {_US} AS ended FROM (SELECT parent, "time" FROM events '
        f"WHERE \"type\" = 'order' AND parent IS NOT NULL) o LEFT JOIN ({_STEPS}) c ON o.parent = c.id "
        f"LEFT JOIN ({_STEPS}) d ON c.parent = d.id",
        _SHARES,
        _FORTNIGHT,
    ),
    "orders": f"SELECT count(*) AS value FROM ({_ORDERS}) WHERE {_NOW}",
    "preorders": f"SELECT count(*) AS value FROM ({_JUNE}) WHERE props LIKE '%\"preorder\":true%' "
    "AND \"time\" >= '2025-06-30 16:00:00+00' AND \"time\" < '2025-06-30 16:10:00+00'",
    "female_share": "SELECT count(*) FILTER (f) AS part, count(*) FILTER (k) AS whole FROM (SELECT actor, "
    f"bool_or(g = 'female') AS f, bool_or(g IN ('female', 'male')) AS k FROM (SELECT actor, lower({_prop('gender')}) AS g "
    f"FROM ({_ORDERS}) WHERE {_NOW} AND actor IS NOT NULL) GROUP BY actor)",
    "overseas_share": f"SELECT count(*) FILTER (lower(market) <> 'cn') AS part, count(market) AS whole FROM ({_ORDERS}) WHERE {_NOW}",
    "conversion": f"SELECT count(*) FILTER (ended - began <= {_FORTNIGHT} AND began + {_FORTNIGHT} <= {_UNTIL}) AS part, "
    f"count(*) FILTER (began + {_FORTNIGHT} <= {_UNTIL}) AS whole FROM ({_ALL})",
    "conversion_lift": "SELECT count(*) FILTER (channel = 'site' AND w) AS part, count(*) FILTER (channel = 'site' AND o) "
    "AS whole, count(*) FILTER (channel = 'store' AND w) AS other_part, count(*) FILTER (channel = 'store' AND o) "
    f"AS other_whole FROM (SELECT channel, ended - began <= {_FORTNIGHT} AND began + {_FORTNIGHT} <= {_UNTIL} AS w, "
    f"began + {_FORTNIGHT} <= {_UNTIL} AS o FROM ({_TWO}))",
    "repurchase_rate": f"SELECT count(*) FILTER (again - began <= {_QUARTER} AND began + {_QUARTER} <= {_UNTIL}) AS part, "
    f"count(*) FILTER (began + {_QUARTER} <= {_UNTIL}) AS whole FROM (SELECT {_US} AS began, "
    f"lead({_US}) OVER w AS again, row_number() OVER w AS n FROM ({_KEPT}) "
    'WINDOW w AS (PARTITION BY actor ORDER BY "time", id)) WHERE n = 1',
    "clv": f'SELECT sum(worth) AS total, count(*) AS whole FROM (SELECT actor, sum("value") FILTER (t - began <= {_QUARTER}) '
    f'AS worth, any_value(began) AS began FROM (SELECT actor, "value", {_US} AS t, min({_US}) OVER (PARTITION BY actor) '
    f"AS began FROM ({_KEPT}) WHERE currency = 'CNY') GROUP BY actor) WHERE began + {_QUARTER} <= {_UNTIL}",
    "first_response_rate": _followed(
        f"SELECT parent AS root, {_US} AS ended FROM events WHERE \"type\" = 'reply'",
        _CASES,
        _HOURS,
    ),
    "resolution_rate": _followed(
        f"SELECT parent AS root, {_US} AS ended FROM events WHERE \"type\" = 'resolve'",
        _CASES,
        _HOURS,
    ),
    "participation_rate": "SELECT count(*) FILTER (a) AS part, count(*) AS whole FROM (SELECT actor, "
    f'bool_or("type" IN {_ACTING}) AS a FROM events WHERE {_NOW} AND actor IS NOT NULL AND "type" IN {_PRESENT} '
    "GROUP BY actor)",
    "posts_a_day": f"SELECT count(*) AS value FROM events WHERE \"type\" IN ('post', 'comment') AND {_NOW}",
    "retention": "SELECT count(*) FILTER ((m >> (w + 4)) & 1 = 1 AND w + 4 < 52) AS part, count(*) FILTER (w + 4 < 52) "
    f"AS whole FROM (SELECT actor, bit_or(1::BIGINT << k) AS m, min(k) AS w FROM (SELECT actor, ({_DAY} - 20087) // 7 AS k "
    f'FROM events WHERE actor IS NOT NULL AND "type" IN {_RETURNING}) GROUP BY actor) WHERE w < 44',
    "nps": 'SELECT count(*) FILTER ("value" BETWEEN 9 AND 10) AS promoters, count(*) FILTER ("value" BETWEEN 0 AND 6) '
    'AS detractors, count(*) FILTER ("value" BETWEEN 0 AND 10) AS whole FROM (SELECT "value" FROM events '
    f"WHERE \"type\" = 'rate' AND {_prop('question')} = 'nps' AND {_NOW} "
    'QUALIFY row_number() OVER (PARTITION BY coalesce(actor, id) ORDER BY "time" DESC, id DESC) = 1)',
    "ecosystem_depth": "SELECT sum(n) AS total, sum(n * n) AS squares, count(*) AS whole FROM (SELECT "
    f"{_prop('household')} AS h, count(DISTINCT regexp_extract(object, '^device/([^/]+)', 1)) AS n FROM events "
    "WHERE \"type\" = 'join' AND starts_with(object, 'device/') AND \"time\" < '2025-12-31 16:00:00+00' "
    f"AND {_prop('household')} IS NOT NULL GROUP BY h)",
}
"""Name -> SQL over the tables' names; the columns that both sides have must be equal."""
