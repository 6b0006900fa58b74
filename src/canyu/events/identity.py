"""Deterministic event ids: the same source and natural key give the same id, on every machine, for ever."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def make_event_id(source: str, *key: str) -> str:
    """Return a 32-hex-digit id from a source name and its natural key (BLAKE2b, 128 bits).

    Parts are separated by the unit separator (U+001F), so that ("a", "bc") and ("ab", "c") differ.

    >>> make_event_id("weibo", "4987")
    'c555ec885c05e085b57b3885ad7dcf85'
    """
    joined = "\x1f".join((source, *key))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def make_event_ids(source: str, *key: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the ids of many rows at once: row by row the same as ``make_event_id``, null where a part is null.

    Parameters
    ----------
    source : str
        The source's name, the same for all rows.
    *key : arrays of strings, all of one length
        The parts of the natural key, in order.

    >>> make_event_ids("weibo", pa.array(["4987"])).to_pylist()
    ['c555ec885c05e085b57b3885ad7dcf85']

    """
    parts = [part.cast(pa.large_string()) for part in key]
    joined = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, pa.scalar("\x1f", pa.large_string()))
    chunks = joined.chunks if isinstance(joined, pa.ChunkedArray) else [joined]
    prefix = np.frombuffer(f"{source}\x1f".encode(), np.uint8)
    return pa.chunked_array([_hash_chunk(chunk, prefix) for chunk in chunks], pa.string())


def _hash_chunk(chunk: pa.Array, prefix: np.ndarray[Any, np.dtype[np.uint8]]) -> pa.Array:
    from canyu.events.kernels import hash_rows_hex  # compiled code takes half a second to load: only where used

    rows = len(chunk)
    digits = np.empty(rows * 32, np.uint8)
    _, places, data = chunk.buffers()
    if rows:
        cuts = np.frombuffer(places, np.int64)[chunk.offset : chunk.offset + rows + 1]
        hash_rows_hex(np.frombuffer(data or b"", np.uint8), cuts, prefix, digits)
    ids = pa.StringArray.from_buffers(
        rows, pa.py_buffer(np.arange(rows + 1, dtype=np.int32) * 32), pa.py_buffer(digits)
    )
    return pc.if_else(chunk.is_valid(), ids, pa.scalar(None, pa.string())) if chunk.null_count else ids
