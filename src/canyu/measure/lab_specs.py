"""The chart of a lab test: a dot for every run, the mean and its interval, device by device."""

from __future__ import annotations

from canyu.measure.axes import Canvas, Rows, Spec
from canyu.measure.letters import shorten
from canyu.measure.theme import SENTINELS

BAND_PX = 58
NAME_PX = 12
DOTS_PX = 34
"""Where in a device's band its name and the middle of its dots stand."""
ROOM = 0.06
JITTER = (0, 5, -5, 8, -8, 3, -3)
"""Pixels up or down, so that runs that read alike do not hide one another; the same in every drawing."""


def draw_runs(rows: Rows, canvas: Canvas) -> Spec:
    """Draw every run as a dot, the mean as a stroke and its interval as a line through it.

    A row is a run: ``device`` (0, 1 …), ``run``, ``value``, ``text`` (the device's name and mean), ``mean``, ``low``
    and ``high`` (null: not known).
    """
    known = [row[name] for row in rows for name in ("value", "low", "high") if row[name] is not None]
    low, high = min(known), max(known)
    room = (high - low or abs(high) or 1.0) * ROOM
    axis = {"tickCount": 6, "labelExpr": "replace(format(datum.value, ',.6~g'), '-', '−')", "domain": False}
    x = {"type": "quantitative", "axis": axis, "scale": {"domain": [low - room, high + room], "nice": False}}
    dots = [{**row, "at": _place(row) + JITTER[row["run"] % len(JITTER)]} for row in rows]
    firsts = [row for place, row in enumerate(rows) if place == 0 or rows[place - 1]["device"] != row["device"]]
    means = [
        {
            **row,
            "top": _place(row) - 12,
            "at": _place(row),
            "bottom": _place(row) + 12,
            "name_at": _place(row) - DOTS_PX + NAME_PX,
        }
        for row in firsts
    ]
    for mean in means:
        mean["text"] = shorten(mean["text"], canvas.width)

    def put(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "scale": None, "axis": None}

    ranges = [mean for mean in means if mean["low"] is not None]
    stroke = {"x": {**x, "field": "mean"}, "y": put("top"), "y2": {"field": "bottom"}}
    span = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": put("at")}
    name = {"x": {"value": 0}, "y": put("name_at"), "text": {"field": "text", "type": "nominal"}}
    dot = {"type": "point", "filled": True, "size": 36, "opacity": 0.45, "color": SENTINELS["neutral"]}
    layers: list[Spec] = [
        {"data": {"values": dots}, "mark": dot, "encoding": {"x": {**x, "field": "value"}, "y": put("at")}},
        {"data": {"values": ranges}, "mark": _rule(2), "encoding": span},
        {
            "data": {"values": [mean for mean in means if mean["mean"] is not None]},
            "mark": _rule(3),
            "encoding": stroke,
        },
        {"data": {"values": means}, "mark": {"type": "text", "align": "left", "baseline": "middle"}, "encoding": name},
    ]
    return {"height": len(firsts) * BAND_PX, "layer": layers}


def _place(row: dict[str, int]) -> int:
    return row["device"] * BAND_PX + DOTS_PX


def _rule(width: int) -> Spec:
    return {"type": "rule", "color": SENTINELS["accent"], "strokeWidth": width}
