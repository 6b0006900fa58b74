"""Charts of studies: credit by method, effects around zero, an effect by day, and a curve of weeks."""

from __future__ import annotations

from typing import Any

from canyu.measure.axes import HALF_DAY, Canvas, Rows, Spec, make_count_axis, make_days_axis, to_millis
from canyu.measure.letters import shorten
from canyu.measure.theme import SENTINELS

ROW_PX = 34
NAME_PX = 240
SLIM_NAME_PX = 144
SLIM_UNDER = 500
DAYS_HEIGHT = 220
CURVE_HEIGHT = 220


def draw_credits(rows: Rows, canvas: Canvas) -> Spec:
    """Draw a line per channel from the least to the most that any method gives it, with a dot per method.

    A row has ``channel``, its label and its method in both languages, and ``share`` in per cent; the least and the most
    are named.
    """
    language = "zh" if canvas.language.startswith("zh") else "en"
    channels = list(dict.fromkeys(row["channel"] for row in rows))
    far = max((row["share"] for row in rows), default=1.0) * 1.05 or 1.0
    x = _make_axis("share", (0.0, far), "%")
    y = _make_rows(len(channels))
    dots: Rows = []
    spans: Rows = []
    names: Rows = []
    for number, channel in enumerate(channels):
        own = sorted((row for row in rows if row["channel"] == channel), key=lambda row: row["share"])
        low, high = own[0], own[-1]
        spans.append({"row": str(number), "share": low["share"], "until": high["share"]})
        dots += [{"row": str(number), "share": row["share"]} for row in own]
        names.append({"row": str(number), "name": shorten(low[f"label_{language}"], _find_room(canvas))})
        ends = ((low, "right", -8),) if low is high else ((low, "right", -8), (high, "left", 8))
        for end, align, dx in ends:
            names.append(
                {"row": str(number), "share": end["share"], "end": end[f"method_{language}"], "align": align, "dx": dx}
            )
    grey, accent = SENTINELS["neutral"], SENTINELS["accent"]
    layers: list[Spec] = [
        {
            "data": {"values": spans},
            "mark": {"type": "rule", "color": grey, "strokeWidth": 2},
            "encoding": {"x": x, "x2": {"field": "until"}, "y": y},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "point", "filled": True, "color": accent, "size": 36, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        _name_rows([name for name in names if "name" in name], y),
    ]
    for align, dx in (("right", -8), ("left", 8)):
        ended = [name for name in names if name.get("align") == align and _fits(name, far, canvas)]
        text = {
            "type": "text",
            "align": align,
            "baseline": "middle",
            "dx": dx,
            "color": SENTINELS["grey"],
            "fontSize": 11,
        }
        said = {"x": x, "y": y, "text": {"field": "end", "type": "nominal"}}
        layers.append({"data": {"values": ended}, "mark": text, "encoding": said})
    return {"height": max(1, len(channels)) * ROW_PX, "layer": layers}


def draw_effects(rows: Rows, canvas: Canvas) -> Spec:
    """Draw each effect as a dot with its interval beside zero; blue above it for sure, orange below, else grey.

    A row has ``label_zh``, ``label_en``, ``value``, ``low`` and ``high``, in per cent.
    """
    field = "label_zh" if canvas.language.startswith("zh") else "label_en"
    ends = [0.0, *(row[name] for row in rows for name in ("low", "high", "value"))]
    room = (max(ends) - min(ends) or 1.0) * 0.05
    x = _make_axis("value", (min(ends) - room, max(ends) + room), "%")
    y = _make_rows(len(rows))
    values = [
        {
            "row": str(number),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "name": shorten(row[field], _find_room(canvas)),
            "colour": _find_colour(row),
        }
        for number, row in enumerate(rows)
    ]
    colour = {"field": "colour", "type": "nominal", "scale": None}
    span = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "color": colour}
    dot = {"type": "point", "filled": True, "size": 48, "opacity": 1}
    layers: list[Spec] = [
        {
            "data": {"values": [{"value": 0.0}]},
            "mark": {"type": "rule", "color": SENTINELS["grey"]},
            "encoding": {"x": x},
        },
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": span},
        {"mark": dot, "encoding": {"x": x, "y": y, "color": colour}},
        _name_rows(values, y),
    ]
    return {"height": max(1, len(rows)) * ROW_PX, "data": {"values": values}, "layer": layers}


def draw_effect_days(rows: Rows, canvas: Canvas) -> Spec:
    """Draw what was known of one effect at the end of each day: a line in the band of its interval, beside zero.

    A row has ``day`` (a date), ``value``, ``low`` and ``high``, null where nothing was known yet.
    """
    x = make_days_axis(rows[0]["day"], rows[-1]["day"], canvas)
    days = [{**row, "day": to_millis(row["day"]) + HALF_DAY} for row in rows]
    known = [row for row in days if row["value"] is not None]
    y: Spec = {"type": "quantitative", "axis": {"tickCount": 5, "labelExpr": "format(datum.value, '~g')"}}
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    path = {"x": x, "y": {**y, "field": "value"}}
    accent = SENTINELS["accent"]
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": SENTINELS["grey"]}, "encoding": {"y": {"datum": 0}}},
        {"mark": {"type": "area", "color": accent, "opacity": 0.22}, "encoding": band},
        {"mark": {"type": "line", "color": accent, "strokeWidth": 2}, "encoding": path},
        {"mark": {"type": "point", "filled": True, "color": accent, "size": 24, "opacity": 1}, "encoding": path},
    ]
    return {"height": DAYS_HEIGHT, "data": {"values": known}, "layer": layers}


def draw_curve(rows: Rows, canvas: Canvas) -> Spec:
    """Draw a value by whole weeks as dots with their intervals, joined by a line; the axis begins at zero.

    A row has ``week``, ``value``, ``low`` and ``high``.
    """
    last = max((row["week"] for row in rows), default=1) or 1
    step = max(1, -(-last * 48 // canvas.width))
    axis = {"values": list(range(0, last + 1, step)), "grid": False, "labelExpr": "format(datum.value, 'd')"}
    x: Spec = {"field": "week", "type": "quantitative", "axis": axis, "scale": {"domain": [-0.5, last + 0.5]}}
    y = make_count_axis("value", canvas)
    accent = SENTINELS["accent"]
    told = [row for row in rows if row["low"] is not None]
    span = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    path = {"x": x, "y": y}
    layers: list[Spec] = [
        {
            "data": {"values": told},
            "mark": {"type": "rule", "color": accent, "strokeWidth": 2, "opacity": 0.45},
            "encoding": span,
        },
        {"mark": {"type": "line", "color": accent, "strokeWidth": 1.5}, "encoding": path},
        {"mark": {"type": "point", "filled": True, "color": accent, "size": 36, "opacity": 1}, "encoding": path},
    ]
    return {"height": CURVE_HEIGHT, "data": {"values": rows}, "layer": layers}


def _make_axis(field: str, domain: tuple[float, float], unit: str) -> Spec:
    axis = {"tickCount": 5, "labelExpr": f"replace(format(datum.value, '~r'), '-', '−') + '{unit}'", "domain": False}
    scale = {"domain": list(domain), "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def _make_rows(count: int) -> Spec:
    names = [str(number) for number in range(count)]  # two rows may bear one name, so the axis takes numbers
    return {"field": "row", "type": "nominal", "sort": None, "axis": None, "scale": {"domain": names}}


def _name_rows(values: Rows, y: Spec) -> Spec:
    # Names are drawn as data: in an axis they would have to pass through an expression, and they come from outside.
    text = {"type": "text", "align": "right", "dx": -8, "baseline": "middle"}
    said: dict[str, Any] = {"x": {"value": 0}, "y": y, "text": {"field": "name", "type": "nominal"}}
    return {"data": {"values": values}, "mark": text, "encoding": said}


def _find_room(canvas: Canvas) -> int:
    return SLIM_NAME_PX if canvas.width < SLIM_UNDER else NAME_PX


def _fits(name: dict[str, Any], far: float, canvas: Canvas) -> bool:
    """Tell whether the name of an end stands within the picture."""
    room = 0.25 if canvas.width < SLIM_UNDER else 0.1
    share: float = name["share"] / far
    return share > room if name["align"] == "right" else share < 1 - room


def _find_colour(row: dict[str, Any]) -> str:
    if row["low"] > 0:
        return SENTINELS["good"]
    return SENTINELS["bad"] if row["high"] < 0 else SENTINELS["neutral"]
