"""Accounts that posted and may post once more: a second post is a node of its own beside the first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.spread.graphs import Graph, join_arcs
from canyu.spread.kernels.samples import BY_DEGREE, CONSTANT
from canyu.spread.selection.happening import Happened
from canyu.spread.selection.models import Model, find_numbers, read_arcs
from canyu.spread.selection.options import WaveOptions
from canyu.spread.selection.timing import check_timing


@dataclass(frozen=True, slots=True)
class Repeated:
    """A graph, accounts and options with a node for the second post of some, and which id each such node stands for."""

    graph: Graph
    accounts: pa.Table
    options: WaveOptions
    ids: dict[str | int, str | int]

    def name(self, ids: pa.Array) -> pa.Array:
        """Return ids with the accounts' own in place of those of second posts."""
        return pa.array([self.ids.get(one, one) for one in ids.to_pylist()], ids.type) if self.ids else ids

    def find(self, ids: pa.Array) -> pa.Array:
        """Return ids with those of second posts in place of the accounts' own; undoes ``name``."""
        back = {own: second for second, own in self.ids.items()}
        return pa.array([back.get(one, one) for one in ids.to_pylist()], ids.type) if back else ids


def add_repeats(graph: Graph, accounts: pa.Table, happened: Happened, options: WaveOptions) -> Repeated:
    """Return what a plan reads where ``happened.again`` names accounts; the same graph where it names none.

    The second post has the first's arcs, each tried anew and apart from the first: whom it did not bring along may be
    brought along now. Nothing leads to it, and reaching it is worth nothing. Raises BadInput where an id has not
    posted, or the model is lt: there each node follows one other, however often that one posts.
    """
    names = [name for name in dict.fromkeys(happened.again) if name in set(accounts["id"].to_pylist())]
    _check(happened, names, options)
    if not names:
        return Repeated(graph, accounts, options, {})
    numbers = find_numbers(graph, pa.array(names, graph.ids.type))
    fresh = _make_ids(graph, names)
    heads = np.repeat(np.arange(graph.nodes, dtype=np.int32), np.diff(graph.in_starts))
    second = np.full(graph.nodes, -1, np.int32)
    second[numbers] = graph.nodes + np.arange(len(numbers), dtype=np.int32)
    arcs = np.flatnonzero(second[graph.in_tails] >= 0)
    every = np.concatenate([np.arange(graph.arcs), arcs])
    tails = np.concatenate([np.asarray(graph.in_tails), second[graph.in_tails[arcs]]]).astype(np.int32)
    ids = pa.concat_arrays([graph.ids, fresh])
    grown = join_arcs(ids, tails, heads[every], _read_chances(graph, options, heads)[every])
    found = options.copy()
    found["model"] = str(Model.IC)
    found.pop("probability", None)
    _grow_values(found, graph, len(names))
    if "timing" in found:
        centres = check_timing(graph, found["timing"])
        if len(centres) > 1:
            found["timing"] = replace(found["timing"], centres_h=_match(grown, tails, heads[every], centres[every]))
    rows = pc.index_in(pa.array(names, graph.ids.type), accounts["id"].combine_chunks().cast(graph.ids.type))
    again = accounts.take(rows)
    again = again.set_column(again.column_names.index("id"), "id", fresh.cast(accounts["id"].type))
    return Repeated(grown, pa.concat_tables([accounts, again]), found, dict(zip(fresh.to_pylist(), names, strict=True)))


def _check(happened: Happened, names: list[str | int], options: WaveOptions) -> None:
    strange = next((name for name in happened.again if name not in happened.posted), None)
    if strange is not None:
        raise BadInput(
            Words(f"{strange} 还没有发过。", f"{strange} has not posted yet."),
            mend=Words("只有发过的账号才能再发一次。", "Only who posted can post again."),
        )
    if names and options.get("model", "wc") == Model.LT:
        raise BadInput(
            Words("lt 模型下同一账号再发一次没有意义。", "under lt a second post of an account changes nothing."),
            mend=Words("请改用 ic、wc 或 uniform。", "Take ic, wc or uniform."),
        )


def _make_ids(graph: Graph, names: list[str | int]) -> pa.Array:
    """Return ids that no node has: with a mark that no id from outside holds, or beyond the largest number."""
    if pa.types.is_integer(graph.ids.type):
        most = int(pc.max(graph.ids).as_py())
        return pa.array(range(most + 1, most + 1 + len(names)), graph.ids.type)
    return pa.array([f"{name}\0again" for name in names], graph.ids.type)


def _read_chances(graph: Graph, options: WaveOptions, heads: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the probability of each arc as it was before any was added."""
    arcs = read_arcs(graph, options.get("model", "wc"), options.get("probability"))
    if arcs.kind == CONSTANT:
        return np.full(graph.arcs, arcs.chance, np.float32)
    if arcs.kind == BY_DEGREE:
        return (1.0 / np.diff(graph.in_starts)[heads]).astype(np.float32)
    return np.asarray(arcs.chances, np.float32)


def _grow_values(options: WaveOptions, graph: Graph, count: int) -> None:
    values = options.get("values")
    none = np.zeros(count)
    options["values"] = np.concatenate([np.ones(graph.nodes) if values is None else values, none])
    if "reached" in options:
        options["reached"] = np.concatenate([options["reached"], none])


def _match(
    grown: Graph, tails: NDArray[np.int32], heads: NDArray[np.int32], delays: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the delay of each arc of the grown graph; arcs of probability 0 are gone from it."""
    keys = heads.astype(np.int64) * grown.nodes + tails
    order = np.argsort(keys)
    own = np.repeat(np.arange(grown.nodes, dtype=np.int64), np.diff(grown.in_starts)) * grown.nodes + grown.in_tails
    return np.asarray(delays[order[np.searchsorted(keys[order], own)]], np.float64)
