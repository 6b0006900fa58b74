"""Who and what was erased from a lake and may not come back, by salted hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from canyu.events.columns import Trace
from canyu.events.identity import make_event_ids
from canyu.events.store import Store
from canyu.events.tables import TABLES
from canyu.events.traces import mark_items
from canyu.events.writing import read_rows

EVENTS = "events"


class Suppression:
    """What may not come back; read again when somebody or something is added."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._actors: frozenset[str] = frozenset()
        self._posts: pa.Array = pa.array([], pa.string())

    def find(self, store: Store, name: str, rows: pa.Table) -> Any:
        """Mark the rows of erased actors and posts by the table's declared columns; None where nothing is to go."""
        table = store.find("suppressed")
        if table is None:
            return None
        if table.version() != self._version:
            known = read_rows(store, "suppressed")
            self._actors = frozenset(known["actor_hash"].to_pylist()) - {""}
            self._posts = known["event_hash"].drop_null().unique()
            self._version = table.version()
        salt = read_salt(store)
        marks = np.zeros(rows.num_rows, bool)
        for column, trace in TABLES[name].traces.items():
            if trace is Trace.ACTOR:
                marks |= mark_items(rows[column], self._list_actors(salt, rows[column]))
            elif trace in {Trace.EVENT, Trace.HEAD}:
                marks |= mark_items(rows[column], self._list_posts(salt, rows[column]))
        return marks if marks.any() else None

    def _list_actors(self, salt: bytes, column: pa.ChunkedArray) -> pa.Array:
        names = list_items(column).to_pylist() if self._actors else []
        known = [name for name in names if name and hash_actor(salt, name) in self._actors]
        return pa.array(known, pa.string())

    def _list_posts(self, salt: bytes, column: pa.ChunkedArray) -> pa.Array:
        if not len(self._posts):
            return pa.array([], pa.string())
        ids = list_items(column)
        return ids.filter(pc.is_in(hash_events(salt, ids), value_set=self._posts))


def find_erased_actors(store: Store, actors: Iterable[str]) -> frozenset[str]:
    """Return which of these actors were erased from the lake: what else is kept of them elsewhere has to go, too."""
    if store.find("suppressed") is None:
        return frozenset()
    salt, known = read_salt(store), frozenset(read_rows(store, "suppressed")["actor_hash"].to_pylist()) - {""}
    return frozenset(actor for actor in actors if actor and hash_actor(salt, actor) in known)


def find_erased_hashes(store: Store) -> frozenset[str]:
    """Return the salted hashes of all actors who were erased, for rows that keep such a hash and not the actor."""
    if store.find("suppressed") is None:
        return frozenset()
    return frozenset(read_rows(store, "suppressed")["actor_hash"].to_pylist()) - {""}


def list_items(column: pa.ChunkedArray) -> pa.Array:
    """Return the different values of a column of texts, or of lists of texts, that are not null."""
    flat = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    values = flat.unique()
    return values.drop_null()


def read_salt(store: Store) -> bytes:
    """Return the lake's own salt."""
    return bytes.fromhex(str(store.create(EVENTS).metadata().configuration.get("canyu.salt", "")))


def hash_actor(salt: bytes, actor: str) -> str:
    """Return the salted hash under which an erased actor is remembered."""
    return hashlib.blake2b(actor.encode(), digest_size=16, key=salt).hexdigest()


def hash_events(salt: bytes, ids: pa.Array) -> pa.Array:
    """Return the salted hashes under which erased posts are remembered."""
    hashes = make_event_ids(f"erased\x1f{salt.hex()}", ids)
    return pa.concat_arrays([pa.array([], pa.string()), *hashes.chunks])
