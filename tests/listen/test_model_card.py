"""The card of the shipped model says what its files say, and its files say what training gives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from canyu.commands.train import command
from canyu.listen.corpora import load_corpus
from canyu.listen.evaluation import evaluate_model
from canyu.listen.sentiment import load_sentiment

FOLDER = Path(__file__).resolve().parents[2] / "models" / "sentiment-zh-1"
CARD = (FOLDER / "README.md").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))


def test_the_card_names_the_version_and_the_bytes() -> None:
    assert f"`{load_sentiment('sentiment-zh-1').version}`" in CARD
    assert hashlib.sha256((FOLDER / "weights.npz").read_bytes()).hexdigest() in CARD
    assert FIGURES["version"] == load_sentiment("sentiment-zh-1").version


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
    ]
    assert f"| {' | '.join(map(str, cells))} |" in CARD


@pytest.mark.real
def test_the_shipped_model_is_at_least_as_good_as_words_and_a_linear_svm(shared_data: Path) -> None:
    peer = {"online_shopping_10_cats": 0.9352, "weibo2018_sentiment": 0.8239, "chnsenticorp_hotel": 0.8793}
    figures = evaluate_model(load_sentiment("sentiment-zh-1"), load_corpus(shared_data, with_talk=True))
    found = {line.source: line.macro_f1 for line in figures if line.task == "polarity"}
    assert {name for name, score in peer.items() if found[name] < score} == set()
    assert max(line.ece for line in figures if line.source in peer) < 0.03


@pytest.mark.real
def test_training_again_gives_the_shipped_bytes(shared_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "sentiment-zh-1"
    result = CliRunner().invoke(command, ["--data", str(shared_data), "--out", str(out), "--seed", "7"])
    assert result.exit_code == 0
    for name in ("weights.npz", "figures.json", "settings.json"):
        assert (out / name).read_bytes() == (FOLDER / name).read_bytes()
