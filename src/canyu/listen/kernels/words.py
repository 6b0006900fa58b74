"""Words of Latin letters, hashed and looked up in sorted keys."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of
from canyu.kit.mixing import mix

KEYS = read_only(types.uint64)
APOSTROPHE, CURLY = 0x27, 0x2019


@compile_kernel(types.boolean(types.int64))
def is_letter(code: int) -> bool:
    """Return whether a folded code point belongs to a Latin word: a to z, or a letter with a mark."""
    return 0x61 <= code <= 0x7A or (0xDF <= code < 0x250 and code != 0xF7) or 0x1E00 <= code < 0x1F00


@compile_kernel(tuple_of((types.uint64[::1], types.int64[::1]))(CODES, OFFSETS))
def hash_words(codes: NDArray[np.int32], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hash of every word of each text and where each text's begin; an apostrophe inside belongs to it.

    ``!`` and ``?`` are words of their own.
    """
    count = offsets.size - 1
    starts = np.zeros(count + 1, np.int64)
    hashes = np.empty(codes.size, np.uint64)
    place = 0
    for text in range(count):
        at, stop = offsets[text], offsets[text + 1]
        while at < stop:
            code = codes[at]
            if code == 0x21 or code == 0x3F:
                hashes[place] = mix(np.uint64(code))
                place += 1
            if not is_letter(code):
                at += 1
                continue
            key = np.uint64(0)
            while at < stop:
                code = codes[at]
                if code == CURLY:
                    code = APOSTROPHE
                inside = code == APOSTROPHE and at + 1 < stop and is_letter(codes[at + 1])
                if not (is_letter(code) or inside):
                    break
                key = mix(key ^ np.uint64(code))
                at += 1
            hashes[place] = key
            place += 1
        starts[text + 1] = place
    return hashes[:place].copy(), starts


@compile_kernel(types.int32[::1](read_only(types.uint64), KEYS))
def find_words(hashes: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return the place of each hash in ``keys`` (ascending), or -1, int32."""
    found = np.full(hashes.size, -1, np.int32)
    for word in range(hashes.size):
        place = np.searchsorted(keys, hashes[word])
        if place < keys.size and keys[place] == hashes[word]:
            found[word] = place
    return found
