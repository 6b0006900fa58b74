"""The models of influence, and what each asks of a graph."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph
from canyu.spread.kernels.samples import BY_DEGREE, CONSTANT, FEW, SORTED, WALK, Arcs, make_counts, make_jumps

SLACK = 1e-4  # by which weights of a node may exceed 1 together: they are 32-bit numbers


class Model(StrEnum):
    """How influence passes along an arc.

    ``WC``, weighted cascade: with probability one over the number of arcs into the node. ``UNIFORM``: with the same
    probability everywhere. ``IC``, independent cascade: with each arc's own. ``LT``, linear threshold: a node follows
    when the weights of those who reach it pass a threshold drawn for it; weights are the arcs' own, or one over their
    number (Kempe, Kleinberg and Tardos 2003).
    """

    WC = "wc"
    UNIFORM = "uniform"
    IC = "ic"
    LT = "lt"


def read_arcs(graph: Graph, model: str, probability: float | None) -> Arcs:
    """Return what sampling reads; raises BadInput where the graph lacks what the model asks for."""
    try:
        kind = Model(model)
    except ValueError:
        names = ", ".join(Model)
        raise BadInput(
            Words(f"没有模型“{model}”。", f"there is no model {model}."),
            mend=Words(f"可以用：{names}。", f"There are {names}."),
        ) from None
    starts, tails, chances = graph.in_starts, graph.in_tails, graph.chances
    none, no_gaps = np.zeros(0, np.float32), np.zeros(1)
    if kind is Model.UNIFORM:
        if probability is None or not 0.0 <= probability <= 1.0:
            raise BadInput(
                Words("uniform 模型要一个 0 到 1 的概率。", "the model uniform asks for a probability from 0 to 1."),
                mend=Words("请用 --probability 给出，例如 0.01。", "Give one with --probability, such as 0.01."),
            )
        if probability == 0.0:
            return Arcs(CONSTANT, np.zeros_like(starts), tails, none, 0.0, no_gaps)
        gap = 0.0 if probability >= 1.0 else 1.0 / float(np.log1p(-probability))
        counts = make_counts(np.full(FEW, probability))
        tables = (np.array([gap]), np.zeros(1), counts, *make_jumps(probability))
        return Arcs(CONSTANT, starts, tails, none, probability, *tables)
    if kind is Model.WC:
        degrees = np.arange(2, max(int(np.diff(starts).max(initial=0)), 1) + 1)
        logs = np.log1p(-1.0 / degrees)
        gaps, nones = np.concatenate([np.zeros(2), 1.0 / logs]), np.concatenate([[1.0, 0.0], np.exp(degrees * logs)])
        counts = make_counts(1.0 / np.maximum(np.arange(FEW), 1))
        return Arcs(BY_DEGREE, starts, tails, none, 0.0, gaps, nones, counts)
    if kind is Model.IC and not len(chances) and graph.arcs:
        raise BadInput(
            Words("ic 模型要每条边的概率。", "the model ic asks for a probability of each arc."),
            mend=Words(
                "请指定概率列，或改用 wc、uniform。", "Name the column of probabilities, or take wc or uniform."
            ),
        )
    if kind is Model.IC:
        return Arcs(SORTED, starts, tails, chances, 0.0, no_gaps)
    if len(chances):
        sums = np.concatenate([[0.0], np.cumsum(chances, dtype=np.float64)])
        weights = sums[starts[1:]] - sums[starts[:-1]]
        heavy = np.flatnonzero(weights > 1.0 + SLACK)
        if len(heavy):
            node, weight = graph.ids[int(heavy[0])].as_py(), weights[heavy[0]]
            raise BadInput(
                Words(
                    f"进入节点 {node} 的权重之和是 {weight:.4f}，超过 1。",
                    f"the weights into node {node} sum to {weight:.4f}, more than 1.",
                ),
                mend=Words(
                    "lt 模型要求每个节点的入边权重之和不超过 1。", "Under lt they sum to at most 1 for each node."
                ),
            )
    return Arcs(WALK, starts, tails, chances, 0.0, no_gaps)


def find_numbers(graph: Graph, ids: pa.Array) -> NDArray[np.int32]:
    """Return the node of each id, int32; raises BadInput where one is none."""
    numbers = graph.find_nodes(ids)
    if (numbers < 0).any():
        missing = ids[int(np.flatnonzero(numbers < 0)[0])].as_py()
        raise BadInput(
            Words(f"图里没有节点 {missing}。", f"the graph has no node {missing}."),
            mend=Words("请检查编号。", "Check the id."),
        )
    return numbers.astype(np.int32)
