"""The chart of a live session: viewers above, orders below, minute by minute on one time axis."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.axes import Canvas, Rows, Spec, make_count_axis
from canyu.measure.letters import MARK_WIDTH, shorten
from canyu.measure.theme import SENTINELS

MINUTE_MS = 60_000
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240)
TICK_PX = 72
VIEWERS_PX, ORDERS_PX, HEIGHT = (188, 70), (320, 224), 320
"""Bottom and top of either panel, in pixels from above; names of marks stand over the first one."""
MARK_ROWS, MARK_PX, FIRST_MARK_PX = 3, 15, 22
VIEWERS, ORDERS = Words("在线人数", "Viewers"), Words("每分钟订单", "Orders per minute")
NO_DATA = Words("无数据", "no data")


def draw_live(rows: Rows, canvas: Canvas) -> Spec:
    """Draw a session's minutes: a gap in viewers is a grey stretch, never 0; the usual orders are a band.

    A row has ``at`` and ``until`` (milliseconds since 1970 on the local clock), ``viewers`` (null: not known),
    ``orders`` of the session among ``all_orders``, ``low`` and ``high`` of the usual (null: unknown) and ``mark``.
    """
    x = {"x": _make_axis(rows, canvas), "x2": {"field": "until"}}
    most_viewers = max((row["viewers"] or 0 for row in rows), default=0)
    most_orders = max(max(row["all_orders"], row["high"] or 0) for row in rows)
    viewers = _make_panel("viewers", VIEWERS_PX, most_viewers, canvas)
    orders = _make_panel("all_orders", ORDERS_PX, most_orders, canvas)
    watched = [row for row in rows if row["viewers"] is not None]
    usual = [row for row in rows if row["high"] is not None]
    accent, neutral = SENTINELS["accent"], SENTINELS["neutral"]
    layers: list[Spec] = [
        _draw_gaps(rows, x, canvas),
        _draw_boxes(watched, {**x, "y": viewers, "y2": {"datum": 0}}, accent, 0.28),
        _draw_lines(watched, {**x, "y": {**viewers, "axis": None}}, accent),
        _draw_boxes(
            usual, {**x, "y": {**orders, "field": "low", "axis": None}, "y2": {"field": "high"}}, neutral, 0.22
        ),
        _draw_boxes(rows, {**x, "y": orders, "y2": {"datum": 0}}, neutral, 0.6),
        _draw_boxes(rows, {**x, "y": {**orders, "field": "orders", "axis": None}, "y2": {"datum": 0}}, accent, 1),
        _name_panel(VIEWERS.say(canvas.language), 10),
        _name_panel(ORDERS.say(canvas.language), ORDERS_PX[1] - 12),
        *_draw_marks(rows, x["x"]),
    ]
    return {"height": HEIGHT, "layer": layers, "resolve": {"scale": {"y": "independent"}}}


def _make_axis(rows: Rows, canvas: Canvas) -> Spec:
    first, last = rows[0]["at"], rows[-1]["until"]
    room = max(2, canvas.width // TICK_PX)
    step = next((one for one in STEPS if (last - first) / (one * MINUTE_MS) <= room), STEPS[-1]) * MINUTE_MS
    ticks = list(range(-(-first // step) * step, last + 1, step))
    labels = dump_json({str(tick): f"{datetime.fromtimestamp(tick / 1000, UTC):%H:%M}" for tick in ticks})
    axis = {"values": ticks, "labelExpr": f"({labels})[toString(+datum.value)]", "grid": False, "labelOverlap": True}
    return {"field": "at", "type": "temporal", "axis": axis, "scale": {"type": "utc", "domain": [first, last]}}


def _make_panel(field: str, place: tuple[int, int], most: int, canvas: Canvas) -> Spec:
    axis = make_count_axis(field, canvas)
    axis["axis"] |= {"tickCount": 3, "orient": "left"}
    axis["scale"] = {"domain": [0, max(1, most) * 1.05], "range": list(place), "nice": False}
    return axis


def _draw_boxes(rows: Rows, encoding: Spec, colour: str, opacity: float) -> Spec:
    mark = {"type": "rect", "color": colour, "opacity": opacity}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _draw_lines(rows: Rows, encoding: Spec, colour: str) -> Spec:
    mark = {"type": "rule", "color": colour, "strokeWidth": 2}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _draw_gaps(rows: Rows, x: Spec, canvas: Canvas) -> Spec:
    """Shade the stretches in which viewers are not known; the longest says so where it has room."""
    gaps: Rows = []
    for row in rows:
        if row["viewers"] is None and gaps and gaps[-1]["until"] == row["at"]:
            gaps[-1] |= {"until": row["until"]}
        elif row["viewers"] is None:
            gaps.append({"at": row["at"], "until": row["until"]})
    bottom, top = VIEWERS_PX
    place = {**x, "y": {"value": top}, "y2": {"value": bottom}}
    box = _draw_boxes(gaps, place, SENTINELS["line"], 0.7)
    longest = max(gaps, key=lambda gap: gap["until"] - gap["at"], default=None)
    whole = rows[-1]["until"] - rows[0]["at"]
    if longest is None or (longest["until"] - longest["at"]) * canvas.width < 64 * whole:
        return box
    middle = [{"at": (longest["at"] + longest["until"]) // 2}]
    text = {"type": "text", "color": SENTINELS["grey"], "baseline": "middle"}
    said = {"x": x["x"], "y": {"value": (bottom + top) // 2}, "text": {"value": NO_DATA.say(canvas.language)}}
    return {"layer": [box, {"data": {"values": middle}, "mark": text, "encoding": said}]}


def _name_panel(name: str, y: int) -> Spec:
    text = {"type": "text", "align": "left", "color": SENTINELS["grey"], "baseline": "middle"}
    place = {"x": {"value": 0}, "y": {"value": y}, "text": {"value": name}}
    return {"data": {"values": [{}]}, "mark": text, "encoding": place}


def _draw_marks(rows: Rows, x: Spec) -> list[Spec]:
    middle = (rows[0]["at"] + rows[-1]["until"]) / 2
    marked: list[dict[str, Any]] = [
        {
            "at": row["at"],
            "label": shorten(row["mark"], MARK_WIDTH),
            "row": FIRST_MARK_PX + MARK_PX * (number % MARK_ROWS),
            "is_late": row["at"] > middle,
        }
        for number, row in enumerate(row for row in rows if row["mark"])
    ]
    if not marked:
        return []
    rule = {"type": "rule", "color": SENTINELS["ink"], "strokeDash": [3, 3]}
    place = {"x": x, "y": {"value": FIRST_MARK_PX}, "y2": {"value": HEIGHT}}
    layers: list[Spec] = [{"data": {"values": marked}, "mark": rule, "encoding": place}]
    for is_late, align, dx in ((False, "left", 4), (True, "right", -4)):
        text = {"type": "text", "align": align, "baseline": "top", "dx": dx, "color": SENTINELS["ink"]}
        at = {
            "x": x,
            "y": {"field": "row", "type": "quantitative", "scale": None, "axis": None},
            "text": {"field": "label", "type": "nominal"},
        }
        named = [mark for mark in marked if mark["is_late"] is is_late]
        layers.append({"data": {"values": named}, "mark": text, "encoding": at})
    return layers
