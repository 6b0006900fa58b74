"""Notices of deletion among the rows of a source: the post is to go, whoever wrote it and however often it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.identity import make_event_id
from canyu.events.importers.block import Block, Deletion
from canyu.events.importers.mapping import Cell, Mapping
from canyu.kit.jsonio import parse_json

if TYPE_CHECKING:
    from canyu.events.lake import Lake

NOTICE = r"(?i)^\s*\"?\s*delete\s*\"?\s*$"
"""The type of such a row; Activity Streams 2.0 writes ``Delete``. No event is called so: it is no thing people do."""


def is_notice(word: str) -> bool:
    """Say whether the type of a row asks to erase a post.

    >>> is_notice(" Delete"), is_notice("post")
    (True, False)
    """
    return word.strip().lower() == "delete"


def split_deletions(block: Block, mapping: Mapping) -> Block:
    """Return the block without its notices of deletion, which stand in ``deletions``; nothing else of them is read.

    Only a source whose rows have a key can ask for it. A notice without an id stays a row, to be refused as one.
    """
    cell = mapping.cells.get("verb", Cell())
    column = block.columns[cell.column] if cell.column in block.columns.column_names else None
    if column is None or not mapping.key or not pa.types.is_string(column.type):
        return block
    is_notice = pc.match_substring_regex(column, NOTICE).fill_null(False)
    if not pc.any(is_notice).as_py():
        return block
    places = np.flatnonzero(is_notice.to_numpy(zero_copy_only=False) if len(column) else [])
    keys = block.columns.take(pa.array(places)).select(list(mapping.key)).to_pylist()
    found = {
        int(place): [part for part in map(_read_part, key.values()) if part]
        for place, key in zip(places, keys, strict=True)
    }
    named = {place: parts for place, parts in found.items() if parts}
    kept = np.array([at for at in range(len(block.rows)) if at not in named], np.int64)
    return replace(
        block,
        columns=block.columns.take(pa.array(kept)),
        rows=block.rows[kept],
        read_raw=lambda at: block.read_raw(int(kept[at])),
        deletions=[Deletion(make_event_id(mapping.source, *parts), parts[-1]) for parts in named.values()],
    )


def erase_deleted(lake: Lake, deletions: Sequence[Deletion], *, now: datetime) -> int:
    """Erase posts that a source says are deleted, unless a receipt proves them erased; return how many there were."""
    ids = set(lake.find_unfinished(each.event_id for each in deletions))
    names = [each.name for each in deletions if each.event_id in ids]
    return lake.erase_posts(ids, names=names, now=now).rows if ids else 0


def _read_part(cell: Any) -> str:
    """Return a part of the key as text; in JSON it stands as JSON text."""
    text = "" if cell is None else str(cell)
    if text.startswith('"'):
        found = parse_json(text)
        text = found if isinstance(found, str) else text
    return "" if text == "null" else text
