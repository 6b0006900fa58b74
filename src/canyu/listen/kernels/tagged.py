"""Character 1- to 3-grams looked up in a table of tagged rows: seven sums of weights for one read of memory per gram.

A row is one 64-bit word: seven weights of one byte each (128 added, so that none is negative) and, in the highest
byte, a tag. A gram's slot are the highest bits of its hash, its tag the next seven. A row whose tag is another's says
nothing of this gram, so 127 of 128 grams that the model does not know add nothing: a table of 2^19 rows is as good as
an untagged one four times as large (2026-11-22).
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.listen.kernels.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of
from canyu.listen.kernels.ngrams import A1, A2, A3, B1, B2, B3, EDGE, P2, P3, Q3

LANES = 7
ZERO = 128  # the byte of a weight of zero
TAG_BITS = 7  # the highest bit of a row stays free: see read_row
TAG = np.uint64(0x7F << 56)
TAG_END = np.uint64(1 << 56)
ONE_MATCH = np.uint64(1 << 56)  # stands in the tag's byte after a match, and so counts the matches
EVEN = np.uint64(0x00FF00FF00FF00FF)
EIGHT = np.uint64(8)
NONE, ONE, SIGN = np.uint64(0), np.uint64(1), np.uint64(63)
BLOCK = 80  # characters: their 242 grams of at most 255 each stay below 2^16, the room of a sum
ROWS = read_only(types.uint64)
SUMS = types.int32[:, ::1]


@compile_kernel(tuple_of((types.uint64[::1], types.int64[::1]))(CODES, OFFSETS))
def list_hashes(codes: NDArray[np.int32], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hash of every gram of each text, repetitions too, and where each text's begin: CSR and row starts.

    A text of n > 0 characters has 3 n + 2 grams: one of each length ends at each character (the first ones begin
    before the text), and two at its end.
    """
    count = offsets.size - 1
    starts = np.zeros(count + 1, np.int64)
    hashes = np.empty(3 * codes.size + 2 * count, np.uint64)
    place = 0
    for text in range(count):
        before, last = NONE, EDGE
        for at in range(offsets[text], offsets[text + 1]):
            code = np.uint64(codes[at])
            hashes[place] = code * A1 + B1
            hashes[place + 1] = code * A2 + last * P2 + B2
            hashes[place + 2] = code * A3 + last * P3 + before * Q3 + B3
            before, last = last, code
            place += 3
        if offsets[text + 1] > offsets[text]:
            hashes[place] = EDGE * A2 + last * P2 + B2
            hashes[place + 1] = EDGE * A3 + last * P3 + before * Q3 + B3
            place += 2
        starts[text + 1] = place
    return hashes[:place].copy(), starts


@compile_kernel(types.uint64(ROWS, types.uint64, types.uint64, types.uint64))
def read_row(rows: NDArray[np.uint64], gram: np.uint64, shift: np.uint64, bits: np.uint64) -> np.uint64:
    """Return the gram's row with 1 for its tag, or 0 where the row is another gram's."""
    row = rows[gram >> shift] ^ (((gram << bits) >> ONE) & TAG)
    is_mine = (row - TAG_END) >> SIGN  # below 2^56 the difference has its sign bit set: no jump to guess wrongly
    return np.uint64((row | ONE_MATCH) & (NONE - is_mine))


@compile_kernel(types.void(types.uint64, types.uint64, types.int64, SUMS))
def add_lanes(even: np.uint64, odd: np.uint64, text: int, sums: NDArray[np.int32]) -> None:
    """Add the four 16-bit sums of ``even`` and ``odd`` to the text's eight."""
    for lane in range(4):
        down = np.uint64(16 * lane)
        sums[text, 2 * lane] += np.int32((even >> down) & np.uint64(0xFFFF))
        sums[text, 2 * lane + 1] += np.int32((odd >> down) & np.uint64(0xFFFF))


@compile_kernel(SUMS(CODES, OFFSETS, ROWS, types.int64))
def sum_rows(
    codes: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.uint64], bits: int
) -> NDArray[np.int32]:
    """Return the sums of the seven weights and the number of known grams per text, int32, shape (texts, 8).

    ``rows``: uint64, shape (2^bits,). Two words hold four sums each while a block of characters is read, so a gram
    costs one load and some ten operations, and no gram waits for another.
    """
    count = offsets.size - 1
    sums = np.zeros((count, LANES + 1), np.int32)
    shift, wide = np.uint64(64 - bits), np.uint64(bits)
    for text in range(count):
        at, end = offsets[text], offsets[text + 1]
        before, last = NONE, EDGE
        while at < end:
            stop = min(end, at + BLOCK)
            even = odd = NONE
            for place in range(at, stop):
                code = np.uint64(codes[place])
                row = read_row(rows, code * A1 + B1, shift, wide)
                even += row & EVEN
                odd += (row >> EIGHT) & EVEN
                row = read_row(rows, code * A2 + last * P2 + B2, shift, wide)
                even += row & EVEN
                odd += (row >> EIGHT) & EVEN
                row = read_row(rows, code * A3 + last * P3 + before * Q3 + B3, shift, wide)
                even += row & EVEN
                odd += (row >> EIGHT) & EVEN
                before, last = last, code
            if stop == end:
                row = read_row(rows, EDGE * A2 + last * P2 + B2, shift, wide)
                even += row & EVEN
                odd += (row >> EIGHT) & EVEN
                row = read_row(rows, EDGE * A3 + last * P3 + before * Q3 + B3, shift, wide)
                even += row & EVEN
                odd += (row >> EIGHT) & EVEN
            add_lanes(even, odd, text, sums)
            at = stop
        for lane in range(LANES):
            sums[text, lane] -= ZERO * sums[text, LANES]
    return sums
