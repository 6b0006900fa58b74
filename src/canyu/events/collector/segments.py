"""Segment files of the inbox: appended and made durable by one process, known to be finished by everybody.

A writer holds a lock (``flock``) on the segment that it writes; the system lets go of it when the process ends,
however it ends. Whoever gets the lock has a segment that nobody writes any more.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from canyu.kit.clock import get_now

SUFFIX = ".segment"
DRAFT = ".new"
SEGMENT_BYTES = 16 << 20
SEGMENT_S = 1.0


class InboxFull(Exception):
    """There is no room for more: nothing of this group was kept."""


class SegmentWriter:
    """Writes groups of frames to segments in a folder; not for two threads at once."""

    def __init__(self, folder: Path, *, reserve_bytes: int = 0, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.reserve_bytes = reserve_bytes
        self.segment_bytes = segment_bytes
        self._handle: int | None = None
        self._size = 0
        self._opened_s = 0.0
        make_folder(folder)

    def write(self, frames: Sequence[bytes]) -> None:
        """Append the frames and return when the disk has them. Raises InboxFull; then none of them counts."""
        data = b"".join(frames)
        self._check_room(len(data))
        try:
            if self._handle is None:
                self._open()
            handle = self._handle
            assert handle is not None  # noqa: S101 - opened above
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fdatasync(handle)
        except OSError as error:
            self._take_back()
            raise InboxFull(error.strerror) from error
        self._size += len(data)
        if self._size >= self.segment_bytes:
            self.seal()

    def seal_if_due(self) -> float | None:
        """Finish the segment at hand where it is old enough; return the seconds until it is, or None."""
        if self._handle is None:
            return None
        left = self._opened_s + SEGMENT_S - time.monotonic()
        if left <= 0:
            self.seal()
            return None
        return left

    def seal(self) -> None:
        """Finish the segment at hand: from now on it may be carried away."""
        if self._handle is not None:
            os.close(self._handle)  # lets go of the lock
            self._handle = None

    def _check_room(self, size: int) -> None:
        if not self.reserve_bytes:
            return
        state = os.statvfs(self.folder)
        if state.f_bavail * state.f_frsize < self.reserve_bytes + size:
            raise InboxFull("the rest of the disk is kept for the lake")

    def _open(self) -> None:
        name = f"{int(get_now().timestamp() * 1e6):020d}-{os.getpid()}-{secrets.token_hex(4)}"
        draft = self.folder / f"{name}{DRAFT}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # only now it gets the name that carriers look for: none of them sees it without its lock
            os.rename(draft, draft.with_suffix(SUFFIX))
            sync_folder(self.folder)
        except BaseException:
            os.close(handle)
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        self._handle, self._size, self._opened_s = handle, 0, time.monotonic()

    def _take_back(self) -> None:
        """Cut what a failed write left, and begin a new segment: after a failed sync this one is not to be trusted."""
        if self._handle is None:
            return
        with suppress(OSError):
            os.ftruncate(self._handle, self._size)
            os.fsync(self._handle)
        self.seal()


def make_folder(folder: Path) -> None:
    """Make the folder of an inbox, for its owner only, and sweep out drafts that were never written to."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for draft in folder.glob(f"*{DRAFT}"):
        handle = _try_lock(draft)
        if handle is not None:
            with suppress(OSError):
                if not os.fstat(handle).st_size:
                    draft.unlink(missing_ok=True)
            os.close(handle)


def list_segments(folder: Path) -> list[Path]:
    """Return the segments, oldest first, finished or not."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def measure_backlog(folder: Path) -> int:
    """Return the bytes of all segments."""
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX):
                with suppress(FileNotFoundError):  # carried away while we count
                    total += entry.stat().st_size
    return total


@contextmanager
def hold_finished(path: Path) -> Iterator[bytes | None]:
    """Give the bytes of a segment that nobody writes any more, None where somebody does or it is gone."""
    handle = _try_lock(path)
    if handle is None:
        yield None
        return
    try:
        with os.fdopen(os.dup(handle), "rb") as file:
            yield file.read()
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Ask the disk to keep the names in a folder over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _try_lock(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
