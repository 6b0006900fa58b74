"""Array code of storylines: phrases joined from their parts, and sentences compared with examples by hashed grams."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel
from canyu.listen.kernels.linking import make_room

BITS = 17  # of the table of grams: 128 KiB, which stays in a core's second cache
MAX_GAP = 16  # characters that a * may stand for
MAX_FINDS = 64  # of phrases in one text; later ones are not read
SHORT, LONG = 4, 12  # units: shorter sentences say too little to compare; longer ones also end at a comma
SINGLE = 0.5  # a character weighs half a pair of them
NO_END, WEAK_END, STRONG_END = 0, 1, 2

RAREST, SHARED = 127, 128
SLOTS = 2048  # of the memory that skips a gram's repetitions

Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float32]
Table = NDArray[np.uint8]


class Phrases(NamedTuple):
    """Phrases by their parts; ``by_last`` lists, per part, the phrases that end with it."""

    start: Ints  # (phrases + 1,)
    part: Ints
    label: Ints  # (phrases,)
    last_start: Ints  # (parts + 1,)
    by_last: Ints


class Examples(NamedTuple):
    """Examples as an inverted index over buckets of grams; rows of ``example``/``weight`` are unit vectors."""

    start: Ints  # (2^BITS + 1,)
    example: Ints
    weight: Floats
    label: Ints  # (examples,)
    table: Table  # (2^BITS,): how rare a gram is, 1 to RAREST; SHARED set where an example has it


@compile_kernel(None)
def find_end(codes: Ints, at: int, high: int) -> int:
    """Return whether a sentence (STRONG_END) or a clause (WEAK_END) ends with the character at ``at``."""
    code = codes[at]
    if code < 0x80:
        if code in (0x0A, 0x0D, 0x21, 0x3F, 0x3B):  # \n \r ! ? ;
            return STRONG_END
        if code == 0x2E:  # a point ends a sentence where no word or number goes on
            return STRONG_END if at + 1 >= high or codes[at + 1] <= 0x20 or codes[at + 1] >= 0x2E80 else NO_END
        return WEAK_END if code in (0x2C, 0x3A) else NO_END  # , :
    if code in (0x3002, 0x2026, 0xFF01, 0xFF1F, 0xFF1B):  # 。 … ！ ？ ；
        return STRONG_END
    return WEAK_END if code in (0xFF0C, 0x3001, 0xFF1A) else NO_END  # ， 、 ：


@compile_kernel(None)
def is_joined(codes: Ints, low: int, end: int, start: int, high: int) -> bool:
    """Whether at most MAX_GAP characters and no end of a sentence lie between two parts of a phrase."""
    if start < end or start - end > MAX_GAP:
        return False
    for at in range(low + end, low + start):  # noqa: SIM110 - compiled code knows no generators
        if find_end(codes, at, high) == STRONG_END:
            return False
    return True


@compile_kernel(None)
def join_parts(phrases: Phrases, hits: Ints, hit_start: Places, codes: Ints, offsets: Places) -> Ints:
    """Return the phrases found: text, start, end (within the text), label, -1; by text."""
    found = np.empty((256, 5), np.int32)
    count = 0
    for text in range(len(hit_start) - 1):
        low, high = offsets[text], offsets[text + 1]
        most = count + MAX_FINDS
        for me in range(hit_start[text], hit_start[text + 1]):
            last = hits[me, 3]
            for at in range(phrases.last_start[last], phrases.last_start[last + 1]):
                phrase = phrases.by_last[at]
                start = hits[me, 0]
                other = me
                part = phrases.start[phrase + 1] - 2
                while part >= phrases.start[phrase]:
                    other -= 1
                    stop = hit_start[text]
                    while other >= stop and not (
                        hits[other, 3] == phrases.part[part] and is_joined(codes, low, hits[other, 1], start, high)
                    ):
                        if hits[other, 1] < start - MAX_GAP:  # hits come by their end: none before is nearer
                            stop = other + 1
                        other -= 1
                    if other < stop:
                        break
                    start = hits[other, 0]
                    part -= 1
                if part < phrases.start[phrase] and count < most:
                    found = make_room(found, count, 1)
                    found[count, 0] = text
                    found[count, 1] = start
                    found[count, 2] = hits[me, 1]
                    found[count, 3] = phrases.label[phrase]
                    found[count, 4] = -1
                    count += 1
    return found[:count]


@compile_kernel(None)
def is_word_sign(code: int) -> bool:
    """Whether a code point is part of a word that is read as a whole: Latin letters and digits, as folded."""
    return 0x30 <= code <= 0x39 or 0x61 <= code <= 0x7A or 0xC0 <= code < 0x250


@compile_kernel(None)
def read_grams(codes: Ints, low: int, high: int, table: Table, buckets: Ints, weights: Floats) -> int:
    """Write bucket and weight of each unit (a character, or a Latin word) and pair of ``codes[low:high]``.

    A pair weighs no more than its two units do, so that rare pairs of common words do not decide. A bucket that the
    table does not mark as SHARED is written as ``~bucket``. Returns how many.
    """
    shift = np.uint64(64 - BITS)
    count = 0
    before, rare_before = np.uint64(0), np.int64(0)
    at = low
    while at < high:
        code = codes[at]
        at += 1
        unit = np.uint64(code)
        if 0x3400 <= code <= 0x9FFF:
            pass
        elif is_word_sign(code):
            while at < high and is_word_sign(codes[at]):
                unit = unit * np.uint64(1000003) + np.uint64(codes[at])
                at += 1
        elif not (0xA000 <= code < 0xD800 or 0x370 <= code < 0x2000):
            if code != 0x20:
                before = np.uint64(0)
            continue
        unit = (unit + np.uint64(0x51)) * np.uint64(0x9E3779B97F4A7C15)
        bucket = np.int64(unit >> shift)
        found = np.int64(table[bucket])
        rare = found & RAREST
        buckets[count] = bucket ^ ((found >> 7) - 1)
        weights[count] = np.float32(rare) * np.float32(SINGLE / RAREST)
        count += 1
        if before:
            bucket = np.int64((before * np.uint64(0xBF58476D1CE4E5B9) ^ unit) * np.uint64(0x94D049BB133111EB) >> shift)
            found = np.int64(table[bucket])
            buckets[count] = bucket ^ ((found >> 7) - 1)
            most = np.float32(rare + rare_before) * np.float32(0.6)
            weights[count] = min(np.float32(found & RAREST), most) * np.float32(1 / RAREST)
            count += 1
        before, rare_before = unit, rare
    return count


@compile_kernel(None)
def compare_sentences(examples: Examples, codes: Ints, offsets: Places, least: float) -> tuple[Ints, Floats]:
    """Return each sentence that is like an example: text, start, end, label, example; and how like, 0 to 1 (cosine)."""
    found, likes = np.empty((256, 5), np.int32), np.empty(256, np.float32)
    count, longest = 0, 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    buckets, weights = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.float32)
    dots, seen = np.zeros(len(examples.label), np.float32), np.zeros(SLOTS, np.int64)
    sentence = 0
    for text in range(len(offsets) - 1):
        low, high = offsets[text], offsets[text + 1]
        most = count + MAX_FINDS
        start = low
        for at in range(low, high):
            is_last = at == high - 1
            if not is_last and 0x3400 <= codes[at] <= 0x9FFF:
                continue
            end = find_end(codes, at, high)
            if not (is_last or end == STRONG_END or (end == WEAK_END and at - start >= LONG)):
                continue
            stop = at + 1
            if stop - start >= SHORT:
                grams = read_grams(codes, start, stop, examples.table, buckets, weights)
                sentence += 1
                grams, norm = keep_shared(buckets, weights, grams, seen, sentence, least)
                best, like = find_likest(examples, buckets, weights, grams, dots)
                like /= norm
                if like >= least and count < most:
                    found = make_room(found, count, 1)
                    if count >= len(likes):
                        more = np.empty(len(found), np.float32)
                        for old in range(count):
                            more[old] = likes[old]
                        likes = more
                    found[count, 0] = text
                    found[count, 1] = start - low
                    found[count, 2] = stop - low
                    found[count, 3] = examples.label[best]
                    found[count, 4] = best
                    likes[count] = like
                    count += 1
            start = stop
    return found[:count], likes[:count]


@compile_kernel(None, inline=True)
def keep_shared(
    buckets: Ints, weights: Floats, grams: int, seen: Places, sentence: int, least: float
) -> tuple[int, float]:
    """Keep the grams that examples have, each once; return how many, and the length of the sentence's vector.

    Keeps none where they are too small a part of the sentence for any example to be as like as ``least``.
    """
    norm, most = np.float32(0), np.float32(0)
    for gram in range(grams):
        square = weights[gram] * weights[gram]
        norm += square
        most += square if buckets[gram] >= 0 else np.float32(0)
    length = np.sqrt(max(norm, np.float32(1e-12)))
    if most < least * least * norm:  # too little even with every repetition: most sentences end here
        return 0, length
    shared, kept = np.float32(0), 0
    for gram in range(grams):
        weight, bucket = weights[gram], buckets[gram]
        mark = (np.int64(sentence) << BITS) | bucket
        if bucket >= 0 and seen[bucket & (SLOTS - 1)] != mark:
            seen[bucket & (SLOTS - 1)] = mark
            shared += weight * weight
            buckets[kept], weights[kept] = bucket, weight
            kept += 1
    return kept if shared >= least * least * norm else 0, length


@compile_kernel(None)
def find_likest(examples: Examples, buckets: Ints, weights: Floats, grams: int, dots: Floats) -> tuple[int, np.float32]:
    """Return the example most like the grams, and their product with it; ``dots`` is left all zero."""
    best, most = 0, np.float32(0)
    for gram in range(grams):
        weight, bucket = weights[gram], buckets[gram]
        for at in range(examples.start[bucket], examples.start[bucket + 1]):
            example = examples.example[at]
            dots[example] += weight * examples.weight[at]
            if dots[example] > most:
                best, most = example, dots[example]
    for gram in range(grams):
        bucket = buckets[gram]
        for at in range(examples.start[bucket], examples.start[bucket + 1]):
            dots[examples.example[at]] = 0
    return best, most


@compile_kernel(None)
def count_texts(codes: Ints, offsets: Places) -> Places:
    """Return in how many texts each bucket of grams occurs, int64, shape (2^BITS,)."""
    counts, last = np.zeros(1 << BITS, np.int64), np.full(1 << BITS, -1, np.int64)
    ones = np.full(1 << BITS, SHARED + 1, np.uint8)
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    buckets, weights = np.empty(2 * longest + 2, np.int32), np.empty(2 * longest + 2, np.float32)
    for text in range(len(offsets) - 1):
        grams = read_grams(codes, offsets[text], offsets[text + 1], ones, buckets, weights)
        for gram in range(grams):
            if last[buckets[gram]] != text:
                last[buckets[gram]] = text
                counts[buckets[gram]] += 1
    return counts
