from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen.gram_table import choose_grams, find_grams, number_grams, pack_rows, unpack_rows
from canyu.listen.kernels import tagged
from canyu.listen.kernels.ngrams import EDGE
from canyu.listen.text import pack_texts

BITS = 8
WRAP = (1 << 64) - 1
TEXTS = st.lists(st.text("好坏车小米su7 !😀", max_size=40), max_size=6)
A1, B1, A2, P2, B2, A3, P3, Q3, B3 = (
    int(getattr(tagged, name)) for name in ("A1", "B1", "A2", "P2", "B2", "A3", "P3", "Q3", "B3")
)


def hash_plainly(text: str) -> list[int]:
    edge = int(EDGE)
    codes = [0, edge, *map(ord, text)]
    found = []
    for at in range(2, len(codes)):
        code, last, before = codes[at], codes[at - 1], codes[at - 2]
        found += [code * A1 + B1, code * A2 + last * P2 + B2, code * A3 + last * P3 + before * Q3 + B3]
    if text:
        last, before = codes[-1], codes[-2]
        found += [edge * A2 + last * P2 + B2, edge * A3 + last * P3 + before * Q3 + B3]
    return [number & WRAP for number in found]


@given(TEXTS)
def test_hashes_are_those_of_a_plain_loop(texts: list[str]) -> None:
    packed = pack_texts(pa.array(texts, pa.string()))
    hashes, starts = tagged.list_hashes(packed.codes, packed.offsets)
    assert [hashes[start:stop].tolist() for start, stop in pairwise(starts)] == [hash_plainly(text) for text in texts]


@given(TEXTS)
def test_sums_are_those_of_a_plain_loop_over_known_grams(texts: list[str]) -> None:
    packed = pack_texts(pa.array(["好车su7", "小米车坏", *texts], pa.string()))
    grams = number_grams(packed, np.arange(len(packed)), BITS)
    keys = grams.keys[choose_grams(grams, np.arange(grams.size, dtype=float)) - 1]
    weights = np.random.default_rng(len(keys)).integers(-127, 128, (len(keys), 7)).astype(np.int8)
    sums = tagged.sum_rows(packed.codes, packed.offsets, pack_rows(keys, weights, BITS), BITS)
    known = dict(zip(keys.tolist(), weights.astype(int), strict=True))
    for row, text in zip(sums, ["好车su7", "小米车坏", *texts], strict=True):
        wide = [number >> (64 - BITS - tagged.TAG_BITS) for number in hash_plainly(text)]
        assert (
            row[:7].tolist() == np.sum([known.get(key, np.zeros(7, int)) for key in wide], axis=0).tolist() or not wide
        )


def test_rows_come_back_as_they_were_packed() -> None:
    keys = np.array([5 << tagged.TAG_BITS | 3, 9 << tagged.TAG_BITS | 127, 200 << tagged.TAG_BITS], np.int64)
    weights = np.array([[1, -127, 0, 0, 127, 0, -1], [0, 0, 0, 0, 0, 0, 3], [-5] * 7], np.int8)
    found_keys, found = unpack_rows(pack_rows(keys, weights, BITS))
    assert found_keys.tolist() == keys.tolist()
    assert found.tolist() == weights.tolist()


def test_of_grams_that_share_a_slot_the_one_worth_most_is_kept() -> None:
    packed = pack_texts(pa.array(["".join(chr(0x4E00 + at) for at in range(600))] * 2))
    grams = number_grams(packed, np.arange(2), BITS)
    worth = np.random.default_rng(0).random(grams.size)
    chosen = choose_grams(grams, worth)
    slots = grams.keys >> tagged.TAG_BITS
    best = {
        slot: max(np.flatnonzero(slots == slot), key=lambda place: worth[place + 1]) + 1 for slot in np.unique(slots)
    }
    assert chosen.tolist() == sorted(best.values())


def test_a_gram_seen_once_is_not_numbered() -> None:
    packed = pack_texts(pa.array(["好", "好", "坏"]))
    grams = number_grams(packed, np.arange(3), 20)
    assert np.split(grams.numbers, grams.starts[1:-1])[2].tolist() == [0] * 5
    assert find_grams(packed, grams.keys, 20).numbers.tolist() == grams.numbers.tolist()


def test_a_long_text_sums_without_overflow() -> None:
    packed = pack_texts(pa.array(["好" * 300_000]))
    grams = number_grams(packed, np.arange(1), 18)
    rows = pack_rows(grams.keys, np.full((grams.keys.size, 7), 127, np.int8), 18)
    sums = tagged.sum_rows(packed.codes, packed.offsets, rows, 18)
    assert sums[0, :7].tolist() == [127 * int(sums[0, 7])] * 7
    assert sums[0, 7] >= 3 * (300_000 - 2)
