"""The pictures and tables of hot lists and share of voice, each with a title that says what is seen in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from canyu.kit.words import Words
from canyu.measure import Picture, Proof
from canyu.measure.hotlists import HotLists
from canyu.measure.series import DEFINITION as SERIES_DEFINITION
from canyu.measure.series import METRICS, Series, Step
from canyu.measure.titles import tell_board
from canyu.measure.voice import ShareOfVoice, Span

Labels = Mapping[str, Words]
MOST_BRANDS = 12
_NAME = [("id", pa.string()), ("label_zh", pa.string()), ("label_en", pa.string())]
_TIME = pa.timestamp("us", tz="UTC")
BRANDS = pa.schema([*_NAME, ("minutes", pa.int64()), ("titles", pa.int64()), ("is_chosen", pa.bool_())])
TITLES = pa.schema(
    [
        ("title", pa.string()),
        ("minutes", pa.int64()),
        ("top_rank", pa.int64()),
        ("heat", pa.int64()),
        ("first", _TIME),
        ("last", _TIME),
    ]
)
LISTS = pa.schema(
    [
        *[(name, pa.string()) for name in ("channel", "source", "board")],
        *[(name, pa.int64()) for name in ("captures", "known_minutes", "unknown_minutes")],
        ("share", pa.float64()),
        ("longest_gap_minutes", pa.int64()),
        ("first", _TIME),
        ("last", _TIME),
    ]
)
SERIES = pa.schema(
    [
        ("object", pa.string()),
        ("metric", pa.string()),
        ("begin", _TIME),
        ("value", pa.int64()),
        ("is_partial", pa.bool_()),
    ]
)
_SHARES = [
    ("mentions", pa.int64()),
    *[(name, pa.float64()) for name in ("share", "low", "high")],
    ("mentions_raw", pa.int64()),
    *[(name, pa.float64()) for name in ("share_raw", "low_raw", "high_raw")],
]
FIELD = pa.schema([*_NAME, *_SHARES])
WEEKS = pa.schema(
    [("day", pa.date32()), ("last", pa.date32()), ("days", pa.int64()), ("observed", pa.int64()), *_SHARES]
)


def draw_brands(found: HotLists, labels: Labels) -> Picture:
    """Return the brands by minutes; the one asked for is always among them."""
    rows = [
        {
            **_name(row.brand, labels),
            "minutes": row.minutes,
            "titles": row.titles,
            "is_chosen": row.brand == found.query.brand,
        }
        for row in found.brands
    ]
    chosen = [row for row in rows[MOST_BRANDS:] if row["is_chosen"]]
    shown = [*rows[: MOST_BRANDS - len(chosen)], *chosen]
    share = f"{100 * found.whole.share:.1f}%"
    subtitle = Words(
        f"热搜在榜分钟数；快照覆盖期间 {share} 的时间，其余未知",
        f"Minutes on hot lists; snapshots cover {share} of the period, the rest is unknown",
    )
    table = pa.Table.from_pylist(shown, schema=BRANDS)
    return Picture("board_minutes", tell_board(rows), subtitle, table, found.proof)


def list_titles(found: HotLists) -> Picture:
    """Return every entry of the brand as a table."""
    rows = [{name: getattr(title, name) for name in TITLES.names} for title in found.titles]
    title = Words("提及该品牌的词条", "Entries about the brand")
    return Picture("titles", title, title, pa.Table.from_pylist(rows, schema=TITLES), found.figures[2].proof)


def list_coverage(found: HotLists) -> Picture:
    """Return the coverage of each list as a table."""
    rows = [{name: getattr(one, name) for name in LISTS.names} for one in found.lists]
    title = Words("各榜单的观测情况", "How much of each list was observed")
    return Picture("lists", title, title, pa.Table.from_pylist(rows, schema=LISTS), found.figures[1].proof)


def draw_one_series(series: Series) -> Picture:
    """Return one series as a chart: its buckets on the local clock."""
    length = timedelta(hours=1) if series.step is Step.HOUR else timedelta(days=1)
    rows = []
    for point in series.points:
        begin = point.begin.replace(tzinfo=UTC)  # the local clock's own digits
        rows.append(
            {
                "day": _to_millis(begin),
                "until": _to_millis(begin + length),
                "value": point.value,
                "is_partial": point.is_partial,
            }
        )
    metric = METRICS.get(series.metric, Words(series.metric, series.metric))
    step = Words("每小时", "by hour") if series.step is Step.HOUR else Words("每天", "by day")
    part = Words("；最后一段不完整", "; the last bucket is partial") if series.last_partial else Words("", "")
    subtitle = Words(
        f"{metric.zh}，{step.zh}；{len(series.points)} 段中 {series.known} 段有数据{part.zh}",
        f"{metric.en}, {step.en}; {series.known} of {len(series.points)} buckets have data{part.en}",
    )
    kinds = pa.schema([("day", pa.int64()), ("until", pa.int64()), ("value", pa.int64()), ("is_partial", pa.bool_())])
    title = Words(series.object, series.object)
    return Picture("series", title, subtitle, pa.Table.from_pylist(rows, schema=kinds), _prove_nothing())


def list_series_rows(found: tuple[Series, ...]) -> Picture:
    """Return the buckets of all series as one table; a missing value is empty."""
    rows = [
        {
            "object": one.object,
            "metric": one.metric,
            "begin": point.begin,
            "value": point.value,
            "is_partial": point.is_partial,
        }
        for one in found
        for point in one.points
    ]
    title = Words("指标序列", "Measured series")
    return Picture("series", title, SERIES_DEFINITION, pa.Table.from_pylist(rows, schema=SERIES), _prove_nothing())


def draw_weeks(found: ShareOfVoice, labels: Labels) -> Picture:
    """Return the brand's share by week, copies left out."""
    rows = [
        {
            "day": week.first,
            "last": week.last,
            "days": week.days,
            "observed": week.observed,
            **_spread(week, found.query.brand),
        }
        for week in found.weeks
    ]
    name = labels.get(found.query.brand, Words(found.query.brand, found.query.brand))
    rivals = len(found.brands) - 1
    subtitle = Words(
        f"每周声量份额（去重）与 95% 区间，相对 {rivals} 个竞品；灰色为无数据，浅绿为数据太少（区间宽于 50 个百分点）",
        f"Share of voice per week without copies, with its 95% interval, among {rivals} competitors; "
        "grey: no data; pale: too little, an interval over 50 points",
    )
    table = pa.Table.from_pylist(rows, schema=WEEKS)
    return Picture("share_by_week", _tell_weeks(rows, name), subtitle, table, found.proof)


def list_field_rows(found: ShareOfVoice, labels: Labels) -> Picture:
    """Return every brand's share over the whole period, those spoken of most first."""
    rows = [{**_name(brand, labels), **_spread(found.whole, brand)} for brand in found.brands]
    rows.sort(key=lambda row: (-(row["mentions"] or 0), row["id"]))
    title = Words("全期份额", "Shares of the whole period")
    return Picture("field", title, found.proof.definition, pa.Table.from_pylist(rows, schema=FIELD), found.proof)


def _tell_weeks(rows: list[dict[str, Any]], name: Words) -> Words:
    """Tell a rise or fall only where the intervals of the first and last whole week do not touch."""
    told = [row for row in rows if row["share"] is not None and row["observed"] == row["days"] == 7]
    if len(told) < 2:
        return Words(f"{name.zh}的每周声量份额", f"{name.en}'s share of voice by week")
    first, last = told[0], told[-1]
    numbers = f"{first['share']:.0f}%", f"{last['share']:.0f}%"
    if last["low"] > first["high"]:
        return Words(
            f"{name.zh}的份额从 {numbers[0]} 升到 {numbers[1]}",
            f"{name.en}'s share rose from {numbers[0]} to {numbers[1]}",
        )
    if last["high"] < first["low"]:
        return Words(
            f"{name.zh}的份额从 {numbers[0]} 降到 {numbers[1]}",
            f"{name.en}'s share fell from {numbers[0]} to {numbers[1]}",
        )
    return Words(
        f"{name.zh}首尾两周的份额差异在误差之内",
        f"{name.en}'s share in the first and last week differs within the error",
    )


def _spread(span: Span, brand: str) -> dict[str, Any]:
    once, raw = span.find(brand, is_once=True), span.find(brand)
    names = ("mentions", "share", "low", "high")
    mine = {name: getattr(once, name) if once else None for name in names}
    return mine | {f"{name}_raw": getattr(raw, name) if raw else None for name in names}


def _name(found: str, labels: Labels) -> dict[str, Any]:
    words = labels.get(found) or Words(found, found)
    return {"id": found, "label_zh": words.zh, "label_en": words.en}


def _prove_nothing() -> Proof:
    return Proof(SERIES_DEFINITION, "", {}, 0, "")


def _to_millis(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
