from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.kit.hanzi import SIMPLIFIED, TRADITIONAL
from canyu.listen.folds import get_fold_table
from canyu.listen.kernels.utf8 import ROOM, decode_texts
from canyu.listen.text import pack_texts

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=12)
HAN = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))


def fold_plainly(text: str) -> list[int]:
    folded = []
    for char in text:
        if "！" <= char <= "～" or char == "\u3000":
            char = unicodedata.normalize("NFKC", char)
        if ord(char) < 0x10000 and len(char.lower()) == 1:
            char = char.lower()
        folded.append(ord(HAN.get(char, char)))
    return folded


@given(TEXTS)
def test_packing_folds_each_code_point_as_a_plain_loop_does(texts: list[str | None]) -> None:
    packed = pack_texts(pa.array(texts, pa.string()))
    plain = [fold_plainly(text or "") for text in texts]
    assert packed.codes.tolist() == [code for text in plain for code in text]
    assert packed.offsets.tolist() == [0, *np.cumsum([len(text) for text in plain]).tolist()]


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_bytes_that_are_no_utf8_stay_within_bounds(data: bytes, cuts: list[int]) -> None:
    signed = np.frombuffer(data, np.int8)
    starts = np.array([0, *sorted(min(cut, len(data)) for cut in cuts), len(data)])
    out = np.full(len(data) + 2, -7, np.int32)
    offsets = decode_texts(signed, starts, get_fold_table(), out)
    begun = np.concatenate([[0], np.cumsum(signed >= -64)])
    assert offsets.tolist() == begun[starts].tolist()
    assert out[-1] == -7


@pytest.mark.parametrize("length", [ROOM - 4, ROOM - 3, ROOM - 2, ROOM - 1, ROOM, ROOM + 1, 3 * ROOM])
@pytest.mark.parametrize("char", ["a", "é", "车", "😀"])
def test_code_points_across_blocks_are_read_whole(char: str, length: int) -> None:
    texts = ["a" * length, char * 3, "", char * ROOM, "b"]
    packed = pack_texts(pa.array(texts))
    assert packed.codes.tolist() == [ord(one) for text in texts for one in text]
    assert packed.offsets.tolist() == [0, *np.cumsum([len(text) for text in texts]).tolist()]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["车", None], pa.large_string()),
        pa.array(["车", None], pa.string_view()),
        pa.array(["车", None]).dictionary_encode(),
        pa.chunked_array([["车"], [None]], pa.string()),
        pa.array(["x", "车", None, "y"])[1:3],
    ],
)
def test_every_kind_of_text_column_packs_alike(column: pa.Array) -> None:
    packed = pack_texts(column)
    assert packed.offsets.tolist() == [0, 1, 1]
    assert packed.codes.tolist() == [ord("车")]


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.nulls(2), pa.array(["", ""])])
def test_nothing_packs_to_nothing(column: pa.Array) -> None:
    packed = pack_texts(column)
    assert len(packed) == len(column)
    assert packed.codes.size == 0


def test_a_column_of_numbers_is_refused() -> None:
    with pytest.raises(BadInput, match="int64, not text"):
        pack_texts(pa.array([1, 2]))


def test_the_fold_is_stable_and_one_to_one_in_length() -> None:
    fold = get_fold_table()
    assert np.array_equal(fold[fold], fold)
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＳＵ７　Ｕｌｔｒａ", "su7 ultra"),
        ("電動車續航", "电动车续航"),
        ("İ", "İ"),
        ("！？～", "!?~"),
        ("後裡麼", "后里么"),
    ],
)
def test_folding_by_example(text: str, folded: str) -> None:
    assert "".join(map(chr, pack_texts(pa.array([text])).codes)) == folded
