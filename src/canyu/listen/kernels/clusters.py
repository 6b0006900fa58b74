"""Clusters of near copies: buckets of equal band keys find candidates, then every copy answers to a first text."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import CODES, OFFSETS, compile_kernel, read_only, tuple_of
from canyu.kit.mixing import mix
from canyu.listen.kernels.copies import find_root
from canyu.listen.kernels.gramsets import SETS, GramSets, compare_texts
from canyu.listen.kernels.neardup import (
    BANDS,
    CHAIN,
    FEWEST,
    HASHES,
    KEYS,
    SEEN_BITS,
    count_same,
    join,
)

HASH_TABLE = read_only(types.uint32, 2)
LEADERS = 64  # first texts of one component that a text is compared with
WEIGHT = 0.05  # more likeness asked each time that the smaller of two clusters doubles

PART_ROWS = 4096  # rows looked at together: their table of keys stays in a core's own cache
BLOCK = 64


@compile_kernel(types.int64(types.float64, types.float64))
def find_floor(least: float, errors: float) -> int:
    """Return how many min-hashes agree, less some standard errors, in two sets whose Jaccard index is ``least``."""
    return int(HASHES * least - errors * np.sqrt(HASHES * least * (1.0 - least)))


@compile_kernel(types.uint64[:, ::1](KEYS, OFFSETS))
def turn_keys(keys: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the keys of these rows band by band, shape (BANDS, rows): a band is then read from end to end."""
    turned = np.empty((BANDS, rows.size), np.uint64)
    for first in range(0, rows.size, BLOCK):
        stop = min(first + BLOCK, rows.size)
        for band in range(BANDS):
            for number in range(first, stop):
                turned[band, number] = keys[rows[number], band]
    return turned


@compile_kernel(types.int64(types.uint64[::1], types.uint64, types.uint64[::1], types.int32[::1], types.int64[::1]))
def split_band(
    band: NDArray[np.uint64],
    shift: np.uint64,
    part_keys: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    ends: NDArray[np.int64],
) -> int:
    """Write the hashed keys of a band and their numbers part by part, in order; return the size of the largest part.

    Part p lies between ``ends[p]`` and ``ends[p + 1]``: a radix split (Boncz, Manegold and Kersten 1999), so that the
    table of a part's keys fits into the cache and a look-up does not wait for memory.
    """
    ends[:] = 0
    for number in range(band.size):
        ends[np.int64(mix(band[number]) >> shift) + 1] += 1
    largest = 0
    for end in range(1, ends.size):
        largest = max(largest, ends[end])
        ends[end] += ends[end - 1]
    cursors = ends[:-1].copy()
    for number in range(band.size):
        hashed = mix(band[number])  # a bijection: equal where the keys are
        part = np.int64(hashed >> shift)
        part_keys[cursors[part]], numbers[cursors[part]] = hashed, number
        cursors[part] += 1
    return int(largest)


@compile_kernel(None)
def link_part(
    start: int,
    stop: int,
    part_keys: NDArray[np.uint64],
    numbers: NDArray[np.int32],
    rows: NDArray[np.int64],
    first_new: int,
    asked: NDArray[np.float64],
    floors: tuple[int, int],
    near: NDArray[np.int64],
    loose: NDArray[np.int64],
    seen: NDArray[np.uint64],
    hashes: NDArray[np.uint32],
    letters: NDArray[np.int32],
    offsets: NDArray[np.int64],
    threes: GramSets,
    twos: GramSets,
    following: NDArray[np.int32],
    table: NDArray[np.uint64],
    heads: NDArray[np.int32],
) -> None:
    """Join the rows of one part of a band, ``start`` to ``stop``, that share a key and are alike; see link_rows."""
    near_floor, floor = floors
    is_loose = asked[2] <= 1.0
    size_bits = 1
    while (1 << size_bits) < 2 * (stop - start):
        size_bits += 1
    mask = (1 << size_bits) - 1
    heads[: 1 << size_bits] = -1
    for at in range(start, stop):
        key = part_keys[at]
        slot = np.int64(key) & mask
        while heads[slot] >= 0 and table[slot] != key:
            slot = (slot + 1) & mask
        place = heads[slot]
        is_represented = False
        text = int(rows[numbers[at]]) if place >= 0 else -1  # most keys are seen once: no look into memory then
        for _ in range(CHAIN):
            if place < 0:
                break
            other = rows[numbers[place]]
            place = following[place]
            if find_root(near, other) == find_root(near, text):
                is_represented = True
                continue
            if text < first_new:
                continue
            pair = (np.uint64(other) << np.uint64(32)) | np.uint64(text)
            mark = np.int64(mix(pair) >> np.uint64(64 - SEEN_BITS))
            if seen[mark] == pair:
                continue
            seen[mark] = pair
            same = count_same(hashes, other, text)
            if same < floor:
                continue
            if same >= near_floor and (
                compare_texts(letters, offsets, other, text, 3, threes, asked[0], asked[1]) > 0.0
            ):
                join(near, other, text)
                join(loose, other, text)
                is_represented = True
            elif (
                is_loose
                and find_root(loose, other) != find_root(loose, text)
                and compare_texts(letters, offsets, other, text, 2, twos, asked[2], asked[3]) > 0.0
            ):
                join(loose, other, text)
        if not is_represented:
            table[slot] = key
            following[at] = heads[slot]
            heads[slot] = at


@compile_kernel(
    tuple_of((types.int64[::1], types.int64[::1]))(
        KEYS, HASH_TABLE, CODES, OFFSETS, OFFSETS, types.int64, types.float64[::1], SETS, SETS
    )
)
def link_rows(
    keys: NDArray[np.uint64],
    hashes: NDArray[np.uint32],
    letters: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    first_new: int,
    asked: NDArray[np.float64],
    threes: GramSets,
    twos: GramSets,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the components of near and of loose likeness, by their smallest text, int64, each shape (texts,).

    ``rows``: the texts to look at, ascending, one per content. Texts before ``first_new`` are known: they are
    compared with new ones only. ``asked``: least Jaccard of 3-grams and what short texts need more, then the same of
    2-grams. ``hashes`` is ``keys`` seen as min-hashes. A bucket keeps one text per component as its representative,
    and a text is compared with the CHAIN latest of them: the work is bounded whatever the texts.
    """
    near, loose = np.arange(offsets.size - 1), np.arange(offsets.size - 1)
    is_loose = asked[2] <= 1.0
    near_floor = find_floor(asked[0], 2.5)
    floor = min(near_floor, find_floor(asked[2] ** 1.5, 1.0)) if is_loose else near_floor  # 0.4 of 2-grams: 0.25 of 3
    seen = np.zeros(1 << SEEN_BITS, np.uint64)
    long_rows = rows[offsets[rows + 1] - offsets[rows] >= FEWEST]
    parts_bits = 1
    while (PART_ROWS << parts_bits) < long_rows.size:
        parts_bits += 1
    shift = np.uint64(64 - parts_bits)
    turned = turn_keys(keys, long_rows)
    part_keys, numbers = np.empty(long_rows.size, np.uint64), np.empty(long_rows.size, np.int32)
    following, ends = np.empty(long_rows.size, np.int32), np.empty((1 << parts_bits) + 1, np.int64)
    table, heads = np.empty(0, np.uint64), np.empty(0, np.int32)
    for band in range(BANDS):
        largest = split_band(turned[band], shift, part_keys, numbers, ends)
        bits = 1
        while (1 << bits) < 2 * largest:
            bits += 1
        if heads.size < (1 << bits):
            table, heads = np.empty(1 << bits, np.uint64), np.empty(1 << bits, np.int32)
        for part in range(1 << parts_bits):
            link_part(
                ends[part], ends[part + 1], part_keys, numbers, long_rows, first_new, asked, (near_floor, floor), near,
                loose, seen, hashes, letters, offsets, threes, twos, following, table, heads,
            )  # fmt: skip
    for text in range(offsets.size - 1):
        near[text], loose[text] = find_root(near, text), find_root(loose, text)
    return near, loose


@compile_kernel(
    tuple_of((types.int64[::1], types.float32[::1]))(
        OFFSETS,
        OFFSETS,
        OFFSETS,
        CODES,
        OFFSETS,
        types.int64,
        types.int64,
        types.float64,
        types.float64,
        SETS,
    )
)
def find_leaders(
    components: NDArray[np.int64],
    rows: NDArray[np.int64],
    sizes_of: NDArray[np.int64],
    letters: NDArray[np.int32],
    offsets: NDArray[np.int64],
    first_new: int,
    gram: int,
    least: float,
    extra: float,
    sets: GramSets,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the first text that each text is like, and the Jaccard index to it, each shape (texts,).

    In the order of ``rows``, a text joins the leader of its component that it is most like, or becomes a leader
    itself (Hartigan 1975): no chain of likenesses puts two unlike texts into one cluster. Texts before ``first_new``
    lead from the outset. ``sizes_of``: how many texts each one stands for; the more the smaller of two stands for,
    the more likeness is asked, since a wrong join is wrong for every pair. A text is compared with at most LEADERS
    leaders, the earliest.
    """
    leaders = np.arange(components.size)
    similarities = np.ones(components.size, np.float32)
    following = np.full(components.size, -1, np.int64)  # the next leader of the same component
    last = np.full(components.size, -1, np.int64)  # its latest leader, held at the component's number
    for text in rows:
        component = components[text]
        best, similarity = -1, 0.0
        if text >= first_new:
            leader = component if last[component] >= 0 else -1
            for _ in range(LEADERS):
                if leader < 0:
                    break
                asked = least + WEIGHT * np.log2(np.float64(min(sizes_of[leader], sizes_of[text])))
                found = compare_texts(letters, offsets, leader, text, gram, sets, asked, extra)
                if found > similarity:
                    best, similarity = leader, found
                leader = following[leader]
        if best >= 0:
            leaders[text], similarities[text] = best, similarity
            continue
        if last[component] >= 0:
            following[last[component]] = text
        last[component] = text
    return leaders, similarities
