"""How the rumour model is made: words first, then numbers over scores of texts that were not trained on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canyu.kit.errors import BadInput
from canyu.kit.jsonio import dump_json
from canyu.kit.model_store import WEIGHTS, write_arrays
from canyu.kit.words import Words
from canyu.listen.calibration import Calibration, fit_calibration
from canyu.listen.kernels.adagrad import compute_leanings, fit_logistic
from canyu.listen.kernels.ngrams import hash_grams
from canyu.listen.rumours.model import RumourModel, pack_stages, read_model
from canyu.listen.rumours.public_set import LabelledPosts, load_labelled
from canyu.listen.rumours.views import Stage, View, build_table, fit_stage
from canyu.listen.text import PackedTexts
from canyu.listen.training import Grams, Head, pack_heads

DECIMALS = 6  # beyond what any figure shows, and short of where machines differ


@dataclass(frozen=True, slots=True)
class RumourSettings:
    """What a model was trained with; the words' settings are those of the sentiment model but for the size."""

    bits: int = 18
    epochs: int = 8
    rate: float = 0.3
    decay: float = 1e-4
    seed: int = 7


class WordReader:
    """Fits both word scores (post, reactions) on given rows and reads all rows; remembers what it fitted."""

    def __init__(self, labelled: LabelledPosts, settings: RumourSettings) -> None:
        self.labelled, self.settings = labelled, settings
        self.fields = tuple(
            hash_texts(text, settings.bits) for text in (labelled.features.source, labelled.features.reactions)
        )
        self._read: dict[bytes, NDArray[np.float64]] = {}

    def fit(self, rows: NDArray[np.int64]) -> list[Head]:
        """Return the fitted heads of both texts."""
        return [fit_words(grams, self.labelled.y, rows, self.settings) for grams in self.fields]

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores of every row, shape (n, 2), by heads fitted on ``rows``."""
        key = rows.tobytes()
        if key not in self._read:
            every = np.arange(len(self.labelled.y))
            scores = [
                grams.score(head.weights, every) + head.bias
                for grams, head in zip(self.fields, self.fit(rows), strict=True)
            ]
            self._read[key] = np.stack(scores, axis=1)
        return self._read[key]

    def read_out_of_fold(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return scores where each of ``rows`` was read by heads fitted on the other folds of ``rows`` alone."""
        scores = self.read(rows).copy()
        folds = self.labelled.folds
        for fold in np.unique(folds[rows]):
            held = rows[folds[rows] == fold]
            scores[held] = self.read(rows[folds[rows] != fold])[held]
        return scores


def train_rumours(data_folder: Path, out_folder: Path, settings: RumourSettings = RumourSettings()) -> RumourModel:
    """Train on the public set below ``data_folder``; write weights, settings and figures to ``out_folder``.

    The same data and seed give the same bytes. Raises NotFound where the data are missing.
    """
    from canyu.listen.rumours.figures import list_figures

    if not out_folder.name:
        raise BadInput(
            Words("要写入的文件夹没有名称。", "the folder to write to has no name."),
            mend=Words("请按模型命名，例如 models/rumour-zh-1。", "Name it as the model, e.g. models/rumour-zh-1."),
        )
    reader = WordReader(load_labelled(data_folder), settings)
    stages = [calibrate_view(reader, view) for view in View]
    heads = pack_heads(reader.fit(np.arange(len(reader.labelled.y))))
    write_arrays(out_folder / WEIGHTS, {**heads, **pack_stages(stages)})
    (out_folder / "settings.json").write_text(dump_json(asdict(settings)) + "\n", "utf-8")
    model = read_model(out_folder / WEIGHTS)
    figures = {"version": model.version, **list_figures(reader)}
    (out_folder / "figures.json").write_text(dump_json(figures) + "\n", "utf-8")
    return model


def hash_texts(packed: PackedTexts, bits: int) -> Grams:
    """Return the hashed grams of packed texts."""
    return Grams(*hash_grams(packed.codes, packed.offsets, bits))


def fit_words(grams: Grams, y: NDArray[np.float64], rows: NDArray[np.int64], settings: RumourSettings) -> Head:
    """Fit one weight per gram on ``rows``, as the sentiment model does; the score is not calibrated yet."""
    even = np.ones(len(y))
    size = 1 << settings.bits
    leanings = compute_leanings(grams.buckets, grams.starts, rows, y, even, size)
    weights, bias = fit_logistic(
        grams.buckets,
        grams.starts,
        rows,
        y,
        even,
        leanings,
        settings.epochs,
        settings.rate,
        settings.decay,
        np.uint64(settings.seed),
    )
    return Head(weights, float(bias), Calibration(1.0, 0.0))


def predict_held(
    reader: WordReader, view: View, train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the log-odds of ``test`` by both stages fitted on ``train`` alone, not calibrated further."""
    features = reader.labelled.features
    inputs = build_table(features, reader.read_out_of_fold(train), view)
    readable = np.intersect1d(train, list_rows(reader.labelled, view))
    stage = fit_stage(inputs[readable], reader.labelled.y[readable])
    return stage.predict(build_table(features, reader.read(train), view)[test])


def cross_predict(reader: WordReader, view: View, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Return for each of ``rows`` (default: all) the log-odds by stages fitted on the other folds of them."""
    folds = reader.labelled.folds
    chosen = np.arange(len(folds)) if rows is None else rows
    scores = np.full(len(folds), np.nan)
    for fold in np.unique(folds[chosen]):
        held = chosen[folds[chosen] == fold]
        scores[held] = predict_held(reader, view, chosen[folds[chosen] != fold], held)
    return scores[chosen]


def calibrate_view(reader: WordReader, view: View) -> Stage:
    """Fit the view on all rows it can read; line and curve come from rows held out in turn."""
    labelled = reader.labelled
    every = np.arange(len(labelled.y))
    rows = list_rows(labelled, view)
    table = build_table(labelled.features, reader.read_out_of_fold(every), view)
    stage = fit_stage(table[rows], labelled.y[rows])
    return calibrate_stage(stage, cross_predict(reader, view)[rows], labelled.y[rows])


def calibrate_stage(stage: Stage, scores: NDArray[np.float64], truths: NDArray[np.float64]) -> Stage:
    """Return the stage with its log-odds put on the line of held-out ``scores``, and these kept as its curve."""
    line = fit_calibration(scores, truths, np.ones(len(scores)))
    order = np.argsort(-scores, kind="stable")
    return replace(
        stage,
        means=stage.means.round(DECIMALS),
        spreads=stage.spreads.round(DECIMALS),
        weights=(line.slope * stage.weights).round(DECIMALS),
        bias=round(line.slope * stage.bias + line.offset, DECIMALS),
        held=(line.slope * scores[order] + line.offset).round(DECIMALS),
        truths=truths[order],
    )


def list_rows(labelled: LabelledPosts, view: View) -> NDArray[np.int64]:
    """Return the rows that have what the view reads."""
    keep = np.ones(len(labelled.y), np.bool_)
    if view in (View.PROFILE, View.ALL):
        keep &= labelled.features.has_profile
    if view in (View.REACTIONS, View.ALL):
        keep &= labelled.features.has_reactions
    return np.flatnonzero(keep)
