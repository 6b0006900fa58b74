"""From the words of the taxonomy to the arrays that the kernel matches by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from canyu.listen.aspects.taxonomy import Taxonomy
from canyu.listen.kernels.aspects import STRONG, WEAK
from canyu.listen.kernels.terms import Lexicon
from canyu.listen.text import pack_texts

PLANES = 0x110000
Use = tuple[int, int, int]  # aspect, STRONG or WEAK, tone


def compile_lexicon(taxonomy: Taxonomy) -> Lexicon:
    """Return the terms of all aspects, folded as texts are; a term of several aspects is one with several uses."""
    uses = _list_uses(taxonomy)
    packed = pack_texts(pa.array(list(uses), pa.large_string()))
    terms = [tuple(packed.codes[a:b].tolist()) for a, b in zip(packed.offsets, packed.offsets[1:], strict=False)]
    merged: dict[tuple[int, ...], dict[int, Use]] = {}
    for term, given in zip(terms, uses.values(), strict=True):
        merged.setdefault(term, {}).update(given)
    order = sorted(merged, key=lambda term: (term[:2], -len(term), term))
    listed = [sorted(merged[term].values()) for term in order]
    flat = np.array([use for given in listed for use in given], np.int64).reshape(-1, 3)
    slots = _fill_slots(order)
    return Lexicon(
        *slots,
        np.array([code for term in order for code in term], np.int32),
        np.concatenate([[0], np.cumsum([len(term) for term in order])]).astype(np.int32),
        np.concatenate([[0], np.cumsum([len(given) for given in listed])]).astype(np.int32),
        flat[:, 0].astype(np.int32),
        flat[:, 1].astype(np.uint8),
        flat[:, 2].astype(np.int8),
    )


def _list_uses(taxonomy: Taxonomy) -> dict[str, dict[int, Use]]:
    """Return the uses of each word by aspect; good and bad count over terms, and terms over weak ones."""
    uses: dict[str, dict[int, Use]] = {}
    for number, aspect in enumerate(taxonomy.aspects):
        lists = ((aspect.weak, WEAK, 0), (aspect.terms, STRONG, 0), (aspect.good, STRONG, 1), (aspect.bad, STRONG, -1))
        for words, kind, tone in lists:
            for word in words:
                known = uses.setdefault(word, {}).get(number)
                strength = max(kind, known[1]) if known and tone == 0 else kind
                weak_tone = tone != 0 and word in aspect.weak
                uses[word][number] = (number, WEAK if weak_tone else strength, tone)
    return uses


def _fill_slots(order: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the hash table from the first two code points to a range of ``order``, as the kernel looks them up."""
    ranges: dict[int, list[int]] = {}
    for number, term in enumerate(order):
        ranges.setdefault(term[0] * PLANES + term[1], []).append(number)
    size = 1 << (4 * len(ranges)).bit_length()
    keys, first, count = np.full(size, -1, np.int64), np.zeros(size, np.int32), np.zeros(size, np.int32)
    for key, numbers in ranges.items():
        slot = ((key * 0x9E3779B1 & (1 << 64) - 1) >> 9) & size - 1
        while keys[slot] >= 0:
            slot = (slot + 1) & size - 1
        keys[slot], first[slot], count[slot] = key, numbers[0], len(numbers)
    return keys, first, count
