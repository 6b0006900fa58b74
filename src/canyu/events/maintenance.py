"""Care of a lake: its history, fewer and larger files, old files away, and a look for damage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError

from canyu.events.failures import Doing, tell_failure
from canyu.events.store import Store
from canyu.events.tables import PINS_SCHEMA, TABLE_NAMES, TABLES
from canyu.events.writing import (
    ROW_GROUP_ROWS,
    Change,
    commit,
    count_rows,
    drop_files,
    read_folder,
    read_rows,
    write_file,
    write_files,
)
from canyu.kit.errors import BadInput, Conflict, NotFound, StorageFailure
from canyu.kit.jsonio import parse_json
from canyu.kit.words import Words

FILES_PER_DAY = 50
DAYS_PER_COMMIT = 32
KEEP_HOURS = 168
KEEP_HOURS_SHARED = 24
"""On an object store another writer's files stay unnamed until its commit: never touch the young ones."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One version of one table: when, by which operation, how many rows it brought (where known)."""

    table: str
    version: int
    time: datetime
    operation: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Compaction:
    """What a compaction did to one table."""

    table: str
    partitions: int
    files_before: int
    files_after: int
    version: int


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of one table that vacuum keeps, and why."""

    table: str
    version: int
    reason: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Damage:
    """One live file that cannot be read as the log says."""

    table: str
    path: str
    reason: str


def list_commits(store: Store, name: str, limit: int | None) -> list[Commit]:
    """Return the versions of a table, newest first, from its log.

    deltalake 1.6.6 returns an empty history where the folder's name is not plain ASCII, so the log is read here.
    """
    table = store.find(name)
    if table is None:
        return []
    files = store.open_files(name)
    newest = int(table.version())
    oldest = max(0, newest + 1 - limit) if limit is not None else 0
    found = []
    for version in range(newest, oldest - 1, -1):
        try:
            with files.open_input_stream(f"_delta_log/{version:020d}.json") as file:
                entries = [parse_json(line) for line in file.read().splitlines() if b'"commitInfo"' in line]
        except FileNotFoundError:  # a log that another program cut off
            break
        for info in (entry["commitInfo"] for entry in entries if "commitInfo" in entry):
            time = datetime.fromtimestamp(info["timestamp"] / 1000, UTC)
            found.append(Commit(name, version, time, info.get("canyu") or info["operation"].lower(), info.get("rows")))
    return found


def compact_table(store: Store, name: str, *, files_per_day: int = FILES_PER_DAY) -> Compaction:
    """Rewrite each day of more than ``files_per_day`` files as one file, then write a checkpoint.

    The rows are the same before and after each commit; killed in between, the days of earlier commits stay done.
    """
    table = store.find(name)
    if table is None:
        return Compaction(name, 0, 0, 0, -1)
    before = sorted(store.list_files(table))
    days = [(day, list(group)) for day, group in groupby(before, read_folder)]
    crowded = [(day, paths) for day, paths in days if len(paths) > files_per_day]
    done = len(crowded)
    for start in range(0, done, DAYS_PER_COMMIT):
        with store.writing():  # one commit at a time, so that appends come in between
            _merge_days(store, name, crowded[start : start + DAYS_PER_COMMIT])
    table = store.find(name) or table
    if done:
        with tell_failure(Doing.CHECKPOINT, store.locate(name)):
            table.create_checkpoint()
    return Compaction(name, done, len(before), len(store.list_files(table)), int(table.version()))


def vacuum_table(store: Store, name: str, *, keep_hours: float, keep: list[int], is_rehearsal: bool) -> list[str]:
    """Remove the files that no version of the last ``keep_hours`` and no pinned version needs; returns them."""
    table = store.find(name)
    if table is None:
        return []
    hours = int(keep_hours if store.is_local else max(keep_hours, KEEP_HOURS_SHARED))
    with tell_failure(Doing.VACUUM, store.locate(name)):
        removed = table.vacuum(
            retention_hours=hours,
            dry_run=is_rehearsal,
            enforce_retention_duration=False,
            full=True,
            keep_versions=keep or None,
        )
    return [str(path) for path in removed]


def list_pins(store: Store) -> list[Pin]:
    """Return every pinned version, oldest first."""
    rows = read_rows(store, "pins").sort_by("time").to_pylist()
    return [Pin(row["table"], row["version"], row["reason"], row["time"]) for row in rows]


def set_pins(store: Store, pins: list[Pin]) -> None:
    """Make these the pins, in one commit."""
    rows = pa.Table.from_pylist(
        [{"table": p.table, "version": p.version, "reason": p.reason, "time": p.time} for p in pins], schema=PINS_SCHEMA
    )
    table = store.create("pins")
    gone = store.list_files(table)
    adds = write_files(store, "pins", rows) if pins else []
    commit(store, "pins", table, Change(adds, gone, {"canyu": "pin", "rows": len(pins)}))


def check_pin(store: Store, versions: Mapping[str, int], reason: str) -> None:
    """Raise BadInput or NotFound where a pin makes no sense."""
    if not reason.strip():
        raise BadInput(
            Words("固定版本要写明原因。", "A pin needs a reason."),
            mend=Words("请写明哪份报告或哪个指标用到这个版本。", "Name the report or figure that uses this version."),
        )
    for name, version in versions.items():
        if name not in TABLES:
            raise BadInput(Words(f"没有名为 {name} 的表。", f"There is no table {name}."), mend=TABLE_NAMES)
        store.find_at(name, version)


def require_versions(store: Store, versions: Mapping[str, int]) -> None:
    """Raise NotFound where a version of a table, or a file of it, is not there any more: a vacuum took it away."""
    for name, version in versions.items():
        table = store.find_at(name, version)
        paths = [path for path, _, _ in store.list_live(table)]
        found = store.open_files(name).get_file_info(paths) if paths else []
        if any(each.type == pafs.FileType.NotFound for each in found):
            raise NotFound(
                Words(f"{name} 的第 {version} 版的文件已被清理。", f"Files of version {version} of {name} are gone."),
                mend=Words("要长期留用的版本请先固定。", "Pin the versions that are to stay."),
            )


def find_damage(store: Store, name: str) -> list[Damage]:
    """Return the live files of a table that cannot be read as its log says, each with the reason as the reader reads.

    The reason is said now: what is found goes to a page, a terminal or JSON at once.
    """
    return [Damage(name, path, str(fault)) for path, fault in find_faults(store, name)]


def find_faults(store: Store, name: str) -> list[tuple[str, Words]]:
    """Return the live files that are absent, cut short or of another size than the log says, and what is wrong."""
    table = store.find(name)
    if table is None:
        return []
    files = store.open_files(name)
    found = []
    for path, size, _ in store.list_live(table):
        try:
            with files.open_input_file(path) as file:
                if file.size() != size:
                    fault = Words(
                        f"文件有 {file.size()} 字节，应为 {size} 字节",
                        f"it has {file.size()} bytes and should have {size}",
                    )
                else:
                    pq.ParquetFile(file)
                    continue
        except (OSError, pa.ArrowException) as error:
            said = str(error).splitlines()[0]
            absent = isinstance(error, FileNotFoundError)
            fault = Words("文件不存在", "it is not there") if absent else Words(said, said)
        found.append((f"{store.locate(name)}/{path}", fault))
    return found


def _merge_days(store: Store, name: str, days: list[tuple[str | None, list[str]]]) -> None:
    """Replace the files of each day by one, all in one commit; before it, the rows are counted."""
    table = store.create(name)
    counted = count_rows(store, table, name)
    days = [(day, paths) for day, paths in days if counted.keys() >= set(paths)]  # an erasure may have come first
    if not days:
        return
    adds = []
    try:
        for day, paths in days:
            adds.append(write_file(store, name, day, _stream_rows(store, name, paths)))
        rows = sum(counted[path] for _, paths in days for path in paths)
        if rows != sum(parse_json(add.stats)["numRecords"] for add in adds):
            raise StorageFailure(
                Words(f"表 {name} 的行数与日志所记不符。", f"{name} holds other rows than its log names."),
                mend=Words("请运行 `canyu lake check`。", "Run `canyu lake check`."),
            )
        gone = [path for _, paths in days for path in paths]
        commit(store, name, table, Change(adds, gone, {"canyu": "compact", "rows": rows}, is_rewrite=True))
    except CommitFailedError as error:
        drop_files(store, name, [add.path for add in adds])
        raise Conflict(
            Words(f"表 {name} 在压实过程中被改动了。", f"{name} changed while it was compacted."),
            mend=Words("没有数据丢失：请再运行一次。", "Nothing was lost: run it again."),
        ) from error
    except BaseException:
        drop_files(store, name, [add.path for add in adds])
        raise


def _stream_rows(store: Store, name: str, paths: list[str]) -> Iterator[pa.Table]:
    files = store.open_files(name)
    for path in paths:
        with tell_failure(Doing.READ, f"{store.locate(name)}/{path}"), files.open_input_file(path) as file:
            for batch in pq.ParquetFile(file).iter_batches(ROW_GROUP_ROWS, use_threads=False):
                yield pa.Table.from_batches([batch])
