"""The reposts of a stretch of time as one table, each led up to its post, with what is known of the posts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from canyu.events import Lake, Verb
from canyu.measure.facts import Answer, Reader
from canyu.spread.cascades import REPOST_SCHEMA, read_reposts

FOLLOWED = timedelta(days=30)
"""Reposts count for so long after their post; posts are looked for so long before the first repost."""
MOST_ASKED = 1_000
SPREADING = (str(Verb.POST), str(Verb.REPOST), str(Verb.COMMENT))
ROOTS = pa.schema(
    [
        pa.field("root", pa.string()),
        pa.field("time", pa.timestamp("us", tz="UTC")),
        pa.field("author", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("market", pa.string()),
        pa.field("campaign", pa.string()),
        pa.field("is_known", pa.bool_()),
    ]
)
"""One row per post: its id, time and author (null where the lake does not hold it), channel, market, campaign."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which posts: published from ``start`` until before ``end``; ``lead``: how far back posts are looked for."""

    start: datetime
    end: datetime
    with_answers: bool
    lead: timedelta = FOLLOWED
    followed: timedelta = FOLLOWED


@dataclass(frozen=True, slots=True)
class Gathered:
    """The reposts (``REPOST_SCHEMA``, by time) of the posts that have any, the posts, and how they were asked for."""

    reposts: pa.Table
    roots: pa.Table
    answer: Answer
    engine: str


def gather(lake: Lake, window: Window) -> Gathered:
    """Return the reposts of the posts of a window, as the lake is now.

    A post that the lake does not hold stands where its first repost stands, unless it is an older one.
    """
    reader = Reader(lake)
    span = (window.start - window.lead, min(window.end + window.followed, _LAST))
    answer = reader.ask(list_spreading, "events", *span)
    found = _lead_up(answer.table, window)
    older = _find_older(reader, found.missing, span[0]) if found.missing else frozenset()
    reposts, roots = found.keep(older)
    return Gathered(reposts, roots, answer, lake.engine.name)


def list_spreading(events: ir.Table, first: datetime, end: datetime) -> ir.Table:
    """Return posts without their texts, reposts and comments of a stretch of time."""
    rows = events.filter(events.day >= ibis.literal(first.date()), events.day <= ibis.literal(end.date()))
    rows = rows.filter(rows.time >= ibis.literal(first), rows.time < ibis.literal(end), rows.type.isin(list(SPREADING)))
    text = ibis.ifelse(rows.type == SPREADING[0], ibis.null(str), rows.text)
    return rows.select("id", "type", "actor", "time", "channel", "market", "campaign", "parent", text=text)


def list_older(events: ir.Table, before: date, ids: tuple[str, ...]) -> ir.Table:
    """Return the ids of the events before a day, of all or of those asked for."""
    rows = events.filter(events.day < ibis.literal(before), events.type.isin(list(SPREADING)))
    return (rows.filter(rows.id.isin(list(ids))) if ids else rows).select("id")


@dataclass(frozen=True, slots=True)
class _Found:
    table: pa.Table
    reposts: pa.Table
    names: pa.Array
    codes: NDArray[np.int64]
    root_rows: NDArray[np.int64]
    times: NDArray[np.int64]
    firsts: NDArray[np.int64]
    is_kept: NDArray[np.bool_]
    is_counted: NDArray[np.bool_]
    window: Window

    @property
    def missing(self) -> tuple[str, ...]:
        """The posts that the window does not hold."""
        return tuple(self.names.take(pa.array(np.flatnonzero(self.is_kept & (self.root_rows < 0)))).to_pylist())

    def keep(self, older: Iterable[str]) -> tuple[pa.Table, pa.Table]:
        """Return the reposts and the posts, without the posts that are older than the window."""
        known = set(older)
        is_old = np.array(pc.is_in(self.names, pa.array(sorted(known), self.names.type)), np.bool_) if known else False
        is_kept = self.is_kept & ~(is_old & (self.root_rows < 0))
        places = np.flatnonzero(is_kept)
        rows = self.root_rows[places]
        followed = self.window.followed // timedelta(microseconds=1)
        moments = _to_micros(self.table["time"])
        is_row = is_kept[self.codes] & (moments <= self.times[self.codes] + followed)
        is_root = np.zeros(len(self.codes), np.bool_)
        is_root[rows[rows >= 0]] = True
        mask = pa.array(is_row & (self.is_counted | is_root))
        told = pa.array(rows, mask=rows < 0)
        first = pa.array(np.where(rows >= 0, rows, self.firsts[places]))
        columns = [
            self.names.take(pa.array(places)),
            pa.array(self.times[places]).cast(pa.timestamp("us", tz="UTC")),
            self.table["actor"].combine_chunks().take(told),
            *(self.table[name].combine_chunks().take(first) for name in ("channel", "market", "campaign")),
            pa.array(rows >= 0),
        ]
        return self.reposts.filter(mask), pa.table(columns, names=ROOTS.names).cast(ROOTS)


def _lead_up(table: pa.Table, window: Window) -> _Found:
    """Find every row's post, and which posts are of the window and were reposted at all."""
    # rows of one time stay as the files hold them: the same version of the data gives the same order
    table = table.take(pa.array(np.argsort(_to_micros(table["time"]), kind="stable"))).combine_chunks()
    reposts = read_reposts(table) if len(table) else REPOST_SCHEMA.empty_table()
    roots = reposts["root"].combine_chunks().dictionary_encode()
    roots = roots if isinstance(roots, pa.DictionaryArray) else roots.combine_chunks()
    names, codes = roots.dictionary, np.array(roots.indices, np.int64)
    many = len(names)
    is_root = np.array(pc.equal(reposts["id"], reposts["root"]).fill_null(False), np.bool_)
    root_rows = np.full(many, -1, np.int64)
    root_rows[codes[is_root]] = np.flatnonzero(is_root)
    verbs = [str(Verb.REPOST), *([str(Verb.COMMENT)] if window.with_answers else [])]
    is_counted = np.array(pc.is_in(table["type"], pa.array(verbs)), np.bool_) & ~is_root
    counted = np.flatnonzero(is_counted)
    firsts = np.full(many, -1, np.int64)
    firsts[codes[counted][::-1]] = counted[::-1]
    moments = _to_micros(table["time"])
    places = np.where(root_rows >= 0, root_rows, firsts)
    times = np.where(places >= 0, np.append(moments, 0)[places], 0)
    is_kept = (firsts >= 0) & (times >= _count(window.start)) & (times < _count(window.end))
    return _Found(table, reposts, names, codes, root_rows, times, firsts, is_kept, is_counted, window)


def _find_older(reader: Reader, missing: tuple[str, ...], before: datetime) -> frozenset[str]:
    """Return which of these ids the lake holds before a day: few are asked for by name, many looked up here."""
    is_few = len(missing) <= MOST_ASKED
    found = reader.ask(list_older, "events", before.date(), tuple(sorted(missing)) if is_few else ())
    ids = found.table["id"]
    return frozenset(ids.filter(pc.is_in(ids, pa.array(missing, ids.type))).to_pylist())


def _to_micros(times: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.array(times.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()), np.int64)


def _count(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LAST = datetime.fromisoformat("9999-12-30T00:00:00+00:00")
