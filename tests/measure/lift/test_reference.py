"""What others published, digit by digit within their tolerance: GeoLift, synthdid, augsynth, CausalImpact."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canyu.kit.yamlio import load_yaml
from canyu.measure.lift import Lift, LiftDesign, LiftKind, Panel, PanelColumns, compute_lift, read_panel_file

EXPECTED: dict[str, Any] = load_yaml((Path(__file__).parents[2] / "data" / "measure" / "lift.yaml").read_text("utf-8"))
WHY = "the donors saw nothing of it"
SERIES = {
    "comparison": ("ci_comparison_data.csv", "CHANGED", ("NOT_CHANGED_1", "NOT_CHANGED_2", "NOT_CHANGED_3")),
    "arma": ("ci_arma_data.csv", "y", ("X",)),
    "google": ("ci_google_data.csv", "y", ("x1", "x2")),
}


@pytest.fixture(scope="module")
def geo(measure_data: Path) -> Lift:
    panel = read_panel_file(measure_data / "geolift_test.csv", PanelColumns("location", "date", "Y"))
    start = panel.times[90]
    return compute_lift(panel, LiftDesign(LiftKind.GEO_LIFT, {"chicago": start, "portland": start}, untouched=WHY))


@pytest.fixture(scope="module")
def smoking(measure_data: Path) -> Panel:
    return read_panel_file(measure_data / "prop99_smoking.csv", PanelColumns("state", "year", "cigsale"))


def tell(kind: LiftKind, panel: Panel) -> Lift:
    return compute_lift(panel, LiftDesign(kind, {"California": 1989.0}, untouched=WHY))


def test_the_geo_lift_of_the_walkthrough(geo: Lift) -> None:
    known = EXPECTED["geo_lift"]
    assert geo.effect.value == pytest.approx(known["effect"], abs=0.001)
    assert geo.relative.value == pytest.approx(known["relative"], abs=0.05)
    assert geo.total.value == pytest.approx(known["total"], abs=0.5)
    assert geo.fit is not None
    assert geo.fit.distance == pytest.approx(known["l2"], abs=0.001)
    assert geo.fit.scaled == pytest.approx(known["scaled_l2"], abs=5e-5)
    assert geo.effect.p_value == pytest.approx(known["p_value"], abs=0.02)
    assert geo.any_p_value == pytest.approx(known["p_value"], abs=0.02)


def test_the_weights_of_the_walkthrough(geo: Lift) -> None:
    weights = dict(geo.weights)
    for market, weight in EXPECTED["geo_lift"]["weights"].items():
        assert weights[market] == pytest.approx(weight, abs=5e-4), market
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)


def test_the_interval_and_the_p_value_of_the_walkthrough_agree(geo: Lift) -> None:
    assert geo.effect.low is not None
    assert geo.effect.low > 0
    assert geo.in_time is not None
    assert geo.in_time.p_value is not None
    assert geo.in_time.p_value > 0.05


def test_proposition_99_by_synthetic_control(smoking: Panel) -> None:
    found, known = tell(LiftKind.SYNTHETIC_CONTROL, smoking), EXPECTED["proposition_99"]
    assert found.effect.value == pytest.approx(known["synthetic_control"], abs=0.2)
    assert [unit for unit, _ in found.weights[:4]] == known["leaders"]


def test_proposition_99_by_synthetic_did_and_did(smoking: Panel) -> None:
    known = EXPECTED["proposition_99"]
    assert tell(LiftKind.SYNTHETIC_DID, smoking).effect.value == pytest.approx(known["synthetic_did"], abs=0.02)
    assert tell(LiftKind.DID, smoking).effect.value == pytest.approx(known["did"], abs=0.001)


def test_the_tax_cut_of_kansas(measure_data: Path) -> None:
    panel = read_panel_file(measure_data / "kansas_ascm.csv", PanelColumns("fips", "year_qtr", "lngdpcapita"))
    found = compute_lift(panel, LiftDesign(LiftKind.SYNTHETIC_CONTROL, {"20.0": 2012.25}, untouched=WHY))
    known = EXPECTED["kansas"]
    assert found.effect.value == pytest.approx(known["effect"], abs=5e-4)
    assert found.fit is not None
    assert found.fit.distance == pytest.approx(known["l2"], abs=5e-4)
    after = [point for point in found.path if point.time >= 2012.25][:3]
    gaps = [point.actual - point.expected for point in after if point.actual and point.expected]
    assert gaps == pytest.approx(known["first_quarters"], abs=5e-4)


@pytest.mark.parametrize("name", SERIES)
def test_before_and_after_says_what_causal_impact_says(measure_data: Path, name: str) -> None:
    """The prediction is within one deviation of R's, and the verdict is R's; so it is with a season allowed for."""
    file, treated, controls = SERIES[name]
    with (measure_data / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    values = np.array([[float(row[column]) for row in rows] for column in (treated, *controls)])
    panel = Panel((treated, *controls), tuple(float(place) for place in range(len(rows))), values)
    known = EXPECTED["causal_impact"][name]
    for cycle in (1, 7):
        design = LiftDesign(
            LiftKind.BEFORE_AFTER, {treated: float(known["before"])}, donors=controls, untouched=WHY, cycle=cycle
        )
        effect = compute_lift(panel, design).effect
        assert effect.value is not None
        assert effect.low is not None
        assert effect.high is not None
        assert effect.p_value is not None
        actual = float(values[0, known["before"] :].mean())
        assert actual == pytest.approx(known["actual"], abs=0.5)
        assert actual - effect.value == pytest.approx(known["predicted"], abs=known["deviation"])
        assert (not effect.low <= 0 <= effect.high) is known["is_proven"]
        assert (effect.p_value < 0.05) is known["is_proven"]
