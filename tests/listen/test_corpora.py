from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import NotFound
from canyu.listen.corpora import NEGATIVE, NEUTRAL, POSITIVE, SOURCES, Source, load_corpus, split_texts
from canyu.listen.kernels.copies import find_copies
from canyu.listen.text import pack_texts

LONG = "这家酒店的位置很好，离地铁站只有五分钟，房间干净，早餐丰富，服务员态度也热情"


def find_groups(texts: list[str]) -> list[int]:
    packed = pack_texts(pa.array(texts, pa.string()))
    return find_copies(packed.codes, packed.offsets).tolist()


def test_copies_with_other_marks_are_one_group() -> None:
    assert find_groups([LONG, "完全不同的一句话", LONG.replace("，", "! ") + "!!!", "x" + LONG]) == [0, 1, 0, 0]


def test_short_texts_are_copies_only_when_equal() -> None:
    assert find_groups(["很好", "很差", "很好！", "好"]) == [0, 1, 0, 3]


def test_copies_of_copies_are_one_group() -> None:
    far = LONG[4:] + "下次还会再来住"
    assert find_groups([LONG, far, LONG[2:] + "下次还会"]) == [0, 0, 0]


@given(st.lists(st.text("好坏车米很不的了是", max_size=12), max_size=12), st.randoms())
def test_the_split_does_not_depend_on_the_order(texts: list[str], random: object) -> None:
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    parts = split_texts(pack_texts(pa.array(texts, pa.string())))
    mixed = split_texts(pack_texts(pa.array([texts[at] for at in order], pa.string())))
    assert mixed.tolist() == parts[np.array(order, int)].tolist()


def write_source(folder: Path, rows: list[tuple[str | None, str]]) -> Source:
    (folder / "mine").mkdir()
    texts, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"t": texts, "l": labels}), folder / "mine" / "x.parquet")
    return Source("mine", "x.parquet", "t", "l", lambda label: {"-": NEGATIVE, "0": NEUTRAL, "+": POSITIVE}[str(label)])


def test_labels_of_one_text_merge_or_drop_it(tmp_path: Path) -> None:
    rows = [("甲", "+"), ("甲", "0"), ("乙", "+"), ("乙", "-"), ("丙", "0"), (" 丙 ", "0"), (None, "+"), ("", "-")]
    corpus = load_corpus(tmp_path, (write_source(tmp_path, rows),))
    assert corpus.texts.to_pylist() == ["甲", "丙"]
    assert corpus.labels.tolist() == [POSITIVE, NEUTRAL]


def test_selecting_rows_keeps_their_sides(tmp_path: Path) -> None:
    corpus = load_corpus(tmp_path, (write_source(tmp_path, [(f"文本{at}号车", "+-"[at % 2]) for at in range(40)]),))
    some = corpus.select(np.array([3, 17, 5]))
    assert some.texts.to_pylist() == ["文本3号车", "文本17号车", "文本5号车"]
    assert some.parts.tolist() == corpus.parts[[3, 17, 5]].tolist()


def test_a_missing_source_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"online_shopping_10_cats/reviews\.parquet"):
        load_corpus(tmp_path, SOURCES[:1])
