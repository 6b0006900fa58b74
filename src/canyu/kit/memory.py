"""What a process does with memory it has freed: give it back to the system, or hold it for the next batch."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import pyarrow as pa

# mallopt(3) of glibc: what, and how much
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
NEVER = (1 << 31) - 1
LARGEST = 32 << 20  # bytes: glibc takes no larger threshold


def release_memory() -> None:
    """Return what is free to the system; where the C library cannot, only what Arrow holds.

    Measured 2026-11-22 on an import of 4 million posts: the peak is 1.0 GB with it and 1.5 GB, still growing, without.
    """
    pa.default_memory_pool().release_unused()
    trim = _find("malloc_trim")
    if trim is not None:
        trim(0)


def hold_memory() -> None:
    """Keep freed memory in the process, one store for all threads: for a command that works batch after batch and ends.

    Otherwise each batch asks the system for fresh pages, which it must clear, and hands them back. Does nothing where
    the C library is not glibc. Call it before threads are started.
    Measured 2026-11-22 on a million posts scored: 1.2 to 1.8 s in the system instead of 2.6 to 4.4.
    """
    adjust = _find("mallopt")
    if adjust is None:
        return
    for what, value in ((TRIM_THRESHOLD, NEVER), (MMAP_THRESHOLD, LARGEST), (ARENA_MAX, 1)):
        adjust(what, value)
    pa.set_memory_pool(pa.system_memory_pool())


@cache
def _find(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)  # glibc only
    except (AttributeError, OSError, TypeError):
        return None
