"""What an erasure looks for in the rows of any table, by what the table declares of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.columns import Trace
from canyu.events.tables import TABLES

ERASED = "erased"
"""What stands where another's event pointed at the erased person or post."""

NOTHING = pa.array([], pa.string())
WORDS_PER_PATTERN = 500  # so that the pattern of a long list fits into RE2's memory
NO_ID_THERE = frozenset({Trace.SPEECH, Trace.OURS, Trace.RAW, Trace.RANK})
TELLING = frozenset({Trace.EVENT, Trace.ACTOR, Trace.HEAD, Trace.POINTER, Trace.RAW})
LEANING = frozenset({Trace.HEAD, Trace.RANK})


@dataclass(frozen=True)
class Traces:
    """What goes: events by their ids, and where a person is erased the actor too.

    ``words``: what raw rows call them. ``texts``: what the posts said, to count those of others that say the same.
    ``heirs``: events of others whose rows leaned on an erased post; these rows are computed anew.
    """

    ids: pa.Array
    actor: str = ""
    words: tuple[str, ...] = ()
    texts: pa.Array = field(default_factory=lambda: NOTHING)
    heirs: pa.Array = field(default_factory=lambda: NOTHING)

    @cached_property
    def names(self) -> pa.Array:
        """The actor, and the ids: what no pointer may hold."""
        return pa.concat_arrays([self._actors, self.ids])

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The words as whole words, some hundred to a pattern."""
        words = [re.escape(word) for word in self.words]
        parts = [words[at : at + WORDS_PER_PATTERN] for at in range(0, len(words), WORDS_PER_PATTERN)]
        return tuple(rf"(^|[^\p{{L}}\p{{N}}_])({'|'.join(part)})([^\p{{L}}\p{{N}}_]|$)" for part in parts)

    @property
    def _actors(self) -> pa.Array:
        return pa.array([self.actor] if self.actor else [], pa.string())

    def find(self, table: str, rows: pa.Table) -> Any:
        """Mark the rows that hold traces and go."""
        marks = np.zeros(rows.num_rows, bool)
        for name, trace in list_traces(table, rows):
            if trace is Trace.ACTOR:
                marks |= mark_items(rows[name], self._actors)
            elif trace in {Trace.EVENT, Trace.HEAD}:
                marks |= mark_items(rows[name], self.ids)
            elif trace is Trace.RAW:
                marks |= self._mark_words(rows[name])
        return marks

    def find_leaning(self, table: str, rows: pa.Table) -> Any:
        """Mark the rows of others that are computed anew, since they leaned on what goes."""
        marks = np.zeros(rows.num_rows, bool)
        for name, trace in list_traces(table, rows) if leans(table) else ():
            if trace is Trace.EVENT:
                marks |= mark_items(rows[name], self.heirs)
        return marks

    def find_pointers(self, table: str, rows: pa.Table) -> list[str]:
        """Return the columns in which rows that stay point at the actor or a post."""
        found = [name for name, trace in list_traces(table, rows) if trace is Trace.POINTER]
        return [name for name in found if mark_items(rows[name], self.names).any()]

    def blank(self, rows: pa.Table, name: str) -> pa.Table:
        """Return the rows with nothing of them left in a column of pointers."""
        is_theirs = pa.array(mark_items(rows[name], self.names))
        return rows.set_column(rows.column_names.index(name), name, pc.if_else(is_theirs, ERASED, rows[name]))

    def has_names(self, table: str, rows: pa.Table) -> bool:
        """Whether any cell is the actor or an id, in a column that may name one; one that nobody declared may."""
        declared = TABLES[table].traces
        return any(
            mark_items(column, self.names).any()
            for field, column in zip(rows.schema, rows.columns, strict=True)
            if is_wordy(field.type) and declared.get(field.name) not in NO_ID_THERE
        )

    def count_mentions(self, table: str, rows: pa.Table) -> int:
        """Return how many texts of others hold the actor's name, or say what an erased post said."""
        marks = np.zeros(rows.num_rows, bool)
        for name, trace in list_traces(table, rows):
            if trace is Trace.SPEECH and self.actor:
                marks |= self._mark_words(rows[name])
            elif trace is Trace.SPEECH:
                marks |= mark_items(rows[name], self.texts)
        return int(marks.sum())

    def _mark_words(self, column: pa.ChunkedArray) -> Any:
        marks = np.zeros(len(column), bool)
        is_short = len(self.words) <= WORDS_PER_PATTERN
        if is_short and not any(pc.any(pc.match_substring(column, word)).as_py() for word in self.words):
            return marks  # a plain search is much faster than the pattern
        for pattern in self.patterns:
            marks |= to_mask(pc.match_substring_regex(column, pattern))
        return marks


def list_traces(table: str, rows: pa.Table) -> list[tuple[str, Trace]]:
    """Return the declared columns of a table that the rows have."""
    return [(name, trace) for name, trace in TABLES[table].traces.items() if name in rows.column_names]


def list_telling(table: str) -> list[str]:
    """Return the columns of a table by which it is told whether a row goes or is changed."""
    return [name for name, trace in TABLES[table].traces.items() if trace in TELLING]


def leans(table: str) -> bool:
    """Whether rows of a table lean on other posts, as a copy on the first one."""
    return bool(LEANING & set(TABLES[table].traces.values()))


def order_tables(tables: Sequence[str]) -> list[str]:
    """Return the tables in the order they are erased in: those last that tell what belongs to what, then the events.

    Killed in between, the next erasure still finds the heirs in tables with heads, and the ids in the events.
    """

    def rank(name: str) -> int:
        return 2 if name == "events" else int(Trace.HEAD in TABLES[name].traces.values())

    return sorted((name for name in tables if list_telling(name)), key=rank)


def is_wordy(kind: pa.DataType) -> bool:
    """Whether a column of this kind holds texts or lists of them."""
    return bool(pa.types.is_string(kind) or (pa.types.is_list(kind) and pa.types.is_string(kind.value_type)))


def mark_items(column: pa.ChunkedArray, values: pa.Array) -> Any:
    """Mark the rows whose cell, or an item of whose list, is among the values."""
    if not len(values):
        return np.zeros(len(column), bool)
    if not pa.types.is_list(column.type):
        return to_mask(pc.is_in(column, value_set=values))
    marks = np.zeros(len(column), bool)
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    hits = pc.is_in(pc.list_flatten(lists), value_set=values)
    marks[pc.list_parent_indices(lists).filter(hits).to_numpy(zero_copy_only=False)] = True
    return marks


def to_mask(found: pa.ChunkedArray | pa.Array) -> Any:
    """Return marks as an array of numpy; null is no mark."""
    found = found.fill_null(False)
    flat = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return flat.to_numpy(zero_copy_only=False)
