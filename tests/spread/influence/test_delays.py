from __future__ import annotations

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.influence import (
    DELAY_SCHEMA,
    Delays,
    Family,
    FitSettings,
    Scope,
    apply_deadline,
    estimate_delays,
    fit_delays,
    fit_influence,
    read_cascades,
)
from planted_cascades import ARCS, PLANTED, simulate_cascades

SETTINGS = FitSettings(prior_strength=0)


def test_log_normal_delays_are_recognised_and_recovered() -> None:
    train, held_out = (read_cascades(simulate_cascades(many, seed)) for many, seed in ((2000, 1), (600, 2)))
    delays = fit_delays(fit_influence(train, ARCS, SETTINGS), held_out)
    assert delays.family is Family.LOG_NORMAL
    assert np.median(delays.centres) == pytest.approx(600, rel=0.1)
    assert delays.sigma == pytest.approx(1, abs=0.07)
    assert delays.held_out is not None
    assert delays.held_out.schema == DELAY_SCHEMA
    densities = delays.held_out["log_density"].to_pylist()
    assert densities == sorted(densities, reverse=True)
    assert len(densities) == 4


def test_exponential_delays_are_recognised_and_recovered() -> None:
    train, held_out = (
        read_cascades(simulate_cascades(many, seed, is_exponential=True)) for many, seed in ((2000, 1), (600, 2))
    )
    delays = fit_delays(fit_influence(train, ARCS, SETTINGS), held_out)
    assert delays.family is Family.EXPONENTIAL
    assert np.median(delays.centres) == pytest.approx(600, rel=0.12)


def test_an_arc_keeps_its_own_pace_when_it_has_enough_delays() -> None:
    fit = fit_influence(read_cascades(simulate_cascades(2000, 1)), ARCS, SETTINGS)
    slowed = fit.evidence.delays_s.copy()
    slowed[fit.evidence.exposed == 0] *= 10
    object.__setattr__(fit.evidence, "delays_s", slowed)
    delays = estimate_delays(fit.evidence, fit.weights, Family.LOG_NORMAL, Scope.ARC)
    assert delays.centres[0] == pytest.approx(6000, rel=0.25)
    assert delays.centres[6] == pytest.approx(600, rel=0.25)


def test_the_share_by_a_deadline_is_that_of_the_distribution() -> None:
    exponential = Delays(Family.EXPONENTIAL, Scope.ALL, np.array([100.0, 200.0]), 0.0)
    assert exponential.compute_share_by(100) == pytest.approx([1 - np.exp(-1), 1 - np.exp(-0.5)])
    log_normal = Delays(Family.LOG_NORMAL, Scope.ALL, np.array([100.0]), 1.0)
    assert log_normal.compute_share_by(100) == pytest.approx([0.5])
    assert log_normal.compute_share_by(100 * np.exp(1.959964)) == pytest.approx([0.975])
    assert log_normal.compute_share_by(0).tolist() == exponential.compute_share_by(-1)[:1].tolist() == [0.0]


@pytest.mark.parametrize("family", list(Family))
def test_densities_are_those_of_the_share(family: Family) -> None:
    delays = Delays(family, Scope.ALL, np.array([100.0]), 0.8)
    slope = (delays.compute_share_by(150.01) - delays.compute_share_by(149.99)) / 0.02
    assert np.exp(delays.compute_log_density(np.array([0]), np.array([150.0]))) == pytest.approx(slope, rel=1e-5)


def test_a_deadline_lowers_probabilities_to_what_is_seen_by_then() -> None:
    train, later = read_cascades(simulate_cascades(2000, 1)), read_cascades(simulate_cascades(2000, 3))
    fit = fit_influence(train, ARCS, SETTINGS)
    table = apply_deadline(fit, fit_delays(fit, later), 600)
    assert table.schema == fit.table.schema
    evidence = fit.evidence
    seen = np.bincount(evidence.exposed, evidence.stated[evidence.activation_of] == np.arange(len(evidence.exposed)))
    assert seen.sum() > 0
    assert np.array(table["probability"]) == pytest.approx(np.array(list(PLANTED.values())) / 2, abs=0.05)


def test_no_delays_are_refused() -> None:
    train = read_cascades(simulate_cascades(50, 1))
    fit = fit_influence(train, ARCS, SETTINGS)
    with pytest.raises(BadInput, match="no delays"):
        fit_delays(fit, train.take(0, 0))
