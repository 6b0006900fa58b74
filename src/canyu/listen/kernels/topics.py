"""Array code of topics: posts as sparse vectors of character pairs, words and hashtags, grouped around centroids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.listen.kernels.storylines import is_word_sign

BITS = 20
TAGS = 1 << BITS  # buckets from here on are hashtags
BUCKETS = 2 << BITS
MAX_TAG = 40  # characters between two # signs; a longer stretch is no hashtag
LEVELS = 64  # steps of rarity
TAG_WEIGHT = 2.0
HASH, AT = 0x23, 0x40

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float32]


@compile_kernel(None)
def find_tag_end(codes: Ints, at: int, high: int) -> int:
    """Return where the hashtag that begins at ``at`` (its first #) ends (its second #), or -1."""
    for place in range(at + 1, min(at + MAX_TAG + 2, high)):
        if codes[place] == HASH:
            return place if place > at + 2 else -1
        if codes[place] == 0x0A:
            return -1
    return -1


@compile_kernel(None)
def hash_tag(codes: Ints, start: int, end: int) -> np.int64:
    """Return the bucket of the hashtag ``codes[start:end]``."""
    value = np.uint64(0)
    for place in range(start, end):
        value = (value + np.uint64(codes[place])) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
    return np.int64(value >> np.uint64(64 - BITS)) + TAGS


@compile_kernel(None)
def read_features(codes: Ints, low: int, high: int, buckets: Ints) -> int:
    """Write the buckets of hashtags, words, pairs and triples of characters of a post; return how many.

    Links and names after @ are left out: they tell who speaks, not of what.
    """
    shift = np.uint64(64 - BITS)
    count = 0
    first, second = np.uint64(0), np.uint64(0)  # the two units before
    at = low
    inside = -1  # the end of the hashtag at hand
    while at < high:
        code = codes[at]
        at += 1
        unit = np.uint64(code)
        is_word = False
        if 0x3400 <= code <= 0x9FFF:
            pass
        elif is_word_sign(code):
            begin = at - 1
            while at < high and is_word_sign(codes[at]):
                unit = unit * np.uint64(1000003) + np.uint64(codes[at])
                at += 1
            if at - begin == 4 or at - begin == 5:
                is_link = codes[begin] == 0x68 and codes[begin + 1] == 0x74 and codes[begin + 2] == 0x74
                if is_link and codes[begin + 3] == 0x70:
                    while at < high and 0x20 < codes[at] < 0x80:
                        at += 1
                    first, second = np.uint64(0), np.uint64(0)
                    continue
            is_word = at - begin >= 2
        else:
            if code == AT:
                while at < high and codes[at] > 0x20 and codes[at] not in (AT, HASH, 0x3A, 0x2C, 0xFF1A, 0xFF0C):
                    at += 1
            elif code == HASH and at - 1 != inside:
                inside = find_tag_end(codes, at - 1, high)
                if inside > 0:
                    buckets[count] = hash_tag(codes, at, inside)
                    count += 1
            if code != 0x20:
                first, second = np.uint64(0), np.uint64(0)
            continue
        unit = (unit + np.uint64(0x51)) * np.uint64(0x9E3779B97F4A7C15)
        if is_word:
            buckets[count] = np.int64(unit >> shift)
            count += 1
        if second:
            pair = (second * np.uint64(0xBF58476D1CE4E5B9) ^ unit) * np.uint64(0x94D049BB133111EB)
            buckets[count] = np.int64(pair >> shift)
            count += 1
            if first:
                triple = (pair ^ first) * np.uint64(0xD6E8FEB86659FD93)
                buckets[count] = np.int64(triple >> shift)
                count += 1
        first, second = second, unit
    return count


@compile_kernel(None)
def measure_longest(offsets: Places) -> int:
    """Return the number of characters of the longest text."""
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    return longest


@compile_kernel(None)
def find_slot(held: Ints, bucket: int) -> int:
    """Return where a table holds a bucket, or where it would: buckets are hashes, so their low bits spread them."""
    last = len(held) - 1
    at = bucket & last
    while held[at] != bucket and held[at] >= 0:
        at = (at + 1) & last
    return at


@compile_kernel(None)
def count_features(codes: Ints, offsets: Places) -> tuple[Ints, Ints]:
    """Return a table of the buckets that occur, -1 where it is empty, and in how many posts each does, both int32.

    No longer than the posts need, for most periods have few; where they are many it has a place for each bucket.
    """
    slots = 1024
    while slots < BUCKETS and slots < 6 * (len(codes) + len(offsets)):
        slots *= 2
    held, counts, last = np.full(slots, -1, np.int32), np.zeros(slots, np.int32), np.full(slots, -1, np.int32)
    buckets = np.empty(3 * measure_longest(offsets) + 3, np.int32)
    for text in range(len(offsets) - 1):
        for place in range(read_features(codes, offsets[text], offsets[text + 1], buckets)):
            slot = find_slot(held, buckets[place])
            if last[slot] != text:
                held[slot] = buckets[place]
                last[slot] = text
                counts[slot] += 1
    return held, counts


@compile_kernel(None)
def select_features(
    codes: Ints, offsets: Places, held: Ints, levels: NDArray[np.uint8], most: int
) -> tuple[Places, Ints, Floats]:
    """Return the rarest ``most`` features of each post as rows of unit length: starts, buckets, weights.

    ``held``: a table of the buckets, of ``count_features``; ``levels``: how rare each is, 1 to LEVELS - 1, 0 leaves it
    out. All hashtags of a post are kept.
    """
    texts = len(offsets) - 1
    starts = np.zeros(texts + 1, np.int64)
    kept, weights = np.empty(texts * most, np.int32), np.empty(texts * most, np.float32)
    buckets = np.empty(3 * measure_longest(offsets) + 3, np.int32)
    last = np.full(len(held), -1, np.int32)
    slots = np.empty(len(buckets), np.int32)
    by_level = np.zeros(LEVELS, np.int64)
    filled = 0
    for text in range(texts):
        found = read_features(codes, offsets[text], offsets[text + 1], buckets)
        by_level[:] = 0
        count = 0
        for place in range(found):
            bucket = buckets[place]
            slot = find_slot(held, bucket)
            if levels[slot] and last[slot] != text:
                last[slot] = text
                by_level[LEVELS - 1 if bucket >= TAGS else levels[slot]] += 1
                buckets[count], slots[count] = bucket, slot
                count += 1
        floor, room = LEVELS - 1, most
        while floor > 0 and room >= by_level[floor]:
            room -= by_level[floor]
            floor -= 1
        norm = np.float32(0)
        first = filled
        for place in range(count):
            bucket = buckets[place]
            step = levels[slots[place]]
            level = LEVELS - 1 if bucket >= TAGS else np.int64(step)
            if level > floor or (level == floor and room > 0):
                room -= level == floor
                weight = np.float32(step) * np.float32(TAG_WEIGHT if bucket >= TAGS else 1.0)
                kept[filled], weights[filled] = bucket, weight
                norm += weight * weight
                filled += 1
        for place in range(first, filled):
            weights[place] /= np.sqrt(norm)
        starts[text + 1] = filled
    return starts, kept[:filled].copy(), weights[:filled].copy()


@compile_kernel(None)
def gather_centroids(
    group_start: Places,
    rows: Places,
    starts: Places,
    buckets: Ints,
    weights: Floats,
    size: int,
    first_tag: int,
    most: int,
) -> tuple[Places, Ints, Floats, Floats]:
    """Return each group's centroid (its heaviest ``most`` features, unit length) and how alike its rows are.

    ``rows[group_start[g]:group_start[g + 1]]`` are the posts of group g. Alike is the mean cosine of two of its
    rows, hashtags left out: the buckets from ``first_tag`` on, of ``size`` in all.
    """
    groups = len(group_start) - 1
    out_start = np.zeros(groups + 1, np.int64)
    out_bucket, out_weight = np.empty(groups * most, np.int32), np.empty(groups * most, np.float32)
    alike = np.zeros(groups, np.float32)
    sums = np.zeros(size, np.float32)
    touched = np.empty(1024, np.int32)
    filled = 0
    for group in range(groups):
        count, own = 0, np.float32(0)
        for at in range(group_start[group], group_start[group + 1]):
            row = rows[at]
            if count + starts[row + 1] - starts[row] > len(touched):
                larger = np.empty(2 * (count + starts[row + 1] - starts[row]), np.int32)
                for place in range(count):
                    larger[place] = touched[place]
                touched = larger
            for place in range(starts[row], starts[row + 1]):
                bucket, weight = buckets[place], weights[place]
                if weight > 0 and sums[bucket] == 0:
                    touched[count] = bucket
                    count += 1
                sums[bucket] += weight
                own += weight * weight * (bucket < first_tag)
        size = group_start[group + 1] - group_start[group]
        values = np.empty(count, np.float32)
        total = np.float32(0)
        for place in range(count):
            values[place] = sums[touched[place]]
            total += values[place] * values[place] * (touched[place] < first_tag)
        if size > 1 and own > 0:
            alike[group] = (total / own - 1) / (size - 1)
        order = np.argsort(-values, kind="mergesort")
        norm = np.float32(0)
        first = filled
        for place in order[:most]:
            out_bucket[filled], out_weight[filled] = touched[place], values[place]
            norm += values[place] * values[place]
            filled += 1
        for place in range(first, filled):
            out_weight[place] /= np.sqrt(norm)
        for place in range(count):
            sums[touched[place]] = 0
        out_start[group + 1] = filled
    return out_start, out_bucket[:filled].copy(), out_weight[:filled].copy(), alike


@compile_kernel(None)
def index_centroids(starts: Places, buckets: Ints, weights: Floats, size: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Return the rows inverted: where each bucket's begin and how many it has, their rows in order, their weights.

    The first is told for buckets with rows only: of the ``size`` there are, most may have none, and are not looked at.
    """
    begin, count = np.empty(size, np.int32), np.zeros(size, np.int32)
    groups, values = np.empty(len(buckets), np.int32), np.empty(len(buckets), np.float32)
    for bucket in buckets:
        count[bucket] += 1
    total = np.int32(0)
    for bucket in buckets:
        if count[bucket] > 0:  # met for the first time: below zero from here on
            begin[bucket] = total
            total += count[bucket]
            count[bucket] = -count[bucket]
    for row in range(len(starts) - 1):
        for place in range(starts[row], starts[row + 1]):
            bucket = buckets[place]
            groups[begin[bucket]], values[begin[bucket]] = row, weights[place]
            begin[bucket] += 1
    for bucket in buckets:
        if count[bucket] < 0:
            begin[bucket] += count[bucket]
            count[bucket] = -count[bucket]
    return begin, count, groups, values


@compile_kernel(None)
def find_nearest(
    starts: Places,
    buckets: Ints,
    weights: Floats,
    index_begin: Ints,
    index_count: Ints,
    index_group: Ints,
    index_weight: Floats,
    groups: int,
    only_earlier: bool,
) -> tuple[Ints, Floats]:
    """Return per row the group of the largest cosine, -1 where none shares a feature, and that cosine.

    ``index_*``: centroids inverted by bucket. ``only_earlier`` looks at groups before the row's own number alone.
    """
    rows = len(starts) - 1
    nearest, cosine = np.full(rows, -1, np.int32), np.zeros(rows, np.float32)
    dots = np.zeros(groups, np.float32)
    touched = np.empty(groups, np.int32)
    for row in range(rows):
        count = 0
        for place in range(starts[row], starts[row + 1]):
            bucket, weight = buckets[place], weights[place]
            begin = index_begin[bucket] if index_count[bucket] else 0
            for at in range(begin, begin + index_count[bucket]):
                group = index_group[at]
                if only_earlier and group >= row:
                    break
                if dots[group] == 0:
                    touched[count] = group
                    count += 1
                dots[group] += weight * index_weight[at] + np.float32(1e-12)
        for at in range(count):
            group = touched[at]
            if dots[group] > cosine[row] or (dots[group] == cosine[row] and group < nearest[row]):
                nearest[row], cosine[row] = group, dots[group]
            dots[group] = 0
    return nearest, cosine
