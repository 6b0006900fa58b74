"""The scorecard: targets against actual, the indices, what moved and why, and what is proven, for one period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.measure.scorecard.card import CardQuery, Line, Scorecard, ToldClaim, compute_scorecard
    from canyu.measure.scorecard.decomposition import Contribution, Shift, decompose_change
    from canyu.measure.scorecard.goals import STANDINGS, Goal, Standing, judge_goal, list_goal_metrics
    from canyu.measure.scorecard.report import CardReport

__all__ = [
    "STANDINGS",
    "CardQuery",
    "CardReport",
    "Contribution",
    "Goal",
    "Line",
    "Scorecard",
    "Shift",
    "Standing",
    "ToldClaim",
    "compute_scorecard",
    "decompose_change",
    "judge_goal",
    "list_goal_metrics",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.measure.scorecard.card": "CardQuery Line Scorecard ToldClaim compute_scorecard",
        "canyu.measure.scorecard.decomposition": "Contribution Shift decompose_change",
        "canyu.measure.scorecard.report": "CardReport",
        "canyu.measure.scorecard.goals": "STANDINGS Goal Standing judge_goal list_goal_metrics",
    },
)
