"""How well a sentiment model does on texts it never saw, source by source, with the uncertainty of each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from canyu.listen.calibration import compute_chance_ece, compute_ece
from canyu.listen.corpora import NEGATIVE, NEUTRAL, POSITIVE, SOURCE_KINDS, TEST, UNKNOWN, Corpus
from canyu.listen.emotion import EMOTIONS, choose_emotions
from canyu.listen.sentiment import SentimentModel

Z95 = 1.959963984540054  # the normal quantile of a two-sided 95 % interval
TAG = "["  # Weibo writes its emoji as [泪], [doge]
IRONY = ("[doge]", "呵呵", "[微笑]", "真香", "厉害了", "遥遥领先", "[允悲]", "[摊手]")


@dataclass(frozen=True, slots=True)
class Quality:
    """One line of a model card: the figures of one task on the test texts of one source, or of a slice of it.

    ``chance``: the calibration error that perfect probabilities would show on as many texts.
    """

    source: str
    task: str
    texts: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    ece: float
    chance: float = 0.0


def evaluate_model(model: SentimentModel, corpus: Corpus, *, with_kinds: bool = True) -> list[Quality]:
    """Return the figures on the test part of each source, each read as its kind of place (or all as any).

    ``polarity`` compares P(positive) with P(negative) on texts labelled either way (not negative counts as positive);
    ``sentiment`` compares the named one of three on sources that know neutral; ``emotion`` the six feelings on sources
    that know them.
    """
    kinds = pa.array([SOURCE_KINDS.get(name) for name in corpus.names], pa.string()).take(pa.array(corpus.sources))
    channels = kinds if with_kinds else None
    moods = model.read(corpus.packed, channels)
    probabilities = moods.sentiments
    answers = model.choose(probabilities, channels)
    found: list[Quality] = []
    for number, name in enumerate(corpus.names):
        mine = (corpus.sources == number) & (corpus.parts == TEST)
        if not mine.any():  # what is only trained on
            continue
        rows = np.flatnonzero(mine & (corpus.labels != NEUTRAL) & (corpus.labels != UNKNOWN))
        found.append(judge_polarity(name, probabilities[rows], corpus.labels[rows]))
        if NEUTRAL in corpus.labels[mine]:
            rows = np.flatnonzero(mine & (corpus.labels != UNKNOWN))
            found.append(judge_sentiment(name, probabilities[rows], corpus.labels[rows], answers[rows]))
        rows = np.flatnonzero(mine & (corpus.emotions != UNKNOWN))
        if rows.size:
            found += judge_emotions(name, model, moods.emotions[rows], corpus.emotions[rows])
    found += _judge_slices(probabilities, corpus)
    return found


def judge_emotions(
    source: str, model: SentimentModel, probabilities: NDArray[np.float32], labels: NDArray[np.int8]
) -> list[Quality]:
    """Return the figures of the named emotion, then those of each emotion against all others.

    The calibration error of the first line is that of the probability given to the named one; of the others, that of
    the emotion's own probability.
    """
    answers = choose_emotions(probabilities, model.shares)
    given = np.take_along_axis(probabilities, answers[:, None], axis=1)[:, 0].astype(np.float64)
    found = [_judge((source, "emotion"), labels.astype(np.int64), answers, given)]
    for number, emotion in enumerate(EMOTIONS):
        line = _judge((source, emotion), (labels == number) * 1, (answers == number) * 1, given)
        own = probabilities[:, number].astype(np.float64)
        found.append(replace(line, ece=compute_ece(own, labels == number), chance=compute_chance_ece(own)))
    return found


def judge_polarity(source: str, probabilities: NDArray[np.float32], labels: NDArray[np.int8]) -> Quality:
    """Return the figures of P(positive) against P(negative), neutral set aside."""
    opinion = probabilities[:, NEGATIVE] + probabilities[:, POSITIVE].astype(np.float64)
    positive = probabilities[:, POSITIVE] / np.maximum(opinion, 1e-12)
    answers = np.where(positive > 0.5, POSITIVE, NEGATIVE)
    truth = np.where(labels == NEGATIVE, NEGATIVE, POSITIVE)
    return _judge((source, "polarity"), truth, answers, np.maximum(positive, 1 - positive))


def judge_sentiment(
    source: str,
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int8],
    answers: NDArray[np.int64] | None = None,
) -> Quality:
    """Return the figures of the named one of negative, neutral and positive: ``answers``, or the likeliest.

    The calibration error is that of the likeliest's probability, whichever is named.
    """
    likeliest, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(np.float64)
    truth = labels.astype(np.int64)
    plain = _judge((source, "sentiment"), truth, likeliest, confidence)
    if answers is None:
        return plain
    return replace(_judge((source, "sentiment"), truth, answers, confidence), ece=plain.ece, chance=plain.chance)


def compute_macro_f1(truth: NDArray[np.int64], answers: NDArray[np.int64]) -> float:
    """Return the mean F1 over the classes that occur in ``truth`` or ``answers``.

    >>> compute_macro_f1(np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2]))
    0.7333333333333334
    """
    scores = []
    for label in np.union1d(truth, answers):
        hits = np.sum((truth == label) & (answers == label))
        scores.append(2 * hits / (np.sum(truth == label) + np.sum(answers == label)))
    return float(np.mean(scores))


def compute_interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    >>> [round(end, 3) for end in compute_interval(90, 100)]
    [0.826, 0.945]
    """
    if total == 0:
        return 0.0, 1.0
    share, spread = right / total, Z95**2 / total
    middle = share + spread / 2
    reach = Z95 * ((share * (1 - share) + spread / 4) / total) ** 0.5
    return (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)


def _judge_slices(probabilities: NDArray[np.float32], corpus: Corpus) -> list[Quality]:
    weibo = corpus.names.index("weibo2018_sentiment") if "weibo2018_sentiment" in corpus.names else -1
    rows = np.flatnonzero((corpus.sources == weibo) & (corpus.parts == TEST))
    texts = corpus.texts.take(rows).to_pylist()
    found = []
    for name, marks in (("with emoji tags", (TAG,)), ("with marks of irony", IRONY)):
        chosen = rows[np.array([_has_any(text, marks) for text in texts], bool)]
        if len(chosen):
            found.append(judge_polarity(f"weibo2018_sentiment, {name}", probabilities[chosen], corpus.labels[chosen]))
    return found


def _has_any(text: str, marks: Sequence[str]) -> bool:
    return any(mark in text for mark in marks)


def _judge(
    name: tuple[str, str], truth: NDArray[np.int64], answers: NDArray[np.int64], confidence: NDArray[np.float64]
) -> Quality:
    right = truth == answers
    low, high = compute_interval(int(right.sum()), right.size)
    accuracy = float(right.mean()) if right.size else 0.0
    f1, ece = compute_macro_f1(truth, answers), compute_ece(confidence, right)
    return Quality(*name, right.size, accuracy, low, high, f1, ece, compute_chance_ece(confidence))
