"""What is found among many posts at once and kept in the lake: which periods are stale, and the book of what was read.

Topics, groups of accounts and claims are found period by period. The book (table ``findings``) holds per period a
fingerprint of the posts it was found among; where the posts of today have another one the period is stale, and only
stale periods are found again. A period counts as found once the book says so, and its rows are written before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events import TABLES, Lake
from canyu.events.finding_tables import FINDINGS_SCHEMA
from canyu.events.replacing import replace_days
from canyu.listen.periods import find_ends, list_starts

QUARTER_S = 900  # the clocks of all zones differ from UTC by whole quarters of an hour
POSTS_PER_CHUNK = 100_000
Row = dict[str, Any]


class Key(NamedTuple):
    """One period among the posts of one brand (empty: of all)."""

    unit: str
    brand: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Volume:
    """What there is to read in one period: ``fingerprint`` changes with any of the posts."""

    key: Key
    end: datetime
    posts: int
    unique: int
    fingerprint: str

    @property
    def day(self) -> date:
        """The day under which what is found is kept."""
        return self.key.start.date()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one period, as rows of its table, and what was read for it, as columns of the book."""

    volume: Volume
    rows: list[Row]
    read: Row


@dataclass(frozen=True, slots=True)
class Book:
    """The book of one kind for one model version: what was found in which period, among which posts."""

    lake: Lake
    kind: str
    model_version: str
    zone: str
    present: str
    """The model version that readers take still: its rows stay."""
    read_at: int
    """The version of the events at which this listening began to read."""
    entries: dict[Key, Row] = field(default_factory=dict)

    def find_stale(self, volumes: Mapping[Key, Volume]) -> tuple[list[Volume], list[Key]]:
        """Return what is to be found again, by time, and which periods have no posts any more."""
        known = {key: row["fingerprint"] for key, row in self.entries.items()}
        stale = [volume for key, volume in volumes.items() if known.get(key) != volume.fingerprint]
        gone = [key for key in known if key not in volumes]
        return sorted(stale, key=lambda volume: volume.key.start), gone

    def keep(self, found: Iterable[Found], gone: Iterable[Key] = ()) -> None:
        """Put what was found in place of what was found before, then write the book."""
        fresh = list(found)
        left = list(gone)
        old = [row for key in left if (row := self.entries.get(key))]
        days = {one.volume.day for one in fresh} | {row["day"] for row in old}
        if not days:
            return
        replaced = pa.array([self._tell(one.volume.key) for one in fresh] + [self._tell(key) for key in left])
        kept_models = pa.array(sorted({self.present, self.model_version} - {""}))
        rows = [{**self._describe(one.volume), **row} for one in fresh for row in one.rows]

        def change(before: pa.Table) -> pa.Table:
            names = (before["unit"], before["brand"], pc.cast(before["period_start"].cast(pa.int64()), pa.string()))
            tags = pc.binary_join_element_wise(*names, before["model_version"], "|")
            stays = pc.and_(
                pc.invert(pc.is_in(tags, value_set=replaced)), pc.is_in(before["model_version"], value_set=kept_models)
            )
            return pa.concat_tables([before.filter(stays), pa.Table.from_pylist(rows, TABLES[self.kind].schema)])

        replace_days(self.lake, self.kind, days, change, read_at=self.read_at)
        for key in left:
            self.entries.pop(key, None)
        for one in fresh:
            described = {"kind": self.kind, **self._describe(one.volume), "fingerprint": one.volume.fingerprint}
            nothing: Row = {"unique_posts": None, "accounts": None, "reactions": None}
            self.entries[one.volume.key] = {**nothing, **described, **one.read}
        self.write()

    def _describe(self, volume: Volume) -> Row:
        unit, brand, start = volume.key
        period = {"period_start": start, "period_end": volume.end, "day": volume.day}
        return {"unit": unit, "brand": brand, "zone": self.zone, **period, "model_version": self.model_version}

    def _tell(self, key: Key) -> str:
        moment = pa.scalar(key.start, pa.timestamp("us", tz="UTC")).cast(pa.int64()).as_py()
        return f"{key.unit}|{key.brand}|{moment}|{self.model_version}"

    def write(self) -> None:
        """Write the entries in place of those of this kind and model version; models that nobody reads any more go."""
        rows = self.lake.scan("findings")
        is_ours = (rows.kind == self.kind) & (rows.model_version == self.model_version)
        others = rows.filter(~is_ours, rows.model_version.isin(sorted({self.present, self.model_version} - {""})))
        mine = pa.Table.from_pylist([self.entries[key] for key in sorted(self.entries)], FINDINGS_SCHEMA)
        self.lake.replace_derived("findings", [self.lake.engine.run(others).cast(FINDINGS_SCHEMA), mine])


def open_book(lake: Lake, kind: str, model_version: str, zone: str, present: str) -> Book:
    """Return the book of a kind as it stands."""
    rows = lake.scan("findings")
    mine = lake.engine.run(rows.filter(rows.kind == kind, rows.model_version == model_version)).to_pylist()
    entries = {Key(row["unit"], row["brand"], row["period_start"]): row for row in mine}
    return Book(lake, kind, model_version, zone, present, lake.version("events") or 0, entries)


def bin_quarters(rows: ir.Table) -> ir.IntegerColumn:
    """Return the quarter of an hour since 1970 of each row's time."""
    return (rows.time.epoch_seconds() // QUARTER_S).cast("int64")


def gather_volumes(quarters: pa.Table, unit: str, zone: str, digest: str) -> dict[Key, Volume]:
    """Return what there is per day or week, from counts per brand and quarter of an hour.

    ``quarters``: brand, quarter, posts, unique, print (of the rows, exclusive or). ``digest``: of how it is found.
    """
    if not quarters.num_rows:
        return {}
    times = pa.array(quarters["quarter"].to_numpy() * (QUARTER_S * 1_000_000), pa.timestamp("us", tz="UTC"))
    starts = list_starts(times, unit, zone).cast(pa.int64()).to_numpy()
    codes = quarters["brand"].combine_chunks().dictionary_encode()
    places = codes.indices.to_numpy()
    order = np.lexsort((starts, places))
    edges = np.flatnonzero(np.diff(starts[order], prepend=-1) | np.diff(places[order], prepend=-1))
    numbers = {name: quarters[name].to_numpy()[order].astype(np.int64) for name in ("posts", "unique", "print")}
    posts, unique = (np.add.reduceat(numbers[name], edges).tolist() for name in ("posts", "unique"))
    prints = np.bitwise_xor.reduceat(numbers["print"], edges).tolist()
    found = {}
    for number, row in enumerate(order[edges].tolist()):
        local = pa.scalar(int(starts[row]), pa.timestamp("us")).as_py()
        begin, end = find_ends(local, unit, zone)
        key = Key(unit, codes.dictionary[int(places[row])].as_py(), begin)
        mark = f"{prints[number] & 0xFFFFFFFFFFFFFFFF:016x}-{posts[number]}-{unique[number]}-{digest}"
        found[key] = Volume(key, end, posts[number], unique[number], mark)
    return found


def pack_volumes(
    stale: list[Volume], volumes: Mapping[Key, Volume], unit: str, most: int = POSTS_PER_CHUNK
) -> Iterator[list[Volume]]:
    """Yield what is stale in chunks to be read at once: neighbours, with what lies between at most ``most`` posts.

    A period of more is a chunk by itself. No chunk cuts a period of ``unit``, the longest in use; the ``volumes`` of
    that unit say how much lies in it.
    """
    sizes = sorted((key.start, volume) for key, volume in volumes.items() if key.unit == unit and not key.brand)
    chunk: list[Volume] = []
    posts = place = 0
    waiting = sorted(stale, key=lambda volume: volume.key.start)
    for _, size in sizes:
        mine = []
        while place < len(waiting) and waiting[place].key.start < size.end:
            mine.append(waiting[place])
            place += 1
        if chunk and posts + size.posts > most:
            yield chunk
            chunk, posts = [], 0
        if mine or chunk:
            chunk += mine
            posts += size.posts
    if chunk:
        yield chunk


def cut_days(rows: ir.Table, start: datetime, end: datetime) -> ir.Table:
    """Return the rows of a table kept by day between two times; files of other days are not opened."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    days = rows.day.between(ibis.literal(first), ibis.literal(last))
    return rows.filter(days, rows.time >= ibis.literal(start), rows.time < ibis.literal(end))
