"""The methods find what was planted, agree with textbooks, and say one thing in interval, p-value and placebo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from canyu.measure.lift import LiftDesign, LiftKind, Panel, compute_lift
from canyu.measure.lift.imputation import Grid, impute
from canyu.measure.lift.placebo import test_any as compute_any_p_value
from canyu.measure.lift.structural import History, forecast_level
from canyu.measure.lift.weights import find_weights

WHY = "told to nobody"
ALL_DONORS = tuple(f"u{row}" for row in range(1, 20))


def make_units(seed: int, treated: int, donors: int, effect: float, starts: tuple[int, ...] = (12,)) -> Panel:
    random = np.random.default_rng(seed)
    values = random.normal(size=(treated + donors, 1)) * 3 + np.arange(24) * 0.2
    values = values + random.normal(size=(treated + donors, 24))
    for row in range(treated):
        values[row, starts[row % len(starts)] :] += effect
    return Panel(tuple(f"u{row}" for row in range(treated + donors)), tuple(map(float, range(24))), values)


def study(kind: LiftKind, treated: int, starts: tuple[int, ...] = (12,), **rest: object) -> LiftDesign:
    chosen = {f"u{row}": float(starts[row % len(starts)]) for row in range(treated)}
    return LiftDesign(kind, chosen, untouched=WHY, **rest)  # type: ignore[arg-type]


def test_did_with_one_start_is_welchs_t_of_the_changes() -> None:
    panel = make_units(1, 6, 10, 2.0)
    found = compute_lift(panel, study(LiftKind.DID, 6)).effect
    changes = panel.values[:, 12:].mean(axis=1) - panel.values[:, :12].mean(axis=1)
    welch = stats.ttest_ind(changes[:6], changes[6:], equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert found.value == pytest.approx(changes[:6].mean() - changes[6:].mean(), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert found.p_value == pytest.approx(welch.pvalue, rel=1e-6)


def test_imputation_is_least_squares_on_what_was_not_treated() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(6, 8))
    known = random.random((6, 8)) > 0.15
    treated = np.zeros((6, 8), dtype=bool)
    treated[0, 4:], treated[1, 6:] = True, True
    free = known & ~treated
    rows = [(unit, time) for unit in range(6) for time in range(8) if free[unit, time]]
    design = np.zeros((len(rows), 14))
    for place, (unit, time) in enumerate(rows):
        design[place, [unit, 6 + time]] = 1
    found = np.linalg.lstsq(design, np.array([values[cell] for cell in rows]), rcond=None)[0]
    expected = found[:6, None] + found[None, 6:]
    assert np.allclose(impute(Grid(values, free, known & treated)), expected)


def test_what_no_free_cell_joins_is_not_known() -> None:
    """Two groups that were seen at different times tell nothing of each other, however many rows there are."""
    values = np.arange(24.0).reshape(4, 6)
    free = np.zeros((4, 6), dtype=bool)
    free[:2, :3], free[2:, 3:] = True, True
    filled = impute(Grid(values, free, ~free))
    assert np.isnan(filled[:2, 3:]).all()
    assert np.isnan(filled[2:, :3]).all()
    assert np.allclose(filled[free], values[free])


def test_staggered_starts_do_not_take_the_treated_for_controls() -> None:
    """An effect that grows with time turns the sign of two-way fixed effects; imputation finds its average."""
    panel = make_units(3, 10, 10, 0.0)
    values = panel.values.copy()
    starts = (6, 16)
    for row in range(10):
        begin = starts[row % 2]
        values[row, begin:] += np.arange(24 - begin)
    grown = Panel(panel.units, panel.times, values)
    found = compute_lift(grown, study(LiftKind.DID, 10, starts))
    truth = (5 * sum(range(18)) + 5 * sum(range(8))) / (5 * 18 + 5 * 8)
    assert found.effect.value == pytest.approx(truth, abs=0.5)
    assert found.in_time is not None
    assert found.in_time.low is not None
    assert found.in_time.high is not None
    assert found.in_time.low < 0 < found.in_time.high


def test_a_trend_before_the_start_is_told() -> None:
    panel = make_units(4, 5, 10, 0.0)
    values = panel.values.copy()
    values[:5] += 0.8 * np.arange(24)
    found = compute_lift(Panel(panel.units, panel.times, values), study(LiftKind.DID, 5))
    assert found.trend is not None
    assert found.trend.value == pytest.approx(0.8, abs=0.2)
    assert "Trends were not parallel" in " ".join(note.en for note in found.notes)
    assert "finds an effect where nothing was done" in " ".join(note.en for note in found.notes)


@pytest.mark.parametrize("kind", [LiftKind.GEO_LIFT, LiftKind.SYNTHETIC_CONTROL, LiftKind.SYNTHETIC_DID])
def test_a_planted_effect_is_found_and_none_where_none_was_planted(
    make_world: Callable[..., Panel], kind: LiftKind
) -> None:
    for effect, is_found in ((6.0, True), (0.0, False)):
        found = compute_lift(make_world(11, 20, 84, 70, effect), study(kind, 1, (70,)))
        assert found.effect.value == pytest.approx(effect, abs=1.5)
        assert found.effect.p_value is not None
        assert (found.effect.p_value < 0.05) is is_found
        assert found.in_space is not None
        assert (found.in_space.share <= 0.05) is is_found
        assert found.in_time is not None
        assert found.in_time.p_value is not None
        assert found.in_time.p_value > 0.05


@pytest.mark.parametrize("kind", [*LiftKind])
def test_interval_and_p_value_never_contradict_and_scales_agree(
    make_world: Callable[..., Panel], kind: LiftKind
) -> None:
    donors = ALL_DONORS[:2] if kind in {LiftKind.BEFORE_AFTER, LiftKind.EVENT_STUDY} else ()
    start = 80 if kind is LiftKind.EVENT_STUDY else 70
    for effect in (0.0, 0.7, 4.0):
        world = make_world(21, 20, 84, start, effect)
        found = compute_lift(world, study(kind, 1, (start,), donors=donors, cycle=7))
        told = found.effect
        assert told.value is not None
        assert told.low is not None
        assert told.high is not None
        assert told.p_value is not None
        assert told.low < told.value < told.high
        assert (told.p_value < 0.05) is not (told.low <= 0 <= told.high)
        assert found.total.value == pytest.approx(told.value * (84 - start))
        assert found.relative.p_value == told.p_value
        assert (found.relative.low > 0) is (told.low > 0)


def test_few_long_periods_are_judged_by_ranks_among_the_donors(make_world: Callable[..., Panel]) -> None:
    found = compute_lift(make_world(5, 30, 30, 18, 9.0), study(LiftKind.SYNTHETIC_CONTROL, 1, (18,)))
    assert "permutation" in found.effect.method.en
    assert found.in_space is not None
    assert found.effect.p_value == found.in_space.share == pytest.approx(1 / 30)
    assert found.effect.low is not None
    assert found.effect.low > 0


def test_weights_are_exact_on_the_simplex() -> None:
    random = np.random.default_rng(6)
    pool = random.normal(size=(40, 8))
    truth = np.array([0.5, 0.3, 0.2, 0, 0, 0, 0, 0])
    assert find_weights(pool, pool @ truth) == pytest.approx(truth, abs=1e-6)
    outcome = pool @ truth + random.normal(size=40)
    found = find_weights(pool, outcome, ridge=3.0)
    slope = 2 * pool.T @ (pool @ found - outcome) + 6 * found
    assert slope[found > 1e-9] == pytest.approx(np.full((found > 1e-9).sum(), slope.min()), abs=1e-6)
    assert slope.min() <= slope[found <= 1e-9].min() + 1e-6


def test_any_period_is_told_where_the_average_is_not() -> None:
    gaps = np.random.default_rng(7).normal(size=90)
    gaps[80:] += 6 * np.resize([1, -1], 10)
    assert compute_any_p_value(gaps, 80) < 0.001
    assert compute_any_p_value(np.ones(90), 80) == 1.0


def test_the_forecast_equals_the_kalman_filter() -> None:
    """One ratio, no controls: the level and its variance are those of the textbook's recursion."""
    outcome = np.cumsum(np.random.default_rng(8).normal(size=50)) + 30
    times = np.arange(60)
    found = forecast_level(History(outcome, np.empty((50, 0)), times[:50], np.empty((10, 0)), times[50:]))
    ratio, middle, spread = 1.0, outcome.mean(), outcome.std()
    level, variance = (outcome[0] - middle) / spread, 1.0
    for value in (outcome[1:] - middle) / spread:
        variance += ratio**2
        gain = variance / (variance + 1)
        level, variance = level + gain * (value - level), variance * (1 - gain)
    from canyu.measure.lift import structural

    place = int(np.argmin(np.abs(structural.RATIOS - ratio)))
    assert structural.RATIOS[place] == pytest.approx(ratio, rel=0.3)
    rows = slice(len(structural.WIDTHS) * place, len(structural.WIDTHS) * (place + 1))
    assert found.each.centres[rows, 0] == pytest.approx(level * spread + middle, abs=0.25)
    assert (found.each.scales[rows, -1] > found.each.scales[rows, 0]).all()


def test_a_gap_in_the_past_widens_the_forecast() -> None:
    outcome = np.cumsum(np.random.default_rng(9).normal(size=60)) + 30
    whole, later = np.arange(60), np.arange(60, 70)
    late = later + 30
    widths = [
        np.ptp(
            [
                forecast_level(History(outcome, np.empty((60, 0)), whole, np.empty((10, 0)), at)).mean.find_quantile(q)
                for q in (0.025, 0.975)
            ]
        )
        for at in (later, late)
    ]
    assert widths[1] > 1.3 * widths[0]


def make_hours(surge: float) -> Panel:
    """Three weeks of hours with a daily wave; the last four hours are a live session."""
    random = np.random.default_rng(10)
    count = 21 * 24
    wave = 100 + 60 * np.sin(np.arange(count) * 2 * np.pi / 24)
    values = random.poisson(wave * np.repeat(np.exp(random.normal(size=21) * 0.05), 24)).astype(float)
    values[-4:] += surge
    first = datetime(2025, 6, 1, tzinfo=UTC)
    return Panel(("shop",), tuple(first + timedelta(hours=hour) for hour in range(count)), values[None])


def test_a_live_session_is_compared_with_the_same_hours_of_other_days() -> None:
    panel = make_hours(80.0)
    design = LiftDesign(LiftKind.EVENT_STUDY, {"shop": panel.times[-4]})
    found = compute_lift(panel, design)
    assert found.effect.value == pytest.approx(80, abs=12)
    assert found.total.value == pytest.approx(4 * (found.effect.value or 0))
    assert found.effect.p_value is not None
    assert found.effect.p_value < 1e-4
    assert found.in_time is not None
    assert found.in_time.p_value is not None
    assert found.in_time.p_value > 0.05
    assert compute_lift(make_hours(0.0), design).effect.p_value > 0.05  # type: ignore[operator]
    hours = panel.times
    broken = compute_lift(panel, replace(design, gaps=((hours[-2], hours[-2]),)))
    assert broken.effect.missing is not None
    assert "Some periods of the event are not known" in broken.effect.missing.en
    silent = replace(design, gaps=((hours[-28], hours[-26]),))
    assert compute_lift(panel, silent).effect.value == pytest.approx(found.effect.value, abs=8)
