"""From a folder of public sets to a finished model folder: weights, settings and figures."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from canyu.kit.jsonio import dump_json
from canyu.listen.corpora import load_corpus
from canyu.listen.evaluation import Quality, evaluate_model
from canyu.listen.sentiment import SentimentModel
from canyu.listen.training import TrainSettings, train_moods, write_model

DECIMALS = 6  # of figures: machines differ beyond
SHARES = ("accuracy", "low", "high", "macro_f1", "ece", "chance")


def train_sentiment(data_folder: Path, out_folder: Path, seed: int = 7) -> SentimentModel:
    """Train sentiment and emotion on the public sets below ``data_folder`` and write the model to ``out_folder``.

    The same data and seed give the same bytes. Raises NotFound where a set is missing, BadInput where ``out_folder``
    has no name, for it names the model.
    """
    settings = TrainSettings(seed=seed)
    corpus = load_corpus(data_folder, with_talk=True)
    model = write_model(out_folder, train_moods(corpus, settings), settings)
    write_figures(out_folder, model.version, evaluate_model(model, corpus))
    return model


def write_figures(folder: Path, version: str, figures: list[Quality]) -> None:
    """Write ``figures.json``: the version, and each figure rounded to what every machine agrees on."""
    rounded = [replace(line, **{name: round(getattr(line, name), DECIMALS) for name in SHARES}) for line in figures]
    content = {"version": version, "figures": [asdict(line) for line in rounded]}
    (folder / "figures.json").write_text(dump_json(content) + "\n", "utf-8")
