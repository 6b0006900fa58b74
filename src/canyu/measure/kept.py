"""A small store of results that can never change again, shared by all threads of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any


class Kept:
    """Holds the ``size`` results used last, by key.

    >>> kept = Kept(1)
    >>> kept.keep("a", 1); kept.keep("b", 2)
    >>> kept.find("a"), kept.find("b")
    (None, 2)
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Any) -> Any:
        """Return the result kept under ``key``, or None."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def keep(self, key: Any, value: Any) -> None:
        """Keep a result; the one not asked for longest goes."""
        with self._lock:
            self._items[key] = value
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
