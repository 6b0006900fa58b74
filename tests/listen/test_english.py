from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.kit.model_store import write_arrays
from canyu.listen.english import load_english, read_english, read_sentences
from canyu.listen.sentiment import SENTIMENTS
from canyu.listen.text import pack_texts

MODEL = load_english()


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Absolutely love this car, very comfortable", "positive"),
        ("Terrible service, broken after a week", "negative"),
        ("Which colours does it come in?", "neutral"),
        ("It is not good", "negative"),
        ("It is not bad", "positive"),
        ("It isn’t reliable", "negative"),
    ],
)
def test_plain_cases(text: str, sentiment: str) -> None:
    assert SENTIMENTS[int(MODEL.predict(pack_texts(pa.array([text]))).argmax())] == sentiment


@pytest.mark.parametrize("text", ["", "!" * 100_000, "good " * 200_000, "\x00", "’’’", "é" * 1000])
def test_hostile_texts_are_read(text: str) -> None:
    found = MODEL.predict(pack_texts(pa.array([text, None], pa.string())))
    assert np.all(np.isfinite(found))
    assert np.allclose(found.sum(axis=1), 1.0, atol=1e-6)


def test_sentences_of_each_sentiment_lie_on_both_sides() -> None:
    packed, labels, is_test = read_sentences()
    assert len(packed) == 150
    assert all(20 <= np.sum(is_test & (labels == label)) <= 30 for label in range(3))


def test_other_weights_are_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "weights.npz", {"keys": np.zeros(1, np.uint64)})
    with pytest.raises(BadInput):
        read_english(tmp_path / "weights.npz")
