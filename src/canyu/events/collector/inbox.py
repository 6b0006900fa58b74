"""The durable inbox: what is acknowledged survives a kill, and one sync of the disk serves all who wait."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from canyu.events.collector.segments import InboxFull, SegmentWriter, measure_backlog

MOST_WAITING_BYTES = 64 << 20
BACKLOG_S = 0.5


class Inbox:
    """One process's way into the inbox folder; for one event loop.

    Requests that come while the disk is busy are written together, with one sync (group commit).
    """

    def __init__(self, folder: Path, *, most_bytes: int, reserve_bytes: int = 0) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._writer = SegmentWriter(folder, reserve_bytes=reserve_bytes)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._waiting_bytes = 0
        self._came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._backlog = measure_backlog(folder)
        self._measured_s = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether more waits to be carried away, or to be written, than should."""
        return self._backlog >= self.most_bytes or self._waiting_bytes >= MOST_WAITING_BYTES

    async def keep(self, frame: bytes) -> None:
        """Return once the disk has the frame. Raises InboxFull; then it does not count."""
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((frame, kept))
        self._waiting_bytes += len(frame)
        self._came.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        await kept

    async def refresh(self) -> None:
        """Look again how much waits, where the last look is old."""
        if time.monotonic() - self._measured_s > BACKLOG_S:
            self._measured_s = time.monotonic()
            self._backlog = await asyncio.get_running_loop().run_in_executor(self._thread, measure_backlog, self.folder)

    async def close(self) -> None:
        """Write what waits, finish the segment at hand and stop."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.seal)
        self._thread.shutdown()

    async def _write(self) -> None:
        """Write group after group; then stay until the segment is old enough to be finished."""
        loop = asyncio.get_running_loop()
        while True:
            if self._waiting:
                group, self._waiting = self._waiting, []
                size, self._waiting_bytes = self._waiting_bytes, 0
                fault = await loop.run_in_executor(self._thread, self._write_group, [frame for frame, _ in group])
                self._backlog += 0 if fault else size
                _tell(group, fault)
                continue
            left = await loop.run_in_executor(self._thread, self._writer.seal_if_due)
            if self._waiting:
                continue
            if left is None:
                return
            self._came.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), left)

    def _write_group(self, frames: list[bytes]) -> InboxFull | None:
        try:
            self._writer.write(frames)
        except InboxFull as fault:
            return fault
        return None


def _tell(group: list[tuple[bytes, asyncio.Future[None]]], fault: InboxFull | None) -> None:
    for _, kept in group:
        if kept.done():  # the request was given up meanwhile
            continue
        if fault is None:
            kept.set_result(None)
        else:
            kept.set_exception(fault)
