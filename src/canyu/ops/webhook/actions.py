"""Taking a delivery in: the rows of one source, into the lake that the console shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from canyu.events import open_lake
from canyu.events.importers import Mapping, load_mapping
from canyu.events.sources import Delivery, Taken, build_mapping, take_body
from canyu.ops.config import load_config
from canyu.ops.forgetting import forget_erased
from canyu.ops.lakes import find_lake


def take_delivery(source: str, body: bytes, *, now: datetime) -> Taken:
    """Bring a verified delivery into the lake, which is made where there is none; returns after the commit.

    A row of the type ``delete`` erases the source's post of that id, here and in the console.
    Sent again, a delivery adds nothing: a row is recognised by its id, or by its content where a mapping has no key.
    """
    lake = find_lake() or open_lake(load_config().lake, create=True)
    taken = take_body(body, Delivery(lake, f"hooks/{source}", find_mapping(source), now))
    if taken.deletions:
        forget_erased()
    return taken


def find_mapping(source: str) -> Mapping:
    """Return the mapping of a source: its file in the folder of mappings, else that of Canyu's own field names.

    The events' source is always the one whose secret signed, whatever the file says: no sender speaks for another.
    """
    folder = load_config().hook_mappings
    path = Path(folder, f"{source}.yaml")
    if not folder or not path.is_file():
        return build_mapping(source)  # a time without a zone is refused, not guessed
    return replace(load_mapping(path), source=source)
