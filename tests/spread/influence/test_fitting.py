from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from canyu.kit.errors import BadInput
from canyu.spread.influence import (
    HELD_OUT_SCHEMA,
    FitSettings,
    Method,
    compare_fits,
    compute_credit,
    fit_influence,
    gather_evidence,
    make_influence_schema,
    read_cascades,
)
from planted_cascades import ARCS, PLANTED, simulate_cascades

TRUTH = np.array(list(PLANTED.values()))
TRAIN = read_cascades(simulate_cascades(4000, seed=1))
HELD_OUT = read_cascades(simulate_cascades(1500, seed=2))
PLAIN = FitSettings(Method.EM, prior_strength=0)
TIMED = FitSettings(Method.TIMED_EM, prior_strength=0)
START = datetime(2026, 3, 1, tzinfo=UTC)


def make_two_sources() -> pa.Table:
    """Return a before b before c, then a before c: 10 and 20 minutes, and 40."""
    minutes = [(1, "a", 0), (1, "b", 10), (1, "c", 30), (2, "a", 0), (2, "c", 40), (3, "a", 0)]
    times = pa.array([START + timedelta(days=n, minutes=m) for n, _, m in minutes], pa.timestamp("us", "UTC"))
    return pa.table({"cascade": [n for n, _, _ in minutes], "user": [name for _, name, _ in minutes], "time": times})


TWO_SOURCES = read_cascades(make_two_sources())
TWO_ARCS = pa.table({"source": ["a", "b"], "target": ["c", "c"]})


@pytest.mark.parametrize(("settings", "most", "usual"), [(TIMED, 0.03, 0.015), (PLAIN, 0.07, 0.035)])
def test_planted_probabilities_are_recovered_without_stated_parents(
    settings: FitSettings, most: float, usual: float
) -> None:
    fit = fit_influence(TRAIN.hide_parents(), ARCS, settings)
    assert np.abs(fit.chances - TRUTH).max() < most
    assert np.sqrt(((fit.chances - TRUTH) ** 2).mean()) < usual
    assert fit.rounds < 1000


def test_planted_delays_are_recovered_though_only_the_first_to_come_are_seen() -> None:
    centre, sigma = fit_influence(TRAIN.hide_parents(), ARCS, TIMED).timing
    assert (centre, sigma) == (pytest.approx(np.log(600), abs=0.05), pytest.approx(1, abs=0.05))


def test_probabilities_are_recovered_when_delays_are_not_log_normal() -> None:
    cascades = read_cascades(simulate_cascades(4000, seed=1, is_exponential=True)).hide_parents()
    assert np.abs(fit_influence(cascades, ARCS, TIMED).chances - TRUTH).max() < 0.03


@pytest.mark.parametrize("settings", [TIMED, PLAIN])
def test_stated_parents_make_it_sharper(settings: FitSettings) -> None:
    blind, stated = (fit_influence(c, ARCS, settings) for c in (TRAIN.hide_parents(), TRAIN))
    assert (stated.high - stated.low).sum() < (blind.high - blind.low).sum()
    assert np.abs(stated.chances - TRUTH).max() < 0.03


@pytest.mark.parametrize(("cascades", "draws"), [(400, 25), (4000, 8)])
def test_intervals_hold_the_planted_probability_about_as_often_as_they_say(cascades: int, draws: int) -> None:
    held = []
    for seed in range(draws):
        fit = fit_influence(read_cascades(simulate_cascades(cascades, seed)).hide_parents(), ARCS, TIMED)
        held += list((fit.low <= TRUTH) & (fit.high >= TRUTH))
    assert 0.90 <= np.mean(held) <= 0.99  # of 300 and of 96


@pytest.mark.parametrize("settings", [TIMED, PLAIN])
def test_arcs_that_always_or_never_worked_have_the_interval_of_their_trials(settings: FitSettings) -> None:
    days = [START + timedelta(days=day, minutes=minute) for day in range(20) for minute in (0, 7)]
    table = pa.table(
        {
            "cascade": [day for day in range(20) for _ in range(2)],
            "user": ["a", "b"] * 20,
            "time": pa.array(days, pa.timestamp("us", "UTC")),
        }
    )
    fit = fit_influence(read_cascades(table), pa.table({"source": ["a", "a"], "target": ["b", "z"]}), settings)
    assert fit.chances == pytest.approx([1, 0])  # z is in no cascade: it never followed
    assert fit.common == 0.5
    assert (fit.low[0], fit.high[0]) == (pytest.approx(0.8389, abs=1e-4), pytest.approx(1))
    never = fit_influence(TRAIN, ARCS, settings)
    trials = never.evidence.trials[-1]
    assert (never.chances[-1], never.low[-1]) == (pytest.approx(0), pytest.approx(0))
    assert never.high[-1] == pytest.approx(1.959964**2 / (trials + 1.959964**2), rel=1e-4)


def test_the_timed_fit_is_where_no_single_arc_can_improve_who_and_when() -> None:
    fit = fit_influence(TRAIN.hide_parents().take(0, 500), ARCS, TIMED)
    best = fit.evidence.score_cascades(fit.chances, fit.timing)[0].sum()
    for arc in range(len(TRUTH)):
        for step in (-0.02, 0.02):
            moved = fit.chances.copy()
            moved[arc] = np.clip(moved[arc] + step, 1e-6, 1 - 1e-6)
            assert fit.evidence.score_cascades(moved, fit.timing)[0].sum() < best + 1e-6


def test_em_climbs_to_where_no_single_arc_can_improve() -> None:
    cascades = TRAIN.hide_parents().take(0, 500)
    fit = fit_influence(cascades, ARCS, PLAIN)
    best = fit.evidence.score_cascades(fit.chances)[0].sum()
    for arc in range(len(TRUTH)):
        for step in (-0.02, 0.02):
            moved = fit.chances.copy()
            moved[arc] = np.clip(moved[arc] + step, 1e-6, 1 - 1e-6)
            assert fit.evidence.score_cascades(moved)[0].sum() < best + 1e-6


def test_credit_is_shared_and_decays() -> None:
    evidence = gather_evidence(TWO_SOURCES, TWO_ARCS)
    # Mean delays: a to c (30 + 40) / 2 minutes, b to c 20. Of c's two actions only the first is within a mean delay.
    expected = [0.5 / 2 * np.exp(-30 / 35), 0.5 / 2 * np.exp(-20 / 20), 0.5 * np.exp(-40 / 35)]
    assert compute_credit(evidence) == pytest.approx(expected)
    fit = fit_influence(TWO_SOURCES, TWO_ARCS, FitSettings(Method.CREDIT, prior_strength=0))
    assert fit.chances == pytest.approx([(expected[0] + expected[2]) / 3, expected[1] / 1])


def test_em_of_two_sources_is_the_known_maximum() -> None:
    # a alone worked once and failed once; with b it may be either: p(a) = 1/2 and p(b) = 1 make all of it likeliest.
    fit = fit_influence(TWO_SOURCES, TWO_ARCS, FitSettings(Method.EM, 0, most_rounds=20_000, tolerance=1e-12))
    assert fit.chances == pytest.approx([0.5, 1.0], abs=1e-3)


def test_credit_orders_arcs_as_planted_but_says_too_little() -> None:
    fit = fit_influence(TRAIN.hide_parents(), ARCS, FitSettings(Method.CREDIT, prior_strength=0))
    ranks = [np.argsort(np.argsort(values)) for values in (fit.chances, TRUTH)]
    assert np.corrcoef(*ranks)[0, 1] > 0.8
    assert fit.chances.mean() < 0.7 * TRUTH.mean()


def test_with_stated_parents_both_methods_count_the_same() -> None:
    em = fit_influence(TRAIN, ARCS, PLAIN)
    credit = fit_influence(TRAIN, ARCS, FitSettings(Method.CREDIT, prior_strength=0))
    stated = [row["parent"] is not None for row in simulate_cascades(4000, seed=1).to_pylist()]
    assert em.weights.sum() == credit.weights.sum() == sum(stated)
    assert np.array_equal(em.table["credited"], credit.table["credited"])


def test_held_out_likelihood_stands_beside_the_baseline() -> None:
    train, held_out = TRAIN.hide_parents(), HELD_OUT.hide_parents()
    table = compare_fits([fit_influence(train, ARCS, FitSettings(method)) for method in Method], held_out)
    assert table.schema == HELD_OUT_SCHEMA
    constant, credit, em, timed = table.to_pylist()
    assert table["method"].to_pylist() == [str(method) for method in Method]
    assert constant["gain"] == constant["gain_low"] == constant["gain_high"] == 0
    assert em["gain_low"] > 0.05
    assert timed["gain_low"] > 0.05
    assert em["gain"] > credit["gain"]
    truth = gather_evidence(held_out, ARCS).score_cascades(TRUTH)
    assert em["log_likelihood"] == pytest.approx(truth[0].sum() / truth[1].sum(), abs=0.002)


def test_the_timed_fit_foretells_who_and_when_best_and_hardly_worse_than_the_truth() -> None:
    train, held_out = TRAIN.hide_parents(), HELD_OUT.hide_parents()
    fits = [fit_influence(train, ARCS, FitSettings(method)) for method in Method]
    gains = compare_fits(fits, held_out, with_times=True)["gain"].to_pylist()
    assert max(gains) == gains[-1] > gains[2] > 0 > gains[1]
    scores, trials = gather_evidence(held_out, ARCS).score_cascades(TRUTH, (np.log(600), 1.0))
    timed = compare_fits(fits[-1:], held_out, with_times=True)["log_likelihood"][0].as_py()
    assert timed == pytest.approx(scores.sum() / trials.sum(), abs=0.003)


def test_a_method_without_a_signal_gains_nothing() -> None:
    half = read_cascades(simulate_cascades(300, seed=4))
    fits = [
        fit_influence(half, ARCS, FitSettings(Method.CONSTANT)),
        fit_influence(half, ARCS, FitSettings(prior_strength=1e9)),
    ]
    row = compare_fits(fits, HELD_OUT).to_pylist()[1]
    assert row["gain"] == pytest.approx(0, abs=1e-6)


def test_the_constant_is_the_likeliest_common_probability() -> None:
    fit = fit_influence(TRAIN.hide_parents(), ARCS, FitSettings(Method.CONSTANT))
    scores = [fit.evidence.score_cascades(np.full(12, fit.common + step))[0].sum() for step in (-0.01, 0, 0.01)]
    assert scores[1] == max(scores)
    assert len(set(fit.chances)) == 1


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (fit_influence(TRAIN, ARCS) for _ in range(2))
    assert first.table.equals(second.table)
    assert first.prior_strength == second.prior_strength


def test_an_arc_seen_once_is_not_sure_and_an_arc_never_tried_is_as_the_others() -> None:
    arcs = pa.table({"source": ["a", "b", "z"], "target": ["c", "c", "c"]})
    fit = fit_influence(TWO_SOURCES, arcs, FitSettings(prior_strength=4))
    assert fit.chances[1] < 0.75
    assert fit.chances[2] == pytest.approx(fit.common)
    assert fit.high[2] - fit.low[2] > 0.5


def test_the_table_has_the_stated_schema_and_intervals_around_probabilities() -> None:
    table = fit_influence(TRAIN, ARCS).table
    assert table.schema == make_influence_schema(pa.string())
    assert (np.array(table["low"]) <= np.array(table["probability"])).all()
    assert (np.array(table["probability"]) <= np.array(table["high"])).all()


def test_no_trial_is_refused() -> None:
    with pytest.raises(BadInput, match="ever tried"):
        fit_influence(TWO_SOURCES, pa.table({"source": ["c"], "target": ["a"]}))
    fit = fit_influence(TWO_SOURCES, TWO_ARCS, PLAIN)
    with pytest.raises(BadInput, match="try none"):
        compare_fits([fit], TWO_SOURCES.take(0, 0))


def test_fits_of_different_arcs_are_not_compared() -> None:
    fits = [fit_influence(TWO_SOURCES, arcs, PLAIN) for arcs in (TWO_ARCS, TWO_ARCS.slice(0, 1))]
    with pytest.raises(BadInput, match="different arcs"):
        compare_fits(fits, TWO_SOURCES)
