"""A watched folder: each file is imported once it is complete, and remembered by its content, not by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from canyu.events.importers.guess import Stated
from canyu.events.importers.mapping import Mapping
from canyu.events.importers.report import FileReport
from canyu.events.importers.run import fingerprint_file, import_file, plan_import
from canyu.events.lake import Lake
from canyu.events.sources.notebook import Notebook, Notes
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words, say

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet"})
SETTLE_S = 2.0
MOST_KEPT = 100_000  # entries in the notebook: the oldest go, and their files would be read once more, adding nothing


@dataclass(frozen=True, slots=True)
class Way:
    """How the files of a folder are read: with this mapping, or with one guessed for each file.

    With ``is_captured_when_saved``, "3分钟前" counts back from when the file was last changed.
    """

    mapping: Mapping | None = None
    stated: Stated = field(default_factory=Stated)
    is_captured_when_saved: bool = False

    @property
    def mark(self) -> str:
        """Return a short name for the way: a file read in another way is read again."""
        return hashlib.blake2b(repr(self).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class _Stamp:
    size: int
    changed_ns: int


class FolderWatch:
    """Looks into one folder again and again; several watches on one folder share the work and import nothing twice."""

    def __init__(self, folder: Path, state: Path, way: Way, *, settle_s: float = SETTLE_S) -> None:
        if not folder.is_dir():
            raise NotFound(
                Words(f"没有 {folder} 这个文件夹。", f"There is no folder {folder}."),
                mend=Words("先建好它，或检查路径。", "Make it first, or check the path."),
            )
        self._folder = folder
        self._way = way
        self._settle_s = settle_s
        self._notebook = Notebook(state, "folder")
        self._turn = FileLock(str(state / "folder.turn"))
        self._seen: dict[str, tuple[_Stamp, datetime]] = {}
        self._passed: dict[str, _Stamp] = {}  # files that need no look until they change

    def look(self, lake: Lake, *, now: datetime) -> Iterator[FileReport]:
        """Import every complete file that is new; yields a report after each, once it is committed and remembered.

        A file that cannot be read is reported once and tried again when it changes. Nothing is moved or deleted.
        """
        self._notebook.path.parent.mkdir(parents=True, exist_ok=True)
        known = self._notebook.read()  # spares a turn for each file that was read long ago
        for path in self._list_files():
            stamp = _stamp(path)
            if stamp is None or self._passed.get(path.name) == stamp or not self._is_complete(path, stamp, now):
                continue
            if self._find_key(path) in known:
                self._passed[path.name] = stamp
                continue
            with self._turn:  # let go of by the system when its holder is killed
                report = self._import(lake, path, stamp, now)
            if report is not None:
                yield report

    def list_waiting(self) -> list[str]:
        """Return the names of the files that were not read yet, or have changed since."""
        known = self._notebook.read()
        fresh = [path for path in self._list_files() if self._passed.get(path.name) != _stamp(path)]
        return [path.name for path in fresh if self._find_key(path) not in known]

    def _list_files(self) -> list[Path]:
        files = [path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES]
        # a link could lead out of the folder; names that begin so are another program's drafts
        return sorted(path for path in files if not path.name.startswith((".", "~$")) and _is_own_file(path))

    def _is_complete(self, path: Path, stamp: _Stamp, now: datetime) -> bool:
        """Say whether a file stopped growing: untouched for a while by its clock, or the same at two looks."""
        if not stamp.size:
            return False
        if now.timestamp() - stamp.changed_ns / 1e9 >= self._settle_s:
            return True
        before, since = self._seen.get(path.name, (None, now))
        if before != stamp:
            self._seen[path.name] = (stamp, now)
            return False
        return (now - since).total_seconds() >= self._settle_s

    def _import(self, lake: Lake, path: Path, stamp: _Stamp, now: datetime) -> FileReport | None:
        key = self._find_key(path)
        if not key:
            self._passed[path.name] = stamp
            said = say("没有权限读这个文件。", "Not allowed to read this file.")
            return FileReport(path.name, error=said) if path.exists() else None
        if key in self._notebook.read():
            self._passed[path.name] = stamp
            return None
        try:
            plan = plan_import(path, self._way.mapping, self._way.stated)
            if self._way.is_captured_when_saved:
                saved = datetime.fromtimestamp(stamp.changed_ns / 1e9, UTC).isoformat()
                plan = replace(plan, mapping=replace(plan.mapping, captured=saved))
            report = import_file(plan, lake, now=now)
        except (BadInput, NotFound) as error:
            report = FileReport(path.name, error=str(error))
        if _stamp(path) != stamp:  # it grew while it was read: what is in is in, the rest comes at the next look
            return report
        self._passed[path.name] = stamp
        if not report.error:
            self._remember(key, report, now)
        return report

    def _find_key(self, path: Path) -> str:
        """Return what a file and its way are remembered by; "" where it cannot be read or was taken away."""
        try:
            return f"{fingerprint_file(path)}:{self._way.mark}"
        except OSError:
            return ""

    def _remember(self, key: str, report: FileReport, now: datetime) -> None:
        entry: dict[str, Any] = {"file": report.file, "rows": report.rows, "at": now.isoformat()}

        def note(notes: Notes) -> None:
            notes[key] = entry
            for old in sorted(notes, key=lambda each: str(notes[each]["at"]))[: max(0, len(notes) - MOST_KEPT)]:
                del notes[old]

        self._notebook.change(note)


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _Stamp(found.st_size, found.st_mtime_ns)
