"""Which event ids a lake holds already, in memory: so that an append looks up ids instead of reading them again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from canyu.events.failures import Doing, tell_failure
from canyu.events.store import Store
from canyu.events.writing import count_rows
from canyu.kit.errors import StorageFailure
from canyu.kit.words import Words

Halves = np.ndarray[Any, np.dtype[np.uint64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
READERS = 2
ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Prints:
    """The keyed 128-bit fingerprints of ids, as two columns of 64 bits."""

    low: Halves
    high: Halves

    def __len__(self) -> int:
        return len(self.low)

    def take(self, chosen: Any) -> Prints:
        """Return the chosen ones."""
        return Prints(self.low[chosen], self.high[chosen])

    def find_first(self) -> Mask:
        """Mark the first of each fingerprint."""
        ordered = np.sort(self.low)
        if not (ordered[1:] == ordered[:-1]).any():  # the usual case, five times faster than sorting both halves
            return np.ones(len(self), bool)
        order = np.lexsort((self.high, self.low))
        low, high = self.low[order], self.high[order]
        is_first = np.ones(len(order), bool)
        is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        marks = np.zeros(len(order), bool)
        marks[order[is_first]] = True  # lexsort is stable: equal ones stay in row order
        return marks


class KnownIds:
    """The fingerprints of all ids in one lake's events, kept up with its versions.

    An id counts as known where both halves of its fingerprint are found. Of n ids one new id is taken for known with
    probability (n / 2^64)^2: 3e-25 at ten million. The key is random per object, so ids cannot be crafted to collide.
    Ten million ids take 160 MB.
    """

    def __init__(self) -> None:
        self._key = np.frombuffer(secrets.token_bytes(16), np.uint64)
        self._runs: list[Prints] = []
        self._rows = 0
        self._files: set[str] = set()
        self._version: int | None = None

    def refresh(self, store: Store, table: DeltaTable) -> None:
        """Read the ids of files that came since; all of them again where rows were taken away."""
        if table.version() == self._version:
            return
        live = count_rows(store, table)
        fresh = {path: rows for path, rows in live.items() if path not in self._files}
        if self._files and fresh:
            prints = self._read(store, fresh)
            self._insert(prints.take(prints.find_first() & ~self.find(prints)))
        if not self._files or self._rows != sum(live.values()):
            self._forget()
            self._insert(self._read(store, live))
        self._files, self._version = set(live), table.version()

    def find(self, prints: Prints) -> Mask:
        """Mark the fingerprints that are known."""
        known = np.zeros(len(prints), bool)
        if not self._runs:
            return known
        order = np.argsort(prints.low)  # sorted look-ups walk the memory once: nine times faster on ten million
        for run in self._runs:
            halves = order[_is_in(run.low, prints.low[order])]
            known[halves[_is_in(run.high, prints.high[halves])]] = True
        return known

    def add(self, prints: Prints, paths: Sequence[str], version: int) -> None:
        """Take up what was just committed as ``version``, without reading it."""
        self._insert(prints)
        self._files.update(paths)
        self._version = version

    def compute_prints(self, ids: pa.ChunkedArray) -> Prints:
        """Return the fingerprints of the ids, in order."""
        prints = Prints(np.empty(len(ids), np.uint64), np.empty(len(ids), np.uint64))
        at = 0
        for chunk in ids.chunks:
            self._print_chunk(chunk, Prints(prints.low[at : at + len(chunk)], prints.high[at : at + len(chunk)]))
            at += len(chunk)
        return prints

    def _print_chunk(self, ids: pa.StringArray, into: Prints) -> None:
        from canyu.events.kernels import hash_rows_keyed  # compiled code takes half a second to load: only where used

        if not len(ids):
            return
        _, places, data = ids.buffers()
        cuts = np.frombuffer(places, np.int32)[ids.offset : ids.offset + len(ids) + 1]
        hash_rows_keyed(np.frombuffer(data or b"", np.uint8), cuts, self._key, into.low, into.high)

    def _forget(self) -> None:
        self._runs, self._rows, self._files, self._version = [], 0, set(), None

    def _insert(self, prints: Prints) -> None:
        if not len(prints):
            return
        with ThreadPoolExecutor(READERS) as threads:  # numpy sorts without the interpreter's lock
            list(threads.map(np.ndarray.sort, (prints.low, prints.high)))
        self._runs.append(prints)
        self._rows += len(prints)
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(Prints(_merge(before.low, last.low), _merge(before.high, last.high)))

    def _read(self, store: Store, files: dict[str, int]) -> Prints:
        """Read the ids of the files, several at once; raises StorageFailure naming a file that cannot be read."""
        total = sum(files.values())
        prints = Prints(np.empty(total, np.uint64), np.empty(total, np.uint64))
        starts = np.cumsum([0, *files.values()]).tolist()
        source = store.open_files("events")

        def read(path: str, start: int, rows: int) -> None:
            at, place = start, f"{store.locate('events')}/{path}"
            with tell_failure(Doing.READ, place), source.open_input_file(path) as file:
                for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE, columns=["id"], use_threads=False):
                    end = at + batch.num_rows
                    if end > start + rows:
                        break
                    self._print_chunk(batch.column(0), Prints(prints.low[at:end], prints.high[at:end]))
                    at = end
            if at != start + rows:
                raise StorageFailure(
                    Words(
                        f"{place} 的行数与日志所记的 {rows} 行不符。",
                        f"{place} does not hold the {rows} rows its log names.",
                    )
                )

        with ThreadPoolExecutor(READERS) as threads:
            list(threads.map(read, files, starts[:-1], files.values()))
        return prints


def _is_in(run: Halves, asked: Halves) -> Mask:
    places = np.searchsorted(run, asked)
    places[places == len(run)] = 0
    found: Mask = run[places] == asked
    return found


def _merge(left: Halves, right: Halves) -> Halves:
    both = np.concatenate([left, right])
    both.sort(kind="stable")  # a merge sort: linear on two sorted halves
    return both
