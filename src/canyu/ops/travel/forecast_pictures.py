"""The pictures, tables and figures of what is foreseen, each with its proof and the measured coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.jsonio import parse_json
from canyu.kit.model_store import list_model_folders
from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure import Figure, Picture, Proof
from canyu.measure.facts import Answer
from canyu.ops.evidence.words import say_span
from canyu.ops.travel.forecasts import Forecast, Forecasts, Reactions, count_likely, foresee_curve, to_micros
from canyu.ops.travel.words import (
    BETWEEN,
    COLLECTED,
    FORECAST_DEFINITIONS,
    FORECAST_LABELS,
    FORECAST_METHOD,
    FORECAST_UNITS,
    LEARNT,
)

NAMES = ("young", "seen", "likely", "expected")
MOST_BARS = 12
MOST_POINTS = 120
_TIME = pa.timestamp("us", tz="UTC")
FORECASTS = pa.schema(
    [
        *[(name, pa.string()) for name in ("id", "label_zh", "label_en")],
        ("posted", _TIME),
        ("age_h", pa.float64()),
        *[(name, pa.int64()) for name in ("seen", "day", "day_low", "day_high", "end", "end_low", "end_high")],
        ("peak", _TIME),
        *[(name, pa.float64()) for name in ("peak_passed", "chance")],
        *[(name, pa.int64()) for name in ("day_actual", "end_actual")],
        ("model", pa.string()),
    ]
)
CURVE = pa.schema(
    [*[(name, pa.float64()) for name in ("hours", "seen", "low", "middle", "high", "actual")], ("is_end", pa.bool_())]
)
BEYOND = Words(
    "区间超过了模型见过的最大一条，那里没有实测依据。",
    "The interval reaches past the largest cascade that the model has seen: nothing measured stands behind it.",
)


def list_figures(found: Forecasts) -> tuple[Figure, ...]:
    """Return the strip of figures."""
    values: Mapping[str, float] = {
        "young": len(found.rows),
        "seen": sum(one.found.seen for one in found.rows),
        "likely": count_likely(found.rows),
        "expected": float(sum(one.chance for one in found.rows)),
    }
    return tuple(
        Figure(name, FORECAST_LABELS[name], values[name], FORECAST_UNITS[name], prove(found, name)) for name in NAMES
    )


def prove(found: Forecasts, name: str) -> Proof:
    """Return how a figure of the forecasts came to be."""
    ages = [one.found.age / timedelta(hours=1) for one in found.rows]
    version = found.rows[0].found.version if found.rows else ""
    caveats = [*say_coverage(version, float(np.median(ages))), LEARNT] if found.rows else []
    rows = sum(one.found.seen for one in found.rows)
    return _prove(found.answer, FORECAST_DEFINITIONS[name], rows, found.engine, [*caveats, COLLECTED])


def draw_forecasts(found: Forecasts, names: Mapping[str, Words]) -> Picture:
    """Return what is foreseen for 24 hours as bars with their intervals, with a title that tells of the first."""
    rows = list_rows(found, names)
    first = rows[0] if rows else None
    title = Words("此刻没有可预测的帖子", "Nothing can be foreseen at this moment")
    if first:
        chance = f"{100 * first['chance']:.0f}%"
        many = format_number(found.passes, "en")
        title = Words(
            f"{first['label_zh']} 有 {chance} 的可能超过 {format_number(found.passes, 'zh')} 条",
            f"{first['label_en']} passes {many} with a probability of {chance}",
        )
    subtitle = Words(
        "24 小时反应数的预测，线段为 80% 区间", "Reactions foreseen in 24 hours; the line is the 80% interval"
    )
    return Picture(
        "forecasts", title, subtitle, pa.Table.from_pylist(rows[:MOST_BARS], FORECASTS), prove(found, "size")
    )


def list_forecasts(found: Forecasts, names: Mapping[str, Words]) -> Picture:
    """Return everything foreseen as a table."""
    title = Words("此刻的预测", "What is foreseen")
    return Picture(
        "forecasts", title, title, pa.Table.from_pylist(list_rows(found, names), FORECASTS), prove(found, "size")
    )


def list_rows(found: Forecasts, names: Mapping[str, Words]) -> list[dict[str, Any]]:
    """Return one row per post, the likeliest to pass first; ``names`` by id."""
    return [_tell(one, names[one.reactions.root.id]) for one in found.rows]


def draw_forecast(one: Forecast, answer: Answer, engine: str) -> Picture:
    """Return what was seen of one post, the band to 24 hours, the end, and what came where that is known."""
    found = one.found
    zh, en = (
        [format_number(n, name) for n in (found.day.size, found.day.low, found.day.high)] for name in ("zh", "en")
    )
    title = Words(
        f"24 小时约 {zh[0]} 条（80%：{zh[1]} 至 {zh[2]}）",
        f"About {en[0]} in 24 hours (80%: {en[1]} to {en[2]})",
    )
    span = say_span(found.age.total_seconds())
    subtitle = Words(
        f"反应数（转发与评论）；粗线是发布后 {span.zh}内已见的，色带是 80% 区间，细线是后来的实际",
        f"Reactions (reposts and comments); bold: seen within {span.en}, band: 80% interval, thin: what came",
    )
    caveats = [*say_coverage(found.version, found.age / timedelta(hours=1)), BETWEEN, LEARNT, COLLECTED]
    if found.is_beyond_data:
        caveats.insert(0, BEYOND)
    proof = _prove(answer, FORECAST_DEFINITIONS["size"], found.seen, engine, caveats)
    return Picture("forecast", title, subtitle, pa.Table.from_pylist(_list_curve(one), CURVE), proof)


def say_coverage(version: str, age_h: float) -> list[Words]:
    """Return the model's version and how often its intervals held on posts it was never fitted on, near an age."""
    lines = [line for line in read_figures(version) if line.get("horizon") in {"day", "final"}]
    told = Words(f"模型 {version}。", f"Model {version}.")
    if not lines:
        return [told]
    near = min({line["age_h"] for line in lines}, key=lambda age: abs(np.log(age / max(age_h, 0.01))))
    chosen = {line["horizon"]: line for line in lines if line["age_h"] == near}
    day, end = (f"{100 * chosen[name]['coverage']:.0f}%" for name in ("day", "final"))
    many, hours = chosen["day"]["cascades"], f"{near:g}"
    return [
        Words(
            f"{told.zh}在从未参与拟合的 {many} 条传播上，发布 {hours} 小时后的 80% 区间实际覆盖 {day}（24 小时）、"
            f"{end}（最终）。",
            f"{told.en} On {many} cascades never fitted on, {hours} h after the post, its 80% intervals held in {day} "
            f"(24 h) and {end} (the end).",
        )
    ]


@lru_cache(maxsize=4)
def read_figures(version: str) -> tuple[dict[str, Any], ...]:
    """Return the measured lines that lie beside the weights of a model; empty where there are none."""
    name = version.partition("+")[0]
    for folder in list_model_folders():
        path = folder / name / "figures.json"
        if name and path.is_file():
            return tuple(parse_json(path.read_bytes()).get("sizes", ()))
    return ()


def _tell(one: Forecast, name: Words) -> dict[str, Any]:
    found, reactions = one.found, one.reactions
    return {
        "id": reactions.root.id,
        "name": name,
        "label_zh": name.zh,
        "label_en": name.en,
        "posted": reactions.root.time,
        "age_h": found.age / timedelta(hours=1),
        "seen": found.seen,
        "day": found.day.size,
        "day_low": found.day.low,
        "day_high": found.day.high,
        "end": found.final.size,
        "end_low": found.final.low,
        "end_high": found.final.high,
        "peak": found.peak.time,
        "peak_passed": found.peak.passed_probability,
        "chance": one.chance,
        "day_actual": reactions.count_day(),
        "end_actual": reactions.count_end(),
        "model": found.version,
    }


def _list_curve(one: Forecast) -> list[dict[str, Any]]:
    reactions, found = one.reactions, one.found
    age = found.age / timedelta(hours=1)
    moment = reactions.root.time + found.age
    empty: dict[str, Any] = dict.fromkeys(("seen", "low", "middle", "high", "actual"))
    rows = [
        {**empty, "hours": hours, "seen": many, "is_end": False} for hours, many in _list_steps(reactions, 0.0, age)
    ]
    grid = [age, *[float(hour) for hour in np.linspace(age, 24, 49)[1:]]]
    for point in foresee_curve(one, grid):
        row = {"hours": point.hour, "low": point.low, "middle": point.size, "high": point.high, "is_end": False}
        rows.append({**empty, **row})
    known = min(reactions.until, reactions.root.time + timedelta(hours=24))
    if known > moment:
        until = (known - reactions.root.time) / timedelta(hours=1)
        steps = _list_steps(reactions, age, until)
        rows += [{**empty, "hours": hours, "actual": many, "is_end": False} for hours, many in steps]
    end = {"hours": None, "low": found.final.low, "middle": found.final.size, "high": found.final.high, "is_end": True}
    return [*rows, {**empty, **end, "actual": reactions.count_end()}]


def _list_steps(reactions: Reactions, begin_h: float, end_h: float) -> list[tuple[float, float]]:
    """Return how many reactions there were at some ages, from ``begin_h`` to ``end_h``, both included."""
    hours = (reactions.times - to_micros(reactions.root.time)) / 3.6e9
    inside = hours[(hours > begin_h) & (hours < end_h)]
    chosen = np.unique(np.concatenate([[begin_h], _thin(inside), [end_h]]))
    counts = np.searchsorted(np.maximum(hours, 0), chosen, side="right")
    if begin_h == 0:
        counts[0] = 0
    return [(float(hour), float(many)) for hour, many in zip(chosen, counts, strict=True)]


def _thin(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep every so manyth point, so that a chart holds no more than it can show."""
    return hours[:: max(1, -(-len(hours) // MOST_POINTS))]


def _prove(answer: Answer, definition: Words, rows: int, engine: str, caveats: Sequence[Words]) -> Proof:
    return Proof(definition, answer.sql + FORECAST_METHOD, answer.versions, rows, engine, tuple(caveats))


def say_moment(moment: datetime) -> str:
    """Return a moment as the address of a page states it: in UTC, to the second, the next full one."""
    return (moment + timedelta(microseconds=999_999)).isoformat(timespec="seconds")
