"""How a Chinese text feels: three sentiments and six emotions in one reading, with probabilities that mean it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.model_store import TRAIN_AGAIN, VERSION_DIGITS, load_version, read_arrays
from canyu.kit.words import Words
from canyu.listen.emotion import EMOTIONS
from canyu.listen.kernels.moods import finish_emotions, finish_sentiments
from canyu.listen.kernels.tagged import LANES, sum_rows
from canyu.listen.kinds import KINDS, find_kinds
from canyu.listen.text import PackedTexts

SENTIMENTS = ("negative", "neutral", "positive")
MODEL_NAME = "sentiment-zh"
POLARITY, NEUTRALITY, FIRST_EMOTION = 0, 1, 2  # lanes: positive against negative, neutral against both, the emotions
HEADS = 2
Channels: TypeAlias = pa.Array | pa.ChunkedArray | None


@dataclass(frozen=True, slots=True)
class Moods:
    """What one reading gives: ``sentiments`` float32, shape (n, 3), and ``emotions`` float32, shape (n, 6)."""

    sentiments: NDArray[np.float32]
    emotions: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """Seven linear questions over character 1- to 3-grams, one byte each, in a table of tagged rows.

    ``rows``: shape (2^bits,), uint64. A text's score in a lane is the sum of its known grams' weights, divided by the
    root of the number of all its grams. ``lines``: float64, shape (kinds, 2, 2), slope and offset from score to
    log-odds of polarity and neutrality, for each kind of place that a text may come from. ``scales``, ``biases``:
    float64, shapes (5,) and (6,): from the other scores to the log-odds of emotions against neutral. ``shares``: how
    common each emotion was in training, shape (6,). ``divisors``: float64, shape (kinds, 3): what the probability of
    each sentiment is divided by before one is named.
    """

    version: str
    rows: NDArray[np.uint64]
    lines: NDArray[np.float64]
    scales: NDArray[np.float64]
    biases: NDArray[np.float64]
    shares: NDArray[np.float64]
    divisors: NDArray[np.float64]

    @property
    def bits(self) -> int:
        """The binary logarithm of the number of rows."""
        return int(self.rows.size).bit_length() - 1

    def predict(self, packed: PackedTexts, channels: Channels = None) -> NDArray[np.float32]:
        """Return P(negative), P(neutral), P(positive) per text, float32, shape (n, 3); each row sums to one.

        ``channels``: where each text comes from, as events name it; the line of that kind of place is used. A null
        or unknown channel, or none at all, takes the line fitted over all kinds.
        """
        return self._finish_sentiments(self._sum(packed), packed, channels)

    def predict_emotion(self, packed: PackedTexts) -> NDArray[np.float32]:
        """Return the probability of each of EMOTIONS per text, float32, shape (n, 6); each row sums to one."""
        return finish_emotions(self._sum(packed), packed.offsets, self.scales, self.biases)

    def read(self, packed: PackedTexts, channels: Channels = None) -> Moods:
        """Return what ``predict`` and ``predict_emotion`` give, for one pass over the texts."""
        sums = self._sum(packed)
        emotions = finish_emotions(sums, packed.offsets, self.scales, self.biases)
        return Moods(self._finish_sentiments(sums, packed, channels), emotions)

    def choose(self, probabilities: NDArray[np.float32], channels: Channels = None) -> NDArray[np.int64]:
        """Return the number of the sentiment to name per text, int64, shape (n,).

        ``probabilities``: shape (n, 3), as ``predict`` gives them for these channels. In social feeds and forums of
        cars each is divided by the root of its share in training first, half way between the most answers right and
        every sentiment counting alike; elsewhere the likeliest is named. For shares of a period add up probabilities.
        """
        kinds = _number_kinds(channels, len(probabilities))
        return np.asarray((probabilities / self.divisors[kinds]).argmax(axis=1))

    def compute_scores(self, packed: PackedTexts) -> NDArray[np.float64]:
        """Return polarity and neutrality per text as sums over the root of the number of grams, shape (n, 2)."""
        grams = np.maximum(3 * np.diff(packed.offsets) + 2, 1)
        return np.asarray(self._sum(packed)[:, :HEADS] / np.sqrt(grams)[:, None])

    def _sum(self, packed: PackedTexts) -> NDArray[np.int32]:
        return sum_rows(packed.codes, packed.offsets, self.rows, self.bits)

    def _finish_sentiments(
        self, sums: NDArray[np.int32], packed: PackedTexts, channels: Channels
    ) -> NDArray[np.float32]:
        return finish_sentiments(sums, packed.offsets, _number_kinds(channels, len(packed)), self.lines)


def _number_kinds(channels: Channels, texts: int) -> NDArray[np.int8]:
    return np.zeros(texts, np.int8) if channels is None else find_kinds(channels, texts)


def compute_sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log-odds; far ends are cut at ±40, so nothing overflows."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0))))


def load_sentiment(version: str = "", *, folders: list[Path] | None = None) -> SentimentModel:
    """Load the newest installed model, or exactly ``version`` (a name, or a name with its digits after ``+``)."""
    return load_version(version, read_model, default=MODEL_NAME, folders=folders)


def read_model(path: Path) -> SentimentModel:
    """Read one weights file; its version is the folder's name and the first digits of the file's SHA-256."""
    arrays, sha256 = read_arrays(path)
    names = ("rows", "lines", "scales", "biases", "shares")
    if set(names) - set(arrays) or arrays["rows"].dtype != np.uint64:
        raise BadInput(Words(f"{path} 中没有情感模型。", f"{path} holds no sentiment model."), mend=TRAIN_AGAIN)
    rows, lines, scales, biases, shares = (arrays[name] for name in names)
    lines = _add_kinds(lines)
    divisors = _add_kinds(arrays.get("divisors", np.ones((1, len(SENTIMENTS)))))  # older ones name the likeliest
    is_table = rows.ndim == 1 and rows.size.bit_count() == 1
    shapes = [array.shape for array in (lines, scales, biases, shares, divisors)]
    feelings = len(EMOTIONS)
    wanted = [(len(KINDS), HEADS, 2), (LANES - HEADS,), (feelings,), (feelings,), (len(KINDS), len(SENTIMENTS))]
    if not is_table or shapes != wanted:
        raise BadInput(Words(f"{path} 中权重的形状不对。", f"{path} has weights of the wrong shape."), mend=TRAIN_AGAIN)
    numbers = (np.ascontiguousarray(array, np.float64) for array in (lines, scales, biases, shares, divisors))
    return SentimentModel(f"{path.parent.name}+{sha256[:VERSION_DIGITS]}", rows, *numbers)


def _add_kinds(given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is given per kind of place, with that of any place for each kind younger than the model."""
    if given.ndim < 2 or not 0 < len(given) < len(KINDS):
        return given
    return np.concatenate([given, np.repeat(given[:1], len(KINDS) - len(given), axis=0)])
