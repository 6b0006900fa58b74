"""Rebuild the repost tree of every post: parents stated, quoted, or the root, each edge with its confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.spread.cascades.fields import Fields, read_fields
from canyu.spread.cascades.how import CONFIDENCES, WAYS, WEAKNESS
from canyu.spread.cascades.quotes import match_names, read_quotes
from canyu.spread.cascades.report import CascadeReport
from canyu.spread.kernels import cascades as kernels
from canyu.spread.kernels.cascades import ABSENT, ITSELF, NO_TIME


@dataclass(frozen=True, slots=True)
class Cascades:
    """Rebuilt trees. Nodes of a cascade stand together: its root, then its reposts by time (those without one last)."""

    fields: Fields
    starts: NDArray[np.int64]
    """Node of each root, shape (cascades + 1,)."""
    rows: NDArray[np.int64]
    """Row of the table per node; -1 for a root that is no row."""
    authors: NDArray[np.int32]
    times: NDArray[np.int64]
    parent: NDArray[np.int32]
    """Node of the parent; -1 for roots."""
    how: NDArray[np.int8]
    depth: NDArray[np.int32]
    enter: NDArray[np.int32]
    """Place in preorder."""
    size: NDArray[np.int32]
    """Nodes of the subtree, itself included."""
    child_starts: NDArray[np.int64]
    children: NDArray[np.int32]
    report: CascadeReport

    @property
    def below(self) -> NDArray[np.int64]:
        """The nodes that are reposts, not roots."""
        is_below = np.ones(len(self.parent), np.bool_)
        is_below[self.starts[:-1]] = False
        return np.flatnonzero(is_below)

    @property
    def cascade_of(self) -> NDArray[np.int64]:
        """The cascade of each node."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def make_edges(self) -> pa.Table:
        """Return one row per repost, by cascade and time.

        Columns: root, id, parent (the root's id for what hangs on it), author, time, how, confidence (0 to 1, the
        chance that the edge is right), depth (1 for what hangs on the root), below (reposts under it).
        """
        nodes = self.below
        above = self.parent[nodes].astype(np.int64)
        codes = self.node_ids
        roots = pa.array(self.cascade_of[nodes].astype(np.int32))
        return pa.table(
            {
                "root": self.fields.roots.take(roots),
                "id": take_known(self.fields.vocabulary, codes[nodes]),
                "parent": take_known(self.fields.vocabulary, codes[above]),
                "author": take_known(self.fields.accounts, self.authors[nodes]),
                "time": make_times(self.times[nodes]),
                "how": pa.DictionaryArray.from_arrays(pa.array(self.how[nodes]), pa.array([str(way) for way in WAYS])),
                "confidence": pa.array(CONFIDENCES[self.how[nodes]]),
                "depth": pa.array(self.depth[nodes]),
                "below": pa.array(self.size[nodes] - 1),
            }
        )

    @property
    def node_ids(self) -> NDArray[np.int32]:
        """The id of each node as a code of ``fields.vocabulary``; -1 for none."""
        codes = take_codes(self.fields.ids, self.rows)
        codes[self.starts[:-1]] = self.fields.root_codes
        return codes


def build_cascades(table: pa.Table) -> Cascades:
    """Rebuild the tree of every root in ``table`` (``REPOST_SCHEMA``; names and texts may be left out).

    The same rows in the same order give the same trees. Only a row without a root, a missing column or naive times
    are refused (BadInput); all else that is odd is kept and counted in ``report``.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> table = pa.table(
    ...     {
    ...         "root": ["p", "p"],
    ...         "id": ["a", "b"],
    ...         "parent": [None, "a"],
    ...         "author": ["u1", "u2"],
    ...         "time": [noon, noon.replace(minute=5)],
    ...     }
    ... )
    >>> build_cascades(table).make_edges().select(["id", "parent", "how"]).to_pylist()[1]
    {'id': 'b', 'parent': 'a', 'how': 'stated'}
    """
    fields = read_fields(table)
    vocabulary = max(len(fields.vocabulary), 1)
    order = np.lexsort((fields.times, fields.cascade)).astype(np.int64)
    starts, rows, stated, times, repeats = kernels.place_rows(
        order, fields.cascade, fields.ids, fields.parents, fields.times, fields.root_codes, vocabulary
    )
    authors, ids = take_codes(fields.authors, rows), take_codes(fields.ids, rows)
    ids[starts[:-1]] = fields.root_codes
    parent = kernels.link_stated(starts, ids, stated, vocabulary)
    odd = count_odd(fields, starts, rows, times, parent)
    how = find_parents(fields, starts, rows, authors, parent)
    cycles = kernels.cut_cycles(starts, parent, how, WEAKNESS)
    depth, enter, size, child_starts, children = kernels.order_nodes(starts, parent)
    reposts = len(rows) - len(fields.roots)
    counts = np.bincount(how, minlength=len(WAYS))
    counts[0] -= len(fields.roots)
    report = CascadeReport(
        rows=len(table),
        cascades=len(fields.roots),
        reposts=reposts,
        repeats=int(repeats),
        cycles=int(cycles),
        by_how={way: int(count) for way, count in zip(WAYS, counts, strict=True) if count},
        **odd,
    )
    return Cascades(
        fields, starts, rows, authors, times, parent, how, depth, enter, size, child_starts, children, report
    )


def find_parents(
    fields: Fields,
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    authors: NDArray[np.int32],
    parent: NDArray[np.int32],
) -> NDArray[np.int8]:
    """Write a parent for every repost that states none into ``parent``; return how each was found."""
    quotes = read_quotes(fields.texts, rows)
    name_starts, name_authors = match_names(fields, quotes, authors, parent, starts[:-1])
    how: NDArray[np.int8] = kernels.link_quoted(
        starts,
        authors,
        parent,
        quotes.starts,
        quotes.names,
        quotes.marks,
        name_starts,
        name_authors,
        max(len(fields.accounts), 1),
    )
    return how


def count_odd(
    fields: Fields,
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    times: NDArray[np.int64],
    parent: NDArray[np.int32],
) -> dict[str, int]:
    """Return the counts of the report that are known before any parent is guessed."""
    roots = starts[:-1]
    is_below = np.ones(len(rows), np.bool_)
    is_below[roots] = False
    is_timed = times != NO_TIME
    linked = np.flatnonzero(parent >= 0)
    above = parent[linked]
    backward = is_timed[linked] & is_timed[above] & (times[linked] < times[above]) & is_below[above]
    of_root = np.repeat(times[roots], np.diff(starts))
    return {
        "root_rows": int((rows[roots] >= 0).sum()),
        "without_id": int((take_codes(fields.ids, rows)[is_below] < 0).sum()),
        "without_author": int((take_codes(fields.authors, rows)[is_below] < 0).sum()),
        "without_time": int((is_below & ~is_timed).sum()),
        "orphans": int((parent == ABSENT).sum()),
        "self_parents": int((parent == ITSELF).sum()),
        "backward": int(backward.sum()),
        "before_root": int((is_below & is_timed & (of_root != NO_TIME) & (times < of_root)).sum()),
    }


def take_codes(codes: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the code of each node's row, -1 for a node without one."""
    found: NDArray[np.int32] = np.append(codes, np.int32(-1))[rows]
    return found


def take_known(values: pa.Array, codes: NDArray[np.int32]) -> pa.Array:
    """Return the values of the codes, null for -1."""
    return values.take(pa.array(codes, mask=codes < 0)).cast(pa.string())


def make_times(moments: NDArray[np.int64]) -> pa.Array:
    """Return microseconds as aware timestamps, null for NO_TIME."""
    return pa.array(moments, mask=moments == NO_TIME).cast(pa.timestamp("us", tz="UTC"))
