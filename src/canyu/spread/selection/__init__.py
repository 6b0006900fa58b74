"""Choosing whom to start with: seeds with a certificate, within a budget too, and cascades played to judge them."""

from canyu.spread.selection.budgets import Limits, SeededOptions, select_within
from canyu.spread.selection.explaining import explain
from canyu.spread.selection.live import BoardReach, Draw, Purse, ReachBoard, build_board
from canyu.spread.selection.models import Model
from canyu.spread.selection.options import Options
from canyu.spread.selection.rounds import Selection
from canyu.spread.selection.seeds import select
from canyu.spread.selection.simulation import Spread, simulate

__all__ = [
    "BoardReach",
    "Draw",
    "Limits",
    "Model",
    "Options",
    "Purse",
    "ReachBoard",
    "SeededOptions",
    "Selection",
    "Spread",
    "build_board",
    "explain",
    "select",
    "select_within",
    "simulate",
]
