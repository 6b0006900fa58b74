"""Computes a large view beside the page: the page tells how long it will take, and may be left meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger("canyu.travel")


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


class Rate:
    """Rows per second: at first what was measured on one core with a million reposts, then the last run here."""

    def __init__(self, rows_per_s: float) -> None:
        self.rows_per_s = rows_per_s

    def learn(self, rows: int, seconds: float) -> None:
        """Take the rate of a run that has ended."""
        self.rows_per_s = rows / max(seconds, 0.1)


_RATE = Rate(80_000.0)
_running: dict[Any, tuple[int, float]] = {}
_failed: set[Any] = set()
_lock = threading.Lock()


def wait_for(key: Any, rows: int, compute: Callable[[], object]) -> Wait | None:
    """Begin to compute unless it is being computed, and return how long it will take.

    None where it failed the last time: the page computes it itself then, and says what is wrong.
    """
    with _lock:
        if key in _failed:
            _failed.discard(key)
            return None
        if key not in _running:
            _running[key] = (rows, time.perf_counter())
            threading.Thread(target=_run, args=(key, compute), name="canyu-travel", daemon=True).start()
        many, started = _running[key]
    return Wait(many, time.perf_counter() - started, many / _RATE.rows_per_s)


def _run(key: Any, compute: Callable[[], object]) -> None:
    rows, started = _running[key]
    try:
        compute()
        _RATE.learn(rows, time.perf_counter() - started)
    except Exception:
        with _lock:
            _failed.add(key)
        logger.warning("a view of spread could not be made ready", exc_info=True)
    finally:
        with _lock:
            _running.pop(key, None)
