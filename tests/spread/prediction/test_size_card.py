"""The card of the shipped model says what its files say, and its files say what the public set gives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from canyu.spread.held_out import is_held_out
from canyu.spread.prediction import load_predictor
from canyu.spread.prediction.figures import judge_sizes
from canyu.spread.prediction.horizon import LEAST_SEEN
from canyu.spread.prediction.public_set import load_cascades
from canyu.spread.prediction.snapshots import take_snapshots

FOLDER = Path(__file__).resolve().parents[3] / "models" / "cascade-size-2"
CARD = (FOLDER / "README.md").read_text("utf-8")
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))


def test_the_card_names_the_version_and_the_bytes() -> None:
    assert f"`{load_predictor('cascade-size-2').version}`" in CARD
    assert hashlib.sha256((FOLDER / "weights.npz").read_bytes()).hexdigest() in CARD
    assert FIGURES["version"] == load_predictor("cascade-size-2").version
    assert (FOLDER / "weights.npz").stat().st_size < 1_000_000


@pytest.mark.parametrize("line", FIGURES["sizes"], ids=lambda line: f"{line['horizon']} {line['age_h']}")
def test_the_card_shows_the_figures_of_training(line: dict[str, float]) -> None:
    msle = f"{line['msle']:.3f} ({line['msle_low']:.3f}-{line['msle_high']:.3f})"
    ape = f"{line['median_ape']:.3f} ({line['median_ape_low']:.3f}-{line['median_ape_high']:.3f})"
    covered = f"{line['coverage']:.3f} ({line['coverage_low']:.3f}-{line['coverage_high']:.3f})"
    cells = [line["horizon"], f"{line['age_h']:g} h", str(line["cascades"]), msle, ape, covered]
    assert f"| {' | '.join(map(str, cells))} | {line['median_high_to_low']:.2f} |" in CARD


def test_the_card_shows_the_figures_of_the_peak() -> None:
    for line in FIGURES["peaks"]:
        cells = [f"{line[name]:.3f}" for name in ("passed", "accuracy", "brier")]
        row = [f"{line['age_h']:g} h", str(line["cascades"]), *cells, f"{line['ahead_median_factor']:.2f}"]
        assert f"| {' | '.join(row)} |" in CARD


@pytest.mark.real
def test_the_latest_posts_are_predicted_as_well_as_the_card_says(shared_data: Path) -> None:
    model, cascades = load_predictor("cascade-size-2"), load_cascades(shared_data)
    fitted, calibrated, latest = cascades.split()
    begun = [root.time for root in cascades.roots]
    assert max(begun[row] for row in (*fitted, *calibrated)) <= min(begun[row] for row in latest)
    assert (len(fitted) + len(calibrated), len(latest)) == tuple(FIGURES["cascades"].values())
    part = take_snapshots(cascades, model.hours, (1.0,))
    part = part.take(np.isin(part.cascades, latest) & (part.seen >= LEAST_SEEN))
    read = model.read_sizes(part.features, part.seen)[0]
    found = judge_sizes(read[:, 0], part.sizes["day"], part.seen)
    shown = next(line for line in FIGURES["sizes"] if (line["horizon"], line["age_h"]) == ("day", 1.0))
    assert (found.msle, found.median_ape) == pytest.approx((shown["msle"], shown["median_ape"]), abs=0.002)
    covered = ((read[:, 1] <= part.sizes["day"]) & (part.sizes["day"] <= read[:, 2])).mean()
    assert covered == pytest.approx(shown["coverage"], abs=0.01)
    assert found.msle <= 0.95


@pytest.mark.parametrize("age", [0.5, 1.0, 2.0, 6.0])
def test_the_interval_of_the_end_covers_four_of_five(age: float) -> None:
    line = next(line for line in FIGURES["sizes"] if (line["horizon"], line["age_h"]) == ("final", age))
    assert 0.77 <= line["coverage"] <= 0.83


@pytest.mark.parametrize("line", FIGURES["courses"], ids=lambda line: f"{line['age_h']} to {line['hour']}")
def test_the_card_shows_the_figures_of_the_curve(line: dict[str, float]) -> None:
    ends = [f"{line[name]:.3f}" for name in ("coverage", "median_ape")]
    row = [f"{line['age_h']:g} h", f"{line['hour']:g} h", str(line["cascades"]), *ends]
    assert f"| {' | '.join(row)} | {line['median_high_to_low']:.2f} |" in CARD


def test_the_hold_out_rule_is_that_of_the_public_set() -> None:
    texts = [f"帖子{number}" for number in range(1000)]
    assert 150 < sum(map(is_held_out, texts)) < 250
    assert is_held_out(None) == is_held_out("")
