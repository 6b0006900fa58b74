"""Graphs of influence: built from tables of arcs or from mentions, kept on disk, opened without reading."""

from canyu.spread.graphs.graph import Graph, build_graph, join_arcs
from canyu.spread.graphs.mentions import MENTION_SCHEMA, build_mention_graph, find_mentions
from canyu.spread.graphs.store import open_graph, save_graph

__all__ = [
    "MENTION_SCHEMA",
    "Graph",
    "build_graph",
    "build_mention_graph",
    "find_mentions",
    "join_arcs",
    "open_graph",
    "save_graph",
]
