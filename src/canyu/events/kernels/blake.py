"""BLAKE2b with a 128-bit digest over a column of byte strings (RFC 7693), written out as hex digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

START = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)

# RFC 7693, section 2.7: which word of the block enters where, per round; rounds 10 and 11 repeat 0 and 1
ORDER = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.int64,
)

DIGEST_BYTES = 16
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@njit(cache=True, nogil=True, inline="always")
def _turn_right(word: np.uint64, by: int) -> np.uint64:
    return np.uint64((word >> np.uint64(by)) | (word << np.uint64(64 - by)))


@njit(cache=True, nogil=True, inline="always")
def _quarter(work: Any, a: int, b: int, c: int, d: int, first: np.uint64, second: np.uint64) -> None:
    va, vb, vc, vd = work[a], work[b], work[c], work[d]
    va = va + vb + first
    vd = _turn_right(vd ^ va, 32)
    vc = vc + vd
    vb = _turn_right(vb ^ vc, 24)
    va = va + vb + second
    vd = _turn_right(vd ^ va, 16)
    vc = vc + vd
    vb = _turn_right(vb ^ vc, 63)
    work[a], work[b], work[c], work[d] = va, vb, vc, vd


@njit(cache=True, nogil=True)
def _compress(state: Any, block: Any, done: int, is_last: bool, work: Any) -> None:
    for place in range(8):
        work[place] = state[place]
        work[8 + place] = START[place]
    work[12] ^= np.uint64(done)
    if is_last:
        work[14] = ~work[14]
    for turn in range(12):
        _quarter(work, 0, 4, 8, 12, block[ORDER[turn, 0]], block[ORDER[turn, 1]])
        _quarter(work, 1, 5, 9, 13, block[ORDER[turn, 2]], block[ORDER[turn, 3]])
        _quarter(work, 2, 6, 10, 14, block[ORDER[turn, 4]], block[ORDER[turn, 5]])
        _quarter(work, 3, 7, 11, 15, block[ORDER[turn, 6]], block[ORDER[turn, 7]])
        _quarter(work, 0, 5, 10, 15, block[ORDER[turn, 8]], block[ORDER[turn, 9]])
        _quarter(work, 1, 6, 11, 12, block[ORDER[turn, 10]], block[ORDER[turn, 11]])
        _quarter(work, 2, 7, 8, 13, block[ORDER[turn, 12]], block[ORDER[turn, 13]])
        _quarter(work, 3, 4, 9, 14, block[ORDER[turn, 14]], block[ORDER[turn, 15]])
    for place in range(8):
        state[place] ^= work[place] ^ work[8 + place]


@njit(cache=True, nogil=True)
def hash_rows_hex(data: Any, places: Any, prefix: Any, out: Any) -> None:
    """Write the 32 hex digits of BLAKE2b-128 of ``prefix`` + each row into ``out``.

    Parameters
    ----------
    data : array of uint8
        The bytes of all rows, one after the other.
    places : array of int64, n + 1
        Where each row begins and ends in ``data``.
    prefix : array of uint8
        Put before every row.
    out : array of uint8, n * 32
        Written.

    """
    state, work, block = np.empty(8, np.uint64), np.empty(16, np.uint64), np.empty(16, np.uint64)
    raw = block.view(np.uint8)
    for row in range(places.size - 1):
        start, size = places[row], prefix.size + places[row + 1] - places[row]
        state[:] = START
        state[0] ^= np.uint64(0x01010000 ^ DIGEST_BYTES)
        done = 0
        while True:
            count = min(128, size - done)
            for byte in range(count):
                at = done + byte
                raw[byte] = prefix[at] if at < prefix.size else data[start + at - prefix.size]
            raw[count:] = 0
            done += count
            _compress(state, block, done, done == size, work)
            if done == size:
                break
        for byte in range(DIGEST_BYTES):
            value = (state[byte // 8] >> np.uint64(8 * (byte % 8))) & np.uint64(255)
            out[row * 32 + 2 * byte] = HEX[value >> np.uint64(4)]
            out[row * 32 + 2 * byte + 1] = HEX[value & np.uint64(15)]
