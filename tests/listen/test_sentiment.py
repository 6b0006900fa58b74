from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.model_store import write_arrays
from canyu.listen.emotion import EMOTIONS, choose_emotions
from canyu.listen.kinds import KINDS
from canyu.listen.sentiment import SENTIMENTS, compute_sigmoid, load_sentiment, read_model
from canyu.listen.text import pack_texts

MODEL = load_sentiment()


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("质量太差了，刚买两天就坏了，退货！", "negative"),
        ("物流很快，包装也好，非常满意，下次还来", "positive"),
        ("客服態度惡劣，再也不買了", "negative"),
        ("屏幕清晰，手感很好，喜欢", "positive"),
        ("请问这款车的保养周期是多久？", "neutral"),
        ("太失望了[怒][怒]", "negative"),
    ],
)
def test_plain_cases(text: str, sentiment: str) -> None:
    probabilities = MODEL.predict(pack_texts(pa.array([text])))
    assert SENTIMENTS[int(probabilities.argmax())] == sentiment


@given(st.lists(st.text(max_size=50), max_size=8))
def test_probabilities_are_in_range_and_sum_to_one(texts: list[str]) -> None:
    clean = [text.encode("utf-8", "ignore").decode() for text in texts]
    probabilities = MODEL.predict(pack_texts(pa.array(clean, pa.string())))
    assert (probabilities.shape, probabilities.dtype) == ((len(texts), 3), np.float32)
    assert np.all((probabilities >= 0) & (probabilities <= 1))
    assert np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)


def test_a_text_scores_alike_in_every_company() -> None:
    texts = ["续航虚标，后悔买了", "", "好看😀", "续航虚标，后悔买了"]
    together = MODEL.predict(pack_texts(pa.array(texts)))
    alone = np.concatenate([MODEL.predict(pack_texts(pa.array([text]))) for text in texts])
    assert np.array_equal(together, alone)


def test_a_model_survives_the_way_to_a_worker() -> None:
    packed = pack_texts(pa.array(["很好"]))
    assert np.array_equal(pickle.loads(pickle.dumps(MODEL)).predict(packed), MODEL.predict(packed))  # noqa: S301 - our own bytes


def test_a_version_loads_by_name_and_by_content() -> None:
    assert MODEL.version.startswith("sentiment-zh-")
    assert load_sentiment(MODEL.version).version == MODEL.version
    assert load_sentiment(MODEL.version.partition("+")[0]).version == MODEL.version


@pytest.mark.parametrize("version", ["sentiment-zh-4+00000000", "sentiment-zh-999", "../models/sentiment-zh-4", "*"])
def test_another_version_is_not_found(version: str) -> None:
    with pytest.raises(NotFound):
        load_sentiment(version)


GOOD = {
    "rows": np.zeros(4, np.uint64),
    "lines": np.ones((len(KINDS), 2, 2)),
    "scales": np.ones(5),
    "biases": np.ones(6),
    "shares": np.full(6, 1 / 6),
    "divisors": np.ones((len(KINDS), 3)),
}


@pytest.mark.parametrize(
    "change",
    [
        {"rows": np.zeros(4, np.int16)},
        {"rows": np.zeros(6, np.uint64)},
        {"lines": np.ones((len(KINDS) + 1, 2, 2))},
        {"scales": np.ones(6)},
        {"shares": np.ones(5)},
        {"divisors": np.ones((len(KINDS), 2))},
    ],
)
def test_weights_of_another_shape_are_refused(tmp_path: Path, change: dict[str, np.ndarray]) -> None:
    write_arrays(tmp_path / "good.npz", GOOD)
    assert read_model(tmp_path / "good.npz").bits == 2
    write_arrays(tmp_path / "weights.npz", GOOD | change)
    with pytest.raises(BadInput):
        read_model(tmp_path / "weights.npz")


def test_a_kind_of_place_younger_than_the_model_takes_the_pooled_line(tmp_path: Path) -> None:
    lines = np.arange((len(KINDS) - 1) * 4.0).reshape(-1, 2, 2)
    write_arrays(tmp_path / "weights.npz", GOOD | {"lines": lines})
    assert read_model(tmp_path / "weights.npz").lines.tolist() == [*lines.tolist(), lines[0].tolist()]


def test_a_model_older_than_the_rule_names_the_likeliest(tmp_path: Path) -> None:
    write_arrays(tmp_path / "weights.npz", {name: array for name, array in GOOD.items() if name != "divisors"})
    assert np.array_equal(read_model(tmp_path / "weights.npz").divisors, np.ones((len(KINDS), 3)))


def test_rare_sentiments_are_helped_where_the_kind_of_place_asks_for_it() -> None:
    divisors = np.ones((len(KINDS), 3))
    divisors[KINDS.index("cars")] = [0.4, 0.8, 0.4]
    model = replace(MODEL, divisors=divisors)
    chances = np.array([[0.35, 0.6, 0.05], [0.25, 0.7, 0.05], [0.1, 0.5, 0.4]], np.float32)
    assert model.choose(chances, pa.array(["autohome"] * 3)).tolist() == [0, 1, 2]
    assert model.choose(chances, pa.array(["weibo", None, "jd"])).tolist() == [1, 1, 1]
    assert model.choose(chances).tolist() == [1, 1, 1]


def test_one_reading_gives_what_two_predictions_give() -> None:
    packed = pack_texts(pa.array(["气死我了，又坏了[怒]", "哈哈哈太开心了", "", "吓死我了，刹车失灵"]))
    moods = MODEL.read(packed)
    assert np.array_equal(moods.sentiments, MODEL.predict(packed))
    assert np.array_equal(moods.emotions, MODEL.predict_emotion(packed))
    assert np.allclose(moods.emotions.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("气死我了，垃圾客服[怒][怒]", "angry"),
        ("哈哈哈今天太开心了", "happy"),
        ("好难过，眼泪一直流[泪]", "sad"),
        ("好可怕，我好害怕", "fear"),
        ("卧槽，竟然还能这样？！太震惊了", "surprise"),
    ],
)
def test_plain_feelings(text: str, emotion: str) -> None:
    given = MODEL.predict_emotion(pack_texts(pa.array([text])))
    assert EMOTIONS[int(choose_emotions(given, MODEL.shares)[0])] == emotion


def test_the_channel_chooses_the_line() -> None:
    texts = ["这个手机怎么样"] * 4
    alone = [MODEL.predict(pack_texts(pa.array(texts[:1])), pa.array([name])) for name in ("weibo", "jd", "autohome")]
    packed = pack_texts(pa.array(texts))
    together = MODEL.predict(packed, pa.array(["weibo", "jd", "autohome", None]))
    assert np.array_equal(together[:3], np.concatenate(alone))
    assert np.array_equal(together[3:], MODEL.predict(pack_texts(pa.array(texts[:1]))))
    assert np.unique(together[:, 1]).size == 4


def test_as_many_channels_as_texts_are_needed() -> None:
    with pytest.raises(BadInput, match="channels"):
        MODEL.predict(pack_texts(pa.array(["好", "坏"])), pa.array(["weibo"]))


@pytest.mark.parametrize("text", ["😀" * 1000, "好" * 1_000_000, "\x00\x01", "e" + "\u0301" * 500, " "])
def test_hostile_texts_are_read(text: str) -> None:
    moods = MODEL.read(pack_texts(pa.array([text])))
    assert np.all(np.isfinite(moods.sentiments))
    assert np.all(np.isfinite(moods.emotions))


def test_the_sigmoid_does_not_overflow() -> None:
    assert compute_sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == [pytest.approx(0, abs=1e-17), 0.5, 1.0]
