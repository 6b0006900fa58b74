"""The lake: everything that happened, kept once, appended only, every version readable again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import ibis
import pyarrow as pa
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction

from canyu.engine import DuckEngine, Engine
from canyu.events.erasure import Erasure, erase_actor, erase_posts, find_unfinished
from canyu.events.failures import Doing, tell_failure, tell_overtaken
from canyu.events.known_ids import KnownIds
from canyu.events.maintenance import (
    FILES_PER_DAY,
    KEEP_HOURS,
    Commit,
    Compaction,
    Damage,
    Pin,
    check_pin,
    compact_table,
    find_damage,
    find_faults,
    list_commits,
    list_pins,
    require_versions,
    set_pins,
    vacuum_table,
)
from canyu.events.store import Store
from canyu.events.suppression import Suppression
from canyu.events.tables import TABLES, find_spec
from canyu.events.writing import Change, commit, drop_files, fit_events, fit_rows, read_rows, write_file, write_files
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, Conflict, NotFound, StorageFailure
from canyu.kit.words import Words

ROWS_PER_COMMIT = 500_000
COMMIT_TRIES = 50


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What one append did: the version it left, rows added, rows there already, rows of what was erased left out."""

    version: int
    added: int
    repeated: int
    suppressed: int = 0


class Lake:
    """A folder (or object store address) of Delta tables; ``events`` is the truth, the others are computed.

    Safe to share between threads for writing; reading goes through ``engine``, which is one per thread.
    """

    def __init__(
        self, path: str | Path, *, engine: Engine | None = None, options: Mapping[str, str] | None = None
    ) -> None:
        self.path = str(path)
        self.engine: Engine = engine or DuckEngine()
        self.store = Store(path, options)
        self._known = KnownIds()
        self._suppression = Suppression()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = False,
        engine: Engine | None = None,
        options: Mapping[str, str] | None = None,
    ) -> Self:
        """Open the lake at ``path``, a folder or an address such as ``s3://bucket/lake``.

        With ``create`` one may be new. ``options`` are the store's own settings (keys, region, endpoint); what is not
        given comes from the environment. Raises NotFound where there is none, Unsupported where a newer Canyu made it.
        """
        lake = cls(path, engine=engine, options=options)
        if not create and not lake.store.exists():
            raise NotFound(
                Words(f"{path} 处没有数据湖。", f"There is no lake at {path}."),
                mend=Words("请先导入一个文件，或传入 create=True。", "Import a file first, or pass create=True."),
            )
        if lake.store.is_local and Path(lake.store.address).is_file():
            raise BadInput(
                Words(f"{path} 是一个文件。", f"{path} is a file."),
                mend=Words("数据湖应是一个文件夹。", "A lake is a folder."),
            )
        lake.store.find("events")
        return lake

    def append(self, events: pa.Table) -> AppendResult:
        """Add the events whose ids are not there yet; returns after the commit, and each id counts once for ever.

        Holds across restarts and with several writers at once. Raises BadInput where a column is missing or null,
        StorageFailure where the store refuses; then nothing of this call counts.
        """
        with self.store.writing():
            return self._append(fit_events(events))

    def append_batches(
        self, batches: Iterable[pa.Table | pa.RecordBatch], *, rows_per_commit: int = ROWS_PER_COMMIT
    ) -> Iterator[AppendResult]:
        """Append a stream in commits of at least ``rows_per_commit`` rows; yields after each commit.

        Whoever stops in between repeats the whole stream: what was acknowledged is counted as repeated.
        """
        waiting: list[pa.Table] = []
        for batch in batches:
            waiting.append(pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch)
            if sum(table.num_rows for table in waiting) >= rows_per_commit:
                yield self.append(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            yield self.append(pa.concat_tables(waiting))

    def refuse(self, rows: pa.Table) -> int:
        """Put refused rows (``QUARANTINE_SCHEMA``) in quarantine, each id once; returns how many were new."""
        with self.store.writing():
            rows = fit_rows("quarantine", rows)
            known = set(read_rows(self.store, "quarantine")["id"].to_pylist())
            fresh: dict[str, int] = {}
            for place, key in enumerate(rows["id"].to_pylist()):
                if key not in known:
                    fresh.setdefault(key, place)
            if fresh:
                self.write_derived("quarantine", rows.take(list(fresh.values())))
            return len(fresh)

    def write_derived(self, name: str, rows: pa.Table, *, mode: str = "append") -> int:
        """Append to, or overwrite, one derived table; returns its new version after the commit."""
        if mode not in {"append", "overwrite"}:
            raise BadInput(
                Words(f"没有 {mode} 这种写入方式。", f"There is no mode {mode}."),
                mend=Words("请用 append 或 overwrite。", "Use append or overwrite."),
            )
        with self.store.writing():
            find_spec(name)
            rows = self._drop_suppressed(name, fit_rows(name, rows))
            table = self.store.create(name)
            adds = write_files(self.store, name, rows)
            gone = self.store.list_files(table) if mode == "overwrite" else []
            try:
                return commit(self.store, name, table, Change(adds, gone, {"canyu": mode, "rows": rows.num_rows}))
            except CommitFailedError as error:
                drop_files(self.store, name, [add.path for add in adds])
                raise tell_overtaken(name) from error

    def replace_derived(self, name: str, parts: Iterable[pa.Table]) -> int:
        """Overwrite one derived table, one that is not kept by day, in one commit; the memory is that of one part."""
        if find_spec(name).by_day:
            raise BadInput(
                Words(f"表 {name} 按天分区。", f"The table {name} is kept by day."),
                mend=Words("请用 write_derived()。", "Use write_derived()."),
            )
        with self.store.writing():
            self.store.create(name)
        fitting = (self._drop_suppressed(name, fit_rows(name, part)) for part in parts)
        with tell_failure(Doing.WRITE_TO, self.store.locate(name)):
            add = write_file(self.store, name, None, fitting)
        with self.store.writing():
            table = self.store.create(name)
            try:
                return commit(
                    self.store, name, table, Change([add], self.store.list_files(table), {"canyu": "overwrite"})
                )
            except CommitFailedError as error:
                drop_files(self.store, name, [add.path])
                raise tell_overtaken(name) from error

    def scan(self, name: str = "events", *, version: int | None = None) -> ibis.Table:
        """Return one table of the lake, now or at ``version``, as an Ibis table on the lake's engine.

        >>> import tempfile
        >>> lake = open_lake(tempfile.mkdtemp(), create=True)
        >>> lake.scan("events").count().to_pyarrow().as_py()
        0
        """
        schema = find_spec(name).schema
        table = self.store.find(name) if version is None else self.store.find_at(name, version)
        files = [] if table is None else self.store.list_paths(name, table)
        root = self.store.locate(name)
        if table is not None and files and not self.store.is_local and isinstance(self.engine, DuckEngine):
            return self.engine.read_dataset(table.to_pyarrow_dataset(), f"{root}@{table.version()}", schema)
        try:
            return self.engine.read_files(files, root, schema)
        except Exception as error:
            faults = find_faults(self.store, name)
            if not faults:
                raise
            path, fault = faults[0]
            raise StorageFailure(
                Words(
                    f"数据湖的文件 {path} 已损坏：{fault.zh}。",
                    f"The file {path} of the lake is damaged: {fault.en}.",
                ),
                mend=Words(
                    "请用备份恢复它；`canyu lake check` 会列出所有损坏的文件。",
                    "Put it back from a copy; `canyu lake check` lists all damaged files.",
                ),
            ) from error

    def scan_added(self, since: int, until: int, name: str = "events") -> ibis.Table:
        """Return the rows in files that ``until`` names and ``since`` did not: all that came, and what was rewritten.

        A row that a compaction moved comes again, so a reader must know what it has seen. Raises NotFound where one
        of the versions cannot be read any more, or ``since`` is the later one.
        """
        if since > until:
            raise NotFound(Words(f"版本 {since} 晚于 {until}。", f"Version {since} is later than {until}."))
        if not self.store.is_local and isinstance(self.engine, DuckEngine):
            return self.scan(name, version=until)  # there a whole version is opened as one dataset
        before = set(self.store.list_paths(name, self.store.find_at(name, since)))
        added = [path for path in self.store.list_paths(name, self.store.find_at(name, until)) if path not in before]
        return self.engine.read_files(added, self.store.locate(name), find_spec(name).schema)

    def scan_news(self, since: int | None, until: int, name: str = "events") -> ibis.Table:
        """Return what came after ``since``; all rows of ``until`` where there is no ``since``, or it is put away."""
        if since is not None:
            try:
                return self.scan_added(since, until, name)
            except NotFound:  # by a vacuum, or the lake went back to an older copy
                pass
        return self.scan(name, version=until)

    def version(self, name: str = "events") -> int | None:
        """Return the present version of one table, or None where nothing was written yet."""
        table = self.store.find(name)
        return None if table is None else int(table.version())

    def versions(self) -> dict[str, int]:
        """Return the present version of every table there is: what a figure names as its data version."""
        found = {name: self.version(name) for name in TABLES}
        return {name: version for name, version in found.items() if version is not None}

    def history(self, name: str = "events", *, limit: int | None = None) -> list[Commit]:
        """Return the versions of one table, newest first: when, by which operation, how many rows."""
        find_spec(name)
        return list_commits(self.store, name, limit)

    def require(self, versions: Mapping[str, int]) -> None:
        """Raise NotFound where one of these versions cannot be read any more."""
        require_versions(self.store, versions)

    def pin(self, versions: int | Mapping[str, int], reason: str) -> list[Pin]:
        """Keep these versions (a number: of ``events``) from vacuum, for a reason; returns all pins."""
        wanted = {"events": versions} if isinstance(versions, int) else versions
        with self.store.writing():
            check_pin(self.store, wanted, reason)
            pins = list_pins(self.store)
            fresh = [Pin(name, version, reason, get_now()) for name, version in wanted.items()]
            known = {(pin.table, pin.version, pin.reason) for pin in pins}
            fresh = [pin for pin in fresh if (pin.table, pin.version, pin.reason) not in known]
            if fresh:
                set_pins(self.store, [*pins, *fresh])
            return [*pins, *fresh]

    def unpin(self, reason: str) -> int:
        """Let go of the versions that were pinned for this reason; returns how many."""
        with self.store.writing():
            pins = list_pins(self.store)
            kept = [pin for pin in pins if pin.reason != reason]
            if len(kept) < len(pins):
                set_pins(self.store, kept)
            return len(pins) - len(kept)

    def pins(self) -> list[Pin]:
        """Return the versions that vacuum keeps."""
        return list_pins(self.store)

    def compact(self, *, files_per_day: int = FILES_PER_DAY) -> list[Compaction]:
        """Make one file of each day that has more than ``files_per_day``; the rows stay the same."""
        return [compact_table(self.store, name, files_per_day=files_per_day) for name in self.versions()]

    def vacuum(self, *, keep_hours: float = KEEP_HOURS, is_rehearsal: bool = False) -> list[str]:
        """Remove files that neither the versions of the last ``keep_hours`` nor pinned versions need; returns them."""
        with self.store.writing():
            pins = list_pins(self.store)
            removed = []
            for name in self.versions():
                keep = sorted({pin.version for pin in pins if pin.table == name})
                gone = vacuum_table(self.store, name, keep_hours=keep_hours, keep=keep, is_rehearsal=is_rehearsal)
                removed += [f"{name}/{path}" for path in gone]
            return removed

    def erase(self, actor: str, *, names: Sequence[str] = (), now: datetime | None = None) -> Erasure:
        """Erase one actor from every table and version, prove it by reading every file, and keep a receipt.

        Their events do not come back by a later import. ``names`` are what the source's files call the person.
        """
        with self.store.writing():
            return erase_actor(self.store, actor, names=names, now=now or get_now())

    def erase_posts(self, ids: Iterable[str], *, names: Sequence[str] = (), now: datetime | None = None) -> Erasure:
        """Erase single posts by their event ids from every table and version, prove it, and keep a receipt.

        They do not come back by a later import; what the lake does not hold is told as unknown. ``names`` are what the
        source's files call the posts.
        """
        with self.store.writing():
            return erase_posts(self.store, ids, names=names, now=now or get_now())

    def find_unfinished(self, ids: Iterable[str]) -> list[str]:
        """Return which of these posts no receipt proves erased yet."""
        return find_unfinished(self.store, ids)

    def check(self) -> list[Damage]:
        """Return the live files that are absent or cut short."""
        return [damage for name in self.versions() for damage in find_damage(self.store, name)]

    def _append(self, events: pa.Table) -> AppendResult:
        prints = self._known.compute_prints(events["id"])
        first = prints.find_first()
        adds: list[AddAction] = []
        written: Any = None
        for _ in range(COMMIT_TRIES):
            table = self.store.create("events")
            self._known.refresh(self.store, table)
            banned = self._suppression.find(self.store, "events", events)
            is_new = first & ~self._known.find(prints)
            suppressed = 0 if banned is None else int((is_new & banned).sum())
            chosen = is_new if banned is None else is_new & ~banned
            added = int(chosen.sum())
            result = AppendResult(int(table.version()), added, events.num_rows - added - suppressed, suppressed)
            if not added:
                drop_files(self.store, "events", [add.path for add in adds])
                return result
            if written is None or (written != chosen).any():  # files are written once, unless somebody came between
                drop_files(self.store, "events", [add.path for add in adds])
                rows = events if chosen.all() else events.filter(pa.array(chosen))
                adds, written = write_files(self.store, "events", rows), chosen
            try:
                change = Change(adds, (), {"canyu": "append", "rows": added})
                version = commit(self.store, "events", table, change, retries=0)
            except CommitFailedError:
                continue
            except BaseException:
                drop_files(self.store, "events", [add.path for add in adds])
                raise
            self._known.add(prints.take(chosen), [add.path for add in adds], version)
            return AppendResult(version, result.added, result.repeated, suppressed)
        raise Conflict(
            Words(f"其他程序一直在写入 {self.path}。", f"Others kept writing to {self.path}."),
            mend=Words("请重试：不会重复写入。", "Repeat: nothing is added twice."),
        )

    def _drop_suppressed(self, name: str, rows: pa.Table) -> pa.Table:
        """Leave out rows of what was erased: a computation may have read it just before."""
        banned = self._suppression.find(self.store, name, rows)
        return rows if banned is None else rows.filter(pa.array(~banned))


def open_lake(
    path: str | Path,
    *,
    create: bool = False,
    engine: Engine | None = None,
    options: Mapping[str, str] | None = None,
) -> Lake:
    """Open the lake at ``path``; see ``Lake.open``."""
    return Lake.open(path, create=create, engine=engine, options=options)
