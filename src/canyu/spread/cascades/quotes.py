"""Names quoted in texts, and which accounts they are: told by a column, or learnt where the parent is stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.spread.cascades.fields import Fields, to_codes
from canyu.spread.kernels.cascades import CHAIN
from canyu.spread.kernels.quotes import copy_names, find_quotes

TOLD = 1 << 40  # a name that a column tells outweighs any number of learnt ones

MOST_ACCOUNTS = 100  # a name of more accounts ("WeChat user") names nobody


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quoted names by node: those of node n are ``starts[n]:starts[n + 1]``, the nearest first."""

    starts: NDArray[np.int64]
    names: NDArray[np.int32]
    marks: NDArray[np.int8]
    dictionary: pa.Array
    """The names, by code."""


def read_quotes(texts: pa.Array | None, rows: NDArray[np.int64]) -> Quotes:
    """Return the names quoted in the texts of ``rows`` (row of each node, -1 for none)."""
    starts = np.zeros(len(rows) + 1, np.int64)
    if texts is None or not len(texts):
        return Quotes(starts, np.zeros(0, np.int32), np.zeros(0, np.int8), pa.array([], pa.string()))
    filled = pc.fill_null(texts, "") if texts.null_count else texts
    _, places, data = filled.buffers()
    offsets = np.frombuffer(places, np.int64)[filled.offset : filled.offset + len(filled) + 1]
    raw = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    text, begin, end, mark = find_quotes(raw, offsets)
    node_of = np.full(len(texts), -1, np.int64)
    kept = np.flatnonzero(rows >= 0)
    node_of[rows[kept]] = kept
    nodes = node_of[text]
    order = np.argsort(nodes, kind="stable")
    order = order[nodes[order] >= 0]
    begin, end, mark, nodes = begin[order], end[order], mark[order], nodes[order]
    joined, lengths = copy_names(raw, begin, end)
    found = pa.StringArray.from_buffers(len(begin), pa.py_buffer(lengths), pa.py_buffer(joined)).dictionary_encode()
    np.cumsum(np.bincount(nodes, minlength=len(rows)), out=starts[1:])
    return Quotes(starts, to_codes(found.indices, -1), np.ascontiguousarray(mark), found.dictionary)


def match_names(
    fields: Fields, quotes: Quotes, authors: NDArray[np.int32], parent: NDArray[np.int32], roots: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the accounts of each quoted name, the likeliest first: where each name's begin, and their codes.

    A repost that states its parent quotes the parent's name first: each such pair is a vote. Not counted are edges to
    the root and to the account's own reposts, where the name is somebody else's (on CED 76 % of the answers hang on
    the answerer's own repost). What the column ``name`` tells is taken before anything learnt.
    A name of more than MOST_ACCOUNTS accounts is of none.
    """
    node = np.flatnonzero((np.diff(quotes.starts) > 0) & (parent >= 0))
    above = parent[node]
    node = node[(authors[above] >= 0) & (authors[above] != authors[node]) & ~np.isin(above, roots)]
    first = find_first(quotes, node)
    pairs = [np.stack([quotes.names[first].astype(np.int64), authors[parent[node]].astype(np.int64)])]
    weights = [np.ones(len(node), np.int64)]
    if fields.names is not None:
        named = to_codes(pc.index_in(fields.names.cast(pa.string()), quotes.dictionary), -1)
        row = np.flatnonzero((named >= 0) & (fields.authors >= 0))
        pairs.append(np.stack([named[row].astype(np.int64), fields.authors[row].astype(np.int64)]))
        weights.append(np.full(len(row), TOLD, np.int64))
    joined = np.concatenate(pairs, axis=1)
    keys, which = np.unique(joined[0] * (len(fields.accounts) + 1) + joined[1], return_inverse=True)
    votes = np.zeros(len(keys), np.int64)
    np.add.at(votes, which, np.concatenate(weights))
    name, account = keys // (len(fields.accounts) + 1), keys % (len(fields.accounts) + 1)
    most = np.zeros(len(quotes.dictionary), np.int64)
    np.maximum.at(most, name, votes)
    keep = (votes >= TOLD) | (most[name] < TOLD)
    keep &= np.bincount(name[keep], minlength=len(most))[name] <= MOST_ACCOUNTS
    name, account, votes = name[keep], account[keep], votes[keep]
    order = np.lexsort((account, -votes, name))
    starts = np.zeros(len(quotes.dictionary) + 1, np.int64)
    np.cumsum(np.bincount(name, minlength=len(quotes.dictionary)), out=starts[1:])
    return starts, account[order].astype(np.int32)


def find_first(quotes: Quotes, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each node's nearest link of the chain, or of the person answered where it has no chain."""
    first = quotes.starts[nodes]
    second = np.minimum(first + 1, len(quotes.names) - 1)
    has_more = quotes.starts[nodes + 1] - first > 1
    return np.where((quotes.marks[first] != CHAIN) & has_more, second, first) if len(nodes) else first
