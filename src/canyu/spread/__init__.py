"""How it travels: cascades, influence, prediction, choosing KOLs, rebuttals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canyu.kit.lazy import load_lazily

if TYPE_CHECKING:
    from canyu.spread.cascades import build_cascades, measure_cascades
    from canyu.spread.graphs import Graph, build_graph, open_graph, save_graph
    from canyu.spread.prediction import load_predictor
    from canyu.spread.selection import Limits, Selection, select, select_within, simulate

__all__ = [
    "Graph",
    "Limits",
    "Selection",
    "build_cascades",
    "build_graph",
    "load_predictor",
    "measure_cascades",
    "open_graph",
    "save_graph",
    "select",
    "select_within",
    "simulate",
]

__getattr__ = load_lazily(
    __name__,
    {
        "canyu.spread.cascades": "build_cascades measure_cascades",
        "canyu.spread.graphs": "Graph build_graph open_graph save_graph",
        "canyu.spread.prediction": "load_predictor",
        "canyu.spread.selection": "Limits Selection select select_within simulate",
    },
)
