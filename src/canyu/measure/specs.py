"""Vega-Lite specifications of the overview's pictures: the one grammar for page, report and PDF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from canyu.kit.markup import make_fit
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.axes import HALF_DAY, Canvas, Mark, Rows, Spec, make_count_axis, make_time_axis, to_millis
from canyu.measure.card_specs import draw_shifts, draw_targets
from canyu.measure.figure import Picture
from canyu.measure.lab_specs import draw_runs
from canyu.measure.letters import MARK_WIDTH, shorten
from canyu.measure.lift_specs import draw_lift, draw_placebos
from canyu.measure.live_specs import draw_live
from canyu.measure.spread_specs import draw_forecast, draw_growth, draw_pace
from canyu.measure.step_specs import draw_followers, draw_series, draw_weeks
from canyu.measure.study_specs import draw_credits, draw_curve, draw_effect_days, draw_effects
from canyu.measure.theme import FONT, SENTINELS

ROW_HEIGHT = 26
NAME_WIDTH = 150
DAYS_APART = 100  # up to so many bars, a hairline stands between them
MARK_ROW = 14  # pixels of a row of names of marks; below them stands the number of the highest bar
TELLING = 30.0  # net sentiment in points: a wider interval around zero tells nothing
MAX_TEXT = 200  # letters of a name; more than is ever seen
SHARES_FROM = 500  # pixels: on a slimmer picture there is room for one number beside a bar
NO_DATA = Words("无数据", "no data")


def build_spec(picture: Picture, canvas: Canvas) -> Spec:
    """Return the Vega-Lite specification of a picture; colours are sentinels, texts are data."""
    rows = [{name: _make_safe(value) for name, value in row.items()} for row in picture.table.to_pylist()]
    layers = _BUILDERS[picture.name](rows, canvas)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": canvas.width,
        "background": None,
        "padding": 2,
        "autosize": {"type": "fit-x", "contains": "padding"},
        **layers,
        "config": _config(),
    }


def _make_safe(value: Any) -> Any:
    """Make a text fit to be drawn: one control character ends the drawing library, and the process with it."""
    return make_fit(value[:MAX_TEXT]) if isinstance(value, str) else value


def _config() -> Spec:
    ink, grey, line = SENTINELS["ink"], SENTINELS["grey"], SENTINELS["line"]
    axis = {
        "labelColor": grey,
        "labelFontSize": 12,
        "domainColor": line,
        "gridColor": line,
        "tickColor": line,
        "title": None,
        "ticks": False,
        "labelPadding": 6,
        "labelLimit": 0,  # Vega cuts an emoji in half, and the drawing fails: texts are cut here instead
    }
    text = {"color": ink, "fontSize": 12, "font": FONT}
    return {"font": FONT, "axis": axis, "view": {"stroke": None}, "text": text, "aria": False}


def _draw_volume(rows: Rows, canvas: Canvas) -> Spec:
    bars = [_stretch(row) for row in rows if row["posts"] is not None]
    width = {"x": make_time_axis(rows, canvas), "x2": {"field": "until"}}
    height = {"y": _make_roomy_axis(rows, canvas), "y2": {"datum": 0}}
    layers = _gaps(rows, "posts", canvas)
    mark: Spec = {"type": "rect", "color": SENTINELS["accent"]}
    if len(rows) <= DAYS_APART:
        mark |= {"stroke": SENTINELS["sheet"], "strokeWidth": 1}
    layers.append({"data": {"values": bars}, "mark": mark, "encoding": {**width, **height}})
    if bars:
        layers.append(_label_peak(max(bars, key=lambda row: row["posts"]), rows, canvas))
    return {"height": canvas.height, "layer": [*layers, *_marks(rows, canvas)]}


def _draw_reposts(rows: Rows, canvas: Canvas) -> Spec:
    return _draw_volume([{**row, "posts": row["reposts"]} for row in rows], canvas)


def _draw_sentiment(rows: Rows, canvas: Canvas) -> Spec:
    days = [{**row, "day": to_millis(row["day"]) + HALF_DAY} for row in rows]
    x = make_time_axis(rows, canvas)
    y = {"type": "quantitative", "axis": {"tickCount": 5, "labelExpr": _signed_labels()}}
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    path = {"x": x, "y": {**y, "field": "net"}}
    lonely = [day for before, day, after in _neighbours(days) if day["net"] is not None and not before and not after]
    layers: list[Spec] = [
        *_gaps(rows, "net", canvas),
        {"mark": {"type": "rule", "color": SENTINELS["neutral"]}, "encoding": {"y": {"datum": 0}}},
        {"mark": {"type": "area", "color": SENTINELS["accent"], "opacity": 0.22}, "encoding": band},
        {"mark": {"type": "line", "color": SENTINELS["accent"], "strokeWidth": 1.5}, "encoding": path},
        {"data": {"values": lonely}, "mark": {"type": "rule", "color": SENTINELS["accent"]}, "encoding": band},
        {
            "data": {"values": lonely},
            "mark": {"type": "point", "filled": True, "color": SENTINELS["accent"]},
            "encoding": path,
        },
    ]
    return {"height": canvas.height, "data": {"values": days}, "layer": [*layers, *_marks(rows, canvas)]}


def _draw_share(rows: Rows, canvas: Canvas) -> Spec:
    bars = [
        {
            "name": _name(row, canvas),
            "value": row["share"],
            "low": row["low"],
            "high": row["high"],
            "text": f"{format_number(row['share'], canvas.language, (row['low'], row['high']))}%",
            "colour": SENTINELS["accent" if row["is_chosen"] else "neutral"],
        }
        for row in rows
    ]
    return _draw_bars(bars)


def _draw_opinion(rows: Rows, canvas: Canvas) -> Spec:
    bars = []
    for row in rows:
        posts = row["posts"] if "posts" in row else row["mentions"]
        text = format_number(posts, canvas.language)
        if row["net"] is not None and (
            _find_polarity(row) != SENTINELS["neutral"] or row["high"] - row["low"] < TELLING
        ):
            net = format_number(row["net"], canvas.language, (row["low"], row["high"]))
            text += f" · {'+' if not net.startswith('-') and net != '0' else ''}{net.replace('-', '−')}"
        bars.append({"name": _name(row, canvas), "value": posts, "text": text, "colour": _find_polarity(row)})
    return _draw_bars(bars)


def _draw_board(rows: Rows, canvas: Canvas) -> Spec:
    bars = [
        {
            "name": _name(row, canvas),
            "value": row["minutes"],
            "text": format_number(row["minutes"], canvas.language),
            "colour": SENTINELS["accent" if row["is_chosen"] else "neutral"],
        }
        for row in rows
    ]
    return _draw_bars(bars)


def _draw_posts(rows: Rows, canvas: Canvas) -> Spec:
    colours = {"positive": "good", "negative": "bad"}
    bars = [
        {
            "name": f"{number}. {' '.join((row['text'] or row['id']).split())}",
            "value": row["total"],
            "text": format_number(row["total"], canvas.language),
            "colour": SENTINELS[colours.get(row["sentiment"] or "", "neutral")],
        }
        for number, row in enumerate(rows, 1)
    ]
    return _draw_bars(bars)


def _draw_carriers(rows: Rows, canvas: Canvas) -> Spec:
    bars = [
        {
            "name": _name(row, canvas),
            "value": row["carried"],
            "text": format_number(row["carried"], canvas.language)
            + (f" · {format_number(row['share'])}%" if canvas.width >= SHARES_FROM else ""),
            "colour": SENTINELS["accent"],
        }
        for row in rows
    ]
    return _draw_bars(bars, 1.3 if canvas.width < SHARES_FROM else 1.18)


def _draw_forecasts(rows: Rows, canvas: Canvas) -> Spec:
    bars = [
        {
            "name": _name(row, canvas),
            "value": row["day"],
            "low": row["day_low"],
            "high": row["day_high"],
            "text": format_number(row["day"], canvas.language),
            "colour": SENTINELS["accent"],
        }
        for row in rows
    ]
    return _draw_bars(bars, 1.3 if canvas.width < SHARES_FROM else 1.18)


def _draw_funnel(rows: Rows, canvas: Canvas) -> Spec:
    whole = rows[0]["people"]
    bars = []
    for number, row in enumerate(rows):
        text = format_number(row["people"], canvas.language)
        ends = {}
        if number and row["share"] is not None:
            text += f" · {format_number(row['share'], canvas.language, (row['low'], row['high']))}%"
            ends = {"low": row["low"] * whole / 100, "high": row["high"] * whole / 100}
        bars.append({"name": row["step"], "value": row["people"], "text": text, "colour": SENTINELS["accent"], **ends})
    return _draw_bars(bars, 1.4 if canvas.width < SHARES_FROM else 1.18)


_BUILDERS: dict[str, Callable[[Rows, Canvas], Spec]] = {
    "volume_by_day": _draw_volume,
    "reposts_by_day": _draw_reposts,
    "sentiment_by_day": _draw_sentiment,
    "pull_through": draw_weeks,
    "share_of_voice": _draw_share,
    "products": _draw_opinion,
    "channels": _draw_opinion,
    "board_minutes": _draw_board,
    "posts": _draw_posts,
    "series": draw_series,
    "followers": draw_followers,
    "share_by_week": draw_weeks,
    "carriers": _draw_carriers,
    "forecasts": _draw_forecasts,
    "pace": draw_pace,
    "growth": draw_growth,
    "forecast": draw_forecast,
    "live_minutes": draw_live,
    "lift": draw_lift,
    "placebos": draw_placebos,
    "card_targets": draw_targets,
    "card_shifts": draw_shifts,
    "funnel": _draw_funnel,
    "retention": draw_curve,
    "credits": draw_credits,
    "effects": draw_effects,
    "effect_by_day": draw_effect_days,
    "lab_runs": draw_runs,
}


def _draw_bars(bars: Rows, room: float = 1.18) -> Spec:
    """Horizontal bars from zero, each with its name and its value beside it; an interval is a line through the end.

    ``room``: the width of the axis by that of the longest bar; the value stands in what is left.
    """
    names = [str(number) for number in range(len(bars))]  # two rows may bear one name, so the axis takes numbers
    y = {"field": "row", "type": "nominal", "sort": None, "axis": None, "scale": {"paddingInner": 0.3}}
    top = max((max(bar["value"], bar.get("high") or 0) for bar in bars), default=1) or 1
    scale = {"domain": [0, top * room], "nice": False}
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}
    values = [
        {**bar, "row": number, "name": shorten(bar["name"], NAME_WIDTH), "end": bar.get("high") or bar["value"]}
        for number, bar in zip(names, bars, strict=True)
    ]
    # Names are drawn as data: in an axis they would have to pass through an expression, and they come from outside.
    name = {"type": "text", "align": "right", "dx": -8, "baseline": "middle"}
    layers: list[Spec] = [
        {"mark": name, "encoding": {"x": {"value": 0}, "text": {"field": "name", "type": "nominal"}}},
        {"mark": {"type": "bar"}, "encoding": {"x": x, "color": {"field": "colour", "type": "nominal", "scale": None}}},
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": {**x, "field": "end"}, "text": {"field": "text", "type": "nominal"}},
        },
    ]
    if any("low" in bar for bar in bars):
        ends = {"x": {**x, "field": "low"}, "x2": {"field": "high"}}
        layers.insert(2, {"mark": {"type": "rule", "color": SENTINELS["ink"], "strokeWidth": 1.5}, "encoding": ends})
    return {
        "height": max(1, len(bars)) * ROW_HEIGHT,
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": layers,
    }


def _find_polarity(row: dict[str, Any]) -> str:
    """Blue or orange only where the interval says so; grey where it holds zero."""
    if row["low"] is not None and row["low"] > 0:
        return SENTINELS["good"]
    if row["high"] is not None and row["high"] < 0:
        return SENTINELS["bad"]
    return SENTINELS["neutral"]


def _name(row: dict[str, Any], canvas: Canvas) -> str:
    return str(row["label_zh" if canvas.language.startswith("zh") else "label_en"])


def _stretch(row: dict[str, Any]) -> dict[str, Any]:
    """Make a day a stretch of time, so that its bar is exactly one day wide."""
    return {**row, "day": to_millis(row["day"]), "until": to_millis(row["day"] + timedelta(days=1))}


def _neighbours(days: Rows) -> list[tuple[bool, dict[str, Any], bool]]:
    known = [day["net"] is not None for day in days]
    return [(n > 0 and known[n - 1], day, n + 1 < len(days) and known[n + 1]) for n, day in enumerate(days)]


def _signed_labels() -> str:
    return "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + format(abs(datum.value), '~r')"


def _gaps(rows: Rows, field: str, canvas: Canvas) -> list[Spec]:
    """Grey stretches where nothing was collected, the longest with its name."""
    stretches: list[tuple[date, date]] = []
    for row in rows:
        if row[field] is None:
            if stretches and stretches[-1][1] == row["day"]:
                stretches[-1] = (stretches[-1][0], row["day"] + timedelta(days=1))
            else:
                stretches.append((row["day"], row["day"] + timedelta(days=1)))
    values = [{"day": to_millis(since), "until": to_millis(until)} for since, until in stretches]
    x = {"x": make_time_axis(rows, canvas), "x2": {"field": "until"}}
    layers: list[Spec] = [
        {"data": {"values": values}, "mark": {"type": "rect", "color": SENTINELS["shade"]}, "encoding": x}
    ]
    longest = max(stretches, key=lambda pair: pair[1] - pair[0], default=None)
    if longest and (longest[1] - longest[0]).days * canvas.width > 60 * len(rows):
        middle = (to_millis(longest[0]) + to_millis(longest[1])) // 2
        text = {"type": "text", "color": SENTINELS["grey"], "y": 12}
        at = {"x": make_time_axis(rows, canvas), "text": {"value": NO_DATA.say(canvas.language)}}
        layers.append({"data": {"values": [{"day": middle}]}, "mark": text, "encoding": at})
    return layers


def _label_peak(peak: dict[str, Any], rows: Rows, canvas: Canvas) -> Spec:
    share = (peak["day"] - to_millis(rows[0]["day"])) / (len(rows) * 2 * HALF_DAY)
    align = "left" if share < 0.1 else "right" if share > 0.9 else "center"
    text = {"type": "text", "align": align, "baseline": "bottom", "dy": -3}
    at = {"x": {**make_time_axis(rows, canvas), "field": "middle"}, "y": _make_roomy_axis(rows, canvas)}
    shown = {"text": {"value": format_number(peak["posts"], canvas.language)}}
    return {"data": {"values": [{**peak, "middle": peak["day"] + HALF_DAY}]}, "mark": text, "encoding": {**at, **shown}}


def _make_roomy_axis(rows: Rows, canvas: Canvas) -> Spec:
    """Return the axis of posts, with room above the bars where names of marks stand."""
    axis = make_count_axis("posts", canvas)
    if marks := _list_marks(rows, canvas):
        room = MARK_ROW * (min(len(marks), _count_mark_rows(canvas)) + 1) / canvas.height
        axis["scale"]["domainMax"] = max(row["posts"] or 0 for row in rows) / (1 - room)
    return axis


def _list_marks(rows: Rows, canvas: Canvas) -> list[Mark]:
    known = [mark for mark in canvas.marks if rows[0]["day"] <= mark.day <= rows[-1]["day"]]
    return sorted(known, key=lambda mark: mark.day)


def _count_mark_rows(canvas: Canvas) -> int:
    return 3 if canvas.width >= SHARES_FROM else 6


def _marks(rows: Rows, canvas: Canvas) -> list[Spec]:
    """Campaigns and statements as dashed lines, each with its name at the top; none leaves the picture."""
    many, middle = _count_mark_rows(canvas), rows[0]["day"] + (rows[-1]["day"] - rows[0]["day"]) / 2
    values = [
        {
            "day": to_millis(mark.day),
            "label": shorten(_make_safe(mark.label.say(canvas.language)), MARK_WIDTH),
            "row": 2 + MARK_ROW * (number % many),
            "is_late": mark.day > middle,
        }
        for number, mark in enumerate(_list_marks(rows, canvas))
    ]
    if not values:
        return []
    x = make_time_axis(rows, canvas)
    rule = {"type": "rule", "color": SENTINELS["grey"], "strokeDash": [3, 3]}
    at = {
        "x": x,
        "y": {"field": "row", "type": "quantitative", "scale": None},
        "text": {"field": "label", "type": "nominal"},
    }
    layers: list[Spec] = [{"data": {"values": values}, "mark": rule, "encoding": {"x": x}}]
    for is_late, align, dx in ((False, "left", 4), (True, "right", -4)):
        named = [value for value in values if value["is_late"] is is_late]
        text = {"type": "text", "align": align, "baseline": "top", "dx": dx, "color": SENTINELS["ink"]}
        layers.append({"data": {"values": named}, "mark": text, "encoding": at})
    return layers
