"""Hourly counts as people keep them (a long table) and as the detector reads them (hours x series)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.listen.kernels.bursts import UNKNOWN

HOUR_S = 3600
MOST_CELLS = 200_000_000


@dataclass(frozen=True)
class CountMatrix:
    """Counts of S series in H hours, from ``first_hour`` (hours since 1970 UTC) on.

    Attributes
    ----------
    counts : int64 array (H, S)
        Posts without copies, or all where copies were not told; ``UNKNOWN`` (-1) where nobody knows.
    raw : int64 array (H, S)
        All posts.
    closed : bool array (H, S)
        False where the hour was not over when it was counted, so that the count may still grow.

    """

    series: tuple[str, ...]
    first_hour: int
    counts: NDArray[np.int64]
    raw: NDArray[np.int64]
    closed: NDArray[np.bool_]

    def until(self, hour: int) -> CountMatrix:
        """Return the matrix as it was known when ``hour`` (since 1970) had just been counted."""
        stop = max(0, hour - self.first_hour + 1)
        return CountMatrix(self.series, self.first_hour, self.counts[:stop], self.raw[:stop], self.closed[:stop])

    def hide(self, unknown: NDArray[np.bool_]) -> CountMatrix:
        """Return the matrix with these hours (H,) unknown, and without those that it would begin with."""
        places = np.flatnonzero(~unknown)
        start = int(places[0]) if len(places) else len(unknown)
        hidden = unknown[start:, None]
        counts, raw = np.where(hidden, UNKNOWN, self.counts[start:]), np.where(hidden, 0, self.raw[start:])
        return CountMatrix(self.series, self.first_hour + start, counts, raw, self.closed[start:])


def tell_time(hour: int) -> datetime:
    """Return the begin of an hour since 1970, aware, in UTC."""
    return datetime.fromtimestamp(hour * HOUR_S, UTC)


def build_matrix(table: pa.Table, *, zero_outside: bool = True) -> CountMatrix:
    """Lay a long table out as hours x series.

    Parameters
    ----------
    table
        ``series`` (string), ``hour`` (timestamp with time zone, full hours), ``count`` (integer), and where known
        ``unique`` (integer: without copies) and ``closed`` (bool).
    zero_outside
        An hour without a row is zero within the table's range. False: unknown before the first and after the last
        row of its own series.

    A null count is unknown, which is not zero. Raises ``BadInput`` for a missing column, a time without a zone or
    off the hour, a negative count, ``unique`` above ``count``, two rows for one hour of a series.

    """
    columns = read_columns(table)
    names, places = columns.series
    if not names:
        nothing = np.zeros((0, 0), np.int64)
        return CountMatrix((), 0, nothing, nothing, np.zeros((0, 0), np.bool_))
    first, hours = int(columns.hours.min()), int(np.ptp(columns.hours)) + 1
    if hours * len(names) > MOST_CELLS:
        raise BadInput(
            Words(f"{len(names)} 个序列 × {hours} 小时太多。", f"{len(names)} series x {hours} hours are too many."),
            mend=Words("请缩短时间范围，或分批计算。", "Shorten the range of time, or split the series."),
        )
    cells = (columns.hours - first) * len(names) + places
    if len(np.unique(cells)) != len(cells):
        raise refuse_counts("series, hour", "同一序列的同一小时只能有一行。", "Give one row per series and hour.")
    counts = np.zeros((hours, len(names)), np.int64)
    if not zero_outside:
        hide_outside(counts, columns.hours - first, places)
    raw = counts.copy()
    closed = np.ones(counts.shape, np.bool_)
    counts.reshape(-1)[cells], raw.reshape(-1)[cells] = columns.unique, columns.counts
    closed.reshape(-1)[cells] = columns.closed
    return CountMatrix(tuple(names), first, counts, raw, closed)


@dataclass(frozen=True)
class Columns:
    """The table's columns as arrays: names and places of the series, hours since 1970, counts, uniques, closed."""

    series: tuple[list[str], NDArray[np.int64]]
    hours: NDArray[np.int64]
    counts: NDArray[np.int64]
    unique: NDArray[np.int64]
    closed: NDArray[np.bool_]


def read_columns(table: pa.Table) -> Columns:
    """Check the table's columns and return them as arrays."""
    for name in ("series", "hour", "count"):
        if name not in table.column_names:
            raise refuse_counts(name, "缺少这一列。", "The column is missing.")
    coded = pc.dictionary_encode(table["series"].cast(pa.string()).combine_chunks())
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    if coded.null_count:
        raise refuse_counts("series", "不能为空。", "None may be null.")
    counts = read_counts(table, "count")
    unique = read_counts(table, "unique") if "unique" in table.column_names else counts
    # Where only one of the two is known, the test goes on with it.
    unique = np.where((unique == UNKNOWN) & (counts != UNKNOWN), counts, unique)
    if ((unique > counts) & (counts != UNKNOWN)).any():
        raise refuse_counts("unique", "不能大于 count。", "It cannot exceed count.")
    closed = np.ones(len(table), np.bool_)
    if "closed" in table.column_names:
        closed = pc.fill_null(table["closed"], True).to_numpy(zero_copy_only=False)
    order = np.argsort(np.array(coded.dictionary.to_pylist(), dtype=object), kind="stable").astype(np.int64)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    names = [coded.dictionary[int(place)].as_py() for place in order]
    places = rank[coded.indices.to_numpy(zero_copy_only=False)] if len(names) else np.zeros(0, np.int64)
    return Columns((names, places), read_hours(table["hour"]), counts, unique, closed)


def read_hours(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return aware times as hours since 1970."""
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        raise refuse_counts("hour", "请给带时区的时间。", "Give times with a time zone.")
    if column.null_count:
        raise refuse_counts("hour", "不能为空。", "None may be null.")
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False).cast(pa.int64()).to_numpy()
    if len(seconds) and (np.abs(seconds) > 2**36).any():
        raise refuse_counts("hour", "时间超出范围。", "The time is out of range.")
    if (seconds % HOUR_S).any():
        raise refuse_counts("hour", "请取整到小时。", "Round it down to the hour.")
    return np.asarray(seconds // HOUR_S, np.int64)


def read_counts(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Return a column of counts, null as ``UNKNOWN``."""
    if not pa.types.is_integer(table[name].type):
        raise refuse_counts(name, "请给整数。", "Give whole numbers.")
    try:
        whole = table[name].cast(pa.int64())
    except pa.ArrowInvalid:
        raise refuse_counts(name, "数字太大。", "The number is too large.") from None
    smallest, largest = pc.min_max(whole).as_py().values()
    if smallest is not None and (smallest < 0 or largest > 2**50):
        raise refuse_counts(name, "不能为负，也不能大于 2^50。", "It cannot be negative, nor above 2^50.")
    return np.asarray(pc.fill_null(whole, UNKNOWN).to_numpy(), np.int64)


def hide_outside(counts: NDArray[np.int64], hours: NDArray[np.int64], places: NDArray[np.int64]) -> None:
    """Make the hours before a series' first and after its last row unknown."""
    first = np.full(counts.shape[1], counts.shape[0], np.int64)
    last = np.full(counts.shape[1], -1, np.int64)
    np.minimum.at(first, places, hours)
    np.maximum.at(last, places, hours)
    at = np.arange(counts.shape[0])[:, None]
    counts[(at < first) | (at > last)] = UNKNOWN


def refuse_counts(name: str, zh: str, en: str) -> BadInput:
    """Return the error for a column of counts."""
    return BadInput(Words(f"“{name}”列不能用。", f"the column “{name}” cannot be used."), mend=Words(zh, en))
