from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.listen.corpora import NEGATIVE, NEUTRAL, NOT_NEGATIVE, POSITIVE, TEST, UNKNOWN, Corpus, split_texts
from canyu.listen.emotion import EMOTIONS
from canyu.listen.gram_table import number_grams
from canyu.listen.sentiment import SENTIMENTS
from canyu.listen.text import pack_texts
from canyu.listen.training import (
    ONE_SIDED_WEIGHT,
    Trainer,
    TrainSettings,
    _draw_folds,
    _score_out_of_fold,
    build_tasks,
    train_moods,
    write_model,
)

WORDS = {NEGATIVE: "太差失望坏了退货", NEUTRAL: "请问多少公里几点", POSITIVE: "喜欢满意好看推荐"}
FEELINGS = {NEGATIVE: "angry", NEUTRAL: "neutral", POSITIVE: "happy"}
SETTINGS = TrainSettings(bits=12, epochs=4, folds=2)


def make_corpus(texts: int = 400, kinds: tuple[int, ...] = (NEGATIVE, NEUTRAL, POSITIVE)) -> Corpus:
    rng = np.random.default_rng(1)
    labels = np.array([kinds[at % len(kinds)] for at in range(texts)], np.int8)
    filler = "的车子手机今天这个那里一二三四五六七八九十上下左右前后"
    lines = [
        "".join(rng.choice(list(filler), 10)) + "".join(rng.choice(list(WORDS[int(label)]), 4)) for label in labels
    ]
    column = pa.array(lines, pa.large_string())
    packed = pack_texts(column)
    none = np.zeros(texts, np.int8)
    emotions = np.array([EMOTIONS.index(FEELINGS[int(label)]) for label in labels], np.int8)
    return Corpus(("mine",), column, packed, labels, none, split_texts(packed), emotions, none)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    corpus = make_corpus()
    for folder in ("a", "b"):
        write_model(tmp_path / folder / "mood-1", train_moods(corpus, SETTINGS), SETTINGS)
    first, second = ((tmp_path / folder / "mood-1" / "weights.npz").read_bytes() for folder in "ab")
    other = write_model(tmp_path / "mood-1", train_moods(corpus, replace(SETTINGS, seed=8)), SETTINGS)
    assert first == second
    assert (tmp_path / "mood-1" / "weights.npz").read_bytes() != first
    assert other.version.startswith("mood-1+")


def test_what_was_taught_is_known(tmp_path: Path) -> None:
    model = write_model(tmp_path / "mood-1", train_moods(make_corpus(), SETTINGS), SETTINGS)
    moods = model.read(pack_texts(pa.array(["今天失望退货", "请问几点多少公里", "喜欢好看推荐"])))
    assert [SENTIMENTS[place] for place in moods.sentiments.argmax(axis=1)] == ["negative", "neutral", "positive"]
    assert [EMOTIONS[place] for place in moods.emotions.argmax(axis=1)] == ["angry", "neutral", "happy"]


def test_the_test_part_is_not_learnt_from() -> None:
    corpus = make_corpus()
    held = corpus.parts == TEST
    swapped = np.where(held, 2 - corpus.labels, corpus.labels).astype(np.int8)
    emotions = np.where(held, 2, corpus.emotions).astype(np.int8)
    whole = train_moods(corpus, SETTINGS)
    other = train_moods(replace(corpus, labels=swapped, emotions=emotions), SETTINGS)
    assert {name: array.tobytes() for name, array in whole.items()} == {n: a.tobytes() for n, a in other.items()}


def test_a_source_that_hides_its_neutral_texts_says_nothing_of_neutrality() -> None:
    corpus = replace(make_corpus(4), labels=np.array([NEGATIVE, NOT_NEGATIVE, NEGATIVE, NOT_NEGATIVE], np.int8))
    polarity, neutrality = build_tasks(corpus)
    assert polarity.y.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert np.isnan(neutrality.y).all()


def test_a_text_without_a_label_answers_neither_question() -> None:
    corpus = replace(make_corpus(3), labels=np.array([NEGATIVE, UNKNOWN, NEUTRAL], np.int8))
    assert [np.isnan(task.y).tolist() for task in build_tasks(corpus)] == [[False, True, True], [False, True, False]]


def test_a_source_without_neutral_texts_weighs_little_in_neutrality() -> None:
    corpus = make_corpus(6)
    sources = np.array([0, 0, 0, 1, 1, 1], np.int8)
    labels = np.array([NEGATIVE, NEUTRAL, POSITIVE, NEGATIVE, POSITIVE, POSITIVE], np.int8)
    _, neutrality = build_tasks(replace(corpus, names=("a", "b"), sources=sources, labels=labels))
    assert neutrality.weights.tolist() == [1.0] * 3 + [ONE_SIDED_WEIGHT] * 3


def test_texts_of_one_label_are_refused() -> None:
    with pytest.raises(BadInput, match="lack one of the labels"):
        train_moods(make_corpus(40, (POSITIVE,)), SETTINGS)


def test_a_texts_score_for_calibration_knows_nothing_of_its_folds_labels() -> None:
    corpus = make_corpus()
    trainer = Trainer(corpus, SETTINGS)
    every = number_grams(corpus.packed, trainer.learnable, 6)  # few rows: which grams get one matters
    folds = _draw_folds(trainer)
    mine = folds == 0
    labels = np.where(mine, 2 - corpus.labels, corpus.labels).astype(np.int8)
    emotions = np.where(mine, 2, corpus.emotions).astype(np.int8)
    other = _score_out_of_fold(Trainer(replace(corpus, labels=labels, emotions=emotions), SETTINGS), every)
    scores = _score_out_of_fold(trainer, every)
    assert np.array_equal(scores[mine], other[mine])
    assert not np.array_equal(scores[~mine], other[~mine])
