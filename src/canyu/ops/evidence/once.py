"""Keeps what takes seconds to compute: once per data version, and by one request while the others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from canyu.measure.kept import Kept

Found = TypeVar("Found")


class Once:
    """Holds the ``size`` results used last; two requests for one result compute it once.

    >>> once = Once(4)
    >>> once.get("a", lambda: 1), once.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, size: int) -> None:
        self._kept = Kept(size)
        self._lock = threading.Lock()

    def get(self, key: Any, compute: Callable[[], Found]) -> Found:
        """Return the result kept under ``key``, or compute and keep it; computing goes on one at a time."""
        found: Found | None = self._kept.find(key)
        if found is not None:
            return found
        with self._lock:
            found = self._kept.find(key)
            if found is None:
                found = compute()
                self._kept.keep(key, found)
            return found

    def find(self, key: Any) -> Any:
        """Return the result kept under ``key``, or None; computes nothing."""
        return self._kept.find(key)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
