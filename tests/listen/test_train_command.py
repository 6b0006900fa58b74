from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from canyu.commands.train import TRAINERS, command, load_trainer
from canyu.kit.errors import NotFound
from canyu.listen.corpora import (
    ASIDE,
    NEGATIVE,
    NEUTRAL,
    NOT_NEGATIVE,
    POSITIVE,
    SOURCES,
    TALK,
    TRAIN,
    load_corpus,
    read_talk,
)
from canyu.listen.emoji_tags import TAGGED, TAGGED_FILE
from canyu.listen.emotion import EMOTIONS
from canyu.listen.plain_news import NEWS, NEWS_FILE, read_news
from canyu.listen.sentiment import read_model
from canyu.listen.training import NEWS_WEIGHT, build_tasks

LABELS: dict[str, dict[Any, int]] = {
    "online_shopping_10_cats": {0: NEGATIVE, 1: POSITIVE},
    "chnsenticorp_hotel": {0: NEGATIVE, 1: POSITIVE},
    "weibo2018_sentiment": {0: NEGATIVE, 1: NOT_NEGATIVE},
    "bdci_auto_absa": {-1: NEGATIVE, 0: NEUTRAL, 1: POSITIVE},
    "smp2020_ewect": {"happy": POSITIVE, "angry": NEGATIVE, "neutral": NEUTRAL, "surprise": -1},
    "zh_product_absa": {"Positive": POSITIVE, "Negative": NEGATIVE},
    "cosmetics_opinion_mining": {"正面": POSITIVE, "负面": NEGATIVE, "中性": NEUTRAL},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder shaped like the public sets, with sixty made-up texts each."""
    words = {NEGATIVE: "太差失望", NEUTRAL: "请问多少", POSITIVE: "喜欢满意", NOT_NEGATIVE: "今天很好", -1: "竟然"}
    for source in SOURCES:
        kinds = list(LABELS[source.name].items())
        rows = [kinds[at % len(kinds)] for at in range(60)]
        letters = np.random.default_rng(len(source.name)).integers(0x4E00, 0x9000, (60, 8))
        texts = ["".join(map(chr, line)) + words[kind] for line, (_, kind) in zip(letters, rows, strict=True)]
        columns = {source.text: texts, source.label: [label for label, _ in rows], "domain": ["car"] * 60}
        (tmp_path / "data" / source.name).mkdir(parents=True)
        pq.write_table(pa.table(columns), tmp_path / "data" / source.name / source.file)
    (tmp_path / "data" / TAGGED).mkdir()
    posts = ["".join(map(chr, line)) + ["[怒]", "[泪]", "[哈哈]"][at % 3] for at, line in enumerate(letters)]
    pq.write_table(pa.table({"text": [*posts, None, "没有表情"]}), tmp_path / "data" / TAGGED / TAGGED_FILE)
    (tmp_path / "data" / NEWS).mkdir()
    letters = np.random.default_rng(0).integers(0x4E00, 0x9000, (60, 18))
    told = ["".join(map(chr, line)) + "一" * at * 3 for at, line in enumerate(letters)]
    pq.write_table(pa.table({"description": [*told, None, "太短"]}), tmp_path / "data" / NEWS / NEWS_FILE)
    return tmp_path / "data"


def test_training_writes_weights_settings_and_figures(data: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--data", str(data), "--out", str(tmp_path / "mood-1"), "--seed", "3"])
    assert result.exit_code == 0, result.output
    model = read_model(tmp_path / "mood-1" / "weights.npz")
    figures = json.loads((tmp_path / "mood-1" / "figures.json").read_text("utf-8"))
    assert json.loads((tmp_path / "mood-1" / "settings.json").read_text("utf-8"))["seed"] == 3
    assert figures["version"] == model.version
    assert {line["source"] for line in figures["figures"]} == set(LABELS)
    assert f"{model.version}\t" in result.stdout


def test_each_source_is_read_by_the_meaning_of_its_labels(data: Path) -> None:
    corpus = load_corpus(data)
    for number, name in enumerate(corpus.names):
        expected = set(LABELS[name].values()) - ({-1} if name != "smp2020_ewect" else set())
        assert set(corpus.labels[corpus.sources == number].tolist()) == expected


def test_expressions_are_trained_on_unless_a_text_kept_aside_is_a_copy(data: Path) -> None:
    talk = read_talk()
    table = pq.read_table(data / "chnsenticorp_hotel" / "reviews.parquet").to_pydict()
    table["review"][:30] = [text for text in talk if len(text) > 4][:30]
    pq.write_table(pa.table(table), data / "chnsenticorp_hotel" / "reviews.parquet")
    corpus = load_corpus(data, with_talk=True)
    mine = corpus.sources == corpus.names.index(TALK)
    public = dict(zip(corpus.texts.to_pylist(), corpus.parts.tolist(), strict=True))
    copied = {text for text in corpus.texts.to_pylist() if (corpus.texts.to_pylist().count(text) > 1)}
    sides = dict(zip(corpus.texts.filter(pa.array(mine)).to_pylist(), corpus.parts[mine].tolist(), strict=True))
    assert set(sides.values()) == {TRAIN, ASIDE}
    assert len(copied) == 30
    assert {text for text, side in sides.items() if side == ASIDE} <= copied
    assert public.keys() >= talk.keys()


def test_expressions_are_of_every_kind_and_none_is_of_two() -> None:
    talk = read_talk()
    assert {NEGATIVE, NEUTRAL, POSITIVE} == set(talk.values())
    assert len(talk) > 400


def test_feelings_are_read_from_labels_and_from_tags(data: Path) -> None:
    corpus = load_corpus(data, with_talk=True)
    told = {name: corpus.emotions[corpus.sources == number] for number, name in enumerate(corpus.names)}
    assert {EMOTIONS[place] for place in told["smp2020_ewect"]} == {"happy", "angry", "neutral", "surprise"}
    assert {EMOTIONS[place] for place in told[TAGGED]} == {"happy", "angry", "sad"}
    assert set(told["bdci_auto_absa"].tolist()) == {-1}
    tagged = corpus.texts.filter(pa.array(corpus.sources == corpus.names.index(TAGGED))).to_pylist()
    assert not any("[" in text for text in tagged)


def test_plain_news_teaches_a_little_that_it_is_neutral_and_is_never_measured(data: Path) -> None:
    corpus = load_corpus(data, with_talk=True)
    mine = corpus.sources == corpus.names.index(NEWS)
    polarity, neutrality = build_tasks(corpus)
    assert set(corpus.texts.filter(pa.array(mine)).to_pylist()) == set(read_news(data))
    assert all(20 <= len(text) <= 160 for text in read_news(data))
    assert set(corpus.parts[mine].tolist()) == {TRAIN}
    assert set(neutrality.y[mine].tolist()) == {1.0}
    assert set(neutrality.weights[mine].tolist()) == {NEWS_WEIGHT}
    assert np.isnan(polarity.y[mine]).all()


def test_every_trainer_can_be_loaded() -> None:
    assert all(callable(load_trainer(path)) for _, path in TRAINERS.values())


def test_english_needs_no_public_set(tmp_path: Path) -> None:
    line = ["--model", "english", "--data", str(tmp_path), "--out", str(tmp_path / "talk-1")]
    result = CliRunner().invoke(command, line)
    assert result.exit_code == 0, result.output
    assert "own sentences\tsentiment" in result.stdout


def test_a_folder_without_the_sets_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="--data"):
        CliRunner().invoke(
            command, ["--data", str(tmp_path), "--out", str(tmp_path / "mood-1")], catch_exceptions=False
        )
