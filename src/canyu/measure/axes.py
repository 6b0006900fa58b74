"""The axes of charts: time with named days and months, counts in the reader's units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words

Spec = dict[str, Any]
Rows = list[dict[str, Any]]

HALF_DAY = 43_200_000  # in milliseconds


@dataclass(frozen=True, slots=True)
class Mark:
    """A campaign or statement on the time axis."""

    day: date
    label: Words


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a chart is drawn for."""

    language: str
    width: int = 720
    height: int = 220
    marks: tuple[Mark, ...] = ()


def make_time_axis(rows: Rows, canvas: Canvas) -> Spec:
    """Return the axis from the first row's ``day`` to the end of the last one's."""
    return make_days_axis(rows[0]["day"], rows[-1]["day"], canvas)


def make_days_axis(first: date, last: date, canvas: Canvas) -> Spec:
    """Return the time axis of these days, both included, with named days or months."""
    ticks = _choose_ticks(first, last, canvas)
    labels = dump_json({str(moment): text for moment, text in ticks})
    axis: Spec = {"values": [moment for moment, _ in ticks], "labelExpr": f"({labels})[toString(+datum.value)]"}
    axis |= {"grid": False, "labelOverlap": True}
    scale = {"type": "utc", "domain": [to_millis(first), to_millis(last + timedelta(days=1))]}
    return {"field": "day", "type": "temporal", "axis": axis, "scale": scale}


def _choose_ticks(first: date, last: date, canvas: Canvas) -> list[tuple[int, str]]:
    """Return (moment, label): days are named at their noon, months at their beginning."""
    length = (last - first).days + 1
    room = max(2, canvas.width // 56)
    days = [first + timedelta(days=n) for n in range(length)]
    if length <= 70:
        step = -(-length // max(2, canvas.width // 80))
        return [(to_millis(day) + HALF_DAY, _say_day(day, canvas)) for day in days[::step]]
    months = [day for day in days if day.day == 1]
    step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= room * n)
    chosen = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
    return [(to_millis(day), _say_month(day, day == chosen[0], canvas)) for day in chosen]


def _say_day(day: date, canvas: Canvas) -> str:
    return f"{day.month}月{day.day}日" if canvas.language.startswith("zh") else f"{day.day} {day:%b}"


def _say_month(day: date, is_first: bool, canvas: Canvas) -> str:
    is_zh = canvas.language.startswith("zh")
    if is_first or day.month == 1:
        return f"{day.year}年{day.month}月" if is_zh else f"{day:%b %Y}"
    return f"{day.month}月" if is_zh else f"{day:%b}"


def to_millis(day: date) -> int:
    """Return the milliseconds from 1970 to the begin of a day."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def make_count_axis(field: str, canvas: Canvas) -> Spec:
    """Return the axis of a count from 0, in 万 and 亿 or K, M and B."""
    units = [(1e8, "亿"), (1e4, "万")] if canvas.language.startswith("zh") else [(1e9, "B"), (1e6, "M"), (1e3, "K")]
    parts = [
        f"abs(datum.value) >= {scale:.0f} ? format(datum.value / {scale:.0f}, '~r') + '{u}' : " for scale, u in units
    ]
    axis = {"tickCount": 4, "labelExpr": "".join(parts) + "format(datum.value, '~r')", "domain": False}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": True}}
