"""Character n-grams hashed to buckets, and their weights summed: the whole of the model's reading, in one pass."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of

# Odd 64-bit constants of a multilinear hash (Dietzfelbinger 1996): one per place in the gram and one per length.
# They are part of every trained model: a change here is a change of all weights.
A1, B1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)
A2, P2, B2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x2545F4914F6CDD1D)
A3, P3 = np.uint64(0xD6E8FEB86659FD93), np.uint64(0xA0761D6478BD642F)
Q3, B3 = np.uint64(0xE7037ED1A0B428DB), np.uint64(0x8EBC6AF09C88C6E3)
EDGE = np.uint64(1)  # stands before the first and after the last character
SLOTS = 2048  # of the memory that skips a gram's repetitions: 16 KiB, half of a core's first cache
TABLE = read_only(types.int16)
MEMORY = types.int64[::1]


@compile_kernel(types.int64(types.int64, types.int64, MEMORY))
def is_new(bucket: np.int64, text: np.int64, memory: NDArray[np.int64]) -> np.int64:
    """Return 1 where ``bucket`` was not just seen in ``text``, else 0, and remember it.

    A repetition is forgotten when another gram took its slot in between: rare below 200 characters, and the same
    in training as in reading.
    """
    slot = bucket & (SLOTS - 1)
    mark = (text << 32) | bucket
    fresh = memory[slot] != mark
    memory[slot] = mark
    return np.int64(fresh)


@compile_kernel(types.int64(CODES, types.int64, types.int64, types.int64, types.uint64, MEMORY, types.int32[::1]))
def collect_buckets(
    codes: NDArray[np.int32],
    first: np.int64,
    stop: np.int64,
    text: np.int64,
    shift: np.uint64,
    memory: NDArray[np.int64],
    buckets: NDArray[np.int32],
) -> np.int64:
    """Write the different buckets of ``codes[first:stop]`` to ``buckets`` and return how many there are.

    A text of n > 0 characters has n 1-grams, n + 1 2-grams and n 3-grams (with its edges), less its repetitions.
    Each is written, and the place moves on only where it is new: no jump to guess wrongly.
    """
    place = np.int64(0)
    before, last = np.uint64(0), EDGE
    for at in range(first, stop):
        code = np.uint64(codes[at])
        one = np.int64((code * A1 + B1) >> shift)
        buckets[place] = one
        place += is_new(one, text, memory)
        two = np.int64((code * A2 + last * P2 + B2) >> shift)
        buckets[place] = two
        place += is_new(two, text, memory)
        if at > first:
            three = np.int64((code * A3 + last * P3 + before * Q3 + B3) >> shift)
            buckets[place] = three
            place += is_new(three, text, memory)
        before, last = last, code
    if stop > first:
        two = np.int64((EDGE * A2 + last * P2 + B2) >> shift)
        buckets[place] = two
        place += is_new(two, text, memory)
        three = np.int64((EDGE * A3 + last * P3 + before * Q3 + B3) >> shift)
        buckets[place] = three
        place += is_new(three, text, memory)
    return place


@compile_kernel(tuple_of((types.int32[::1], types.int64[::1]))(CODES, OFFSETS, types.int64))
def hash_grams(
    codes: NDArray[np.int32], offsets: NDArray[np.int64], bits: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the different buckets of each text and where each text's begin: CSR columns and row starts."""
    count = offsets.size - 1
    starts = np.zeros(count + 1, np.int64)
    buckets = np.empty(3 * codes.size + 3 * count, np.int32)
    memory = np.full(SLOTS, -1, np.int64)
    shift = np.uint64(64 - bits)
    for text in range(count):
        room = buckets[starts[text] :]
        found = collect_buckets(codes, offsets[text], offsets[text + 1], np.int64(text), shift, memory, room)
        starts[text + 1] = starts[text] + found
    return buckets[: starts[count]].copy(), starts


@compile_kernel(types.int32[:, ::1](CODES, OFFSETS, TABLE, types.int64))
def sum_weights(
    codes: NDArray[np.int32], offsets: NDArray[np.int64], table: NDArray[np.int16], bits: int
) -> NDArray[np.int32]:
    """Return both sums of weights and the number of grams per text, int32, shape (texts, 3), as ``hash_grams`` reads.

    ``table`` holds both int8 weights of a bucket in one int16 (polarity low, neutrality high), so that a gram costs
    one read. Hashing and summing are two passes over a text: in one, the reads of the table wait for the memory of
    repetitions (0.5 against 1.1 million posts/s, 2026-11-22).
    """
    count = offsets.size - 1
    sums = np.zeros((count, 3), np.int32)
    longest = 0
    for text in range(count):
        longest = max(longest, offsets[text + 1] - offsets[text])
    buckets = np.empty(3 * longest + 3, np.int32)
    memory = np.full(SLOTS, -1, np.int64)
    shift = np.uint64(64 - bits)
    for text in range(count):
        found = collect_buckets(codes, offsets[text], offsets[text + 1], np.int64(text), shift, memory, buckets)
        low = high = np.int64(0)
        for place in range(found):
            pair = np.int64(table[buckets[place]])
            low += np.int8(pair)
            high += pair >> 8
        sums[text, 0] = low
        sums[text, 1] = high
        sums[text, 2] = found
    return sums
