"""How the sentiment model is made: the same data and seed give the same bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.listen.calibration import Calibration, fit_calibration
from canyu.listen.corpora import NEGATIVE, NEUTRAL, NOT_NEGATIVE, POSITIVE, TALK, TRAIN, VALIDATION, Corpus
from canyu.listen.kernels.adagrad import compute_leanings, fit_logistic
from canyu.listen.kernels.ngrams import hash_grams
from canyu.listen.model_store import WEIGHTS, write_arrays
from canyu.listen.sentiment import SentimentModel, read_model

INT8_END = 127
TALK_WEIGHT = 3.0  # an expression is short: it stands for many texts
NEVER = -20.0  # log-odds of one in half a thousand million
ONE_SIDED_WEIGHT = 0.03  # of 0, 0.003, 0.01, 0.03, 0.1, 0.3 and 1 the best trade on the validation part, 2026-11
DECIMALS = 6  # of scales and biases: beyond what any figure shows


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a model was trained with; chosen on the validation part, 2026-11."""

    bits: int = 21
    epochs: int = 8
    rate: float = 0.3
    decay: float = 1e-4
    seed: int = 7


@dataclass(frozen=True, slots=True)
class HeadTask:
    """One yes-or-no question over the rows of a corpus: ``y`` is NaN where a row says nothing about it."""

    y: NDArray[np.float64]
    weights: NDArray[np.float64]

    def list_rows(self, *parts: int, corpus: Corpus) -> NDArray[np.int64]:
        """Return the rows of these parts of the corpus that answer the question."""
        return np.flatnonzero(np.isin(corpus.parts, parts) & ~np.isnan(self.y))


@dataclass(frozen=True, slots=True)
class Grams:
    """The hashed grams of every row of a corpus."""

    buckets: NDArray[np.int32]
    starts: NDArray[np.int64]

    def score(self, weights: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each row: its weights' sum over the square root of its number of grams."""
        sums = np.concatenate([[0.0], np.cumsum(weights[self.buckets])])
        lengths = np.maximum(np.diff(self.starts)[rows], 1)
        return np.asarray((sums[self.starts[rows + 1]] - sums[self.starts[rows]]) / np.sqrt(lengths))


@dataclass(frozen=True, slots=True)
class Head:
    """One fitted question: weight per bucket, and the calibrated line from score to log-odds."""

    weights: NDArray[np.float64]
    bias: float
    calibration: Calibration


def train_sentiment(corpus: Corpus, settings: TrainSettings = TrainSettings()) -> list[Head]:
    """Fit both heads on everything but the test part; the lines are fitted on the validation part alone.

    Polarity learns from every text with an opinion (NOT_NEGATIVE counts as its positive side), neutrality from the
    sources that tell it.
    """
    grams = Grams(*hash_grams(corpus.packed.codes, corpus.packed.offsets, settings.bits))
    return [fit_head(corpus, grams, task, settings) for task in build_tasks(corpus)]


def train_polarity(corpus: Corpus, settings: TrainSettings = TrainSettings()) -> list[Head]:
    """Fit the polarity head as :func:`train_sentiment` does, beside a head that never says neutral.

    For corpora without any neutral text.
    """
    grams = Grams(*hash_grams(corpus.packed.codes, corpus.packed.offsets, settings.bits))
    never = Head(np.zeros(1 << settings.bits), NEVER, Calibration(1.0, 0.0))
    return [fit_head(corpus, grams, build_tasks(corpus)[0], settings), never]


def build_tasks(corpus: Corpus) -> tuple[HeadTask, HeadTask]:
    """Return the two questions: is it positive rather than negative, and is it neutral.

    A source that knows no neutral label counts little in the second question, or its topics would be learnt as
    opinions; one that hides its neutral texts under NOT_NEGATIVE does not count at all.
    """
    polarity = np.full(len(corpus.labels), np.nan)
    polarity[corpus.labels == NEGATIVE] = 0.0
    polarity[(corpus.labels == POSITIVE) | (corpus.labels == NOT_NEGATIVE)] = 1.0
    neutrality = np.where(corpus.labels == NEUTRAL, 1.0, 0.0)
    weights = np.where(corpus.sources == _find_source(corpus, TALK), TALK_WEIGHT, 1.0)
    polarity_weights = weights.copy()
    for source in range(len(corpus.names)):
        mine = corpus.sources == source
        if NOT_NEGATIVE in corpus.labels[mine]:
            neutrality[mine] = np.nan
        elif NEUTRAL not in corpus.labels[mine]:
            weights[mine] = ONE_SIDED_WEIGHT
    return HeadTask(polarity, polarity_weights), HeadTask(neutrality, weights)


def pack_heads(heads: list[Head]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a weights file: both heads rounded to int8, their scales and biases."""
    quantised, scales, biases = [], [], []
    for head in heads:
        step = _choose_step(head.weights)
        quantised.append(np.clip(np.rint(head.weights / step), -INT8_END, INT8_END).astype(np.int8))
        line = head.calibration
        scales.append(round(line.slope * step, DECIMALS + 3))
        biases.append(round(line.slope * head.bias + line.offset, DECIMALS))
    low, high = quantised
    table = (high.astype(np.int16) << 8) | (low.astype(np.int16) & 0xFF)
    return {"table": table, "scales": np.array(scales), "biases": np.array(biases)}


def write_model(folder: Path, heads: list[Head], settings: TrainSettings) -> SentimentModel:
    """Write ``weights.npz`` and ``settings.json`` to ``folder`` (its name is the model's) and read it back."""
    if not folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words(
                "请按模型命名，例如 models/sentiment-zh-1。", "Name it as the model, e.g. models/sentiment-zh-1."
            ),
        )
    write_arrays(folder / WEIGHTS, pack_heads(heads))
    (folder / "settings.json").write_text(dump_json(asdict(settings)) + "\n", "utf-8")
    return read_model(folder / WEIGHTS)


def fit_head(corpus: Corpus, grams: Grams, task: HeadTask, settings: TrainSettings) -> Head:
    """Fit one question: the line on the validation part by weights of the training part, then weights on both."""
    weights, bias = _fit_weights(grams, task, task.list_rows(TRAIN, corpus=corpus), settings)
    held = task.list_rows(VALIDATION, corpus=corpus)
    line = fit_calibration(grams.score(weights, held) + bias, task.y[held], task.weights[held])
    weights, bias = _fit_weights(grams, task, task.list_rows(TRAIN, VALIDATION, corpus=corpus), settings)
    return Head(weights, bias, line)


def _find_source(corpus: Corpus, name: str) -> int:
    return corpus.names.index(name) if name in corpus.names else -1


def _fit_weights(
    grams: Grams, task: HeadTask, rows: NDArray[np.int64], settings: TrainSettings
) -> tuple[NDArray[np.float64], float]:
    if not (np.any(task.y[rows] == 0.0) and np.any(task.y[rows] == 1.0)):
        raise BadInput(
            Words("训练文本缺少某一类标签。", "the texts to train on lack one of the labels."),
            mend=Words("请为每一类标签都提供文本。", "Give texts of every label."),
        )
    size = 1 << settings.bits
    leanings = compute_leanings(grams.buckets, grams.starts, rows, task.y, task.weights, size)
    weights, bias = fit_logistic(
        grams.buckets,
        grams.starts,
        rows,
        task.y,
        task.weights,
        leanings,
        settings.epochs,
        settings.rate,
        settings.decay,
        np.uint64(settings.seed),
    )
    return weights, float(bias)


def _choose_step(weights: NDArray[np.float64]) -> float:
    """Return the step of one int8 unit: the end of the scale is the 0.99999 quantile of the sizes of used weights."""
    sizes = np.sort(np.abs(weights[weights != 0.0]))
    end = sizes[min(int(sizes.size * 0.99999), sizes.size - 1)] if sizes.size else 1.0
    return float(end) / INT8_END
