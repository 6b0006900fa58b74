"""Long computations that a page may leave running: asked for twice they run once, and whoever asks waits a little."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from typing import Any

from canyu.measure.kept import Kept

_POOL = ThreadPoolExecutor(1, thread_name_prefix="canyu-voices")
_lock = threading.RLock()
_running: dict[Hashable, Future[Any]] = {}


def wait_for(kept: Kept, key: Hashable, compute: Callable[[], Any], patience_s: float | None) -> Any:
    """Return the kept result, or that of computing it; None where it is not ready after ``patience_s`` seconds.

    Without patience (None) it waits to the end. One computation runs at a time in a process, its faults are raised.
    """
    found = kept.find(key)
    if found is not None:
        return found
    with _lock:
        future = _running.get(key)
        if future is None:
            future = _POOL.submit(_compute, kept, key, compute)
            _running[key] = future
            future.add_done_callback(lambda _: _forget(key))
    try:
        return future.result(timeout=patience_s)
    except StillRunning:
        return None


def _forget(key: Hashable) -> None:
    with _lock:
        _running.pop(key, None)


def _compute(kept: Kept, key: Hashable, compute: Callable[[], Any]) -> Any:
    found = compute()
    kept.keep(key, found)
    return found
