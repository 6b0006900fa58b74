"""Carries what lies in the inbox into the lake: a segment goes only after the lake's commit, and an id counts once."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from filelock import FileLock, Timeout

from canyu.events.collector.frames import Frame, read_frames
from canyu.events.collector.segments import hold_finished, list_segments, make_folder, sync_folder
from canyu.events.collector.sources import Source
from canyu.events.collector.translate import Refused, Tally, Translation, Translator
from canyu.events.importers.actors import get_salt
from canyu.events.lake import Lake
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.memory import release_memory

LOCK = "carrier.lock"
ASIDE = "aside"
MOST_BYTES = 16 << 20
PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
logger = logging.getLogger("canyu.collector")


class Desk(Protocol):
    """What the carrier asks of the house that runs it."""

    def get_lake(self) -> Lake:
        """Return the lake, made where there is none."""
        ...

    def list_sources(self) -> Mapping[str, Source]:
        """Return the sources by name, as they are set now."""
        ...

    def take_refused(self, refused: Sequence[Refused]) -> None:
        """Keep refused events, each id once; durable when this returns."""
        ...

    def take_events(self, events: pa.Table) -> None:
        """Tell on the events that are in the lake now; the same ones may come twice."""
        ...

    def take_tallies(self, segments: Sequence[str], tallies: Mapping[str, Tally]) -> None:
        """Count what became of the events in these segments; the same segments are counted once."""
        ...


@dataclass(frozen=True, slots=True)
class Carried:
    """What one round did: segments carried, events added to the lake, events refused; whether more is waiting."""

    segments: int
    added: int
    refused: int
    has_more: bool


class Carrier:
    """Leads segments into the lake, oldest first; several may exist, one at a time works (a file lock)."""

    def __init__(self, folder: Path, desk: Desk, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.desk = desk
        self.most_bytes = most_bytes
        make_folder(folder)
        self._lock = FileLock(folder / LOCK)

    def run(self, is_over: threading.Event) -> None:
        """Carry until told to stop; where the lake refuses, wait longer each time and try again."""
        pause_s = PAUSE_S
        while not is_over.is_set():
            try:
                with self._lock.acquire(timeout=1.0):
                    carried = self.carry()
            except Timeout:  # another carrier is at work
                continue
            except CanyuError as error:
                logger.warning("the inbox waits: %s", error)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                is_over.wait(pause_s)
                continue
            pause_s = PAUSE_S
            if not carried.has_more:
                is_over.wait(pause_s)
        self._drain()

    def _drain(self) -> None:
        """Carry what was finished last, so that a server that was stopped leaves a lake that is whole."""
        try:
            with self._lock.acquire(timeout=0):
                while self.carry().has_more:
                    pass
        except (Timeout, CanyuError) as error:
            logger.info("what waits in the inbox is carried at the next start: %s", error)

    def try_once(self) -> bool:
        """Carry one round where no other carrier is at work; return whether it was this one's turn."""
        try:
            with self._lock.acquire(timeout=0):
                self.carry()
        except Timeout:
            return False
        return True

    def carry(self) -> Carried:
        """Carry one round of finished segments. Raises what the lake raises; then everything stays for another try.

        Killed anywhere, the next round does the rest: refused events and the lake know their ids, tallies know their
        segments, and a segment is removed last.
        """
        with ExitStack() as held:
            paths: list[Path] = []
            frames: list[Frame] = []
            size = 0
            waiting = list_segments(self.folder)
            for path in waiting:
                data = held.enter_context(hold_finished(path))
                if data is None:
                    continue
                paths.append(path)
                frames += self._read(path, data)
                size += len(data)
                if size >= self.most_bytes:
                    break
            if not paths:
                return Carried(0, 0, 0, False)
            added, refused = self._lead(paths, frames) if frames else (0, 0)
            for path in paths:
                path.unlink(missing_ok=True)
            sync_folder(self.folder)
        return Carried(len(paths), added, refused, size >= self.most_bytes)

    def _read(self, path: Path, data: bytes) -> list[Frame]:
        reading = read_frames(data)
        if reading.is_damaged:
            self._put_aside(path.name, data[reading.end :])
        return reading.frames

    def _lead(self, paths: Sequence[Path], frames: Sequence[Frame]) -> tuple[int, int]:
        lake = self.desk.get_lake()
        translator = Translator(self.desk.list_sources(), get_salt(lake.path))
        found = self._translate(translator, frames)
        if found.refused:
            self.desk.take_refused(found.refused)
        added = lake.append(found.events).added if found.events.num_rows else 0
        self.desk.take_events(found.events)
        self.desk.take_tallies([path.name for path in paths], found.tallies)
        release_memory()
        return added, len(found.refused)

    def _translate(self, translator: Translator, frames: Sequence[Frame]) -> Translation:
        """Translate all frames; a frame that breaks the translation itself is put aside, and the others go on."""
        now = get_now()
        try:
            return translator.translate(frames, now)
        except Exception:
            logger.exception("frames could not be translated together; trying one by one")
        parts = [part for frame in frames if (part := self._try_one(translator, frame)) is not None]
        whole = translator.translate((), now)
        for part in parts:
            whole.events = pa.concat_tables([whole.events, part.events])
            whole.refused += part.refused
            for name, tally in part.tallies.items():
                whole.tallies.setdefault(name, Tally()).add(tally)
        return whole

    def _try_one(self, translator: Translator, frame: Frame) -> Translation | None:
        try:
            return translator.translate((frame,), get_now())
        except Exception:
            logger.exception("a request of %s was put aside", frame.source)
            self._put_aside(f"{frame.source}-{frame.received_us}", frame.pack())
            return None

    def _put_aside(self, name: str, data: bytes) -> None:
        """Keep what cannot be read for a person to look at: it was acknowledged, so it is never dropped."""
        place = self.folder / ASIDE
        place.mkdir(mode=0o700, exist_ok=True)
        path = place / name
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(place)
        logger.error("a damaged part of the inbox was put aside as %s", path.name)
