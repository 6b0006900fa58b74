from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.corpora import NEGATIVE, NEUTRAL, NOT_NEGATIVE, POSITIVE, Corpus, split_texts
from canyu.listen.sentiment import SENTIMENTS
from canyu.listen.text import pack_texts
from canyu.listen.training import (
    ONE_SIDED_WEIGHT,
    TrainSettings,
    build_tasks,
    pack_heads,
    train_polarity,
    train_sentiment,
    write_model,
)

WORDS = {NEGATIVE: "太差失望坏了退货", NEUTRAL: "请问多少公里几点", POSITIVE: "喜欢满意好看推荐"}
SETTINGS = TrainSettings(bits=12, epochs=4)


def make_corpus(texts: int = 400, kinds: tuple[int, ...] = (NEGATIVE, NEUTRAL, POSITIVE)) -> Corpus:
    rng = np.random.default_rng(1)
    labels = np.array([kinds[at % len(kinds)] for at in range(texts)], np.int8)
    filler = "的车子手机今天这个那里一二三四五六七八九十上下左右前后"
    lines = [
        "".join(rng.choice(list(filler), 10)) + "".join(rng.choice(list(WORDS[int(label)]), 4)) for label in labels
    ]
    column = pa.array(lines, pa.large_string())
    packed = pack_texts(column)
    return Corpus(("mine",), column, packed, labels, np.zeros(texts, np.int8), split_texts(packed))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    corpus = make_corpus()
    for folder in ("a", "b"):
        write_model(tmp_path / folder / "mood-1", train_sentiment(corpus, SETTINGS), SETTINGS)
    first, second = ((tmp_path / folder / "mood-1" / "weights.npz").read_bytes() for folder in "ab")
    other = write_model(tmp_path / "mood-1", train_sentiment(corpus, replace(SETTINGS, seed=8)), SETTINGS)
    assert first == second
    assert (tmp_path / "mood-1" / "weights.npz").read_bytes() != first
    assert other.version.startswith("mood-1+")


def test_what_was_taught_is_known(tmp_path: Path) -> None:
    model = write_model(tmp_path / "mood-1", train_sentiment(make_corpus(), SETTINGS), SETTINGS)
    found = model.predict(pack_texts(pa.array(["今天失望退货", "请问几点多少公里", "喜欢好看推荐"]))).argmax(axis=1)
    assert [SENTIMENTS[place] for place in found] == ["negative", "neutral", "positive"]


def test_without_neutral_texts_neutral_is_never_said(tmp_path: Path) -> None:
    heads = train_polarity(make_corpus(kinds=(NEGATIVE, POSITIVE)), SETTINGS)
    model = write_model(tmp_path / "mood-1", heads, SETTINGS)
    assert model.predict(pack_texts(pa.array(["请问几点", "喜欢"])))[:, 1].max() < 1e-8


def test_the_test_part_is_not_learnt_from() -> None:
    corpus = make_corpus()
    kept = corpus.select(np.flatnonzero(corpus.parts != 0))
    whole, less = (pack_heads(train_sentiment(one, SETTINGS)) for one in (corpus, kept))
    assert {name: array.tobytes() for name, array in whole.items()} == {n: a.tobytes() for n, a in less.items()}


def test_a_source_that_hides_its_neutral_texts_says_nothing_of_neutrality() -> None:
    corpus = replace(make_corpus(4), labels=np.array([NEGATIVE, NOT_NEGATIVE, NEGATIVE, NOT_NEGATIVE], np.int8))
    polarity, neutrality = build_tasks(corpus)
    assert polarity.y.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert np.isnan(neutrality.y).all()


def test_a_source_without_neutral_texts_weighs_little_in_neutrality() -> None:
    corpus = make_corpus(6)
    sources = np.array([0, 0, 0, 1, 1, 1], np.int8)
    labels = np.array([NEGATIVE, NEUTRAL, POSITIVE, NEGATIVE, POSITIVE, POSITIVE], np.int8)
    _, neutrality = build_tasks(replace(corpus, names=("a", "b"), sources=sources, labels=labels))
    assert neutrality.weights.tolist() == [1.0] * 3 + [ONE_SIDED_WEIGHT] * 3


def test_weights_are_rounded_to_int8_and_both_fit_one_bucket() -> None:
    heads = train_sentiment(make_corpus(), SETTINGS)
    table = pack_heads(heads)["table"]
    for head, column in zip(heads, (table.astype(np.int8), table >> 8), strict=True):
        used = np.abs(head.weights) > np.abs(head.weights).max() / 10
        assert np.array_equal(np.sign(column[used]), np.sign(head.weights[used]))
        assert np.abs(column).max() == 127


def test_texts_of_one_label_are_refused() -> None:
    with pytest.raises(BadInput, match="lack one of the labels"):
        train_polarity(make_corpus(40, (POSITIVE,)), SETTINGS)
