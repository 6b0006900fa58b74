"""How the model of sentiment and emotion is made: the same data and seed give the same bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.mixing import mix
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.listen.corpora import (
    ASIDE,
    NEGATIVE,
    NEUTRAL,
    NOT_NEGATIVE,
    POSITIVE,
    TALK,
    TEST,
    UNKNOWN,
    Corpus,
)
from canyu.listen.emoji_tags import TAGGED
from canyu.listen.emotion import EMOTIONS, REFERENCE
from canyu.listen.gram_table import NumberedGrams, choose_grams, number_grams, pack_rows
from canyu.listen.heads import DECIMALS, Grams, Head, pack_heads, round_weights
from canyu.listen.kernels.adagrad import compute_leanings, fit_logistic
from canyu.listen.kernels.copies import find_copies
from canyu.listen.kernels.margin import fit_margin
from canyu.listen.kernels.softmax import fit_matrix, fit_softmax
from canyu.listen.place_lines import HeadTask, Read, compute_divisors, fit_lines
from canyu.listen.plain_news import NEWS
from canyu.listen.sentiment import SentimentModel, read_model

__all__ = [
    "Grams",
    "Head",
    "HeadTask",
    "TrainSettings",
    "build_tasks",
    "pack_heads",
    "train_moods",
    "write_model",
]

TALK_WEIGHT = 3.0  # an expression is short: it stands for many texts
NEWS_WEIGHT = 0.05  # 0.02 moved little; 0.3 called half of the opinions of posts read by hand neutral, 2026-11
ONE_SIDED_WEIGHT = 0.03  # of 0, 0.003, 0.01, 0.03, 0.1, 0.3 and 1 the best trade on the validation part, 2026-11
MARGIN_EPOCHS, SOFTNESS = 8, 0.6  # of 0.05, 0.2, 0.6, 1 and 1.5 the best by cross-validation, 2026-11
ROUNDS = 400


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a model was trained with; chosen on the validation part and by cross-validation, 2026-11."""

    bits: int = 18
    epochs: int = 8
    rate: float = 0.3
    emotion_rate: float = 0.1
    decay: float = 1e-4
    folds: int = 4
    seed: int = 7


@dataclass(frozen=True, slots=True)
class FeelingTask:
    """Which of several feelings a row tells: ``labels`` is -1 where it tells none; ``domains`` as the corpus'."""

    labels: NDArray[np.int64]
    domains: NDArray[np.int64]
    classes: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights per known gram: ``sentiments`` (size, 2) and ``feelings`` (size, 6)."""

    sentiments: NDArray[np.float64]
    feelings: NDArray[np.float64]

    @property
    def columns(self) -> NDArray[np.float64]:
        """All weights side by side, shape (size, 8)."""
        return np.concatenate([self.sentiments, self.feelings], axis=1)


class Trainer:
    """Fits the questions of one corpus on any of its rows."""

    def __init__(self, corpus: Corpus, settings: TrainSettings) -> None:
        self.corpus, self.settings = corpus, settings
        self.tasks = build_tasks(corpus)
        self.feelings, self.tagged = build_feelings(corpus)
        self.learnable = np.flatnonzero((corpus.parts != TEST) & (corpus.parts != ASIDE))

    def fit(self, grams: NumberedGrams, rows: NDArray[np.int64]) -> Fitted:
        """Return the weights of all questions, learnt from ``rows``."""
        sentiments = np.stack([self._fit_head(grams, task, rows) for task in self.tasks], axis=1)
        return Fitted(sentiments, self.fit_feelings(grams, self.feelings, rows))

    def fit_feelings(self, grams: NumberedGrams, task: FeelingTask, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the weights of feelings, shape (size, classes); zeros where no row tells any."""
        mine = rows[task.labels[rows] != UNKNOWN]
        if mine.size == 0:
            return np.zeros((grams.size, task.classes))
        counts = np.bincount(task.labels[mine], minlength=task.classes)
        weights = np.zeros(len(task.labels))
        weights[mine] = 1.0 / np.sqrt(counts[task.labels[mine]] / mine.size)
        weights[mine] /= weights[mine].mean()
        ones = np.ones(len(task.labels))
        features = np.stack(
            [self._lean(grams, mine, (task.labels == label) * 1.0, ones) for label in range(task.classes)], axis=1
        )
        settings = self.settings
        return np.asarray(
            fit_softmax(
                grams.numbers,
                grams.starts,
                mine,
                task.labels,
                weights,
                task.domains,
                features,
                settings.epochs,
                settings.emotion_rate,
                settings.decay,
                np.uint64(settings.seed),
            )
        )

    def fit_margins(self, grams: NumberedGrams, task: FeelingTask, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the weights of each feeling against all others by the widest margin, shape (size, classes).

        They err elsewhere than those of ``fit_feelings``, so both together say more than either.
        """
        mine = rows[task.labels[rows] != UNKNOWN]
        found = np.zeros((grams.size, task.classes))
        ones, seed = np.ones(len(task.labels)), np.uint64(self.settings.seed)
        for label in range(task.classes):
            y = (task.labels == label) * 1.0
            if np.unique(y[mine]).size < 2:
                continue
            weights = np.where(y > 0, 0.5 / np.sqrt(y[mine].mean()), 0.5)
            leanings = self._lean(grams, mine, y, ones)
            found[:, label] = fit_margin(
                grams.numbers, grams.starts, mine, y, weights, leanings, MARGIN_EPOCHS, SOFTNESS, seed
            )
        return found

    def _fit_head(self, grams: NumberedGrams, task: HeadTask, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        mine = rows[~np.isnan(task.y[rows])]
        if mine.size == 0:
            return np.zeros(grams.size)
        features = self._lean(grams, mine, task.y, task.weights)
        settings = self.settings
        weights, _ = fit_logistic(
            grams.numbers,
            grams.starts,
            mine,
            task.y,
            task.weights,
            features,
            settings.epochs,
            settings.rate,
            settings.decay,
            np.uint64(settings.seed),
        )
        return np.asarray(weights)

    def _lean(
        self, grams: NumberedGrams, rows: NDArray[np.int64], y: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        leanings = np.asarray(compute_leanings(grams.numbers, grams.starts, rows, y, weights, grams.size))
        leanings[0] = 0.0  # grams that are not known
        return leanings


def train_moods(corpus: Corpus, settings: TrainSettings = TrainSettings()) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a weights file, learnt from everything but the test part.

    First all grams are fitted and those worth most get the rows of the table; then all questions are fitted on these
    alone. Lines and the mixture behind the emotions are fitted to scores of texts that neither chose a gram nor
    taught a weight, fold by fold; near copies share a fold.
    """
    trainer = Trainer(corpus, settings)
    check_labels(corpus, trainer.learnable)
    every = number_grams(corpus.packed, trainer.learnable, settings.bits)
    scores = _score_out_of_fold(trainer, every)
    grams, columns = _fit_columns(trainer, every, trainer.learnable)
    mixture = _fit_mixture(trainer, scores)
    lanes = np.concatenate([columns[:, : len(trainer.tasks)], mix_columns(columns, mixture[:-1])], axis=1)
    lanes[0] = 0.0
    rounded = [round_weights(lane) for lane in lanes.T]
    steps = np.array([step for _, step in rounded])
    is_aside = np.isin(corpus.sources, [_find_source(corpus, name) for name in (TALK, TAGGED, NEWS)])
    read = Read(corpus, trainer.tasks, trainer.learnable[~is_aside[trainer.learnable]], scores)
    lines = fit_lines(read)
    divisors = compute_divisors(read, lines)
    lines[:, :, 0] *= steps[: len(trainer.tasks)]
    counts = np.bincount(trainer.feelings.labels[_list_felt(trainer)], minlength=len(EMOTIONS))
    return {
        "rows": pack_rows(grams.keys, np.stack([lane for lane, _ in rounded], axis=1)[1:], settings.bits),
        "lines": np.round(lines, DECIMALS + 3),
        "scales": np.round(steps[len(trainer.tasks) :], DECIMALS + 3),
        "biases": np.round(np.append(mixture[-1], 0.0), DECIMALS),
        "divisors": np.round(divisors, DECIMALS),
        "shares": np.round((counts + 1) / (counts.sum() + len(EMOTIONS)), DECIMALS),
    }


def write_model(
    folder: Path, arrays: dict[str, NDArray[np.generic]], settings: TrainSettings = TrainSettings()
) -> SentimentModel:
    """Write ``weights.npz`` and ``settings.json`` to ``folder`` (its name is the model's) and read it back."""
    if not folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words(
                "请按模型命名，例如 models/sentiment-zh-4。", "Name it as the model, e.g. models/sentiment-zh-4."
            ),
        )
    write_arrays(folder / WEIGHTS, arrays)
    (folder / "settings.json").write_text(dump_json(asdict(settings)) + "\n", "utf-8")
    return read_model(folder / WEIGHTS)


def build_tasks(corpus: Corpus) -> tuple[HeadTask, HeadTask]:
    """Return the two questions: is it positive rather than negative, and is it neutral.

    A source that knows no neutral label counts little in the second question, or its topics would be learnt as
    opinions; one that hides its neutral texts under NOT_NEGATIVE does not count at all. Plain news counts little, too:
    nobody labelled it.
    """
    polarity = np.full(len(corpus.labels), np.nan)
    polarity[corpus.labels == NEGATIVE] = 0.0
    polarity[(corpus.labels == POSITIVE) | (corpus.labels == NOT_NEGATIVE)] = 1.0
    neutrality = np.where(corpus.labels == NEUTRAL, 1.0, 0.0)
    neutrality[corpus.labels == UNKNOWN] = np.nan
    weights = np.where(corpus.sources == _find_source(corpus, TALK), TALK_WEIGHT, 1.0)
    polarity_weights = weights.copy()
    for source in range(len(corpus.names)):
        mine = corpus.sources == source
        if NOT_NEGATIVE in corpus.labels[mine]:
            neutrality[mine] = np.nan
        elif NEUTRAL not in corpus.labels[mine]:
            weights[mine] = ONE_SIDED_WEIGHT
    weights[corpus.sources == _find_source(corpus, NEWS)] = NEWS_WEIGHT
    return HeadTask(polarity, polarity_weights), HeadTask(neutrality, weights)


def build_feelings(corpus: Corpus) -> tuple[FeelingTask, FeelingTask]:
    """Return what people labelled (six feelings) and what emoji tags tell (the five that are not neutral)."""
    is_tagged = corpus.sources == _find_source(corpus, TAGGED)
    emotions, domains = corpus.emotions.astype(np.int64), corpus.domains.astype(np.int64)
    people = FeelingTask(np.where(is_tagged, UNKNOWN, emotions), domains, len(EMOTIONS))
    return people, FeelingTask(np.where(is_tagged, emotions, UNKNOWN), domains, REFERENCE)


def check_labels(corpus: Corpus, rows: NDArray[np.int64]) -> None:
    """Raise BadInput where the rows to learn from lack negative or positive texts."""
    if not {NEGATIVE, POSITIVE} <= set(np.where(corpus.labels[rows] == NOT_NEGATIVE, POSITIVE, corpus.labels[rows])):
        raise BadInput(
            Words("训练文本缺少某一类标签。", "the texts to train on lack one of the labels."),
            mend=Words("请为每一类标签都提供文本。", "Give texts of every label."),
        )


def _find_source(corpus: Corpus, name: str) -> int:
    return corpus.names.index(name) if name in corpus.names else -1


def _list_felt(trainer: Trainer) -> NDArray[np.int64]:
    return np.asarray(trainer.learnable[trainer.feelings.labels[trainer.learnable] != UNKNOWN])


def mix_columns(columns: NDArray[np.float64], mixture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``columns @ mixture``, added up in one order: a library's product differs from machine to machine."""
    mixed = np.zeros((columns.shape[0], mixture.shape[1]))
    for place in range(mixture.shape[0]):
        mixed += columns[:, place, None] * mixture[place]
    return mixed


def _fit_columns(
    trainer: Trainer, every: NumberedGrams, rows: NDArray[np.int64]
) -> tuple[NumberedGrams, NDArray[np.float64]]:
    """Return the grams that get a row of the table and all their weights, shape (size, 19), both by ``rows`` alone.

    Texts that only emoji tags tell of have no part in any figure: all of them are learnt from.
    """
    grams = every.keep(choose_grams(every, _compute_worth(trainer, every, rows)))
    margins = trainer.fit_margins(grams, trainer.feelings, rows)
    tagged = trainer.fit_feelings(grams, trainer.tagged, trainer.learnable)
    return grams, np.concatenate([trainer.fit(grams, rows).columns, margins, tagged], axis=1)


def _compute_worth(trainer: Trainer, grams: NumberedGrams, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what each gram is worth: its largest weight times the root of its count, questions on one scale."""
    fitted = trainer.fit(grams, rows)
    sizes = np.abs(fitted.columns) * np.sqrt(grams.count(rows))[:, None]
    sizes[0] = 0.0
    means = sizes.sum(axis=0) / np.maximum((sizes > 0).sum(axis=0), 1)
    return np.asarray((sizes / np.maximum(means, 1e-12)).max(axis=1))


def _score_out_of_fold(trainer: Trainer, every: NumberedGrams) -> NDArray[np.float64]:
    """Return the scores of all questions, shape (texts, 19), each text's by grams and weights that never saw its fold.

    Grams chosen with the fold's labels would flatter its scores by two points and make every line too sure.
    """
    folds = _draw_folds(trainer)
    found = []
    for fold in range(trainer.settings.folds):
        grams, columns = _fit_columns(trainer, every, trainer.learnable[folds[trainer.learnable] != fold])
        scores = np.stack([grams.score(np.ascontiguousarray(column)) for column in columns.T], axis=1)
        found.append(np.where((folds == fold)[:, None], scores, 0.0))
    return np.asarray(sum(found[1:], start=found[0]))


def _draw_folds(trainer: Trainer) -> NDArray[np.int64]:
    groups = find_copies(trainer.corpus.packed.codes, trainer.corpus.packed.offsets)
    drawn = {
        group: int(mix(np.uint64(group) ^ np.uint64(trainer.settings.seed))) for group in np.unique(groups).tolist()
    }
    return np.array([drawn[group] % trainer.settings.folds for group in groups.tolist()], np.int64)


def _fit_mixture(trainer: Trainer, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how emotions mix all scores: shape (20, 5), against neutral; the last row are the intercepts.

    The many texts labelled by sentiment and by tags help the few labelled by feeling; as everything is linear, the
    mixture ends in the grams' weights and costs nothing to read.
    """
    rows = _list_felt(trainer)
    given = np.concatenate([scores[rows], np.ones((rows.size, 1))], axis=1)
    mixture = fit_matrix(given, trainer.feelings.labels[rows], len(EMOTIONS), ROUNDS)
    return np.asarray((mixture - mixture[:, REFERENCE, None])[:, :REFERENCE])
