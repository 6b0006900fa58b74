"""Terms of a lexicon in folded text: a table of their first two characters finds them, the longest wins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from canyu.kit.compiled import compile_kernel

MAX_CLAUSES = 256  # a post's later clauses count as one
MAX_TERMS = 512  # of one post; later ones are not read
NEGATIONS = (0x4E0D, 0x6CA1, 0x65E0, 0x672A, 0x522B)  # 不 没 无 未 别
REACH = 2  # characters before a term in which a negation turns its tone

Ints = NDArray[np.int32]


class Lexicon(NamedTuple):
    """Terms by their first two code points: ``slot_*`` is a hash table to ranges of terms, the longest first."""

    slot_key: NDArray[np.int64]
    slot_first: Ints
    slot_size: Ints
    text: Ints  # all terms, one after another
    at: Ints  # (terms + 1,)
    use_start: Ints  # (terms + 1,)
    use_aspect: Ints
    use_kind: NDArray[np.uint8]  # STRONG or WEAK
    use_tone: NDArray[np.int8]  # what the term itself says: -1, 0 or 1


@compile_kernel(types.boolean(types.int32))
def is_clause_end(code: int) -> bool:
    """Whether a clause ends with this code point, as folded."""
    if 0x3400 <= code < 0xF900:  # nearly all characters there are
        return False
    if code < 0x80:
        return code in (0x0A, 0x0D, 0x2C, 0x21, 0x3F, 0x3B, 0x7E)  # \n \r , ! ? ; ~
    return code in (0x3002, 0x2026, 0xFF0C, 0xFF01, 0xFF1F, 0xFF1B, 0x3001, 0xFF5E)  # 。 … ， ！ ？ ； 、 ～


@compile_kernel(None)
def is_latin(code: int) -> bool:
    """Whether a code point is an ASCII letter or digit, as folded."""
    return 0x30 <= code <= 0x39 or 0x61 <= code <= 0x7A


@compile_kernel(None)
def match_term(lexicon: Lexicon, codes: Ints, at: int, low: int, high: int) -> int:
    """Return the longest term that stands at ``at`` and is not cut out of a Latin word, or -1."""
    if at + 1 >= high:
        return -1
    key = np.int64(codes[at]) * 0x110000 + codes[at + 1]
    mask = lexicon.slot_key.size - 1
    slot = (key * np.int64(0x9E3779B1)) >> 9 & mask
    while lexicon.slot_key[slot] != key:
        if lexicon.slot_key[slot] < 0:
            return -1
        slot = (slot + 1) & mask
    first = lexicon.slot_first[slot]
    for term in range(first, first + lexicon.slot_size[slot]):
        start, stop = lexicon.at[term], lexicon.at[term + 1]
        end = at + stop - start
        if end > high:
            continue
        same = True
        for step in range(2, stop - start):
            if codes[at + step] != lexicon.text[start + step]:
                same = False
                break
        if not same:
            continue
        if is_latin(codes[at]) and at > low and is_latin(codes[at - 1]):
            continue
        if is_latin(codes[end - 1]) and end < high and is_latin(codes[end]):
            continue
        return int(term)
    return -1


@compile_kernel(None, inline=True)
def find_terms(lexicon: Lexicon, codes: Ints, low: int, high: int, terms: Ints) -> int:
    """Write (start, end, term, clause) of the terms of one post, leftmost longest first; return how many."""
    found = clause = 0
    at = low
    keys = lexicon.slot_key
    mask = keys.size - 1
    while at < high and found < MAX_TERMS:
        term = -1
        if at + 1 < high:  # most pairs of characters begin no term: a look here is cheaper than a call
            key = np.int64(codes[at]) * 0x110000 + codes[at + 1]
            if keys[(key * np.int64(0x9E3779B1)) >> 9 & mask] >= 0:
                term = match_term(lexicon, codes, at, low, high)
        if term < 0:
            if is_clause_end(codes[at]) and clause < MAX_CLAUSES - 1:
                clause += 1
            at += 1
            continue
        end = at + lexicon.at[term + 1] - lexicon.at[term]
        terms[found, 0] = at - low
        terms[found, 1] = end - low
        terms[found, 2] = term
        terms[found, 3] = clause
        found += 1
        at = end
    return found


@compile_kernel(None)
def is_negated(codes: Ints, start: int, low: int) -> bool:
    """Whether a negation stands within REACH characters before ``start``, in the same clause."""
    at = start - 1
    while at >= max(low, start - REACH):
        code = codes[at]
        if is_clause_end(code):
            return False
        if code in NEGATIONS:
            return True
        at -= 1
    return False
