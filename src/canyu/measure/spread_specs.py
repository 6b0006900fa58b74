"""Charts of spread: the pace of one cascade, how it grew, and how far a forecast says it will go."""

from __future__ import annotations

from math import log2
from typing import Any

from canyu.kit.jsonio import dump_json
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.axes import Canvas, Rows, Spec, make_count_axis
from canyu.measure.letters import MARK_WIDTH, shorten
from canyu.measure.theme import SENTINELS

PACE_HEIGHT = 168
GROWTH_HEIGHT = 128
BAND_HEIGHT = 300
MINUTE, HOUR, DAY = 60, 3600, 86_400
MOMENTS = (  # ages that a person names, in seconds
    *(0, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY),
)
LETTERS_APART_PX = 56
LOW = 0.09
"""By the highest number drawn: what lies lower has no room for its name below it."""
END_H = 26.5
"""Where the end stands on the axis of a forecast, beyond the first day."""
HALF = Words("一半", "half")
NOW = Words("已见", "seen")
DAY_ONE = Words("24 小时", "24 h")
THE_END = Words("最终", "end")
TRUTH = Words("实际", "actual")


def draw_pace(rows: Rows, canvas: Canvas) -> Spec:
    """Draw reposts per stretch of age as bars; a row has ``begin_s``, ``until_s``, ``reposts``, ``is_log`` and marks.

    The busiest stretch bears its number; ``half_s`` is a dashed line where half of all had come; ``answers`` are
    triangles at the foot, one per stretch in which the brand answered; ``campaigns`` names those that began in it.
    """
    axis = _make_age_axis(rows, canvas)
    bars = [
        {"from": _place(row, "begin_s"), "until": _place(row, "until_s"), "reposts": row["reposts"]} for row in rows
    ]
    x = {"x": {**axis, "field": "from"}, "x2": {"field": "until"}}
    y = _make_whole_axis("reposts", canvas)
    mark: Spec = {"type": "rect", "color": SENTINELS["accent"], "stroke": SENTINELS["sheet"], "strokeWidth": 0.5}
    layers: list[Spec] = [
        {"data": {"values": bars}, "mark": mark, "encoding": {**x, "y": y, "y2": {"datum": 0}}},
        *_draw_half(rows, axis, canvas),
    ]
    peak = max(range(len(rows)), key=lambda place: (rows[place]["reposts"], -place))
    layers.append(_label(bars[peak], format_number(rows[peak]["reposts"], canvas.language), axis, canvas))
    answers = [{"middle": _middle(bar)} for row, bar in zip(rows, bars, strict=True) if row["answers"]]
    if answers:
        shape = {"type": "point", "shape": "triangle-up", "filled": True, "color": SENTINELS["bad"], "size": 64}
        at = {"x": {**axis, "field": "middle"}, "y": {"value": PACE_HEIGHT - 6}}
        layers.append({"data": {"values": answers}, "mark": shape, "encoding": at})
    return {"height": PACE_HEIGHT, "layer": [*layers, *_draw_campaigns(rows, axis)]}


def draw_growth(rows: Rows, canvas: Canvas) -> Spec:
    """Draw how many reposts there were by each age, from the same rows as ``draw_pace``."""
    axis = _make_age_axis(rows, canvas)
    points = [{"at": _place(rows[0], "begin_s"), "together": 0}]
    points += [{"at": _place(row, "until_s"), "together": row["together"]} for row in rows]
    x = {"x": {**axis, "field": "at"}}
    y = _make_whole_axis("together", canvas)
    line = {"type": "line", "color": SENTINELS["accent"], "strokeWidth": 2}
    layers: list[Spec] = [
        {"data": {"values": points}, "mark": line, "encoding": {**x, "y": y}},
        *_draw_half(rows, axis, canvas, HALF),
    ]
    return {"height": GROWTH_HEIGHT, "layer": layers}


def draw_forecast(rows: Rows, canvas: Canvas) -> Spec:
    """Draw what was seen, the band until 24 hours, the end with its interval, and what came where that is known.

    A row has ``hours`` (of the age), ``seen``, ``low``, ``middle``, ``high`` and ``actual`` (reactions so far, null
    where it does not apply) and ``is_end`` for the one row of the end, which stands apart from the axis of time.
    """
    places = [{**row, "hours": END_H if row["is_end"] else row["hours"]} for row in rows]
    x, y = _make_hours_axis(canvas), _make_whole_axis("middle", canvas)
    band = [row for row in places if row["middle"] is not None and not row["is_end"]]
    end = [row for row in places if row["is_end"] and row["middle"] is not None]
    seen = [row for row in places if row["seen"] is not None]
    came = [row for row in places if row["actual"] is not None and not row["is_end"]]
    came_end = [row for row in places if row["actual"] is not None and row["is_end"]]
    at, edges = {"x": x, "y": y}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    accent, ink = SENTINELS["accent"], SENTINELS["ink"]
    dashed = {"type": "line", "color": accent, "strokeWidth": 1.5, "strokeDash": [4, 3]}
    layers: list[Spec] = [
        {"data": {"values": band}, "mark": {"type": "area", "color": accent, "opacity": 0.22}, "encoding": edges},
        {"data": {"values": band}, "mark": dashed, "encoding": at},
        {
            "data": {"values": end},
            "mark": {"type": "bar", "size": 10, "color": accent, "opacity": 0.3},
            "encoding": edges,
        },
        _point(end, "middle", accent, at),
        _line(came, "actual", ink, at, 1.25),
        _point(came_end, "actual", ink, at),
        _line(seen, "seen", accent, at, 2.5),
    ]
    now = seen[-1:] if seen else []
    rule = {"type": "rule", "color": SENTINELS["grey"], "strokeDash": [3, 3]}
    layers.append({"data": {"values": now}, "mark": rule, "encoding": {"x": x}})
    layers += _tell_forecast((now, band[-1:], end, came_end or came[-1:]), canvas, at)
    return {"height": BAND_HEIGHT, "layer": layers}


def say_age(seconds: float) -> Words:
    """Return an age in its largest unit.

    >>> say_age(0).en, say_age(900).en, say_age(7200).zh, say_age(86_400).en
    ('0', '15 min', '2 小时', '1 d')
    """
    for size, zh, en in ((DAY, "天", "d"), (HOUR, "小时", "h"), (MINUTE, "分", "min")):
        if seconds >= size:
            return Words(f"{seconds / size:g} {zh}", f"{seconds / size:g} {en}")
    return Words(f"{seconds:g} 秒", f"{seconds:g} s") if seconds else Words("0", "0")


def scale_age(seconds: float, is_log: bool) -> float:
    """Return the place of an age on the axis; the logarithmic one begins with the first minute.

    >>> scale_age(180, True), scale_age(180, False)
    (2.0, 180)
    """
    return log2(1 + max(seconds, 0.0) / MINUTE) if is_log else seconds


def _place(row: dict[str, Any], name: str) -> float:
    return scale_age(row[name], row["is_log"])


def _middle(bar: dict[str, Any]) -> float:
    return float(bar["from"] + bar["until"]) / 2


def _make_age_axis(rows: Rows, canvas: Canvas) -> Spec:
    is_log, last = rows[0]["is_log"], rows[-1]["until_s"]
    whole = scale_age(last, is_log)
    least = whole * LETTERS_APART_PX / canvas.width
    chosen: list[float] = []
    for moment in [one for one in (MOMENTS if is_log else _list_even(last)) if one <= last]:
        if not chosen or scale_age(moment, is_log) - scale_age(chosen[-1], is_log) >= least:
            chosen.append(moment)
    labels = {f"{scale_age(moment, is_log):.6f}": say_age(moment).say(canvas.language) for moment in chosen}
    axis: Spec = {"values": [scale_age(moment, is_log) for moment in chosen], "grid": False, "labelOverlap": True}
    axis["labelExpr"] = f"({dump_json(labels)})[format(datum.value, '.6f')]"
    return {"type": "quantitative", "axis": axis, "scale": {"domain": [0, whole], "nice": False}}


def _list_even(last: float) -> list[float]:
    """Return even steps that a person names, at most about ten of them."""
    steps = [moment for moment in MOMENTS if moment and last / moment <= 10]
    step = float(steps[0]) if steps else last
    return [number * step for number in range(int(last // step) + 1)]


def _draw_half(rows: Rows, axis: Spec, canvas: Canvas, label: Words | None = None) -> list[Spec]:
    halves = [{"half": _place(row, "half_s")} for row in rows if row["half_s"] is not None]
    rule = {"type": "rule", "color": SENTINELS["grey"], "strokeDash": [3, 3]}
    x = {**axis, "field": "half"}
    layers: list[Spec] = [{"data": {"values": halves}, "mark": rule, "encoding": {"x": x}}]
    if label:
        text = {"type": "text", "align": "left", "baseline": "top", "dx": 4, "color": SENTINELS["grey"], "y": 2}
        said = {"x": x, "text": {"value": label.say(canvas.language)}}
        layers.append({"data": {"values": halves}, "mark": text, "encoding": said})
    return layers


def _draw_campaigns(rows: Rows, axis: Spec) -> list[Spec]:
    """Campaigns as dashed lines in the middle of the stretch in which they began, each with its name at the top."""
    named = [row for row in rows if row["campaigns"]]
    if not named:
        return []
    whole = axis["scale"]["domain"][1]
    rule = {"type": "rule", "color": SENTINELS["ink"], "strokeDash": [2, 2]}
    layers: list[Spec] = []
    for number, row in enumerate(named):
        middle = (_place(row, "begin_s") + _place(row, "until_s")) / 2
        is_late = middle > whole / 2
        align: Spec = {"align": "right", "dx": -4} if is_late else {"align": "left", "dx": 4}
        label = {"type": "text", "baseline": "top", "y": 2 + 14 * (number % 3), "color": SENTINELS["ink"], **align}
        values = {"values": [{"at": middle, "label": shorten(row["campaigns"], MARK_WIDTH)}]}
        x = {"x": {**axis, "field": "at"}}
        layers.append({"data": values, "mark": rule, "encoding": x})
        layers.append({"data": values, "mark": label, "encoding": {**x, "text": {"field": "label", "type": "nominal"}}})
    return layers


def _label(bar: dict[str, Any], text: str, axis: Spec, canvas: Canvas) -> Spec:
    share = _middle(bar) / axis["scale"]["domain"][1]
    align = "left" if share < 0.1 else "right" if share > 0.9 else "center"
    mark = {"type": "text", "align": align, "baseline": "bottom", "dy": -3}
    at = {"x": {**axis, "field": "middle"}, "y": _make_whole_axis("reposts", canvas), "text": {"value": text}}
    return {"data": {"values": [{**bar, "middle": _middle(bar)}]}, "mark": mark, "encoding": at}


def _make_whole_axis(field: str, canvas: Canvas) -> Spec:
    axis = make_count_axis(field, canvas)
    axis["axis"]["tickMinStep"] = 1
    return axis


def _make_hours_axis(canvas: Canvas) -> Spec:
    hours = (0, 6, 12, 18) if canvas.width < 500 else (0, 1, 2, 4, 6, 8, 12, 16, 20, 24)
    labels = {str(hour): say_age(hour * HOUR).say(canvas.language) for hour in hours if hour < 24}
    labels |= {"24": DAY_ONE.say(canvas.language), str(END_H): THE_END.say(canvas.language)}
    axis = {"values": [*hours, END_H], "grid": False, "labelExpr": f"({dump_json(labels)})[toString(datum.value)]"}
    axis |= {"labelOverlap": True}
    return {"field": "hours", "type": "quantitative", "axis": axis, "scale": {"domain": [0, END_H + 1], "nice": False}}


def _line(rows: Rows, field: str, colour: str, at: Spec, width: float) -> Spec:
    mark = {"type": "line", "color": colour, "strokeWidth": width, "interpolate": "step-after"}
    return {"data": {"values": rows}, "mark": mark, "encoding": {**at, "y": {**at["y"], "field": field}}}


def _point(rows: Rows, field: str, colour: str, at: Spec) -> Spec:
    mark = {"type": "point", "filled": True, "size": 50, "color": colour, "opacity": 1}
    return {"data": {"values": rows}, "mark": mark, "encoding": {**at, "y": {**at["y"], "field": field}}}


def _tell_forecast(ends: tuple[Rows, Rows, Rows, Rows], canvas: Canvas, at: Spec) -> list[Spec]:
    """Name the curves clear of each other: the day below its band, the end above its bar, with what came over it.

    Where the end is not known, what came stands where its curve ends: to the right of one that ends early.
    """
    now, day, end, came = ends
    is_over = bool(came) and came[0]["is_end"]
    is_early = bool(came) and came[0]["hours"] < 12
    if is_over and end:
        top = {"actual": came[0]["actual"], "high": max(end[0]["high"], came[0]["actual"])}
        end = came = [end[0] | top]
    highest = max(
        (row[name] or 0 for row in (*now, *day, *end, *came) for name in ("seen", "high", "actual")), default=0
    )
    is_low = [bool(rows) and rows[0][name] < LOW * highest for rows, name in ((now, "seen"), (day, "low"))]
    side = ("left", 8, 0) if is_early else ("right", 12, -24) if is_over else ("right", -10, -10)
    told = (
        (now, ("seen", "seen"), NOW, ("left", 6, -12 if is_low[0] else 12)),
        (day, ("middle", "high" if is_low[1] else "low"), DAY_ONE, ("right", 0, -10 if is_low[1] else 12)),
        (end, ("middle", "high"), THE_END, ("right", 12, -10)),
        (came, ("actual", "high" if is_over else "actual"), TRUTH, side),
    )
    found: list[Spec] = []
    for rows, (field, place), words, (align, dx, dy) in told:
        for row in rows:
            text = f"{words.say(canvas.language)} {format_number(round(row[field]), canvas.language)}"
            mark = {"type": "text", "align": align, "dx": dx, "dy": dy, "baseline": "middle"}
            encoding = {**at, "y": {**at["y"], "field": place}, "text": {"value": text}}
            found.append({"data": {"values": [row]}, "mark": mark, "encoding": encoding})
    return found
