"""Choosing whom to start with: seeds with a certificate, within a budget too, and cascades played to judge them."""

from canyu.spread.selection.budgets import Limits, select_within
from canyu.spread.selection.explaining import explain
from canyu.spread.selection.fatigue import Fatigue
from canyu.spread.selection.happening import Happened
from canyu.spread.selection.live import BoardReach, Draw, Purse, ReachBoard, build_board
from canyu.spread.selection.models import Model
from canyu.spread.selection.options import ExplainOptions, Options, PlanOptions, SeededOptions, WaveOptions
from canyu.spread.selection.rounds import Selection
from canyu.spread.selection.seeds import select
from canyu.spread.selection.simulation import Spread, simulate
from canyu.spread.selection.spending import Wave
from canyu.spread.selection.timing import Timing, make_timing, match_delays
from canyu.spread.selection.waves import Plan, PlannedWave, explain_plan, plan_waves, replan

__all__ = [
    "BoardReach",
    "Draw",
    "ExplainOptions",
    "Fatigue",
    "Happened",
    "Limits",
    "Model",
    "Options",
    "Plan",
    "PlanOptions",
    "PlannedWave",
    "Purse",
    "ReachBoard",
    "SeededOptions",
    "Selection",
    "Spread",
    "Timing",
    "Wave",
    "WaveOptions",
    "build_board",
    "explain",
    "explain_plan",
    "make_timing",
    "match_delays",
    "plan_waves",
    "replan",
    "select",
    "select_within",
    "simulate",
]
