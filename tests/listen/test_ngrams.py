from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen.kernels import ngrams as kernel
from canyu.listen.text import pack_texts

BITS = 10
WRAP = (1 << 64) - 1
TEXTS = st.lists(st.text("好坏车小米su7 !😀", max_size=40), max_size=6)
TABLE = np.random.default_rng(3).integers(-(1 << 15), 1 << 15, 1 << BITS).astype(np.int16)


def hash_plainly(*codes: int) -> int:
    keys = {1: "A1 B1", 2: "A2 P2 B2", 3: "A3 P3 Q3 B3"}[len(codes)].split()
    *factors, constant = (int(getattr(kernel, key)) for key in keys)
    return ((sum(code * factor for code, factor in zip(codes, factors, strict=True)) + constant) & WRAP) >> (64 - BITS)


def list_buckets(text: list[int]) -> list[int]:
    edge = int(kernel.EDGE)
    seen: dict[int, int] = {}
    found = []
    for at, code in enumerate([*text, edge] if text else []):
        last = text[at - 1] if at else edge
        before = text[at - 2] if at > 1 else edge
        grams = [(code,)] if at < len(text) else []
        grams += [(code, last)] + ([(code, last, before)] if at else [])
        for gram in grams:
            bucket = hash_plainly(*gram)
            if seen.get(bucket % kernel.SLOTS) != bucket:
                found.append(bucket)
            seen[bucket % kernel.SLOTS] = bucket
    return found


@given(TEXTS)
def test_buckets_are_those_of_a_plain_loop(texts: list[str]) -> None:
    packed = pack_texts(pa.array(texts, pa.string()))
    buckets, starts = kernel.hash_grams(packed.codes, packed.offsets, BITS)
    plain = [list_buckets([ord(char) for char in text]) for text in texts]
    assert [buckets[start:stop].tolist() for start, stop in pairwise(starts)] == plain


@given(TEXTS)
def test_sums_are_those_of_a_plain_loop(texts: list[str]) -> None:
    packed = pack_texts(pa.array(texts, pa.string()))
    sums = kernel.sum_weights(packed.codes, packed.offsets, TABLE, BITS)
    for row, text in zip(sums.tolist(), texts, strict=True):
        pairs = [int(TABLE[bucket]) for bucket in list_buckets([ord(char) for char in text])]
        low = sum(int(np.int16(pair).astype(np.int8)) for pair in pairs)
        assert row == [low, sum(pair >> 8 for pair in pairs), len(pairs)]


def test_a_repeated_gram_counts_once() -> None:
    packed = pack_texts(pa.array(["好好好好好好", "好"]))
    _, starts = kernel.hash_grams(packed.codes, packed.offsets, 20)
    assert np.diff(starts).tolist() == [7, 4]  # 好; ^好 好好 好$; ^好好 好好好 好好$ — and 好; ^好 好$; ^好$


def test_a_long_text_sums_without_overflow() -> None:
    packed = pack_texts(pa.array(["".join(chr(0x4E00 + at % 20_000) for at in range(300_000))]))
    table = np.full(1 << 20, (127 << 8) | 127, np.int16)
    sums = kernel.sum_weights(packed.codes, packed.offsets, table, 20)
    assert sums[0, 0] == sums[0, 1] == 127 * sums[0, 2]
    assert math.isclose(sums[0, 2], 900_000, rel_tol=0.2)
