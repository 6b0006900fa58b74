"""The card of the shipped model says what its files say, and its files say what training gives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from canyu.listen.corpora import load_corpus
from canyu.listen.evaluation import evaluate_model
from canyu.listen.sentiment import load_sentiment

FOLDER = Path(__file__).resolve().parents[2] / "models" / "sentiment-zh-4"
CARD = (FOLDER / "README.md").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))


def test_the_card_names_the_version_and_the_bytes() -> None:
    assert f"`{load_sentiment('sentiment-zh-4').version}`" in CARD
    assert hashlib.sha256((FOLDER / "weights.npz").read_bytes()).hexdigest() in CARD
    assert FIGURES["version"] == load_sentiment("sentiment-zh-4").version


@pytest.mark.parametrize("line", FIGURES["figures"], ids=lambda line: f"{line['source']} {line['task']}")
def test_the_card_shows_the_figures_of_training(line: dict[str, float]) -> None:
    spread = f"{line['accuracy']:.3f} ({line['low']:.3f}-{line['high']:.3f})"
    cells = [
        line["source"],
        line["task"],
        f"{line['texts']:,}",
        spread,
        f"{line['macro_f1']:.3f}",
        f"{line['ece']:.3f}",
        f"{line['chance']:.3f}",
    ]
    assert f"| {' | '.join(map(str, cells))} |" in CARD


@pytest.mark.real
def test_the_shipped_model_gives_the_figures_of_its_card(shared_data: Path) -> None:
    figures = evaluate_model(load_sentiment("sentiment-zh-4"), load_corpus(shared_data, with_talk=True))
    found = {(line.source, line.task): line for line in figures}
    for line in FIGURES["figures"]:
        assert found[line["source"], line["task"]].macro_f1 == pytest.approx(line["macro_f1"], abs=1e-4)
        assert found[line["source"], line["task"]].ece == pytest.approx(line["ece"], abs=1e-4)
    reviews = [found[name, "polarity"] for name in ("online_shopping_10_cats", "chnsenticorp_hotel")]
    right = sum(line.accuracy * line.texts for line in reviews) / sum(line.texts for line in reviews)
    assert right > 0.9309  # TF-IDF of character 1- to 3-grams and a linear SVM: benchmarks/sentiment.py
    assert found["weibo2018_sentiment", "polarity"].macro_f1 > 0.8371
    assert found["smp2020_ewect", "emotion"].macro_f1 > 0.6441  # fastText and 3 points: benchmarks/emotion.py
