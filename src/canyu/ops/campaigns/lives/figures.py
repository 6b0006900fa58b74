"""The figures of a session, each with how it came to be, and its main picture."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from canyu.kit.poisson import bound_poisson
from canyu.kit.words import Words
from canyu.measure import Figure, Picture, Proof
from canyu.ops.campaigns.lives.models import Mark
from canyu.ops.campaigns.lives.queries import Measured, MinuteRow
from canyu.ops.campaigns.lives.rules import MARK_WORDS, Scope, floor_minute

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
THOUSAND = 1_000
PEOPLE, ORDERS, NOTHING = Words("人", "people"), Words("单", "orders"), Words("", "")
NOBODY_TOLD = Words("没有任何一分钟的人数", "no minute's viewers are known")
NO_LAKE = Words("还没有数据湖", "there is no lake yet")
SCOPES: dict[str, Words] = {
    Scope.CAMPAIGN: Words("注明本活动的订单", "orders that name the campaign"),
    Scope.PRODUCTS: Words("本场产品的全部订单", "every order of the session's products"),
}
DEFINITIONS: dict[str, Words] = {
    "peak": Words(
        "各平台同一分钟在线人数之和的最大值，只在每个平台都有数据的分钟里找。不是平台自报的峰值，也不是累计观看次数。",
        "The highest sum of the platforms' viewers of one minute, among minutes that every platform tells. Not a "
        "platform's own peak, nor views in all.",
    ),
    "mean": Words(
        "有数据的分钟的平均在线人数；缺数据的分钟不算 0，也不补。覆盖率是有数据的分钟占全场的比例。",
        "The mean of the viewers over minutes that are told; a missing one is neither 0 nor filled in. Coverage is the "
        "share of told minutes in the session.",
    ),
    "window": Words(
        "在事先写明的窗口内下的{scope}：从开放下单的那一刻起（含），满 {minutes} 分钟为止（不含）。没有标记开放下单时，"
        "从开播算起。同一订单号只算一次，按最早一次；事后退货的照算，另行列出。",
        "{scope} inside the window that was stated beforehand: from the instant at which orders opened (inside) until "
        "{minutes} minutes later (outside); from the start where no mark opens them. An order number counts once, at "
        "its first instant; what was given back later is counted, and told apart.",
    ),
    "rate": Words(
        "有人数数据的分钟里下的订单，除以这些分钟的人数之和，再乘 1,000。"
        "区间为订单数的 95% 精确泊松区间（Garwood 1936）。",
        "Orders of the minutes whose viewers are told, per 1,000 viewer-minutes of these minutes. The interval is the "
        "exact Poisson one of the orders at 95% (Garwood 1936).",
    ),
    "usual": Words(
        "此前 {days} 天里同一星期几、同一钟点的同口径订单（{products}，不论活动），只用数据湖里有数据的日子。"
        "95% 预测区间：泊松计数、Jeffreys 先验的负二项预测分布，日间离散更大时按方差与均值之比放宽。"
        "这是“照常会有多少”，不是因果增量。",
        "Comparable orders ({products}, whatever their campaign) at the same clock time on the same weekday of the "
        "{days} days before, on days of which the lake has any event. 95% prediction interval: negative binomial, from "
        "Poisson counts with Jeffreys' prior, widened by variance over mean where the days differ more than by "
        "chance. It says what would be usual; it is no causal lift.",
    ),
}
LABELS: dict[str, Words] = {
    "peak": Words("最高在线人数", "Peak viewers"),
    "mean": Words("平均在线人数", "Mean viewers"),
    "window": Words("窗口内订单", "Orders in the window"),
    "rate": Words("每千人分钟订单", "Orders per 1,000 viewer-minutes"),
    "usual": Words("平日同一窗口", "Usual for the same window"),
}
MINUTES = pa.schema(
    [
        ("minute", pa.timestamp("us", tz="UTC")),
        ("local", pa.string()),
        ("viewers", pa.int64()),
        ("platforms", pa.string()),
        ("orders", pa.int64()),
        ("all_orders", pa.int64()),
        ("usual_mean", pa.float64()),
        ("usual_low", pa.int64()),
        ("usual_high", pa.int64()),
        ("mark", pa.string()),
    ]
)
DRAWN = pa.schema(
    [
        *[(name, pa.int64()) for name in ("at", "until", "viewers", "orders", "all_orders", "low", "high")],
        ("mark", pa.string()),
    ]
)


def list_figures(found: Measured) -> dict[str, Figure]:
    """Return the figures of a session by name, each with its proof."""
    told = [row for row in found.rows if row.minute.viewers is not None]
    viewers = [row.minute.viewers or 0 for row in told]
    has_lake = found.counted is not None
    orders, watched = sum(row.orders for row in told), sum(viewers)
    low, high = bound_poisson(orders)
    usual = found.usual
    return {
        "peak": _make(found, "peak", max(viewers, default=None), NOBODY_TOLD),
        "mean": _make(found, "mean", round(watched / len(told)) if told else None, NOBODY_TOLD),
        "window": _make(found, "window", len(found.in_window) if has_lake else None, NO_LAKE),
        "rate": _make(
            found,
            "rate",
            THOUSAND * orders / watched if watched and has_lake else None,
            NOBODY_TOLD,
            (THOUSAND * low / watched, THOUSAND * high / watched) if watched else None,
        ),
        "usual": _make(
            found,
            "usual",
            usual.mean if usual else None,
            Words("可比的日子不足两天", "fewer than two comparable days"),
            (usual.low, usual.high) if usual else None,
        ),
    }


def draw_minutes(found: Measured, marks: list[Mark], figures: dict[str, Figure]) -> Picture:
    """Return the main picture: viewers with their gaps, orders with what is usual, and the marks."""
    zone, named = ZoneInfo(found.session.zone), _name_marks(marks)
    rows: list[dict[str, Any]] = []
    for row in found.rows:
        at = _count_millis(row.minute.minute.astimezone(zone).replace(tzinfo=UTC))  # the local clock's own digits
        values: dict[str, Any] = {"at": at, "until": at + 60_000, "viewers": row.minute.viewers, "orders": row.orders}
        if row.usual:
            values |= {"low": row.usual.low, "high": row.usual.high}
        rows.append(values | {"all_orders": row.all_orders, "mark": named.get(row.minute.minute)})
    table = pa.Table.from_pylist(rows, schema=DRAWN)
    return Picture("live_minutes", _tell(found, figures), _tell_under(found), table, figures["window"].proof)


def list_minute_rows(found: Measured, marks: list[Mark], figures: dict[str, Figure]) -> Picture:
    """Return the minutes as a table for a file; a gap is an empty cell."""
    zone, named = ZoneInfo(found.session.zone), _name_marks(marks)
    rows = [_describe(row, zone, named.get(row.minute.minute)) for row in found.rows]
    title = Words("每分钟", "Minute by minute")
    return Picture("live_rows", title, title, pa.Table.from_pylist(rows, schema=MINUTES), figures["window"].proof)


def show_time(moment: datetime, zone: str) -> str:
    """Return the clock time in a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def _describe(row: MinuteRow, zone: ZoneInfo, mark: str | None) -> dict[str, Any]:
    told = row.minute.told
    said = "; ".join(f"{name}={'' if one.value is None else one.value} ({one.source})" for name, one in told.items())
    usual = row.usual
    return {
        "minute": row.minute.minute,
        "local": row.minute.minute.astimezone(zone).isoformat(),
        "viewers": row.minute.viewers,
        "platforms": said,
        "orders": row.orders,
        "all_orders": row.all_orders,
        "usual_mean": usual.mean if usual else None,
        "usual_low": usual.low if usual else None,
        "usual_high": usual.high if usual else None,
        "mark": mark,
    }


def _make(
    found: Measured,
    name: str,
    value: float | None,
    missing: Words,
    interval: tuple[float, float] | None = None,
) -> Figure:
    unit = PEOPLE if name in {"peak", "mean"} else NOTHING if name == "rate" else ORDERS
    absent = missing if value is None else None
    return Figure(name, LABELS[name], value, unit, _prove(found, name), interval=interval, missing=absent)


def _prove(found: Measured, name: str) -> Proof:
    session, counted = found.session, found.counted
    products = ", ".join(session.products)
    fields = {"minutes": session.window_minutes, "days": session.baseline_days}
    scope, said = SCOPES[session.scope], DEFINITIONS[name]
    definition = Words(
        said.zh.format(**fields, scope=scope.zh, products=products or "全部产品"),
        said.en.format(**fields, scope=scope.en, products=products or "of all products"),
    )
    versions = {"events": counted.version} if counted else {}
    sql = counted.orders.sql if counted and name in {"window", "rate"} else ""
    rows = counted.orders.events if counted and sql else sum(len(row.minute.told) for row in found.rows)
    rows = sum(len(day) for day in counted.before) if counted and name == "usual" else rows
    return Proof(definition, sql, versions, rows, "DuckDB", ())


def _tell(found: Measured, figures: dict[str, Figure]) -> Words:
    peak, window = figures["peak"].value, figures["window"].value
    zone = found.session.zone
    top = next((row for row in found.rows if row.minute.viewers == peak and peak is not None), None)
    minutes, begin = found.session.window_minutes, show_time(found.window.start, zone)
    parts = []
    if top is not None and peak is not None:
        at = show_time(top.minute.minute, zone)
        parts.append(Words(f"在线人数 {at} 达到 {peak:,}", f"Viewers reached {peak:,} at {at}"))
    if window is not None:
        parts.append(
            Words(f"{begin} 起 {minutes} 分钟内 {window:,} 单", f"{window:,} orders in {minutes} minutes from {begin}")
        )
    if not parts:
        return Words("还没有数据", "Nothing is told yet")
    return Words("，".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _tell_under(found: Measured) -> Words:
    told = sum(row.minute.viewers is not None for row in found.rows)
    whole, zone = len(found.rows), found.session.zone
    return Words(
        f"每分钟在线人数（灰底为缺数据，{whole} 分钟中 {told} 分钟有数据）；下方为每分钟订单："
        f"绿色为本场，灰色为其余同口径订单，浅带为平日同一分钟的 95% 区间；{zone}",
        f"Viewers by minute (grey ground: missing; {told} of {whole} minutes are told); below, orders by minute: green "
        f"the session's, grey other comparable ones, the pale band what is usual in that minute (95%); {zone}",
    )


def _name_marks(marks: list[Mark]) -> dict[datetime, str]:
    named: dict[datetime, str] = {}
    for mark in marks:
        minute, label = floor_minute(mark.at), mark.label or str(MARK_WORDS[mark.kind])
        named[minute] = f"{named[minute]} · {label}" if minute in named else label
    return named


def _count_millis(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds()) * 1000
