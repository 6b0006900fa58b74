"""Choosing whom to start with, or to set against a rumour, with a certificate; and cascades played to judge it."""

from canyu.spread.selection.blocking import select_blockers, select_k_blockers
from canyu.spread.selection.budgets import Limits, SeededOptions, select_within
from canyu.spread.selection.explaining import explain
from canyu.spread.selection.models import Model
from canyu.spread.selection.options import Options
from canyu.spread.selection.rivals import Blocked, Plays, simulate_blocking
from canyu.spread.selection.rounds import Selection
from canyu.spread.selection.rumours import BlockingOptions, Goal, Pace, Rumour, Timing, match_delays
from canyu.spread.selection.seeds import select
from canyu.spread.selection.simulation import Spread, simulate

__all__ = [
    "Blocked",
    "BlockingOptions",
    "Goal",
    "Limits",
    "Model",
    "Options",
    "Pace",
    "Plays",
    "Rumour",
    "SeededOptions",
    "Selection",
    "Spread",
    "Timing",
    "explain",
    "match_delays",
    "select",
    "select_blockers",
    "select_k_blockers",
    "select_within",
    "simulate",
    "simulate_blocking",
]
