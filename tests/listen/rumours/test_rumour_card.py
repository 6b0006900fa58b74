"""The card of the shipped model says what its files say, and its files say what the public set gives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from canyu.listen.rumours import RumourSettings, View, load_rumours
from canyu.listen.rumours.figures import LATEST, judge
from canyu.listen.rumours.public_set import load_labelled
from canyu.listen.rumours.training import WordReader, predict_held

FOLDER = Path(__file__).resolve().parents[3] / "models" / "rumour-zh-1"
CARD = (FOLDER / "README.md").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))


def test_the_card_names_the_version_and_the_bytes() -> None:
    assert f"`{load_rumours('rumour-zh-1').version}`" in CARD
    assert hashlib.sha256((FOLDER / "weights.npz").read_bytes()).hexdigest() in CARD
    assert FIGURES["version"] == load_rumours("rumour-zh-1").version


@pytest.mark.parametrize("line", FIGURES["figures"], ids=lambda line: f"{line['view']} {line['split']}")
def test_the_card_shows_the_figures_of_training(line: dict[str, float]) -> None:
    accuracy = f"{line['accuracy']:.3f} ({line['accuracy_low']:.3f}-{line['accuracy_high']:.3f})"
    recall = f"{line['recall']:.3f} ({line['recall_low']:.3f}-{line['recall_high']:.3f})"
    cells = [line["view"], line["split"], f"{line['posts']:,}", f"{line['rumours']:,}", accuracy, f"{line['auc']:.3f}"]
    assert f"| {' | '.join(map(str, cells))} | {recall} | {line['ece']:.3f} |" in CARD


def test_the_card_tells_of_the_slip_and_of_the_claims() -> None:
    kept, claims = FIGURES["kept"], FIGURES["claims"]
    assert f"{kept['precision']:.3f} ({kept['low']:.3f}-{kept['high']:.3f})" in CARD
    assert f"{claims['rumours']:.3f} of the rumours and in {claims['others']:.3f} of the other posts" in CARD


@pytest.mark.real
def test_the_latest_fifth_is_read_as_well_as_the_card_says(shared_data: Path) -> None:
    reader = WordReader(load_labelled(shared_data), RumourSettings())
    train, test = reader.labelled.split_by_time()
    assert reader.labelled.posts.times[train].max() <= reader.labelled.posts.times[test].min()
    found = judge("all", LATEST, predict_held(reader, View.ALL, train, test), reader.labelled.y[test])
    shown = next(line for line in FIGURES["figures"] if (line["view"], line["split"]) == ("all", LATEST))
    assert found.accuracy == pytest.approx(shown["accuracy"], abs=0.004)
    assert found.accuracy >= 0.88


@pytest.mark.real
def test_near_copies_fall_into_one_fold(shared_data: Path) -> None:
    labelled = load_labelled(shared_data)
    fold_of = dict(zip(labelled.groups.tolist(), labelled.folds.tolist(), strict=True))
    assert [fold_of[group] for group in labelled.groups.tolist()] == labelled.folds.tolist()
    assert len(fold_of) < len(labelled.y)
    assert set(labelled.folds.tolist()) == {0, 1, 2, 3, 4}
