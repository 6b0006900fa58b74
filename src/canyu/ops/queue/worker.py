"""The loop of a worker: it does the rounds and the jobs of one lane, one after the other, until it is told to end."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections
from filelock import FileLock

from canyu.kit.clock import get_now
from canyu.ops.queue.actions import reap, release_worker, run_job, take_job
from canyu.ops.queue.rounds.actions import Round, release_rounds, run_round
from canyu.ops.queue.rounds.queries import list_to_try
from canyu.ops.queue.rules import Lane

BEAT_S = 0.5
LOOK_S, REAP_S = 2.0, 5.0  # how often the table of rounds and the leases are looked at: a read each, no lock
logger = logging.getLogger("canyu.queue")


@dataclass(slots=True)
class Worker:
    """One worker of a lane; ``name`` is its own while it runs."""

    lane: Lane
    name: str
    rounds: Sequence[Round] = ()
    clock: Callable[[], datetime] = get_now
    _next_look: float = field(default=0.0, init=False)
    _next_reap: float = field(default=0.0, init=False)

    def work(self, is_over: threading.Event) -> None:
        """Do what is due until told to end; what fails unforeseen is told in the log, and tried again."""
        is_busy = False
        while not is_over.wait(0 if is_busy else BEAT_S):
            close_old_connections()
            try:
                is_busy = self.step(is_over)
            except Exception:
                logger.exception("the %s worker could not go on; it tries again", self.lane)
                is_busy = False

    def step(self, is_over: threading.Event) -> bool:
        """Look at leases and rounds where it is time, then do one job; returns whether there was one."""
        if time.monotonic() >= self._next_reap:
            self._next_reap = time.monotonic() + REAP_S
            reap(self.clock())
        if time.monotonic() >= self._next_look:
            for this in list_to_try(self.rounds, self.clock()):
                if not is_over.is_set():
                    run_round(this, self.name, self.clock)
            self._next_look = time.monotonic() + LOOK_S
        job = take_job(self.lane, self.name, self.clock())
        if job is None:
            return False
        run_job(job, self.clock)
        return True

    def release(self) -> None:
        """Take back what an earlier worker of this name left when it died; it must be certain that it did."""
        now = self.clock()
        release_worker(self.name, now)
        release_rounds(self.name, now)


def read_name(folder: Path, lane: Lane) -> str:
    """Return the name of the worker of a lane in this folder of state: its own for ever, and no other folder's."""
    path = folder / "worker.id"
    with FileLock(folder / "worker.id.lock"):
        if not path.exists():
            path.write_text(secrets.token_hex(8), "ascii")
    return f"{path.read_text('ascii').strip()}-{lane}"
