"""Charts of a lift: what was against what would have been, and the treated among the placebos."""

from __future__ import annotations

from typing import Any

from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.axes import Canvas, Rows, Spec, make_count_axis
from canyu.measure.letters import shorten
from canyu.measure.theme import SENTINELS

LIFT_HEIGHT = 260
NAMES_PX = 18
"""Room above the lines for their names."""
PLACEBOS_HEIGHT = 96
TICK_PX = 96
ACTUAL, EXPECTED = Words("实际", "actual"), Words("本来会有", "would have been")
START = Words("开始", "start")
TREATED = Words("被处理", "treated")


def draw_lift(rows: Rows, canvas: Canvas) -> Spec:
    """Draw the actual as a line and what would have been as a dashed one, its interval as a band, the start as a rule.

    A row has ``at`` (a number on the time axis) and ``label``, ``actual``, ``expected``, ``low`` and ``high`` (null:
    not known) and ``is_after``. A gap breaks the lines.
    """
    known = [row[name] for row in rows for name in ("actual", "expected", "low", "high") if row[name] is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low or abs(high) or 1.0) * 0.06
    x, scale = _make_axis(rows, canvas), {"domain": [low - room, high + room], "nice": False, "zero": False}

    def put(field: str) -> Spec:
        axis = make_count_axis(field, canvas)
        return {**axis, "scale": {**scale, "range": [LIFT_HEIGHT, NAMES_PX + 6]}}

    band = {"x": x, "y": put("low"), "y2": {"field": "high"}}
    accent, neutral = SENTINELS["accent"], SENTINELS["neutral"]
    late = [row for row in rows if row["low"] is not None]
    layers: list[Spec] = [
        {"data": {"values": late}, "mark": {"type": "area", "color": neutral, "opacity": 0.22}, "encoding": band},
        {
            "mark": {"type": "line", "color": neutral, "strokeWidth": 2, "strokeDash": [5, 4]},
            "encoding": _line(x, put("expected")),
        },
        {"mark": {"type": "line", "color": accent, "strokeWidth": 2}, "encoding": _line(x, put("actual"))},
        *_draw_start(rows, x, canvas),
        *_name_lines(canvas),
    ]
    return {"height": LIFT_HEIGHT, "data": {"values": rows}, "layer": layers}


def draw_placebos(rows: Rows, canvas: Canvas) -> Spec:
    """Draw each unit as a stroke at its ratio; the treated is longer, in colour and named.

    A row has ``unit``, ``ratio`` and ``is_treated``.
    """
    far = max((abs(row["ratio"]) for row in rows), default=1.0) * 1.08 or 1.0
    axis = {"tickCount": 5, "grid": False, "labelExpr": "format(datum.value, '~g')"}
    x = {"field": "ratio", "type": "quantitative", "axis": axis, "scale": {"domain": [-far, far], "nice": False}}
    layers: list[Spec] = [
        {
            "data": {"values": [{"ratio": 0.0}]},
            "mark": {"type": "rule", "color": SENTINELS["line"]},
            "encoding": {"x": x, "y": {"value": 20}, "y2": {"value": PLACEBOS_HEIGHT}},
        }
    ]
    for is_treated, colour, top in ((False, "neutral", 48), (True, "accent", 24)):
        chosen = [row for row in rows if row["is_treated"] is is_treated]
        mark = {"type": "rule", "color": SENTINELS[colour], "strokeWidth": 3 if is_treated else 1.5}
        place = {"x": x, "y": {"value": top}, "y2": {"value": PLACEBOS_HEIGHT}}
        layers.append({"data": {"values": chosen}, "mark": mark, "encoding": place})
        if is_treated and chosen:
            align = "right" if chosen[0]["ratio"] > 0 else "left"
            text = {"type": "text", "align": align, "baseline": "bottom", "color": SENTINELS["accent"]}
            said = {"x": x, "y": {"value": 20}, "text": {"value": TREATED.say(canvas.language)}}
            layers.append({"data": {"values": chosen}, "mark": text, "encoding": said})
    return {"height": PLACEBOS_HEIGHT, "layer": layers}


def _line(x: Spec, y: Spec) -> Spec:
    return {"x": x, "y": y, "order": {"field": "at", "type": "quantitative"}}


def _make_axis(rows: Rows, canvas: Canvas) -> Spec:
    room = max(2, canvas.width // TICK_PX)
    chosen = rows[:: max(1, -(-len(rows) // room))]
    labels = dump_json({str(_say(row["at"])): shorten(row["label"], TICK_PX) for row in chosen})
    axis = {"values": [row["at"] for row in chosen], "labelExpr": f"({labels})[toString(+datum.value)]", "grid": False}
    axis |= {"labelOverlap": True}
    scale = {"domain": [rows[0]["at"], rows[-1]["at"]], "nice": False, "zero": False}
    return {"field": "at", "type": "quantitative", "axis": axis, "scale": scale}


def _say(number: float) -> str:
    """Return a number as Vega writes it: whole ones without a point."""
    return str(int(number)) if number == int(number) else repr(number)


def _draw_start(rows: Rows, x: Spec, canvas: Canvas) -> list[Spec]:
    first = next((row for row in rows if row["is_after"]), None)
    if first is None:
        return []
    rule = {"type": "rule", "color": SENTINELS["ink"], "strokeDash": [3, 3]}
    text = {"type": "text", "align": "right", "baseline": "bottom", "dx": -4, "color": SENTINELS["ink"]}
    place: dict[str, Any] = {"x": x, "y": {"value": NAMES_PX}, "y2": {"value": LIFT_HEIGHT}}
    said = {"x": x, "y": {"value": LIFT_HEIGHT - 6}, "text": {"value": START.say(canvas.language)}}
    data = {"values": [first]}
    return [{"data": data, "mark": rule, "encoding": place}, {"data": data, "mark": text, "encoding": said}]


def _name_lines(canvas: Canvas) -> list[Spec]:
    layers: list[Spec] = []
    for words, colour, at in ((ACTUAL, "accent", 0), (EXPECTED, "neutral", 64)):
        text = {"type": "text", "align": "left", "baseline": "middle", "color": SENTINELS[colour]}
        place = {"x": {"value": at}, "y": {"value": 8}, "text": {"value": words.say(canvas.language)}}
        layers.append({"data": {"values": [{}]}, "mark": text, "encoding": place})
    return layers
