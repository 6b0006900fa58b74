"""Erasing a person or posts: their events and all computed from them, in every version, with proof and receipt."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError

from canyu.events.columns import Trace
from canyu.events.failures import Doing, tell_failure
from canyu.events.store import Store
from canyu.events.suppression import hash_actor, hash_events, list_items, read_salt
from canyu.events.tables import RECEIPTS_SCHEMA, SUPPRESSED_SCHEMA, TABLES
from canyu.events.traces import NOTHING, Traces, list_telling, list_traces, order_tables
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

TRIES = 5
SHORTEST_SAYING = 8
"""Texts of fewer characters are said by anybody: others that say the same are not counted."""

SHORTEST_NAME = 6
"""A post's id of fewer characters stands in refused rows of others as a count or a price: it is not looked for."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What one erasure did.

    ``mentions`` counts the texts of others that hold the name, or say what an erased post said: their speech, for a
    person to judge. ``relearnt``: rows of others, computed anew by the next listening since they leaned on what went.
    ``unknown``: asked-for ids of posts that the lake neither held nor had erased before; they may not come in later.
    """

    receipt: str
    rows: int
    files_rewritten: int
    files_removed: int
    files_scanned: int
    mentions: int
    relearnt: int = 0
    unknown: tuple[str, ...] = ()


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
    _suppress(store, [{"actor_hash": hashed, "time": now}])
    broken = _remove_all_broken(store)
    words = (actor, *(name for name in names if name.strip()))
    traces = Traces(_collect_ids(store, actor), actor, words)
    return _erase(store, list(TABLES), traces, {"actor_hash": hashed, "time": now}, broken)


def erase_posts(store: Store, ids: Iterable[str], *, names: Sequence[str] = (), now: datetime) -> Erasure:
    """Erase single posts, whoever wrote them, as ``erase_actor`` erases a person: every table, proof, receipt.

    ``ids`` are event ids, ``names`` what the source's files call the posts. An id that the lake does not hold is told
    as unknown and may not come in later: a notice of deletion can be faster than the post.
    """
    wanted = pa.array(sorted({each.strip() for each in ids} - {""}), pa.string())
    if not len(wanted):
        raise BadInput(
            Words("要删除哪条帖子？", "Which post to erase?"),
            mend=Words("请给出事件的 id，每行一个。", "Give ids of events, one per line."),
        )
    hashes = hash_events(read_salt(store), wanted)
    before = pc.is_in(hashes, value_set=list_items(read_rows(store, "receipts")["event_hashes"]))
    fresh = _suppress(store, [{"actor_hash": "", "event_hash": each, "time": now} for each in hashes.to_pylist()])
    broken = _remove_all_broken(store)
    held, texts = _collect_posts(store, wanted)
    is_known = pc.or_(pc.is_in(wanted, value_set=held), before)
    words = tuple(dict.fromkeys(name for name in names if len(name) >= SHORTEST_NAME))
    traces = Traces(wanted, "", words, texts)
    receipt = {"actor_hash": "", "event_hashes": hashes.to_pylist(), "time": now, "rows": len(held)}
    was_never_here = not len(held) and fresh == len(wanted)  # then nothing was computed from it: look at refused rows
    tables = [name for name in TABLES if not was_never_here or Trace.RAW in TABLES[name].traces.values()]
    done = _erase(store, tables, traces, receipt, broken)
    return replace(done, unknown=tuple(wanted.filter(pc.invert(is_known)).to_pylist()))


def find_unfinished(store: Store, ids: Iterable[str]) -> list[str]:
    """Return which of these posts no receipt proves erased yet, in order."""
    wanted = pa.array(sorted({*ids}), pa.string())
    proven = list_items(read_rows(store, "receipts")["event_hashes"])
    is_proven = pc.is_in(hash_events(read_salt(store), wanted), value_set=proven)
    left: list[str] = wanted.filter(pc.invert(is_proven)).to_pylist()
    return left


def _erase(store: Store, names: Sequence[str], traces: Traces, receipt: dict[str, Any], broken: int) -> Erasure:
    """Rewrite, remove, prove, and write the receipt."""
    tables = order_tables(names)
    traces = replace(traces, heirs=_collect_heirs(store, tables, traces))
    rewritten = sum(_rewrite_table(store, table, traces) for table in tables)
    removed = broken + sum(_remove_dead(store, table, traces) for table in tables)
    scanned, mentions = _prove(store, names, traces)
    number = secrets.token_hex(8)
    row: dict[str, Any] = {
        "id": number,
        "rows": len(traces.ids),
        "files_rewritten": rewritten,
        "files_scanned": scanned,
    } | receipt
    rows = pa.Table.from_pylist([row], schema=RECEIPTS_SCHEMA)
    table = store.create("receipts")
    commit(store, "receipts", table, Change(write_files(store, "receipts", rows), (), {"canyu": "receipt", "rows": 1}))
    return Erasure(number, row["rows"], rewritten, removed, scanned, mentions, len(traces.heirs))


def _suppress(store: Store, rows: list[dict[str, Any]]) -> int:
    """First of all: from here on no writer takes these events, whatever happens to this erasure; return the new."""
    known = read_rows(store, "suppressed")
    seen = {*zip(known["actor_hash"].to_pylist(), known["event_hash"].to_pylist(), strict=True)}
    fresh = [row for row in rows if (row["actor_hash"], row.get("event_hash")) not in seen]
    if not fresh:
        return 0
    table = store.create("suppressed")
    adds = write_files(store, "suppressed", pa.Table.from_pylist(fresh, schema=SUPPRESSED_SCHEMA))
    commit(store, "suppressed", table, Change(adds, (), {"canyu": "suppress"}))
    # Without the lock of a folder, a writer may have read the list just before: this commit makes it look again.
    events = store.create("events")
    commit(store, "events", events, Change(note={"canyu": "fence"}))
    return len(fresh)


def _collect_ids(store: Store, actor: str) -> pa.Array:
    """Return the ids of the actor's events in all files, dead ones too: a killed erasure left them there."""
    found = []
    for _, rows in _scan_files(store, "events", list_parquet(store, "events"), ["id", "actor"]):
        found.append(rows["id"].filter(pc.equal(rows["actor"], actor)))
    return pa.concat_arrays([NOTHING, *[chunk for ids in found for chunk in ids.chunks]]).unique()


def _collect_posts(store: Store, wanted: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return which of the posts the files hold, dead ones too, and what they say."""
    ids, texts = [NOTHING], [NOTHING]
    for _, rows in _scan_files(store, "events", list_parquet(store, "events"), ["id", "text"]):
        chosen = rows.filter(pc.is_in(rows["id"], value_set=wanted))
        ids += chosen["id"].chunks
        texts += chosen["text"].filter(pc.greater_equal(pc.utf8_length(chosen["text"]), SHORTEST_SAYING)).chunks
    return pa.concat_arrays(ids).unique(), pa.concat_arrays(texts).unique()


def _collect_heirs(store: Store, tables: Sequence[str], traces: Traces) -> pa.Array:
    """Return the events of others whose live rows lean on what goes: copies whose first text it was."""
    heirs = [NOTHING]
    for name in tables:
        kinds = TABLES[name].traces
        own = [column for column, trace in kinds.items() if trace is Trace.EVENT]
        table = store.find(name)
        if Trace.HEAD not in kinds.values() or table is None:
            continue
        wanted = [*own, *(column for column, trace in kinds.items() if trace is Trace.HEAD)]
        for _, rows in _scan_files(store, name, store.list_files(table), wanted):
            leaning = rows.filter(pa.array(traces.find(name, rows)))
            heirs += [list_items(leaning[column]) for column, trace in list_traces(name, rows) if trace is Trace.EVENT]
    found = pa.concat_arrays(heirs).unique()
    return found.filter(pc.invert(pc.is_in(found, value_set=traces.ids)))


def _remove_all_broken(store: Store) -> int:
    return sum(_remove_broken(store, table) for table in TABLES)


def _rewrite_table(store: Store, name: str, traces: Traces) -> int:
    """Replace the live files that hold traces, in one commit; again where somebody came between."""
    for _ in range(TRIES):
        table = store.find(name)
        if table is None:
            return 0
        live = store.list_files(table)
        touched = [path for path in live if _has_traces(store, name, path, traces, with_heirs=True)]
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


def _rewrite_file(store: Store, name: str, path: str, traces: Traces) -> list[Any]:
    kept = 0

    def keep() -> Iterator[pa.Table]:
        nonlocal kept
        for _, rows in _scan_files(store, name, [path], None):
            rows = rows.filter(pa.array(~(traces.find(name, rows) | traces.find_leaning(name, rows))))
            for column in traces.find_pointers(name, rows):
                rows = traces.blank(rows, column)
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


def _remove_dead(store: Store, name: str, traces: Traces) -> int:
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


def _has_traces(store: Store, name: str, path: str, traces: Traces, *, with_heirs: bool = False) -> bool:
    return any(
        traces.find(name, rows).any()
        or bool(traces.find_pointers(name, rows))
        or (with_heirs and traces.find_leaning(name, rows).any())
        for _, rows in _scan_files(store, name, [path], list_telling(name))
    )


def _prove(store: Store, names: Sequence[str], traces: Traces) -> tuple[int, int]:
    """Read every file of the tables, live or dead, all columns and the log; raises where a trace is left."""
    scanned = mentions = 0
    left: list[str] = []
    for name in names:
        if store.find(name) is None:
            continue
        for path in list_parquet(store, name):
            scanned += 1
            for _, rows in _scan_files(store, name, [path], None):
                if traces.find(name, rows).any() or traces.has_names(name, rows):
                    left.append(f"{name}/{path}")
                    break
                mentions += traces.count_mentions(name, rows)
        left += _find_in_log(store, name, traces)
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


def _find_in_log(store: Store, name: str, traces: Traces) -> list[str]:
    """Statistics and predicates of other writers may hold a name, between quotes of one kind or another."""
    files = store.open_files(name)
    actor, ids = traces.actor, {each.encode() for each in traces.ids.to_pylist()}
    signs = [f'"{actor}"'.encode(), f'\\"{actor}\\"'.encode(), f"'{actor}'".encode()] if actor else []
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
        if any(sign in raw for sign in signs) or not ids.isdisjoint(re.split(rb"[\"'\\]+", raw)):
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
