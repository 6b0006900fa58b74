"""Did opinion turn after a statement, and is it back where it was before the crisis; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.care.crisis.turning.closing import CloseReport, Closing, judge_closing
    from canyu.care.crisis.turning.judging import (
        BEFORE_H,
        LEAST_HOURS,
        Change,
        Look,
        TurnReport,
        TurnRule,
        Verdict,
        estimate_change,
        judge_turn,
    )
    from canyu.care.crisis.turning.opinions import HourlyOpinions, count_opinions, read_opinions

__all__ = [
    "BEFORE_H",
    "LEAST_HOURS",
    "Change",
    "CloseReport",
    "Closing",
    "HourlyOpinions",
    "Look",
    "TurnReport",
    "TurnRule",
    "Verdict",
    "count_opinions",
    "estimate_change",
    "judge_closing",
    "judge_turn",
    "read_opinions",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.care.crisis.turning.closing": "CloseReport Closing judge_closing",
        "canyu.care.crisis.turning.opinions": "HourlyOpinions count_opinions read_opinions",
        "canyu.care.crisis.turning.judging": "BEFORE_H LEAST_HOURS Change Look TurnReport TurnRule "
        "Verdict estimate_change judge_turn",
    },
)
