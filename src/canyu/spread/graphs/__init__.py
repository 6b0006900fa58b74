"""Graphs of influence: built from tables of arcs, kept on disk, opened without reading."""

from canyu.spread.graphs.graph import Graph, build_graph, join_arcs
from canyu.spread.graphs.store import open_graph, save_graph

__all__ = ["Graph", "build_graph", "join_arcs", "open_graph", "save_graph"]
