"""SipHash-1-3 with 128-bit output over a column of byte strings (Aumasson and Bernstein, 2012)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Words = Any  # one-dimensional arrays of uint64


@njit(cache=True, nogil=True, inline="always")
def _turn(word: np.uint64, by: int) -> np.uint64:
    return np.uint64((word << np.uint64(by)) | (word >> np.uint64(64 - by)))


@njit(cache=True, nogil=True, inline="always")
def _mix(v0: np.uint64, v1: np.uint64, v2: np.uint64, v3: np.uint64) -> Any:
    v0 += v1
    v2 += v3
    v1 = _turn(v1, 13) ^ v0
    v3 = _turn(v3, 16) ^ v2
    v0 = _turn(v0, 32)
    v2 += v1
    v0 += v3
    v1 = _turn(v1, 17) ^ v2
    v3 = _turn(v3, 21) ^ v0
    v2 = _turn(v2, 32)
    return v0, v1, v2, v3


@njit(cache=True, nogil=True)
def hash_rows_keyed(data: Any, places: Any, key: Any, low: Words, high: Words) -> None:
    """Write the 128-bit SipHash-1-3 of each row of ``data`` (cut at ``places``) into ``low`` and ``high``.

    Parameters
    ----------
    data : array of uint8
        The bytes of all rows, one after the other.
    places : array of int32, n + 1
        Where each row begins and ends in ``data``.
    key : array of uint64, 2
        A secret; whoever does not know it cannot craft two ids that are taken for one.
    low : array of uint64, n
        Written: the first half.
    high : array of uint64, n
        Written: the second half.

    """
    k0, k1 = key[0], key[1]
    for row in range(low.size):
        start, end = places[row], places[row + 1]
        size = end - start
        v0 = k0 ^ np.uint64(0x736F6D6570736575)
        v1 = k1 ^ np.uint64(0x646F72616E646F6D) ^ np.uint64(0xEE)
        v2 = k0 ^ np.uint64(0x6C7967656E657261)
        v3 = k1 ^ np.uint64(0x7465646279746573)
        whole = start + (size // 8) * 8
        at = start
        while at < whole:
            word = np.uint64(0)
            for byte in range(8):
                word |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
            v3 ^= word
            v0, v1, v2, v3 = _mix(v0, v1, v2, v3)
            v0 ^= word
            at += 8
        word = np.uint64(size & 0xFF) << np.uint64(56)
        for byte in range(end - whole):
            word |= np.uint64(data[whole + byte]) << np.uint64(8 * byte)
        v3 ^= word
        v0, v1, v2, v3 = _mix(v0, v1, v2, v3)
        v0 ^= word
        v2 ^= np.uint64(0xEE)
        for _ in range(3):
            v0, v1, v2, v3 = _mix(v0, v1, v2, v3)
        low[row] = v0 ^ v1 ^ v2 ^ v3
        v1 ^= np.uint64(0xDD)
        for _ in range(3):
            v0, v1, v2, v3 = _mix(v0, v1, v2, v3)
        high[row] = v0 ^ v1 ^ v2 ^ v3
