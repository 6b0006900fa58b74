"""Rows that arrive as JSON become events: checked row by row, people hashed, committed before they are acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from canyu.events.identity import make_event_id
from canyu.events.importers.actors import get_salt
from canyu.events.importers.block import Block, Deletion, Refusal
from canyu.events.importers.deletions import erase_deleted
from canyu.events.importers.jsonlines import JsonLinesReader
from canyu.events.importers.mapping import Cell, Mapping
from canyu.events.importers.mends import get_kept
from canyu.events.importers.occurrences import Occurrences
from canyu.events.importers.run import build_events
from canyu.events.importers.translate import Translated, Translator
from canyu.events.lake import Lake
from canyu.events.tables import QUARANTINE_SCHEMA
from canyu.events.validate import MENDS, split_valid
from canyu.kit.jsonio import dump_json_bytes

COUNTS = ("reposts", "comments", "likes", "views")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some rows, each kept or refused; ``added`` of the kept were not in the lake before.

    ``deletions`` of the kept asked to erase a post, which then is erased for good.
    """

    rows: int = 0
    kept: int = 0
    added: int = 0
    version: int = -1
    refusals: tuple[Refusal, ...] = ()
    deletions: int = 0

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return self.rows - self.kept

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.rows + other.rows,
            self.kept + other.kept,
            self.added + other.added,
            max(self.version, other.version),
            (*self.refusals, *other.refusals),
            self.deletions + other.deletions,
        )

    def as_counts(self) -> dict[str, int]:
        """Return the totals under the names that importing uses."""
        return {
            "rows": self.rows,
            "kept": self.kept,
            "refused": self.refused,
            "added": self.added,
            "deletions": self.deletions,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where rows go and how: the lake (None: only look), what quarantine calls their origin, the mapping, the time."""

    lake: Lake | None
    name: str
    mapping: Mapping
    now: datetime


def build_mapping(source: str, *, channel: str = "", market: str = "", zone: str = "") -> Mapping:
    """Return the mapping for rows with Canyu's own field names; what is no field becomes a prop.

    ``value`` is a whole number: minor units beside a ``currency``, a count or score elsewhere. ``channel`` and
    ``market`` stand for every row where they are stated, else each row says its own.
    """
    names = ("time", "text", "actor", "object", "campaign", "currency")
    cells = {name: Cell(column=name) for name in names} | {"verb": Cell(column="type")}
    cells["value"] = Cell(column="value", kind="integer")
    for name, stated in (("channel", channel), ("market", market)):
        cells[name] = Cell(constant=stated) if stated else Cell(column=name)
    return Mapping(
        source=source,
        cells=cells,
        key=("id",),
        parent_key=("parent",),
        props={name: Cell(column=name, kind="count") for name in COUNTS},
        zone=zone,
    )


def take_rows(rows: Iterable[dict[str, Any]], delivery: Delivery) -> Taken:
    """Bring rows into the lake; returns after the commit. Rows whose ids are there already add nothing."""
    lines = b"\n".join(dump_json_bytes(row) for row in rows)
    return take_body(lines, delivery) if lines else Taken(version=_find_version(delivery.lake))


def take_body(body: bytes, delivery: Delivery) -> Taken:
    """Bring JSON Lines, or one JSON array, into the lake; returns after the commit.

    A line that is not a JSON object, or not an event, is refused alone and put in quarantine. Raises BadInput where
    the body as a whole cannot be read or the mapping does not fit it.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "delivery")
        path.write_bytes(body)
        reader = JsonLinesReader(path, encoding="utf-8")
        return _take_blocks(reader.read_blocks(), delivery)


def _take_blocks(blocks: Iterable[Block], delivery: Delivery) -> Taken:
    lake, mapping = delivery.lake, delivery.mapping
    needs_salt = mapping.actor == "hash" and "actor" in mapping.cells
    salt = get_salt(lake.path) if lake is not None and needs_salt else "preview"
    translator = Translator(mapping, salt=salt)
    kept: list[pa.Table] = []
    refusals: list[Refusal] = []
    deletions: list[Deletion] = []
    for found, events in _translate(blocks, translator):
        verdict = split_valid(events, now=delivery.now)
        kept.append(verdict.kept)
        deletions += found.block.deletions
        refusals += [*found.block.refusals, *found.refusals]
        refusals += [
            found.refuse(fault["row"], fault["field"], fault["reason"], MENDS[fault["reason"]])
            for fault in verdict.refused.to_pylist()
        ]
    events = pa.concat_tables(kept)
    refusals.sort(key=lambda refusal: refusal.row)
    kept_rows = events.num_rows + len(deletions)
    counts = (kept_rows + len(refusals), kept_rows, 0, _find_version(lake))
    taken = Taken(*counts, tuple(refusals), len(deletions))
    return taken if lake is None else _commit(lake, events, deletions, taken, delivery)


def _commit(lake: Lake, events: pa.Table, deletions: Sequence[Deletion], taken: Taken, delivery: Delivery) -> Taken:
    """Write refusals first, so that no row is passed over without a trace of it, and erase last: nothing returns."""
    if taken.refusals:
        lake.refuse(_build_quarantine(taken.refusals, delivery))
    if events.num_rows:
        result = lake.append(events)
        taken = replace(taken, added=result.added, version=result.version)
    if deletions:
        erase_deleted(lake, deletions, now=delivery.now)
        taken = replace(taken, version=_find_version(lake))
    return taken


def _translate(blocks: Iterable[Block], translator: Translator) -> Iterator[tuple[Translated, pa.Table]]:
    mapping = translator.mapping
    with Occurrences() as occurrences:
        for block in blocks:
            found = translator.translate(_pad(block, mapping))
            keys = None if mapping.key else occurrences.number_rows(found.events["key"])
            yield found, build_events(found, mapping, keys)


def _pad(block: Block, mapping: Mapping) -> Block:
    """Add empty columns for what the mapping names and no row has: absent keys are absent values in JSON."""
    named = [*mapping.key, *mapping.parent_key]
    named += [cell.column for cell in (*mapping.cells.values(), *mapping.props.values()) if cell.column]
    columns = block.columns
    for name in dict.fromkeys(named):
        if name not in columns.column_names:
            columns = columns.append_column(name, pa.nulls(len(block.rows), pa.string()))
    return replace(block, columns=columns)


def _build_quarantine(refusals: Iterable[Refusal], delivery: Delivery) -> pa.Table:
    """Return the refused rows for quarantine; the same row sent again is the same line there."""
    return pa.Table.from_pylist(
        [
            {
                "id": make_event_id("collect", delivery.name, refusal.field, refusal.raw),
                "received": delivery.now,
                "file": delivery.name,
                "row": refusal.row,
                "field": refusal.field,
                "reason": refusal.reason,
                "mend": get_kept(refusal.mend),
                "raw": refusal.raw,
            }
            for refusal in refusals
        ],
        schema=QUARANTINE_SCHEMA,
    )


def _find_version(lake: Lake | None) -> int:
    version = None if lake is None else lake.version()
    return -1 if version is None else version
