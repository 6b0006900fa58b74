"""Sets of grams of candidate texts, made when first asked for, and the exact Jaccard index of two of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel
from canyu.listen.kernels.neardup import GRAM, hash_three

WORDS = 4  # of 64 bits: a post's 50 grams leave most of the bits clear


class GramSets(NamedTuple):
    """The grams of each text, as far as they were asked for.

    ``marks``: a bit per hash of a gram, shape (texts, WORDS); all clear where not made yet. ``sizes``: how many
    different grams, -1 where not sorted yet, shape (texts,). ``sorted``: these, from ``starts`` on, one set after
    another: few texts are candidates, and room that is never written to costs nothing. ``used``: where the next begins.
    """

    marks: NDArray[np.uint64]
    sizes: NDArray[np.int32]
    starts: NDArray[np.int64]
    sorted: NDArray[np.uint32]
    used: NDArray[np.int64]


def make_sets(texts: int, letters: int) -> GramSets:
    """Return room for the sets of so many texts of so many letters together."""
    marks, sizes = np.zeros((texts, WORDS), np.uint64), np.full(texts, -1, np.int32)
    return GramSets(marks, sizes, np.empty(texts, np.int64), np.empty(letters, np.uint32), np.zeros(1, np.int64))


SETS: Any = numba.typeof(make_sets(0, 0))  # type: ignore[no-untyped-call]  # numba declares no types of its own
WORD = types.uint64


@compile_kernel(types.int64(WORD))
def count_bits(word: np.uint64) -> int:
    """Return how many bits are set; the compiler knows this form and writes one instruction."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compile_kernel(types.void(CODES, OFFSETS, types.int64, types.int64, SETS))
def mark_grams(letters: NDArray[np.int32], offsets: NDArray[np.int64], text: int, gram: int, sets: GramSets) -> None:
    """Set the bits of a text's grams, unless they are set already."""
    marks = sets.marks
    if marks[text, 0] | marks[text, 1] | marks[text, 2] | marks[text, 3]:
        return
    start = offsets[text]
    for at in range(start, offsets[text + 1] - gram + 1):
        third = letters[at + 2] if gram == GRAM else np.int32(0)
        found = hash_three(letters[at], letters[at + 1], third)
        marks[text, found & np.uint32(WORDS - 1)] |= np.uint64(1) << np.uint64(found >> np.uint32(26))


@compile_kernel(types.int64(CODES, OFFSETS, types.int64, types.int64, SETS))
def sort_grams(letters: NDArray[np.int32], offsets: NDArray[np.int64], text: int, gram: int, sets: GramSets) -> int:
    """Return how many different grams a text has; writes them in order the first time."""
    if sets.sizes[text] >= 0:
        return int(sets.sizes[text])
    start, stop, used = offsets[text], offsets[text + 1], sets.used[0]
    count = max(stop - start - gram + 1, 0)
    room = sets.sorted[used : used + count]
    for at in range(count):
        third = letters[start + at + 2] if gram == GRAM else np.int32(0)
        room[at] = hash_three(letters[start + at], letters[start + at + 1], third)
    room.sort()
    size = min(count, 1)
    for at in range(1, count):
        if room[at] != room[at - 1]:
            room[size] = room[at]
            size += 1
    sets.starts[text], sets.sizes[text], sets.used[0] = used, size, used + size
    return int(size)


@compile_kernel(types.float64(types.float64, types.float64, types.int64))
def demand(least: float, extra: float, sizes: int) -> float:
    """Return the Jaccard index asked of two sets of ``sizes`` grams: more of short texts, which meet by chance."""
    return min(least + extra * 2.0 / max(sizes, 1), 1.0)


@compile_kernel(types.boolean(OFFSETS, types.int64, types.int64, types.int64, SETS, types.float64, types.float64))
def may_be_alike(
    offsets: NDArray[np.int64], left: int, right: int, gram: int, sets: GramSets, least: float, extra: float
) -> bool:
    """Say whether two texts of marked grams can have the Jaccard index asked of them; never no where they have.

    A bit that one set has and the other lacks stands for at least one gram that the other lacks.
    """
    left_only = right_only = 0
    for word in range(WORDS):
        one, other = sets.marks[left, word], sets.marks[right, word]
        left_only += count_bits(one & ~other)
        right_only += count_bits(other & ~one)
    left_most = offsets[left + 1] - offsets[left] - gram + 1
    right_most = offsets[right + 1] - offsets[right] - gram + 1
    both = min(left_most - left_only, right_most - right_only)
    asked = demand(least, extra, left_most + right_most)
    return bool(both >= asked * (both + left_only + right_only) - 1e-9)


@compile_kernel(types.float64(SETS.types[3], types.int64, types.int64, types.int64, types.int64, types.float64))
def compare_sets(
    grams: NDArray[np.uint32], left: int, left_size: int, right: int, right_size: int, threshold: float
) -> float:
    """Return the Jaccard index of two sorted sets, or 0 as soon as it cannot reach ``threshold``."""
    if left_size == 0 or right_size == 0:
        return 0.0
    needed = np.int64(np.ceil(threshold / (1.0 + threshold) * (left_size + right_size) - 1e-9))
    left_end, right_end = left + left_size, right + right_size
    both = 0
    while left < left_end and right < right_end:
        if both + min(left_end - left, right_end - right) < needed:
            return 0.0
        one, other = grams[left], grams[right]
        both += one == other
        left += one <= other
        right += other <= one
    return both / (left_size + right_size - both) if both >= needed else 0.0


@compile_kernel(
    types.float64(CODES, OFFSETS, types.int64, types.int64, types.int64, SETS, types.float64, types.float64)
)
def compare_texts(
    letters: NDArray[np.int32],
    offsets: NDArray[np.int64],
    left: int,
    right: int,
    gram: int,
    sets: GramSets,
    least: float,
    extra: float,
) -> float:
    """Return the exact Jaccard index of the grams of two texts, or 0 where it is below what is asked of them."""
    mark_grams(letters, offsets, left, gram, sets)
    mark_grams(letters, offsets, right, gram, sets)
    if not may_be_alike(offsets, left, right, gram, sets, least, extra):
        return 0.0
    left_size = sort_grams(letters, offsets, left, gram, sets)
    right_size = sort_grams(letters, offsets, right, gram, sets)
    asked = demand(least, extra, left_size + right_size)
    return compare_sets(sets.sorted, sets.starts[left], left_size, sets.starts[right], right_size, asked)
