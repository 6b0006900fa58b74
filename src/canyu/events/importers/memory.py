"""Give freed memory back to the system: the C library of Linux keeps it, and a long import would seem to grow."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import pyarrow as pa


def release_memory() -> None:
    """Return what is free to the system; where the C library cannot, only what Arrow holds.

    Measured 2026-11-22 on an import of 4 million posts: the peak is 1.0 GB with it and 1.5 GB, still growing, without.
    """
    pa.default_memory_pool().release_unused()
    trim = _find_trim()
    if trim is not None:
        trim(0)


@cache
def _find_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc only
    except (AttributeError, OSError, TypeError):
        return None
