"""The pictures of a lift: its path, and the treated among the placebos, each with a title that says what is seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate
from canyu.measure.figure import Picture, Proof
from canyu.measure.lift.answer import Lift
from canyu.measure.lift.design import KINDS
from canyu.measure.lift.panel import Time

PATH = pa.schema(
    [
        ("at", pa.float64()),
        ("label", pa.string()),
        *[(name, pa.float64()) for name in ("actual", "expected", "low", "high")],
        ("is_after", pa.bool_()),
    ]
)
PLACEBOS = pa.schema(
    [("unit", pa.string()), ("value", pa.float64()), ("ratio", pa.float64()), ("is_treated", pa.bool_())]
)
PATH_SUBTITLE = Words(
    "每个被处理单元每期：实际与本来会有", "Per treated unit and period: actual, and what would have been"
)
PLACEBOS_SUBTITLE = Words("效果与自身误差之比，每条短线一个单元", "Effect by the unit's own error; a stroke per unit")


def draw_lift_pictures(lift: Lift) -> tuple[Picture, ...]:
    """Return the pictures of an answer; none where nothing could be known."""
    if lift.effect.value is None:
        return ()
    proof = lift.proof or Proof(KINDS[lift.design.kind], "", {}, len(lift.path), "")
    rows = [
        {
            "at": _locate(point.time),
            "label": _name(point.time, lift),
            "actual": point.actual,
            "expected": point.expected,
            "low": point.low,
            "high": point.high,
            "is_after": point.time >= lift.design.start,  # type: ignore[operator]  # of one kind
        }
        for point in lift.path
    ]
    path = Picture("lift", tell_effect(lift), PATH_SUBTITLE, pa.Table.from_pylist(rows, schema=PATH), proof)
    return (path, *_draw_placebos(lift, proof))


def tell_effect(lift: Lift) -> Words:
    """Return the effect in one line: in per cent where there is a baseline, with its interval."""
    told, unit = (lift.relative, "%") if lift.relative.value is not None else (lift.effect, "")
    kind = KINDS[lift.design.kind]
    zh, en = (tell_estimate(told, unit, language) for language in ("zh", "en"))
    return Words(f"{kind.zh}：{zh}", f"{kind.en}: {en}")


def tell_estimate(estimate: Estimate, unit: str, language: str) -> str:
    """Return an estimate with its interval and p-value, or a dash.

    >>> tell_estimate(Estimate(5.42, 2.3, 8.75, 0.006, Words("", "")), "%", "en")
    '+5.4% [+2.3%, +8.8%], p 0.006'
    >>> tell_estimate(Estimate(-0.0294, None, None, None, Words("", "")), "", "en")
    '−0.029'
    """
    if estimate.value is None:
        return "—"
    if estimate.low is None or estimate.high is None:
        return _sign(estimate.value, unit, language)
    ends = ", ".join(_sign(end, unit, language) for end in (estimate.low, estimate.high))
    p_value = "" if estimate.p_value is None else f", p {estimate.p_value:.2g}"
    return f"{_sign(estimate.value, unit, language)} [{ends}]{p_value}"


def _draw_placebos(lift: Lift, proof: Proof) -> tuple[Picture, ...]:
    spread = lift.in_space
    if spread is None:
        return ()
    rows: list[dict[str, Any]] = [
        {"unit": unit, "value": value, "ratio": ratio, "is_treated": False}
        for unit, value, ratio in zip(spread.units, spread.values, spread.ratios, strict=True)
    ]
    name = ", ".join(lift.design.treated)
    rows.append({"unit": name, "value": lift.effect.value, "ratio": spread.treated_ratio, "is_treated": True})
    many = round(spread.share * len(rows)) - 1
    title = Words(
        f"{len(rows) - 1} 个对照中有 {many} 个变动不小于被处理单元",
        f"{many} of {len(rows) - 1} donors moved at least as much as the treated",
    )
    return (Picture("placebos", title, PLACEBOS_SUBTITLE, pa.Table.from_pylist(rows, schema=PLACEBOS), proof),)


def _sign(value: float, unit: str, language: str) -> str:
    text = format_number(value, language) if abs(value) >= 1 or value == 0 else f"{value:.2g}"
    return f"{'+' if value > 0 else ''}{text}{unit}".replace("-", "−")


def _locate(time: Time) -> float:
    if isinstance(time, datetime):
        return time.timestamp()
    return float(time.toordinal()) if isinstance(time, date) else time


def _name(time: Time, lift: Lift) -> str:
    if isinstance(time, datetime):
        zone = lift.design.outcome.zone if lift.design.outcome else "UTC"
        return f"{time.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
    return time.isoformat() if isinstance(time, date) else f"{time:g}"
