"""Comparisons against published figures, and what they must never do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canyu.kit.yamlio import load_yaml
from canyu.measure.experiments import Asking, Sums, compare, correct_holm
from canyu.measure.experiments.bucketing import compute_bucket, find_range
from canyu.measure.experiments.comparing import NO_BASELINE, NO_SPREAD, TOO_FEW, WEAK_BASELINE

FACTS = load_yaml((Path(__file__).parents[2] / "data" / "measure" / "growthbook.yaml").read_text("utf-8"))
PRINTED = 5.1e-6  # five decimals


def read_sums(given: dict[str, Any], *, is_share: bool) -> Sums:
    named = {name: value for name, value in given.items() if name != "n"}
    return Sums.of_named(given["n"], named, is_share=is_share)


@pytest.mark.parametrize(("seed", "key", "expected"), FACTS["hashes"])
def test_people_fall_where_growthbook_puts_them(seed: str, key: str, expected: float) -> None:
    assert compute_bucket(seed, key) == expected


@pytest.mark.parametrize(("weights", "coverage", "ranges"), FACTS["ranges"])
def test_ranges_begin_and_end_where_growthbooks_do(
    weights: list[float], coverage: float, ranges: list[list[float]]
) -> None:
    for place, (start, end) in enumerate(ranges):
        assert find_range(start + 1e-9, weights, coverage) == place
        assert find_range(end - 1e-9, weights, coverage) == place
        assert find_range(end + 1e-9, weights, coverage) != place


@pytest.mark.parametrize("name", FACTS["tests"])
def test_a_comparison_gives_the_published_figures(name: str) -> None:
    fact = FACTS["tests"][name]
    control, treated = (read_sums(fact[side], is_share=fact.get("share", False)) for side in ("control", "treated"))
    asking = Asking(
        is_relative=fact.get("relative", False),
        expected_units=fact.get("units", 0),
        has_covariate=fact.get("covariate", False),
    )
    found = compare(control, treated, asking)
    assert [found.value, found.low, found.high, found.p_value] == pytest.approx(fact["expected"], abs=PRINTED)


def test_the_covariate_of_a_mean_gives_the_published_lift() -> None:
    """Published -.50969 to 1.51646: they take the covariance of the corrected and the plain control for none."""
    control = Sums.of_named(3000, {"y": 1396.87, "yy": 52377.9767, "x": 16.87, "xx": 527.9767, "yx": 1})
    treated = Sums.of_named(3461, {"y": 2422.7, "yy": 134698.29, "x": 22.7, "xx": 1348.29, "yx": 1})
    found = compare(control, treated, Asking(is_relative=True, expected_units=5000, has_covariate=True))
    assert (found.value, found.p_value) == (pytest.approx(0.50338, abs=PRINTED), 1)
    assert [found.low, found.high] == pytest.approx([-0.50969, 1.51646], abs=3e-5)


def test_clusters_of_a_referral_holdout() -> None:
    """A published exercise: 420 clusters of mean .184 and variance .092 against 405 of .213 and .101."""

    def build(count: int, mean: float, variance: float) -> Sums:
        return Sums.of_mean(count, count * mean, (count - 1) * variance + count * mean**2)

    found = compare(build(420, 0.184, 0.092), build(405, 0.213, 0.101), Asking())
    assert found.value == pytest.approx(0.029, abs=1e-3)
    assert (found.high - found.low) / 2 / 1.9628 == pytest.approx(0.02162, abs=1e-3)
    assert found.p_value == pytest.approx(0.18, abs=1e-3)


def test_raw_values_and_sums_give_the_same_digits() -> None:
    random = np.random.default_rng(1)
    x = random.integers(0, 9_000_000, 400)
    y = [int(value) for value in x // 2 + random.integers(0, 5_000_000, 400)]
    raw = Sums.of_columns({"y": y, "x": [int(value) for value in x]})
    added = Sums.of_named(
        400, {"y": sum(y), "yy": sum(v * v for v in y), "x": int(x.sum()), "xx": int((x * x).sum()), "yx": int(x @ y)}
    )
    assert raw == added
    assert raw.get_covariance("y", "x") == pytest.approx(float(np.cov(x, y)[0, 1]), rel=1e-12)


def test_the_covariate_narrows_the_interval_and_keeps_the_middle() -> None:
    random = np.random.default_rng(2)
    arms = []
    for lift in (0.0, 0.5):
        before = random.normal(10, 3, 2000)
        arms.append(Sums.of_columns({"y": before + random.normal(lift, 1, 2000), "x": before}))
    plain, better = (compare(*arms, Asking(has_covariate=flag)) for flag in (False, True))
    assert better.low < 0.5 < better.high
    assert (better.high - better.low) < 0.4 * (plain.high - plain.low)


def test_daily_looks_find_nothing_where_there_is_nothing() -> None:
    """With no effect and 30 daily looks: published 29.4 % for the z test and 1.6 % for the sequence (2 points)."""
    random = np.random.default_rng(54)
    trials, days, daily = 4000, 30, 100
    difference = random.normal(0, np.sqrt(2 * daily), (trials, days)).cumsum(axis=1)
    people = daily * np.arange(1, days + 1)
    z = difference / np.sqrt(2 * people)
    assert np.mean((np.abs(z) > 1.959964).any(axis=1)) == pytest.approx(0.294, abs=0.02)
    rejected = np.zeros(trials, bool)
    asking = Asking(expected_units=2 * daily * days)
    for place, count in enumerate(people.tolist()):
        edge = find_least_rejected(count, asking)
        rejected |= np.abs(difference[:, place] / count) >= edge
    assert np.mean(rejected) == pytest.approx(0.016, abs=0.02)


def find_least_rejected(people: int, asking: Asking) -> float:
    """Return the smallest difference of two arms of so many, with variance 1, at which zero is out of the interval."""
    arm = Sums.of_mean(people, 0, people - 1)
    found = compare(arm, arm, asking)
    assert found.value == 0
    assert found.high is not None
    return found.high


def test_interval_and_p_value_agree_at_every_size_of_effect() -> None:
    control = Sums.of_mean(500, 0, 499)
    for expected_units in (0, 1000):
        for shift in np.linspace(0, 0.4, 41):
            treated = Sums.of_mean(500, 500 * shift, 499 + 500 * shift**2)
            found = compare(control, treated, Asking(expected_units=expected_units))
            assert (found.p_value < 0.05) == (found.low > 0)


@pytest.mark.parametrize(
    ("control", "treated", "reason"),
    [
        (Sums.of_mean(1, 5, 25), Sums.of_mean(10, 5, 25), TOO_FEW),
        (Sums.of_mean(10, 0, 0), Sums.of_mean(0, 0, 0), TOO_FEW),
        (Sums.of_mean(10, 0, 0), Sums.of_mean(10, 5, 25), NO_BASELINE),
        (Sums.of_share(10, 10), Sums.of_share(10, 10), NO_SPREAD),
    ],
)
def test_what_cannot_be_known_is_not_a_number(control: Sums, treated: Sums, reason: object) -> None:
    found = compare(control, treated, Asking(is_relative=True))
    assert (found.value, found.low, found.high, found.p_value, found.missing) == (None, None, None, None, reason)


def test_a_control_close_to_zero_is_told() -> None:
    found = compare(Sums.of_mean(100, 1, 100), Sums.of_mean(100, 9, 100), Asking(is_relative=True))
    assert found.notes == (WEAK_BASELINE,)


def test_p_values_allow_for_one_another() -> None:
    assert correct_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert correct_holm([]) == []
    assert correct_holm([None, 0.9]) == [None, 0.9]
