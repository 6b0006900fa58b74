"""Counts everything that is planted while it is planted, so that the truth states what the files hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from canyu.rehearse.arrays import Codes, Ints


class Tally:
    """Counters under paths as ``branching/weibo/roots``; whole numbers only, so that sums are exact.

    A colon in a path stands for a slash in a name: ``products/xiaomi:su7/orders``.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._facts: dict[str, Any] = {}

    def add(self, path: str, count: int) -> None:
        """Add to one counter."""
        self._counts[path] = self._counts.get(path, 0) + int(count)

    def add_codes(self, path: str, codes: Codes | Ints, names: Iterable[str]) -> None:
        """Count each code under the name at its place; ``{}`` in the path is where the name goes."""
        listed = list(names)
        counts = np.bincount(codes[codes >= 0].astype(np.int64), minlength=len(listed))
        for name, count in zip(listed, counts.tolist(), strict=True):
            if count:
                self.add(path.format(name), count)

    def note(self, path: str, fact: Any) -> None:
        """Set one fact that is no count: a time, a list of accounts, a planted rate."""
        self._facts[path] = fact

    def get(self, path: str) -> int:
        """Return one counter; 0 where nothing was counted."""
        return self._counts.get(path, 0)

    def build_tree(self, prefix: str = "") -> dict[str, Any]:
        """Return counters and facts below a path as nested dictionaries."""
        tree: dict[str, Any] = {}
        for path, value in {**self._counts, **self._facts}.items():
            if not path.startswith(prefix):
                continue
            *above, last = path.removeprefix(prefix).strip("/").split("/")
            place = tree
            for name in above:
                place = place.setdefault(name.replace(":", "/"), {})
            place[last.replace(":", "/")] = value
        return tree
