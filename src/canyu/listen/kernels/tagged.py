"""Character 1- to 3-grams looked up in a table of tagged rows: seven sums of weights for one read of memory per gram.

A row is one 64-bit word: seven weights of one byte each (128 added, so that none is negative) and, in the highest
byte, a tag. A gram's slot are the highest bits of its hash, its tag the next seven. A row whose tag is another's says
nothing of this gram, so 127 of 128 grams that the model does not know add nothing: a table of 2^19 rows is as good as
an untagged one four times as large (2026-11-22).

Texts are read a chunk at a time and step by step: all hashes, all reads of the table, all sums. Only the reads go one
by one; the steps before and after work on eight grams at once (1.3 times as fast as gram by gram, 2026-11-22).
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of
from canyu.listen.kernels.ngrams import A1, A2, A3, B1, B2, B3, EDGE, P2, P3, Q3

LANES = 7
ZERO = 128  # the byte of a weight of zero
TAG_BITS = 7  # the highest bit of a row stays free: see match_row
TAG = np.uint64(0x7F << 56)
TAG_END = np.uint64(1 << 56)
ONE_MATCH = np.uint64(1 << 56)  # stands in the tag's byte after a match, and so counts the matches
EVEN = np.uint64(0x00FF00FF00FF00FF)
EIGHT = np.uint64(8)
NONE, ONE, SIGN = np.uint64(0), np.uint64(1), np.uint64(63)
BLOCK = 80  # characters: their 243 grams of at most 255 each stay below 2^16, the room of a sum
AROUND = 3  # codes of a chunk that a block needs beside its own: two before it, and the edge after a text's last
ROOM = 2048  # codes of a chunk: with all its hashes and rows it stays in a core's second cache
ROWS = read_only(types.uint64)
SUMS = types.int32[:, ::1]
WORDS = types.uint64[:, ::1]
PLACES = types.int64[::1]


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


@compile_kernel(types.uint64(types.uint64, types.uint64, types.uint64))
def match_row(row: np.uint64, gram: np.uint64, bits: np.uint64) -> np.uint64:
    """Return the gram's row with 1 for its tag, or 0 where the row is another gram's."""
    rest = row ^ (((gram << bits) >> ONE) & TAG)
    is_mine = (rest - TAG_END) >> SIGN  # below 2^56 the difference has its sign bit set: no jump to guess wrongly
    return np.uint64((rest | ONE_MATCH) & (NONE - is_mine))


@compile_kernel(types.int64(CODES, OFFSETS, types.int64, types.int64, types.int64, types.int32[::1]))
def write_block(
    codes: NDArray[np.int32], offsets: NDArray[np.int64], text: int, at: int, place: int, chunk: NDArray[np.int32]
) -> int:
    """Write the text's block from ``at`` and what its first and last grams reach to ``chunk``; return where it ends."""
    start, end = offsets[text], offsets[text + 1]
    edge = np.int32(EDGE)
    chunk[place] = codes[at - 2] if at > start + 1 else (edge if at > start else 0)
    chunk[place + 1] = codes[at - 1] if at > start else edge
    length = min(end - at, BLOCK)
    for step in range(np.uint64(length)):
        chunk[np.uint64(place + 2) + step] = codes[np.uint64(at) + step]
    place += 2 + length
    if at + length == end:
        chunk[place] = edge
        place += 1
    return int(place)


@compile_kernel(types.void(CODES, types.uint64, WORDS))
def hash_chunk(chunk: NDArray[np.int32], count: np.uint64, grams: NDArray[np.uint64]) -> None:
    """Write the hashes of the grams of one, two and three codes that end at each place, shape (3, ROOM)."""
    for place in range(np.uint64(2), count):  # unsigned: no check for places counted from the end, so eight at once
        code, last = np.uint64(chunk[place]), np.uint64(chunk[place - np.uint64(1)])
        grams[0, place] = code * A1 + B1
        grams[1, place] = code * A2 + last * P2 + B2
        grams[2, place] = code * A3 + last * P3 + np.uint64(chunk[place - np.uint64(2)]) * Q3 + B3


@compile_kernel(types.void(ROWS, types.uint64, types.uint64, WORDS, WORDS))
def look_up(
    rows: NDArray[np.uint64],
    shift: np.uint64,
    count: np.uint64,
    grams: NDArray[np.uint64],
    found: NDArray[np.uint64],
) -> None:
    """Write the row of each gram's slot, shape (3, ROOM): reads that do not wait for one another."""
    for place in range(np.uint64(2), count):
        found[0, place] = rows[grams[0, place] >> shift]
        found[1, place] = rows[grams[1, place] >> shift]
        found[2, place] = rows[grams[2, place] >> shift]


@compile_kernel(types.void(types.uint64, types.uint64, WORDS, WORDS, WORDS))
def add_grams(
    count: np.uint64,
    bits: np.uint64,
    grams: NDArray[np.uint64],
    found: NDArray[np.uint64],
    totals: NDArray[np.uint64],
) -> None:
    """Write the sums of each place's three grams, shape (2, ROOM): lanes 0, 2, 4, 6, and lanes 1, 3, 5, 7."""
    for place in range(np.uint64(2), count):
        one = match_row(found[0, place], grams[0, place], bits)
        two = match_row(found[1, place], grams[1, place], bits)
        three = match_row(found[2, place], grams[2, place], bits)
        totals[0, place] = (one & EVEN) + (two & EVEN) + (three & EVEN)
        totals[1, place] = ((one >> EIGHT) & EVEN) + ((two >> EIGHT) & EVEN) + ((three >> EIGHT) & EVEN)


@compile_kernel(types.void(types.uint64, types.uint64, types.int64, SUMS))
def add_lanes(even: np.uint64, odd: np.uint64, text: int, sums: NDArray[np.int32]) -> None:
    """Add the four 16-bit sums of ``even`` and ``odd`` to the text's eight."""
    for lane in range(4):
        down = np.uint64(16 * lane)
        sums[text, 2 * lane] += np.int32((even >> down) & np.uint64(0xFFFF))
        sums[text, 2 * lane + 1] += np.int32((odd >> down) & np.uint64(0xFFFF))


@compile_kernel(types.void(CODES, PLACES, PLACES, types.int64, ROWS, types.int64, WORDS, WORDS, WORDS, SUMS))
def sum_chunk(
    chunk: NDArray[np.int32],
    texts: NDArray[np.int64],
    starts: NDArray[np.int64],
    blocks: int,
    rows: NDArray[np.uint64],
    bits: int,
    grams: NDArray[np.uint64],
    found: NDArray[np.uint64],
    totals: NDArray[np.uint64],
    sums: NDArray[np.int32],
) -> None:
    """Add what the chunk's blocks say to their texts' sums; ``starts`` of a block are two codes before its first."""
    count = np.uint64(starts[blocks])
    hash_chunk(chunk, count, grams)
    look_up(rows, np.uint64(64 - bits), count, grams, found)
    add_grams(count, np.uint64(bits), grams, found, totals)
    for block in range(blocks):
        even = odd = NONE
        for place in range(np.uint64(starts[block] + 2), np.uint64(starts[block + 1])):
            even += totals[0, place]
            odd += totals[1, place]
        add_lanes(even, odd, texts[block], sums)


@compile_kernel(SUMS(CODES, OFFSETS, ROWS, types.int64))
def sum_rows(
    codes: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.uint64], bits: int
) -> NDArray[np.int32]:
    """Return the sums of the seven weights and the number of known grams per text, int32, shape (texts, 8).

    ``rows``: uint64, shape (2^bits,). Two words hold four sums each while a block of characters is read.
    """
    count = offsets.size - 1
    sums = np.zeros((count, LANES + 1), np.int32)
    chunk = np.zeros(ROOM, np.int32)
    grams, found = np.empty((3, ROOM), np.uint64), np.empty((3, ROOM), np.uint64)
    totals = np.empty((2, ROOM), np.uint64)
    texts, starts = np.empty(ROOM, np.int64), np.zeros(ROOM, np.int64)
    blocks = 0
    for text in range(count):
        at = offsets[text]
        while at < offsets[text + 1]:
            if starts[blocks] + BLOCK + AROUND > ROOM:
                sum_chunk(chunk, texts, starts, blocks, rows, bits, grams, found, totals, sums)
                blocks = 0
            texts[blocks] = text
            starts[blocks + 1] = write_block(codes, offsets, text, at, starts[blocks], chunk)
            blocks += 1
            at += BLOCK
    sum_chunk(chunk, texts, starts, blocks, rows, bits, grams, found, totals, sums)
    alone = EDGE * A1 + B1  # the edge alone is no gram, but is summed with the two that end in it
    edge = match_row(rows[alone >> np.uint64(64 - bits)], alone, np.uint64(bits))
    for text in range(count):
        if offsets[text + 1] > offsets[text]:
            for lane in range(LANES + 1):
                sums[text, lane] -= np.int32((edge >> np.uint64(8 * lane)) & np.uint64(0xFF))
        for lane in range(LANES):
            sums[text, lane] -= ZERO * sums[text, LANES]
    return sums
