"""How a Chinese text feels: negative, neutral or positive, with probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput, NotFound
from canyu.kit.words import Words
from canyu.listen.kernels.ngrams import sum_weights
from canyu.listen.model_store import TRAIN_AGAIN, VERSION_DIGITS, find_weights, read_arrays
from canyu.listen.text import PackedTexts

SENTIMENTS = ("negative", "neutral", "positive")
MODEL_NAME = "sentiment-zh"
HEADS = 2  # polarity (positive against negative), neutrality (neutral against both)


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """Two linear heads over hashed character 1- to 3-grams, int8.

    ``table``: shape (2^bits,), int16, both weights of a bucket. ``scales``, ``biases``: float64, shape (2,), per
    head: the sum of the weights of a text's different grams, divided by the square root of their number, times its
    scale plus its bias is the head's calibrated log-odds.
    """

    version: str
    table: NDArray[np.int16]
    scales: NDArray[np.float64]
    biases: NDArray[np.float64]

    @property
    def bits(self) -> int:
        """The binary logarithm of the number of buckets."""
        return int(self.table.size).bit_length() - 1

    def compute_log_odds(self, packed: PackedTexts) -> NDArray[np.float64]:
        """Return the log-odds of both heads (polarity, neutrality) per text, shape (n, 2)."""
        sums = sum_weights(packed.codes, packed.offsets, self.table, self.bits)
        grams = np.maximum(sums[:, 2:], 1)
        return sums[:, :HEADS] * (self.scales / np.sqrt(grams)) + self.biases

    def predict(self, packed: PackedTexts) -> NDArray[np.float32]:
        """Return P(negative), P(neutral), P(positive) per text, float32, shape (n, 3); each row sums to one."""
        polarity, neutrality = compute_sigmoid(self.compute_log_odds(packed)).T
        opinion = 1.0 - neutrality
        return np.stack([opinion * (1.0 - polarity), neutrality, opinion * polarity], axis=1).astype(np.float32)


def compute_sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log-odds; far ends are cut at ±40, so nothing overflows."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0))))


def load_sentiment(version: str = "", *, folders: list[Path] | None = None) -> SentimentModel:
    """Load the newest installed model, or exactly ``version`` (a name, or a name with its digits after ``+``)."""
    name, _, digits = (version or MODEL_NAME).partition("+")
    model = read_model(find_weights(name, folders))
    if digits and model.version != version:
        raise NotFound(
            Words(
                f"没有安装模型 {version}，现有的是 {model.version}。",
                f"model {version} is not installed, {model.version} is.",
            ),
            mend=Words("不指定版本即可。", "Leave the version out."),
        )
    return model


def read_model(path: Path) -> SentimentModel:
    """Read one weights file; its version is the folder's name and the first digits of the file's SHA-256."""
    arrays, sha256 = read_arrays(path)
    if {"table", "scales", "biases"} - set(arrays) or arrays["table"].dtype != np.int16:
        raise BadInput(Words(f"{path} 中没有情感模型。", f"{path} holds no sentiment model."), mend=TRAIN_AGAIN)
    table, scales, biases = arrays["table"], arrays["scales"], arrays["biases"]
    if table.ndim != 1 or table.size.bit_count() != 1 or scales.shape != (HEADS,) or biases.shape != (HEADS,):
        raise BadInput(Words(f"{path} 中权重的形状不对。", f"{path} has weights of the wrong shape."), mend=TRAIN_AGAIN)
    return SentimentModel(f"{path.parent.name}+{sha256[:VERSION_DIGITS]}", table, scales, biases)
