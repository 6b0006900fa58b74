"""Charts of buckets of time: a series with its gaps, and weekly shares as boxes of their interval."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from canyu.measure.axes import HALF_DAY, Canvas, Rows, Spec, make_count_axis, make_days_axis, to_millis
from canyu.measure.theme import SENTINELS

SERIES_HEIGHT = 88
FOLLOWERS_HEIGHT = 160
WEEKS_HEIGHT = 240
WIDEST_POINTS = 50
"""A share whose interval is wider says next to nothing: its week is pale, and the others set the scale."""


def draw_series(rows: Rows, canvas: Canvas) -> Spec:
    """Draw one bar per bucket; a partial one is pale, a missing one a grey stretch, never a bar of 0.

    A row has ``day`` and ``until`` (milliseconds since 1970 on the local clock), ``value`` and ``is_partial``.
    """
    first = date(1970, 1, 1) + timedelta(milliseconds=rows[0]["day"])
    last = date(1970, 1, 1) + timedelta(milliseconds=rows[-1]["until"] - 1)
    x = {"x": make_days_axis(first, last, canvas), "x2": {"field": "until"}}
    y = make_count_axis("value", canvas)
    y["axis"]["tickCount"] = 2
    height = {"y": y, "y2": {"datum": 0}}
    told = [row for row in rows if row["value"] is not None]
    layers: list[Spec] = [_shade(_join([row for row in rows if row["value"] is None]), x)]
    for is_partial in (False, True):
        bars = [row for row in told if row["is_partial"] is is_partial]
        mark = {"type": "rect", "color": SENTINELS["accent"], "opacity": 0.45 if is_partial else 1}
        layers.append({"data": {"values": bars}, "mark": mark, "encoding": {**x, **height}})
    return {"height": SERIES_HEIGHT, "layer": layers}


def draw_followers(rows: Rows, canvas: Canvas) -> Spec:
    """Draw counts of single days as points joined by a line: a state that is known on these days only.

    A row has ``day`` (a date) and ``followers``. The axis does not begin at zero, since nothing is filled below.
    """
    x = {"x": make_days_axis(rows[0]["day"], rows[-1]["day"], canvas)}
    y = make_count_axis("followers", canvas)
    y["scale"] = {"zero": False, "nice": True}
    points = [{"day": to_millis(row["day"]) + HALF_DAY, "followers": row["followers"]} for row in rows]
    colour = SENTINELS["accent"]
    line = {"type": "line", "color": colour, "strokeWidth": 2}
    dot = {"type": "point", "color": colour, "filled": True, "size": 24, "opacity": 1}
    data, encoding = {"data": {"values": points}}, {"encoding": {**x, "y": y}}
    return {
        "height": FOLLOWERS_HEIGHT,
        "layer": [{**data, "mark": line, **encoding}, {**data, "mark": dot, **encoding}],
    }


def draw_weeks(rows: Rows, canvas: Canvas) -> Spec:
    """Draw each week's share as a line within the box of its interval; a week without data is a grey stretch.

    A week whose interval is wider than 50 points is a pale stretch without a line, unless every week is.
    A row has ``day`` and ``last`` (dates), ``share``, ``low`` and ``high`` in per cent, null where not known; where it
    has ``raw`` too, the share with copies, that is a dashed line.
    """
    axis = make_days_axis(rows[0]["day"], rows[-1]["last"], canvas)
    x = {"x": axis, "x2": {"field": "until"}}
    names = ("share", "low", "high", *(("raw",) if "raw" in rows[0] else ()))
    boxes = [{**_span(row), **{name: row[name] for name in names}} for row in rows]
    known = [box for box in boxes if box["share"] is not None]
    told = [box for box in known if box["high"] - box["low"] <= WIDEST_POINTS] or known
    label = "format(datum.value, '~r') + '%'"
    scale = {"zero": True, "domainMax": min(1.05 * max((box["high"] for box in told), default=100), 100)}
    y: Spec = {"type": "quantitative", "axis": {"tickCount": 5, "labelExpr": label, "domain": False}, "scale": scale}
    colour = SENTINELS["accent"]
    band = {**x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    line = {**x, "y": {**y, "field": "share"}}
    layers: list[Spec] = [
        _shade(_join([box for box in boxes if box["share"] is None]), x),
        _shade(_join([box for box in known if box not in told]), x, colour, 0.08),
        {"data": {"values": told}, "mark": {"type": "rect", "color": colour, "opacity": 0.22}, "encoding": band},
        {"data": {"values": told}, "mark": {"type": "rule", "color": colour, "strokeWidth": 2}, "encoding": line},
    ]
    if "raw" in names:
        dashed = {"type": "rule", "color": SENTINELS["grey"], "strokeWidth": 1, "strokeDash": [3, 3]}
        raw = {**x, "y": {**y, "field": "raw"}}
        layers.insert(3, {"data": {"values": told}, "mark": dashed, "encoding": raw})
    return {"height": WEEKS_HEIGHT, "layer": layers}


def _span(row: dict[str, Any]) -> dict[str, int]:
    return {"day": to_millis(row["day"]), "until": to_millis(row["last"] + timedelta(days=1))}


def _join(rows: Rows) -> Rows:
    """Join missing buckets that follow one another: one stretch is drawn without seams."""
    found: Rows = []
    for row in rows:
        if found and found[-1]["until"] == row["day"]:
            found[-1] = {"day": found[-1]["day"], "until": row["until"]}
        else:
            found.append({"day": row["day"], "until": row["until"]})
    return found


def _shade(stretches: Rows, x: Spec, colour: str = SENTINELS["shade"], opacity: float = 1) -> Spec:
    mark = {"type": "rect", "color": colour, "opacity": opacity}
    return {"data": {"values": stretches}, "mark": mark, "encoding": x}
