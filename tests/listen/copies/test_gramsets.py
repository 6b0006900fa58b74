"""Sets of grams against Python's own sets, and the quick look that must never lose a copy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.listen import pack_texts
from canyu.listen.kernels.gramsets import compare_texts, count_bits, make_sets, mark_grams, may_be_alike

TEXTS = st.text(alphabet="续航真香不买了吗", min_size=3, max_size=80)


def list_grams(text: str, gram: int) -> set[str]:
    return {text[at : at + gram] for at in range(len(text) - gram + 1)}


@pytest.mark.parametrize("gram", [2, 3])
@given(left=TEXTS, right=TEXTS, kept=st.integers(0, 80), least=st.sampled_from([0.1, 0.38, 0.44, 0.9]))
def test_index_is_that_of_the_sets_or_nothing_below_what_is_asked(
    gram: int, left: str, right: str, kept: int, least: float
) -> None:
    right = left[:kept] + right
    one, other = list_grams(left, gram), list_grams(right, gram)
    index = len(one & other) / len(one | other)
    packed = pack_texts(pa.array([left, right]))
    sets = make_sets(2, len(packed.codes))
    found = compare_texts(packed.codes, packed.offsets, 0, 1, gram, sets, least, 0.0)
    assert found == (pytest.approx(index) if index >= least else 0.0)
    again = compare_texts(packed.codes, packed.offsets, 1, 0, gram, sets, least, 0.0)
    assert again == found


@given(left=TEXTS, right=TEXTS, kept=st.integers(0, 80))
def test_the_quick_look_never_says_no_to_texts_that_are_alike(left: str, right: str, kept: int) -> None:
    right = left[:kept] + right
    one, other = list_grams(left, 3), list_grams(right, 3)
    packed = pack_texts(pa.array([left, right]))
    sets = make_sets(2, len(packed.codes))
    for text in range(2):
        mark_grams(packed.codes, packed.offsets, text, 3, sets)
    assert may_be_alike(packed.offsets, 0, 1, 3, sets, len(one & other) / len(one | other), 0.0)


def test_the_quick_look_ends_most_comparisons_of_unlike_texts() -> None:
    rng = np.random.default_rng(1)
    texts = ["".join(map(chr, rng.integers(0x4E00, 0x6E00, 40))) for _ in range(200)]
    packed = pack_texts(pa.array(texts))
    sets = make_sets(200, len(packed.codes))
    for text in range(1, 200):
        compare_texts(packed.codes, packed.offsets, 0, text, 3, sets, 0.44, 0.0)
    assert np.count_nonzero(sets.sizes >= 0) <= 2


@given(st.integers(0, 2**64 - 1))
def test_bits_are_counted(word: int) -> None:
    assert count_bits(np.uint64(word)) == word.bit_count()
