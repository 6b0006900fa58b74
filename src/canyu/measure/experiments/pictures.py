"""The pictures of an experiment: every effect with its interval, and one effect by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from canyu.kit.words import Words
from canyu.measure.experiments.by_day import Day
from canyu.measure.experiments.readout import TARGETS, Effect, Readout, Target
from canyu.measure.figure import Picture, Proof

_ENDS = [(name, pa.float64()) for name in ("value", "low", "high")]
EFFECTS = pa.schema(
    [(name, pa.string()) for name in ("outcome", "arm", "target", "label_zh", "label_en")]
    + [*_ENDS, ("p", pa.float64())]
)
DAYS = pa.schema([("day", pa.date32()), *_ENDS])
EFFECTS_SUBTITLE = Words(
    "相对提升 %，线为 95% 区间；蓝高于 0，橙低于 0，灰说不定",
    "Relative lift in %, lines are 95 % intervals; blue is above 0, orange below, grey not told apart",
)
DAYS_SUBTITLE = Words(
    "每天结束时的差值；带为每次查看都成立的 95% 区间",
    "The difference at the end of each day; the band is a 95 % interval that holds at every look",
)
NOTHING = Words("还没有可读的效应", "No effect can be read yet")


def draw_effects_picture(readout: Readout) -> Picture | None:
    """Return the relative lift of each effect that has one; None where none has."""
    labels = {outcome.name: outcome.label for outcome in readout.experiment.outcomes}
    is_alone = len(labels) == 1
    rows: list[dict[str, Any]] = []
    for effect in readout.effects:
        lift = effect.lift
        if lift.value is None or lift.low is None or lift.high is None:
            continue
        label, target = labels[effect.outcome], TARGETS[effect.target]
        rows.append(
            {
                "outcome": effect.outcome,
                "arm": effect.arm,
                "target": effect.target.value,
                "label_zh": target.zh if is_alone else f"{target.zh} · {label.zh}",
                "label_en": target.en if is_alone else f"{target.en} · {label.en}",
                "value": 100 * lift.value,
                "low": 100 * lift.low,
                "high": 100 * lift.high,
                "p": lift.p_value,
            }
        )
    if not rows:
        return None
    table = pa.Table.from_pylist(rows, schema=EFFECTS)
    return Picture("effects", _tell_effects(rows), EFFECTS_SUBTITLE, table, readout.proofs[0])


def draw_days_picture(days: Sequence[Day], arm: str, target: Target, proof: Proof) -> Picture | None:
    """Return one arm's difference at the end of each day; None where nothing was known on any."""
    rows: list[dict[str, Any]] = [{"day": day.day, **_spell(_find(day, arm, target))} for day in days]
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return None
    last = known[-1]
    is_told = last["low"] is not None and last["high"] is not None and (last["low"] > 0 or last["high"] < 0)
    title = (
        Words("到最后一天，区间不含 0", "By the last day the interval does not hold 0")
        if is_told
        else Words("到最后一天，区间仍含 0", "On the last day the interval still holds 0")
    )
    return Picture("effect_by_day", title, DAYS_SUBTITLE, pa.Table.from_pylist(rows, schema=DAYS), proof)


def _find(day: Day, arm: str, target: Target) -> Effect | None:
    return next((one for one in day.effects if (one.arm, one.target) == (arm, target)), None)


def _spell(effect: Effect | None) -> dict[str, float | None]:
    if effect is None:
        return {"value": None, "low": None, "high": None}
    told = effect.difference
    return {"value": told.value, "low": told.low, "high": told.high}


def _tell_effects(rows: list[dict[str, Any]]) -> Words:
    sure = [row for row in rows if row["low"] > 0 or row["high"] < 0]
    if not sure:
        return Words("没有一个效应能与 0 区分", "No effect can be told apart from 0")
    return Words(f"{len(rows)} 个效应中有 {len(sure)} 个不含 0", f"{len(sure)} of {len(rows)} effects do not hold 0")
