"""Charts of a scorecard: figures beside their targets, and what moved them."""

from __future__ import annotations

from typing import Any

from canyu.measure.axes import Canvas, Rows, Spec
from canyu.measure.letters import shorten
from canyu.measure.theme import SENTINELS

ROW_HEIGHT = 22
NAME_WIDTH = 150
LETTER_PX = 8
"""What a letter of a number beside a figure takes."""
SIDE_ROOM = 0.45
"""Room for the text beside the longest bar, by its length."""
COLOURS = {"reached": "good", "missed": "bad"}


def draw_targets(rows: Rows, canvas: Canvas) -> Spec:
    """Draw each figure as a dot in per cent of its target, its interval as a line through it, the target as a rule.

    A row has ``label_zh``, ``label_en``, ``percent``, ``low`` and ``high`` (null: no interval), ``text``, ``standing``.
    """
    ends = [row[name] for row in rows for name in ("percent", "low", "high") if row[name] is not None]
    lowest, highest = min([0.0, *ends]), max([100.0, *ends])
    letters = max((len(row["text"]) for row in rows), default=0)
    room = letters * LETTER_PX / max(canvas.width - NAME_WIDTH - letters * LETTER_PX, LETTER_PX)
    scale = {"domain": [lowest, lowest + (highest - lowest) * (1 + room)], "nice": False, "zero": False}
    x = {"field": "percent", "type": "quantitative", "axis": None, "scale": scale}
    values = [
        {
            **row,
            "row": str(number),
            "name": shorten(_name(row, canvas), NAME_WIDTH),
            "colour": SENTINELS[COLOURS.get(row["standing"], "neutral")],
        }
        for number, row in enumerate(rows)
    ]
    colour = {"field": "colour", "type": "nominal", "scale": None}
    told = [row for row in values if row["low"] is not None and row["high"] is not None]
    layers: list[Spec] = [
        {
            "data": {"values": [{"percent": 100}]},
            "mark": {"type": "rule", "color": SENTINELS["ink"], "strokeDash": [4, 3]},
            "encoding": {"x": x},
        },
        _write_names(values),
        {
            "data": {"values": told},
            "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.45},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": _make_rows(), "color": colour},
        },
        {
            "data": {"values": values},
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
            "encoding": {"x": x, "y": _make_rows(), "color": colour},
        },
        {
            "data": {"values": values},
            "mark": {"type": "text", "align": "right", "baseline": "middle"},
            "encoding": {"x": {"value": "width"}, "y": _make_rows(), "text": {"field": "text", "type": "nominal"}},
        },
    ]
    return {"height": max(1, len(rows)) * ROW_HEIGHT, "layer": layers}


def draw_shifts(rows: Rows, canvas: Canvas) -> Spec:
    """Draw what each part contributes to a change, to the right where it raised the metric; one group per metric.

    A row has ``label_zh``, ``label_en``, ``share`` (of the group's longest, with its sign; null: a group's heading) and
    ``text``.
    """
    values = [
        {
            **row,
            "row": str(number),
            "name": shorten(_name(row, canvas), NAME_WIDTH),
            "colour": SENTINELS["good" if (row["share"] or 0) >= 0 else "bad"],
        }
        for number, row in enumerate(rows)
    ]
    scale = {"domain": [-1 - SIDE_ROOM, 1 + SIDE_ROOM], "nice": False}
    axis: Spec = {"type": "quantitative", "axis": None, "scale": scale}
    x = {**axis, "field": "share"}
    y = {**_make_rows(), "scale": {"paddingInner": 0.3, "domain": [row["row"] for row in values]}}
    bars = [row for row in values if row["share"] is not None]
    heads = [row for row in values if row["share"] is None]
    layers: list[Spec] = [
        {
            "data": {"values": [{"share": 0}]},
            "mark": {"type": "rule", "color": SENTINELS["line"]},
            "encoding": {"x": x},
        },
        _write_names(bars, y),
        {
            "data": {"values": heads},
            "mark": {"type": "text", "align": "right", "dx": -8, "baseline": "middle", "fontWeight": "bold"},
            "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "name", "type": "nominal"}},
        },
        {
            "data": {"values": heads},
            "mark": {"type": "text", "align": "left", "dx": 6, "baseline": "middle", "fontWeight": "bold"},
            "encoding": {"x": {**axis, "datum": 0}, "y": y, "text": {"field": "text", "type": "nominal"}},
        },
        {
            "data": {"values": bars},
            "mark": {"type": "bar"},
            "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}},
        },
        *(_write_ends([row for row in bars if (row["share"] >= 0) is is_up], x, y, is_up) for is_up in (True, False)),
    ]
    return {"height": max(1, len(rows)) * ROW_HEIGHT, "layer": layers}


def _write_ends(rows: Rows, x: Spec, y: Spec, is_up: bool) -> Spec:
    mark = {"type": "text", "align": "left" if is_up else "right", "dx": 6 if is_up else -6, "baseline": "middle"}
    encoding = {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _write_names(rows: Rows, y: Spec | None = None) -> Spec:
    """Write names as data: in an axis they would have to pass through an expression, and they may come from outside."""
    mark = {"type": "text", "align": "right", "dx": -8, "baseline": "middle"}
    encoding = {"x": {"value": 0}, "y": y or _make_rows(), "text": {"field": "name", "type": "nominal"}}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _make_rows() -> Spec:
    return {"field": "row", "type": "nominal", "sort": None, "axis": None, "scale": {"paddingInner": 0.3}}


def _name(row: dict[str, Any], canvas: Canvas) -> str:
    return str(row["label_zh" if canvas.language.startswith("zh") else "label_en"])
