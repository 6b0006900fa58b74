"""How it travels: cascades, influence, prediction, choosing KOLs, rebuttals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.spread.cascades import build_cascades, measure_cascades
    from canyu.spread.graphs import Graph, build_graph, open_graph, save_graph
    from canyu.spread.prediction import load_predictor
    from canyu.spread.selection import (
        Happened,
        Limits,
        Rumour,
        Selection,
        Timing,
        Wave,
        explain,
        plan_waves,
        replan,
        select,
        select_blockers,
        select_within,
        simulate,
    )

__all__ = [
    "Graph",
    "Happened",
    "Limits",
    "Rumour",
    "Selection",
    "Timing",
    "Wave",
    "build_cascades",
    "build_graph",
    "explain",
    "load_predictor",
    "measure_cascades",
    "open_graph",
    "plan_waves",
    "replan",
    "save_graph",
    "select",
    "select_blockers",
    "select_within",
    "simulate",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.spread.cascades": "build_cascades measure_cascades",
        "canyu.spread.graphs": "Graph build_graph open_graph save_graph",
        "canyu.spread.prediction": "load_predictor",
        "canyu.spread.selection": (
            "Happened Limits Rumour Selection Timing Wave explain plan_waves replan select select_blockers "
            "select_within simulate"
        ),
    },
)
