"""Near copies of short texts: min-hash signatures, banding by hash table, and exact Jaccard of the candidates."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of
from canyu.kit.mixing import mix
from canyu.listen.kernels.copies import find_root

BANDS = 32  # keys per text, each of two min-hashes: a pair of Jaccard 0.4 shares one in 996 of 1,000
HASHES = 2 * BANDS
GRAM = 3
CHAIN = 16  # members of one bucket that a text is compared with, the latest first
SEEN_BITS = 16  # pairs already compared, by hash: 512 KiB
LONGEST_TAG = 8  # letters between the brackets of an emoji mark such as [doge]
LONGEST_TOPIC = 32  # letters between the signs of a #topic#
LONGEST = 10_000  # letters read of one text: twice the longest post; a book ends here
FEWEST = 10  # letters: a shorter text is a copy only where it is the same, "很好用" and "很好看" are not near

PLACE_1, PLACE_2, PLACE_3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03), np.uint64(0xA0761D6478BD642F)

# One odd multiplier and one offset per min-hash (multiply-add modulo 2^32 is a permutation). Part of every stored
# signature: a change here is a change of all of them.
_spread = np.random.Generator(np.random.PCG64(20261122)).integers(0, 1 << 32, (2, HASHES), np.uint64)
MULTIPLIERS = (_spread[0] | np.uint64(1)).astype(np.uint32)
ADDENDS = _spread[1].astype(np.uint32)

KEYS = read_only(types.uint64, 2)
CONTENTS = read_only(types.uint64)
GRAMS = types.uint32[::1]
PARENTS = types.int64[::1]


@compile_kernel(types.boolean(types.int32))
def is_letter(code: int) -> bool:
    """Say whether a folded code point is a letter or digit: no blank, punctuation, symbol, emoji or joined mark."""
    if 0x3400 <= code < 0xD800:
        return True
    if code < 0xC0:
        return 0x61 <= code <= 0x7A or 0x30 <= code <= 0x39
    if code < 0x2000:
        return not (0x300 <= code <= 0x36F or code == 0xD7 or code == 0xF7)
    if code < 0x3005:  # punctuation, signs, arrows, dingbats, ideographic marks
        return False
    if code < 0x3400:
        return code == 0x3005 or code == 0x3007 or 0x3041 <= code <= 0x31FF
    return 0xF900 <= code < 0xFB00 or 0xFF66 <= code < 0xFFE0 or 0x20000 <= code < 0x32400


@compile_kernel(types.int64(CODES, types.int64, types.int64))
def skip_mark(codes: NDArray[np.int32], at: int, stop: int) -> int:
    """Return where to read on after ``at``: behind an emoji mark ``[…]``, a ``#topic#`` or a link, else at ``at``."""
    sign = codes[at]
    if sign == 0x5B or sign == 0x23:
        close, longest = (0x5D, LONGEST_TAG) if sign == 0x5B else (0x23, LONGEST_TOPIC)
        for end in range(at + 1, min(at + longest + 2, stop)):
            if codes[end] == close:
                return end + 1 if end > at + 1 else at
        return at
    if at + 4 < stop and codes[at + 1] == 0x74 and codes[at + 2] == 0x74 and codes[at + 3] == 0x70:  # "http"
        while at < stop and 0x20 < codes[at] < 0x80:
            at += 1
    return at


@compile_kernel(types.int64(CODES, types.int64, types.int64, types.boolean, types.int32[::1], types.int64))
def copy_letters(
    codes: NDArray[np.int32], at: int, stop: int, with_all: bool, kept: NDArray[np.int32], place: int
) -> int:
    """Write the letters of one text to ``kept`` from ``place`` on and return where they end."""
    while at < stop:
        code = codes[at]
        if code == 0x2F and not with_all and at + 2 < stop and codes[at + 1] == 0x2F and codes[at + 2] == 0x40:
            return place  # "//@": from here on it quotes others
        if code == 0x5B or code == 0x68 or (code == 0x23 and not with_all):
            after = skip_mark(codes, at, stop)
            if after > at:
                at = after
                continue
        kept[place] = code
        place += is_letter(code)
        at += 1
    return place


@compile_kernel(tuple_of((types.int32[::1], types.int64[::1]))(CODES, OFFSETS))
def keep_letters(codes: NDArray[np.int32], offsets: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the texts without marks, links, #topics# and what they quote behind ``//@``, cut at LONGEST letters.

    A text with too few letters of its own keeps topics and quotes: a bare repost is a copy of what it quotes. A text
    without any letter stays as it is, so that 👍 is no copy of 🎉.
    """
    kept = np.empty(codes.size + 1, np.int32)
    ends = np.zeros(offsets.size, np.int64)
    place = 0
    for text in range(offsets.size - 1):
        start, stop = offsets[text], offsets[text + 1]
        first = place
        place = copy_letters(codes, start, stop, False, kept, first)
        if place - first < FEWEST:
            place = copy_letters(codes, start, stop, True, kept, first)
        if place == first:
            for at in range(start, stop):
                kept[place] = codes[at]
                place += 1
        place = min(place, first + LONGEST)
        ends[text + 1] = place
    return kept[:place].copy(), ends


@compile_kernel(types.uint32(types.int32, types.int32, types.int32))
def hash_three(first: np.int32, second: np.int32, third: np.int32) -> np.uint32:
    """Return the 32-bit hash of a 3-gram."""
    whole = np.uint64(first) * PLACE_1 + np.uint64(second) * PLACE_2 + np.uint64(third) * PLACE_3
    return np.uint32(whole >> np.uint64(32))


@compile_kernel(types.void(CODES, types.int64, types.int64, GRAMS, GRAMS, GRAMS))
def lower_hashes(
    letters: NDArray[np.int32],
    start: int,
    stop: int,
    lowest: NDArray[np.uint32],
    multipliers: NDArray[np.uint32],
    addends: NDArray[np.uint32],
) -> None:
    """Lower each min-hash by the 3-grams of one text; the inner loop is one vector instruction after another."""
    for at in range(start + 2, stop):
        gram = hash_three(letters[at - 2], letters[at - 1], letters[at])
        for slot in range(HASHES):
            value = np.uint32(gram * multipliers[slot] + addends[slot])
            lowest[slot] = min(lowest[slot], value)


@compile_kernel(types.uint64[::1](CODES, OFFSETS, types.uint64[:, ::1]))
def sign_letters(
    letters: NDArray[np.int32], offsets: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Write the band keys of each text to ``keys``, (texts, BANDS); return their content keys, uint64, (texts,).

    A band key holds two min-hashes of the text's 3-grams (Broder 1997), so the keys are the signature. Texts below
    three letters have keys of zero.
    """
    count = offsets.size - 1
    contents = np.zeros(count, np.uint64)
    multipliers, addends = MULTIPLIERS.copy(), ADDENDS.copy()
    lowest = np.zeros(HASHES, np.uint32)
    for text in range(count):
        start, stop = offsets[text], offsets[text + 1]
        content = np.uint64(stop - start)
        for at in range(start, stop):
            content = (content ^ np.uint64(letters[at])) * PLACE_3
            content ^= content >> np.uint64(29)
        contents[text] = mix(content)
        if stop - start < GRAM:
            keys[text] = np.uint64(0)
            continue
        lowest[:] = np.uint32(0xFFFFFFFF)
        lower_hashes(letters, start, stop, lowest, multipliers, addends)
        for band in range(BANDS):
            keys[text, band] = (np.uint64(lowest[2 * band]) << np.uint64(32)) | np.uint64(lowest[2 * band + 1])
    return contents


@compile_kernel(types.int64[::1](CONTENTS, OFFSETS))
def find_first_copies(contents: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each text the first one of the same content, int64, shape (texts,); an empty text is its own."""
    count = contents.size
    bits = 4
    while (1 << bits) < 2 * count:
        bits += 1
    heads = np.full(1 << bits, -1, np.int64)
    mask = (1 << bits) - 1
    firsts = np.arange(count)
    for text in range(count):
        if offsets[text + 1] == offsets[text]:
            continue
        slot = np.int64(contents[text] >> np.uint64(64 - bits))
        while heads[slot] >= 0 and contents[heads[slot]] != contents[text]:
            slot = (slot + 1) & mask
        if heads[slot] < 0:
            heads[slot] = text
        firsts[text] = heads[slot]
    return firsts


@compile_kernel(types.int64(read_only(types.uint32, 2), types.int64, types.int64))
def count_same(hashes: NDArray[np.uint32], left: int, right: int) -> int:
    """Return how many of the min-hashes of two texts are equal: HASHES times their likely Jaccard index."""
    same = np.int32(0)
    for slot in range(HASHES):
        same += np.int32(hashes[left, slot] == hashes[right, slot])
    return int(same)


@compile_kernel(types.void(PARENTS, types.int64, types.int64))
def join(parents: NDArray[np.int64], left: int, right: int) -> None:
    """Join the groups of two texts under the smaller root."""
    left, right = find_root(parents, left), find_root(parents, right)
    if left < right:
        parents[right] = left
    else:
        parents[left] = right
