"""Posts on a topic and on others, counted by the hour from the moment of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.words import Words

Counts = NDArray[np.int64]

HOUR_US = 3_600_000_000
MOST_HOURS = 24 * 400
"""Over a year before or after a statement is no crisis, but a wrong date."""


@dataclass(frozen=True, slots=True)
class HourlyOpinions:
    """Posts and negative posts by the hour, shape (hours,) each, of one topic and of its controls together.

    ``statement``: the moment of the statement. ``at``: the place of the hour that begins with it, so that no hour holds
    posts of both before and after; ``at`` is also the number of hours before. ``controls``: the names of the others.
    """

    statement: datetime
    at: int
    posts: Counts
    negative: Counts
    control_posts: Counts
    control_negative: Counts
    controls: tuple[str, ...] = ()

    def tell_time(self, hour: int) -> datetime:
        """Return when the hour at a place begins."""
        return self.statement + timedelta(hours=hour - self.at)


def count_opinions(
    times_us: NDArray[np.int64],
    topics: NDArray[np.str_],
    is_negative: NDArray[np.bool_],
    *,
    topic: str,
    statement: datetime,
) -> HourlyOpinions:
    """Count posts by the hour. ``times_us``: microseconds since 1970, shape (posts,), as the others are.

    The hours run from the first post to the last one whose hour is over or begun. Raises BadInput where the topic has
    no post, there is no other topic to compare it with, or a time lies over 400 days from the statement.
    """
    at_us = int(statement.astimezone(UTC).timestamp() * 1_000_000)
    is_topic = topics == topic
    controls = tuple(sorted(set(topics[~is_topic].tolist())))
    if not is_topic.any() or not controls:
        known = "、".join(sorted(set(topics.tolist()))[:8])
        raise BadInput(
            Words(
                f"没有话题 {topic} 的帖子，或没有别的话题可作对照。",
                f"There is no post on {topic}, or no other topic to compare it with.",
            ),
            mend=Words(f"有帖子的话题：{known}。", f"Topics with posts: {known}."),
        )
    hours = (times_us - at_us) // HOUR_US
    far = np.abs(hours) > MOST_HOURS
    if far.any():
        row = int(np.flatnonzero(far)[0]) + 1
        raise BadInput(
            Words(
                f"第 {row} 行的时间离声明超过 400 天。", f"The time in row {row} is over 400 days from the statement."
            ),
            mend=Words("请检查时间与声明时间。", "Check the time, and that of the statement."),
        )
    first, last = min(int(hours.min()), 0), max(int(hours.max()), 0)
    size = last - first + 1

    def count(which: NDArray[np.bool_]) -> Counts:
        return np.bincount(hours[which] - first, minlength=size).astype(np.int64)

    return HourlyOpinions(
        statement,
        -first,
        count(is_topic),
        count(is_topic & is_negative),
        count(~is_topic),
        count(~is_topic & is_negative),
        controls,
    )


def read_opinions(
    rows: pa.Table, *, topic: str, statement: datetime, columns: Sequence[str] = ("time", "topic", "negative")
) -> HourlyOpinions:
    """Count the posts of a table: a column of times (UTC where no offset is written), one of topics, one of 0 or 1.

    Raises BadInput naming the column and the first row that cannot be read.
    """
    missing = [name for name in columns if name not in rows.column_names]
    if missing:
        raise BadInput(
            Words(f"表中没有列 {'、'.join(missing)}。", f"The table has no column {', '.join(missing)}."),
            mend=Words(f"可用的列：{'、'.join(rows.column_names)}。", f"There are: {', '.join(rows.column_names)}."),
        )
    for name in columns:
        if rows[name].null_count:
            place = int(pc.index(pc.is_null(rows[name]), True).as_py()) + 1
            raise BadInput(
                Words(f"第 {place} 行的 {name} 是空的。", f"Row {place} has no {name}."),
                mend=Words("请补上，或去掉这一行。", "Fill it, or leave the row out."),
            )
    time, name, negative = (rows[column].combine_chunks() for column in columns)
    return count_opinions(
        _read_times(time, columns[0]),
        np.array(pc.cast(name, pa.string()).to_pylist(), np.str_),
        _read_flags(negative, columns[2]),
        topic=topic,
        statement=statement,
    )


def _read_times(column: pa.Array, name: str) -> NDArray[np.int64]:
    if pa.types.is_temporal(column.type):
        zone = getattr(column.type, "tz", None)
        return np.asarray(pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64()))
    found = np.zeros(len(column), np.int64)
    for row, text in enumerate(column.to_pylist()):
        try:
            told = datetime.fromisoformat(str(text).strip())
        except ValueError:
            raise BadInput(
                Words(f"第 {row + 1} 行的 {name} 不是时间：{text!r}。", f"Row {row + 1}: {name} is no time: {text!r}."),
                mend=Words("请写 2026-02-14T17:30:00+08:00。", "Write 2026-02-14T17:30:00+08:00."),
            ) from None
        aware = told if told.tzinfo else told.replace(tzinfo=UTC)
        found[row] = int(aware.timestamp() * 1_000_000)
    return found


def _read_flags(column: pa.Array, name: str) -> NDArray[np.bool_]:
    known = {"1": True, "0": False, "true": True, "false": False, "1.0": True, "0.0": False}
    found = np.zeros(len(column), np.bool_)
    for row, value in enumerate(column.to_pylist()):
        flag = known.get(str(value).strip().lower())
        if flag is None:
            raise BadInput(
                Words(f"第 {row + 1} 行的 {name} 不是 0 或 1：{value!r}。", f"Row {row + 1}: {name} is not 0 or 1."),
                mend=Words("负面写 1，其余写 0。", "Write 1 for negative, 0 for the others."),
            )
        found[row] = flag
    return found
