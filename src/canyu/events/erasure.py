"""Erasing a person: their events and all that was computed from them, in every version, with proof and receipt."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError

from canyu.events.failures import Doing, tell_failure
from canyu.events.store import Store
from canyu.events.tables import RECEIPTS_SCHEMA, SUPPRESSED_SCHEMA, TABLES
from canyu.events.writing import (
    ROW_GROUP_ROWS,
    Change,
    commit,
    drop_files,
    read_folder,
    read_rows,
    write_file,
    write_files,
)
from canyu.kit.errors import BadInput, Conflict, StorageFailure
from canyu.kit.words import Words

ERASED = "erased"
"""What stands where another's event pointed at the erased person."""

TRIES = 5
POINTERS = ("object", "parent")
# An actor may be called like a word of these columns; that word is no trace of them. Speech is counted apart.
NOT_NAMES = frozenset(
    {
        *("type", "source", "market", "channel", "campaign", "lang", "currency", "sentiment", "brand", "link", "text"),
        *("props", "title", "model_version", "reason", "field", "file", "mend", "table"),
    }
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What one erasure did.

    ``mentions`` counts the texts of others that hold the name: their speech, for a person to judge.
    """

    receipt: str
    rows: int
    files_rewritten: int
    files_removed: int
    files_scanned: int
    mentions: int


@dataclass(frozen=True, slots=True)
class _Traces:
    """What to look for: the actor, the ids of their events, and the actor's name inside raw text."""

    actor: str
    ids: pa.Array
    words: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The actor and their names as whole words."""
        words = "|".join(re.escape(word) for word in self.words)
        return rf"(^|[^\p{{L}}\p{{N}}_])({words})([^\p{{L}}\p{{N}}_]|$)"

    def find(self, rows: pa.Table) -> Any:
        """Mark the rows that go."""
        marks = np.zeros(rows.num_rows, bool)
        for name in rows.column_names:
            if name == "actor":
                marks |= _to_mask(pc.equal(rows[name], self.actor))
            elif name == "event_id":
                marks |= _to_mask(pc.is_in(rows[name], value_set=self.ids))
            elif name == "raw":
                marks |= _to_mask(pc.match_substring_regex(rows[name], self.pattern))
        return marks

    def find_pointers(self, rows: pa.Table) -> list[str]:
        """Return the columns in which rows that stay point at the actor."""
        return [
            name for name in POINTERS if name in rows.column_names and pc.any(pc.equal(rows[name], self.actor)).as_py()
        ]


class Suppression:
    """Who was erased from this lake and may not come back, by salted hash; read again when somebody is added."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._hashes: frozenset[str] = frozenset()

    def find(self, store: Store, actors: pa.ChunkedArray) -> Any:
        """Mark the rows of erased actors; None where nobody was ever erased."""
        table = store.find("suppressed")
        if table is None:
            return None
        if table.version() != self._version:
            self._hashes = frozenset(read_rows(store, "suppressed")["actor_hash"].to_pylist())
            self._version = table.version()
        salt = read_salt(store)
        known = [name for name in actors.unique().to_pylist() if name and hash_actor(salt, name) in self._hashes]
        return _to_mask(pc.is_in(actors, value_set=pa.array(known, pa.string()))) if known else None


def read_salt(store: Store) -> bytes:
    """Return the lake's own salt."""
    return bytes.fromhex(str(store.create("events").metadata().configuration.get("canyu.salt", "")))


def hash_actor(salt: bytes, actor: str) -> str:
    """Return the salted hash under which an erased actor is remembered."""
    return hashlib.blake2b(actor.encode(), digest_size=16, key=salt).hexdigest()


def erase_actor(store: Store, actor: str, *, names: Sequence[str] = (), now: datetime) -> Erasure:
    """Erase one actor from every table and every version, prove it file by file, and keep a receipt.

    ``names`` are what a source's files call the person, where ``actor`` is a hash: they are looked for in raw rows of
    the quarantine. Their events do not come back by a later import. Killed half-way, the same call finishes the
    work: the rows of ``events`` go last, since they tell which computed rows belong to the actor. Raises
    StorageFailure where a trace is left. Old versions whose files held the actor can no longer be read.
    """
    if not actor.strip():
        raise BadInput(
            Words("要删除谁的数据？", "Whom to erase?"),
            mend=Words("请给出事件中的 actor。", "Give the actor as it stands in the events."),
        )
    hashed = hash_actor(read_salt(store), actor)
    _suppress(store, hashed, now)
    broken = sum(_remove_broken(store, table) for table in TABLES)
    words = (actor, *(name for name in names if name.strip()))
    traces = _Traces(actor, _collect_ids(store, actor), words)
    tables = [*(table for table in TABLES if table not in {"events", "suppressed", "receipts"}), "events"]
    rewritten = sum(_rewrite_table(store, table, traces) for table in tables)
    removed = broken + sum(_remove_dead(store, table, traces) for table in tables)
    scanned, mentions = _prove(store, traces)
    receipt = secrets.token_hex(8)
    row = {
        "id": receipt,
        "time": now,
        "actor_hash": hashed,
        "rows": len(traces.ids),
        "files_rewritten": rewritten,
        "files_scanned": scanned,
    }
    rows = pa.Table.from_pylist([row], schema=RECEIPTS_SCHEMA)
    table = store.create("receipts")
    commit(store, "receipts", table, Change(write_files(store, "receipts", rows), (), {"canyu": "receipt", "rows": 1}))
    return Erasure(receipt, len(traces.ids), rewritten, removed, scanned, mentions)


def _suppress(store: Store, hashed: str, now: datetime) -> None:
    """First of all: from here on no writer takes the actor's events, whatever happens to this erasure."""
    if hashed in read_rows(store, "suppressed")["actor_hash"].to_pylist():
        return
    rows = pa.Table.from_pylist([{"actor_hash": hashed, "time": now}], schema=SUPPRESSED_SCHEMA)
    table = store.create("suppressed")
    commit(store, "suppressed", table, Change(write_files(store, "suppressed", rows), (), {"canyu": "suppress"}))
    # Without the lock of a folder, a writer may have read the list just before: this commit makes it look again.
    events = store.create("events")
    commit(store, "events", events, Change(note={"canyu": "fence"}))


def _collect_ids(store: Store, actor: str) -> pa.Array:
    """Return the ids of the actor's events in all files, dead ones too: a killed erasure left them there."""
    found = []
    for _, rows in _scan_files(store, "events", list_parquet(store, "events"), ["id", "actor"]):
        found.append(rows["id"].filter(pc.equal(rows["actor"], actor)))
    return pa.concat_arrays([pa.array([], pa.string()), *[chunk for ids in found for chunk in ids.chunks]]).unique()


def _rewrite_table(store: Store, name: str, traces: _Traces) -> int:
    """Replace the live files that hold traces, in one commit; again where somebody came between."""
    for _ in range(TRIES):
        table = store.find(name)
        if table is None:
            return 0
        touched = [path for path in store.list_files(table) if _has_traces(store, name, path, traces)]
        if not touched:
            return 0
        store.create(name)
        adds = [add for path in touched for add in _rewrite_file(store, name, path, traces)]
        try:
            commit(store, name, table, Change(adds, touched, {"canyu": "erase"}), retries=0)
        except CommitFailedError:
            drop_files(store, name, [add.path for add in adds])
            continue
        return len(touched)
    raise Conflict(
        Words(f"删除期间表 {name} 不断变化。", f"{name} kept changing while somebody was erased."),
        mend=Words("请停掉其他写入程序后重试。", "Stop the other writers and repeat."),
    )


def _rewrite_file(store: Store, name: str, path: str, traces: _Traces) -> list[Any]:
    kept = 0

    def keep() -> Iterator[pa.Table]:
        nonlocal kept
        for _, rows in _scan_files(store, name, [path], None):
            rows = rows.filter(pa.array(~traces.find(rows)))
            for column in traces.find_pointers(rows):
                place = rows.column_names.index(column)
                blank = pc.if_else(pc.equal(rows[column], traces.actor).fill_null(False), ERASED, rows[column])
                rows = rows.set_column(place, column, blank)
            kept += rows.num_rows
            yield rows

    add = write_file(store, name, read_folder(path), keep())
    if kept:
        return [add]
    drop_files(store, name, [add.path])
    return []


def _remove_broken(store: Store, name: str) -> int:
    """Delete what a killed writer left half-written: nobody can read it, yet its bytes may hold the actor."""
    table = store.find(name)
    live = set(store.list_files(table)) if table is not None else set()
    files = store.open_files(name)
    gone = 0
    for path in list_parquet(store, name):
        if path in live:
            continue
        try:
            with files.open_input_file(path) as source:
                pq.ParquetFile(source)
        except pa.ArrowInvalid:
            files.delete_file(path)
            gone += 1
    return gone


def _remove_dead(store: Store, name: str, traces: _Traces) -> int:
    """Delete the files of old versions (and of killed writers) that hold traces; the others stay readable."""
    table = store.find(name)
    if table is None:
        return 0
    live = set(store.list_files(table))
    files = store.open_files(name)
    gone = 0
    for path in list_parquet(store, name):
        if path not in live and _has_traces(store, name, path, traces):
            with tell_failure(Doing.REMOVE, f"{store.locate(name)}/{path}"):
                files.delete_file(path)
            gone += 1
    return gone


def _has_traces(store: Store, name: str, path: str, traces: _Traces) -> bool:
    wanted = ["actor", "event_id", "raw", *POINTERS]
    return any(
        traces.find(rows).any() or traces.find_pointers(rows) for _, rows in _scan_files(store, name, [path], wanted)
    )


def _prove(store: Store, traces: _Traces) -> tuple[int, int]:
    """Read every file under the lake, live or dead, all columns and the log; raises where a trace is left."""
    scanned = mentions = 0
    left: list[str] = []
    for name in TABLES:
        if store.find(name) is None:
            continue
        for path in list_parquet(store, name):
            scanned += 1
            for _, rows in _scan_files(store, name, [path], None):
                if traces.find(rows).any() or _holds_name(rows, traces.actor):
                    left.append(f"{name}/{path}")
                    break
                mentions += _count_mentions(rows, traces)
        left += _find_in_log(store, name, traces.actor)
    if left:
        raise StorageFailure(
            Words(
                f"有 {len(left)} 个文件仍留有痕迹：{'、'.join(left[:5])}。",
                f"Traces are left in {len(left)} files: {', '.join(left[:5])}.",
            ),
            mend=Words(
                "请重新删除；如果是日志里有此人，那是别的程序写的：请重写那张表。",
                "Repeat the erasure; where a log names the actor, another program wrote it: rewrite that table.",
            ),
        )
    return scanned, mentions


def _holds_name(rows: pa.Table, actor: str) -> bool:
    """Whether any cell is the actor, in a column that may name one."""
    return any(
        pc.any(pc.equal(column, actor)).as_py()
        for field, column in zip(rows.schema, rows.columns, strict=True)
        if pa.types.is_string(field.type) and field.name not in NOT_NAMES
    )


def _count_mentions(rows: pa.Table, traces: _Traces) -> int:
    marks = np.zeros(rows.num_rows, bool)
    for name in ("text", "props"):
        if name in rows.column_names:
            likely = [_to_mask(pc.match_substring(rows[name], word)) for word in traces.words]
            if np.any(likely):  # a plain search is much faster than the pattern
                marks |= _to_mask(pc.match_substring_regex(rows[name], traces.pattern))
    return int(marks.sum())


def _find_in_log(store: Store, name: str, actor: str) -> list[str]:
    """Statistics and predicates of other writers may hold the actor, between quotes of one kind or another."""
    files = store.open_files(name)
    signs = [f'"{actor}"'.encode(), f'\\"{actor}\\"'.encode(), f"'{actor}'".encode()]
    found = []
    for info in files.get_file_info(pafs.FileSelector("_delta_log", allow_not_found=True)):
        if info.path.endswith(".json"):
            with files.open_input_stream(info.path) as file:
                raw = file.read()
        elif info.path.endswith(".parquet"):
            with files.open_input_file(info.path) as file:
                raw = str(pq.ParquetFile(file).read().to_pylist()).encode()
        else:
            continue
        if any(sign in raw for sign in signs):
            found.append(f"{name}/{info.path}")
    return found


def list_parquet(store: Store, name: str) -> list[str]:
    """Return every data file in the table's folder, named by its log or not."""
    if store.find(name) is None:
        return []
    with tell_failure(Doing.LIST, store.locate(name)):
        infos = store.open_files(name).get_file_info(pafs.FileSelector("", recursive=True))
    paths = [info.path.lstrip("/") for info in infos if info.path.endswith(".parquet")]
    return sorted(path for path in paths if not path.startswith("_delta_log"))


def _scan_files(store: Store, name: str, paths: list[str], columns: list[str] | None) -> Iterator[tuple[str, pa.Table]]:
    """Read the files part by part, each with those of ``columns`` that it has."""
    files = store.open_files(name)
    for path in paths:
        with tell_failure(Doing.READ, f"{store.locate(name)}/{path}"), files.open_input_file(path) as source:
            file = pq.ParquetFile(source)
            chosen = None if columns is None else [c for c in columns if c in file.schema_arrow.names]
            for batch in file.iter_batches(ROW_GROUP_ROWS, columns=chosen, use_threads=False):
                yield path, pa.Table.from_batches([batch])


def _to_mask(found: pa.ChunkedArray | pa.Array) -> Any:
    found = found.fill_null(False)
    flat = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return flat.to_numpy(zero_copy_only=False)
