"""Who can influence whom, as two lists of arcs that need no copying to be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.kernels.graphs import count_starts, merge_arcs, order_arcs, sort_rows

MOST = (1 << 31) - 1  # nodes: their numbers are int32


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes numbered from 0, and the arcs between them; an arc goes from who is read to who reads.

    ``ids``: each node's id, Arrow string or int64, (nodes,). ``out_starts``: int64, (nodes + 1,), and ``out_heads``:
    int32, (arcs,): node u reaches ``out_heads[out_starts[u]:out_starts[u + 1]]``; ``in_starts`` and ``in_tails`` are
    the same arcs by who is reached. ``chances``: probability of each arc in the order of ``in_tails``, falling for each
    node, float32, (arcs,), or empty where none were given. ``self_arcs``, ``repeated``: arcs left out when it was made.
    """

    ids: pa.Array
    out_starts: NDArray[np.int64]
    out_heads: NDArray[np.int32]
    in_starts: NDArray[np.int64]
    in_tails: NDArray[np.int32]
    chances: NDArray[np.float32]
    self_arcs: int = 0
    repeated: int = 0

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return len(self.ids)

    @property
    def arcs(self) -> int:
        """How many arcs."""
        return len(self.in_tails)

    def find_nodes(self, ids: pa.Array) -> NDArray[np.int64]:
        """Return the number of each id, -1 where it is no node, int64, shape (ids,)."""
        found = pc.index_in(ids.cast(self.ids.type), self.ids)
        numbers: NDArray[np.int64] = pc.fill_null(found, -1).to_numpy(False).astype(np.int64)
        return numbers


def build_graph(
    edges: pa.Table, source: str, target: str, *, probability: str = "", is_undirected: bool = False
) -> Graph:
    """Build a graph from a table of arcs, one a row.

    ``source``, ``target``: columns of ids, both texts or both integers; a node is numbered by where its id first
    stands, sources before targets. ``probability``: the column of probabilities, 0 to 1, or "" for none. With
    ``is_undirected`` each row is two arcs. Arcs from a node to itself are left out; arcs that stand again are merged
    into one that works where any of them does. Raises BadInput where a column is missing or holds another kind, an id
    is null, or a probability is not between 0 and 1: it names the row, from 1.
    """
    ends = [_read_ids(edges, name) for name in (source, target)]
    if ends[0].type != ends[1].type:
        raise BadInput(
            Words(
                f"列“{source}”是 {ends[0].type}，列“{target}”是 {ends[1].type}。",
                f"column {source} holds {ends[0].type}, column {target} {ends[1].type}.",
            ),
            mend=Words("两列要用同一种编号。", "Write both as texts, or both as integers."),
        )
    chances = _read_chances(edges, probability) if probability else np.zeros(0, np.float32)
    both = pa.chunked_array(ends).combine_chunks().dictionary_encode()
    ids, numbers = both.dictionary, both.indices.to_numpy(False).astype(np.int32)
    if len(ids) > MOST:
        raise BadInput(
            Words(f"图有 {len(ids):,} 个节点，超过上限。", f"{len(ids):,} nodes are too many."),
            mend=Words("请先去掉只出现一次的账号。", "Leave out accounts that stand once."),
        )
    tails, heads = numbers[: edges.num_rows], numbers[edges.num_rows :]
    if is_undirected:
        tails, heads, chances = np.concatenate([tails, heads]), np.concatenate([heads, tails]), np.tile(chances, 2)
    return join_arcs(ids, tails, heads, chances)


def join_arcs(ids: pa.Array, tails: NDArray[np.int32], heads: NDArray[np.int32], chances: NDArray[np.float32]) -> Graph:
    """Build a graph from arcs by number: tails and heads, int32, (arcs,), and their probabilities, or none."""
    nodes = len(ids)
    is_real = tails != heads
    self_arcs = int(len(is_real) - is_real.sum())
    if len(chances):  # an arc of probability 0 is none
        is_real &= chances > 0.0
        chances = chances[is_real]
    tails, heads = tails[is_real], heads[is_real]
    starts = count_starts(heads, nodes)
    order = order_arcs(heads, starts)
    in_tails, sorted_chances = tails[order], chances[order] if len(chances) else chances
    fresh, into = merge_arcs(starts, in_tails, sorted_chances, nodes)
    is_kept = into < 0
    repeated = int(len(is_kept) - is_kept.sum())
    if repeated:
        in_tails = in_tails[is_kept]
        sorted_chances = sorted_chances[is_kept] if len(sorted_chances) else sorted_chances
    if len(sorted_chances):
        sort_rows(fresh, in_tails, sorted_chances)
    in_heads = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(fresh))
    out_starts = count_starts(in_tails, nodes)
    out_heads = in_heads[order_arcs(in_tails, out_starts)]
    return Graph(ids, out_starts, out_heads, fresh, in_tails, sorted_chances, self_arcs, repeated)


def _read_ids(edges: pa.Table, name: str) -> pa.Array:
    column = _get_column(edges, name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_integer(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.string())
    else:
        raise BadInput(
            Words(f"列“{name}”是 {column.type}，不是编号。", f"column {name} holds {column.type}, no ids."),
            mend=Words("编号要是文本或整数。", "Ids are texts or integers."),
        )
    if column.null_count:
        row = pc.index(pc.is_null(column), True).as_py() + 1
        raise BadInput(
            Words(f"第 {row} 行的“{name}”是空的。", f"row {row}: {name} is empty."),
            mend=Words("每条边两端都要有编号。", "Give both ends of every arc an id."),
        )
    return column


def _read_chances(edges: pa.Table, name: str) -> NDArray[np.float32]:
    column = _get_column(edges, name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise BadInput(
            Words(f"列“{name}”是 {column.type}，不是概率。", f"column {name} holds {column.type}, no probabilities."),
            mend=Words("概率是 0 到 1 的数。", "A probability is a number from 0 to 1."),
        )
    chances: NDArray[np.float64] = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(False)
    wrong = np.flatnonzero(~((chances >= 0.0) & (chances <= 1.0)))
    if len(wrong):
        row, value = int(wrong[0]) + 1, chances[wrong[0]]
        raise BadInput(
            Words(f"第 {row} 行的“{name}”是 {value}，不是概率。", f"row {row}: {name} is {value}, no probability."),
            mend=Words("概率是 0 到 1 的数。", "A probability is a number from 0 to 1."),
        )
    return chances.astype(np.float32)


def _get_column(edges: pa.Table, name: str) -> pa.Array:
    if name not in edges.column_names:
        listed = ", ".join(edges.column_names)
        raise BadInput(
            Words(f"没有列“{name}”；有的是 {listed}。", f"there is no column {name}; there are {listed}."),
            mend=Words("请检查列名。", "Check the name."),
        )
    return edges[name].combine_chunks()
