"""Where a lake's tables are, a folder or an object store, and the checks before one is opened."""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.fs as pafs
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError
from filelock import FileLock, Timeout

from canyu.events.failures import Doing, tell_failure
from canyu.events.tables import TABLES
from canyu.kit.errors import BadInput, Conflict, NotFound, StorageFailure, Unsupported
from canyu.kit.words import Words

FORMAT = 1
"""The lake format this build writes; it reads this one and all before it."""

LOCK_TIMEOUT_S = 600.0
READABLE_FEATURES = frozenset({"timestampNtz", "vacuumProtocolCheck"})

# deltalake 1.6.6 makes a host name of the folder's name and panics, or looks elsewhere, where it holds one of these
UNUSABLE_NAME = re.compile(r"[\[\]|^\\\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")

CONFIGURATION = {
    # Statistics would put names and the first letters of posts into the log, where an erasure cannot reach them.
    "delta.dataSkippingStatsColumns": "time",
    # A figure names its data version for ever; the default drops the log's older entries after 30 days.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
    "canyu.format": str(FORMAT),
}


class LiveFile(NamedTuple):
    """One file that the newest version of a table names; ``path`` is relative to the table's folder."""

    path: str
    size: int
    rows: int | None


class Store:
    """The tables of one lake, by name, with the newest state of each kept open."""

    def __init__(self, address: str | Path, options: Mapping[str, str] | None = None) -> None:
        text = str(address)
        if text.startswith("file://"):
            text = url2pathname(urlsplit(text).path)
        self.is_local = "://" not in text
        self.address = os.path.abspath(text) if self.is_local else text.rstrip("/")
        self.options = dict(options or {})
        self._tables: dict[tuple[str, bool], DeltaTable] = {}
        self._guard = threading.RLock()
        self._turn = threading.RLock()
        self._depth = 0
        self._writer: int | None = None
        if self.is_local and UNUSABLE_NAME.search(str(Path(self.address).resolve())):
            raise BadInput(
                Words(f"数据湖不能放在 {self.address}。", f"A lake cannot lie in {self.address}."),
                mend=Words(
                    "请选一个名字里不含 [ ] | ^ \\ 或 %20 的文件夹。",
                    "Choose a folder without [ ] | ^ \\ or %20 in its name.",
                ),
            )

    def locate(self, name: str) -> str:
        """Return the address of one table."""
        return f"{self.address}/{name}"

    def exists(self) -> bool:
        """Whether any table was ever written here."""
        if self.is_local:
            return any(Path(self.locate(name), "_delta_log").is_dir() for name in TABLES)
        return self.find("events") is not None

    def find(self, name: str) -> DeltaTable | None:
        """Return the table at its newest version, or None where nothing was written yet.

        A writer has handles of its own: a reader in another thread must not move on the version it commits against.
        """
        key = (name, threading.get_ident() == self._writer)
        with self._guard, tell_failure(Doing.READ, self.locate(name)):
            kept = self._tables.get(key)
            if kept is not None:
                try:
                    kept.update_incremental()
                except (DeltaError, OSError):  # the folder was put away or replaced: look again
                    del self._tables[key]
                    kept = None
            if kept is None:
                try:
                    kept = DeltaTable(self.locate(name), storage_options=self.options or None)
                except TableNotFoundError:
                    return None
                self._tables[key] = kept
            check_readable(kept, self.locate(name))
            return kept

    def find_at(self, name: str, version: int) -> DeltaTable:
        """Return the table as it was; raises NotFound where that version never was or its files are gone."""
        table = self.open_at(name, version)
        gone = [path for path in self.list_paths(name, table) if self.is_local and not os.path.exists(path)]
        if gone:
            raise NotFound(
                Words(
                    f"{name} 的版本 {version} 已无法读取：有 {len(gone)} 个文件被移除了。",
                    f"Version {version} of {name} can no longer be read: {len(gone)} of its files were removed.",
                ),
                mend=Words(
                    "清理会保留固定的版本：请固定指标引用的版本。按人删除的数据不能恢复。",
                    "Vacuum keeps pinned versions: pin the versions that figures name. An erasure removes for good.",
                ),
            )
        return table

    def open_at(self, name: str, version: int) -> DeltaTable:
        """Return which files a version had, be they there or not; raises NotFound where that version never was."""
        unknown = NotFound(
            Words(
                f"{self.address} 中没有 {name} 的版本 {version}。",
                f"There is no version {version} of {name} in {self.address}.",
            ),
            mend=Words("用 `canyu lake history` 查看有哪些版本。", "See `canyu lake history`."),
        )
        present = self.find(name)
        if present is None or version > present.version():  # for a far one the library would look without end
            raise unknown
        try:
            table = DeltaTable(self.locate(name), version=version, storage_options=self.options or None)
        except (DeltaError, OSError, OverflowError) as error:
            raise unknown from error
        check_readable(table, self.locate(name))
        return table

    def create(self, name: str) -> DeltaTable:
        """Return the table, made empty where there was none; two that create at once get the same one.

        A table made before a column was agreed gets that column.
        """
        table = self.find(name)
        if table is not None:
            return self._widen(name, table)
        spec = TABLES[name]
        settings = CONFIGURATION | ({"canyu.salt": secrets.token_hex(16)} if name == "events" else {})
        if "time" not in spec.schema.names:
            settings["delta.dataSkippingStatsColumns"] = spec.schema.names[0]
        with tell_failure(Doing.CREATE, self.locate(name)):
            if self.is_local:
                Path(self.address).mkdir(parents=True, exist_ok=True)
            try:
                DeltaTable.create(
                    self.locate(name),
                    Schema.from_arrow(spec.schema),
                    partition_by=["day"] if spec.by_day else None,
                    configuration=settings,
                    storage_options=self.options or None,
                    raise_if_key_not_exists=False,
                )
            except DeltaError:
                if self.find(name) is None:
                    raise
            found = self.find(name)
        if found is None:
            raise StorageFailure(
                Words(f"表 {name} 在创建过程中消失了。", f"The table {name} vanished while it was made.")
            )
        return found

    def _widen(self, name: str, table: DeltaTable) -> DeltaTable:
        known = {column.name for column in table.schema().fields}
        lacking = [column for column in TABLES[name].schema if column.name not in known]
        if lacking:
            fields = Schema.from_arrow(pa.schema([column.with_nullable(True) for column in lacking])).fields
            with tell_failure(Doing.WIDEN, self.locate(name)):
                table.alter.add_columns(fields)
        return table

    def list_files(self, table: DeltaTable) -> list[str]:
        """Return the live files of the table, relative to its folder."""
        return [live.path for live in self.list_live(table)]

    def list_live(self, table: DeltaTable) -> list[LiveFile]:
        """Return the live files of the table with their sizes and, where the log knows it, their rows."""
        actions = pa.table(table.get_add_actions(flatten=True))
        known = "num_records" in actions.column_names  # absent where no file was written with statistics
        rows = actions["num_records"].to_pylist() if known else [None] * actions.num_rows
        named = zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), rows, strict=True)
        return [LiveFile(unquote(path), size, count) for path, size, count in named]

    def list_paths(self, name: str, table: DeltaTable) -> list[str]:
        """Return the live files of the table as full addresses."""
        return [f"{self.locate(name)}/{path}" for path in self.list_files(table)]

    def open_files(self, name: str) -> pafs.FileSystem:
        """Return a file system whose root is the table's folder."""
        if self.is_local:
            return pafs.SubTreeFileSystem(self.locate(name), pafs.LocalFileSystem())
        from deltalake.fs import DeltaStorageHandler

        return pafs.PyFileSystem(DeltaStorageHandler(self.locate(name), self.options or None))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold this lake for one writer: among threads always, among processes where it is a folder.

        On an object store there is no such lock; the commit itself compares and swaps.
        """
        with self._turn:
            lock = self._take_lock() if self.is_local and not self._depth else None
            self._depth += 1
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._depth -= 1
                self._writer = self._writer if self._depth else None
                if lock is not None:
                    lock.release()

    def _take_lock(self) -> FileLock:
        with tell_failure(Doing.WRITE_TO, self.address):
            Path(self.address).mkdir(parents=True, exist_ok=True)
            lock = FileLock(f"{self.address}/.lock", timeout=LOCK_TIMEOUT_S)
            try:
                lock.acquire()
            except Timeout as error:
                raise Conflict(
                    Words(
                        f"另一个程序正在写入 {self.address}，已等待 {LOCK_TIMEOUT_S:.0f} 秒。",
                        f"Another program has been writing to {self.address} for {LOCK_TIMEOUT_S:.0f} s.",
                    ),
                    mend=Words(
                        "等它写完或停掉它，然后重试：没有数据丢失。",
                        "Wait for it, or stop it, and repeat: nothing was lost.",
                    ),
                ) from error
            return lock


def check_readable(table: DeltaTable, address: str) -> None:
    """Raise Unsupported where this build would read the table wrongly: a newer format, or features of Delta."""
    settings = table.metadata().configuration
    made = settings.get("canyu.format", str(FORMAT))
    if not str(made).isdecimal() or int(made) > FORMAT:
        raise Unsupported(
            Words(
                f"{address} 的数据湖格式是 {made}，当前版本最高支持 {FORMAT}。",
                f"{address} has lake format {made}; this build reads up to {FORMAT}.",
            ),
            mend=Words(
                "请升级 Canyu（pip install --upgrade canyu），或打开从中导出的 Parquet 副本。",
                "Install a newer Canyu (pip install --upgrade canyu), or open a copy exported from it as Parquet.",
            ),
        )
    protocol = table.protocol()
    unknown = set(protocol.reader_features or ()) - READABLE_FEATURES
    if settings.get("delta.columnMapping.mode", "none") != "none":
        unknown.add("columnMapping")
    if unknown:
        raise Unsupported(
            Words(
                f"{address} 用了当前版本读不了的 Delta 特性：{'、'.join(sorted(unknown))}。",
                f"{address} uses the Delta features {', '.join(sorted(unknown))}, which this build cannot read.",
            ),
            mend=Words(
                "请去掉这些特性并重写该表（在 Spark 中：先 ALTER TABLE … DROP FEATURE，再 REORG TABLE … PURGE）。",
                "Rewrite the table without them (in Spark: ALTER TABLE … DROP FEATURE, then REORG TABLE … PURGE).",
            ),
        )
