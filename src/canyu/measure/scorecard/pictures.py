"""The two pictures of a scorecard: figures beside their targets, and what moved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pyarrow as pa

from canyu.kit.numbers import format_number
from canyu.kit.words import Words
from canyu.measure.figure import Picture
from canyu.measure.scorecard.card import Line, Scorecard
from canyu.measure.scorecard.decomposition import DIMENSIONS, Contribution, Shift
from canyu.measure.scorecard.goals import Standing
from canyu.measure.scorecard.saying import OTHERS, name_part, say_goal, say_signed

MOST_PARTS = 4
TARGETS_TITLE = Words("{reached}/{goals} 个目标达到", "{reached} of {goals} targets reached")
TARGETS_SUBTITLE = Words(
    "实际值占目标的百分比，横线为 95% 区间，虚线为目标。",
    "Actual in per cent of the target, with its 95 % interval; the dashed line is the target.",
)
SHIFTS_TITLE = Words("变化最大的是{label}", "{label} moved most")
SHIFTS_SUBTITLE = Words(
    "各{dimension}对变化的贡献，加起来恰等于总变化；对比之前同样多的天数。",
    "What each {dimension} adds to the change, against as many days before; the parts add up to it exactly.",
)
NAMES = (("label_zh", pa.string()), ("label_en", pa.string()))
TARGETS_SCHEMA = pa.schema(
    [
        *NAMES,
        *((name, pa.float64()) for name in ("percent", "low", "high")),
        ("text", pa.string()),
        ("standing", pa.string()),
    ]
)
SHIFTS_SCHEMA = pa.schema([*NAMES, ("share", pa.float64()), ("text", pa.string())])


def draw_targets(card: Scorecard, language: str) -> Picture | None:
    """Return the figures beside their targets; None where no target is above 0 and known."""
    shown = [line for line in card.lines if line.goal and line.goal.value > 0 and line.estimate.value is not None]
    if not shown:
        return None
    title = TARGETS_TITLE.fill(reached=card.count(Standing.REACHED), goals=card.goals)
    table = pa.Table.from_pylist([_tell_line(line, language) for line in shown], schema=TARGETS_SCHEMA)
    return Picture("card_targets", title, TARGETS_SUBTITLE, table, shown[0].result.proof)


def draw_shifts(card: Scorecard, language: str) -> Picture | None:
    """Return what the largest changes are made of; None where none could be taken apart."""
    known = [(line, shift) for line, shift in card.shifts if shift.change is not None and shift.proof is not None]
    if not known:
        return None
    rows: list[dict[str, Any]] = []
    for line, shift in known:
        rows += _tell_shift(line, shift, language)
    label, name = known[0][0].metric.label, DIMENSIONS[card.query.by]
    title = Words(SHIFTS_TITLE.zh.format(label=label.zh), SHIFTS_TITLE.en.format(label=label.en))
    subtitle = Words(SHIFTS_SUBTITLE.zh.format(dimension=name.zh), SHIFTS_SUBTITLE.en.format(dimension=name.en))
    proof = known[0][1].proof or known[0][0].result.proof
    return Picture("card_shifts", title, subtitle, pa.Table.from_pylist(rows, schema=SHIFTS_SCHEMA), proof)


def list_parts(shift: Shift) -> list[tuple[Words, Contribution]]:
    """Return the largest parts by name, and all others as one, so that what is shown adds up, too."""
    shown = list(shift.parts[:MOST_PARTS])
    rest = [one for one in shift.parts[MOST_PARTS:] if one.amount]
    named = [(name_part(shift.dimension, one.key), one) for one in shown if one.amount]
    if rest:
        own, mix = sum((one.own for one in rest), Fraction()), sum((one.mix for one in rest), Fraction())
        named.append((OTHERS.fill(count=len(rest)), Contribution(None, own, mix)))
    return named


def _tell_line(line: Line, language: str) -> dict[str, Any]:
    goal = line.goal.value if line.goal else 1.0

    def scale(value: float | None) -> float | None:
        return None if value is None else 100 * value / goal

    estimate, label = line.estimate, line.metric.label
    interval = None if estimate.low is None or estimate.high is None else (estimate.low, estimate.high)
    text = f"{format_number(estimate.value, language, interval)} · {say_goal(line, language)}".replace("-", "−")
    bounds = {"low": scale(estimate.low), "high": scale(estimate.high)}
    named = {"label_zh": label.zh, "label_en": label.en, "text": text}
    return {**named, **bounds, "percent": scale(estimate.value), "standing": line.standing.value}


def _tell_shift(line: Line, shift: Shift, language: str) -> list[dict[str, Any]]:
    parts, label = list_parts(shift), line.metric.label
    longest = max((abs(one.amount) for _, one in parts), default=None) or 1
    head = {"label_zh": label.zh, "label_en": label.en, "share": None, "text": say_signed(shift.change or 0, language)}
    return [
        head,
        *(
            {
                "label_zh": name.zh,
                "label_en": name.en,
                "share": float(one.amount / longest),
                "text": say_signed(one.amount, language),
            }
            for name, one in parts
        ),
    ]
