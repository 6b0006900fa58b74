"""Computes a large view beside the page: the page tells how long it will take, and may be left meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from canyu.kit.errors import CanyuError

logger = logging.getLogger("canyu.waiting")


@dataclass(frozen=True, slots=True)
class Wait:
    """How many rows are read, for how long already, and how long it will take by what was measured before."""

    rows: int
    passed_s: float
    expected_s: float

    @property
    def left_s(self) -> float:
        """What is left; never below a second while it runs."""
        return max(self.expected_s - self.passed_s, 1.0)


@dataclass(slots=True)
class _Run:
    rows: int
    started: float
    is_over: threading.Event = field(default_factory=threading.Event)


class Workshop:
    """One kind of view, computed one after the other; it learns from each run how many rows a second it reads."""

    def __init__(self, name: str, rows_per_s: float) -> None:
        self._name = name
        self._rows_per_s = rows_per_s
        self._running: dict[Any, _Run] = {}
        self._failed: set[Any] = set()
        self._lock, self._turn = threading.Lock(), threading.Lock()

    def wait_for(self, key: Any, rows: int, compute: Callable[[], object], patience_s: float = 0.0) -> Wait | None:
        """Begin to compute unless it is being computed, and return how long it will take.

        None where it is ready within ``patience_s``, or failed the last time: the page computes it itself then, and
        says what is wrong.
        """
        with self._lock:
            if key in self._failed:
                self._failed.discard(key)
                return None
            run = self._running.get(key)
            if run is None:
                run = self._running[key] = _Run(rows, time.perf_counter())
                threading.Thread(target=self._run, args=(key, compute), name=self._name, daemon=True).start()
        if patience_s and run.is_over.wait(patience_s):
            with self._lock:
                self._failed.discard(key)
            return None
        return Wait(run.rows, time.perf_counter() - run.started, run.rows / self._rows_per_s)

    def _run(self, key: Any, compute: Callable[[], object]) -> None:
        run = self._running[key]
        try:
            with self._turn:
                began = time.perf_counter()
                compute()
                self._rows_per_s = max(run.rows, 1) / max(time.perf_counter() - began, 0.1)
        except CanyuError:  # what was asked for cannot be: no fault of ours
            with self._lock:
                self._failed.add(key)
        except Exception:
            with self._lock:
                self._failed.add(key)
            logger.warning("a view could not be made ready", exc_info=True)
        finally:
            with self._lock:
                self._running.pop(key, None)
            run.is_over.set()
