"""Two devices: published results, an independent enumeration, and what cannot be known."""

from __future__ import annotations

import random
from itertools import combinations
from math import comb, sqrt
from pathlib import Path
from statistics import fmean

import pytest
from scipy import stats

from canyu.kit.yamlio import load_yaml
from canyu.measure.experiments.comparing import correct_holm
from canyu.measure.whitepaper import compute_hedges_g, contrast_runs
from canyu.measure.whitepaper.contrast import (
    BEYOND,
    NO_SPREAD,
    NOT_POSITIVE,
    ONE_RUN,
    SIGNED,
    UNBOUNDED,
    WEAK_BASE,
    estimate_mean,
)

FACTS = load_yaml((Path(__file__).parents[2] / "data" / "measure" / "lab_reference.yaml").read_text("utf-8"))


def draw_runs(seed: int, count: int, mean: float, spread: float = 1.0) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(mean, spread) for _ in range(count)]


def test_many_runs_are_compared_as_r_compares_them() -> None:
    fact = FACTS["mtcars"]
    found = contrast_runs(fact["automatic"], fact["manual"])
    assert not found.is_exact
    assert [found.difference.low, found.difference.high] == pytest.approx(fact["interval"], abs=5e-7)
    assert found.difference.p_value == pytest.approx(fact["p_value"], abs=5e-7)
    assert [found.g.value, found.g.low, found.g.high] == pytest.approx(fact["hedges_g"], abs=5e-3)
    peer = stats.ttest_ind(fact["automatic"], fact["manual"], equal_var=False)
    assert found.difference.p_value == pytest.approx(peer.pvalue, rel=1e-9)


def test_few_runs_are_dealt_in_every_way() -> None:
    fact = FACTS["mice"]
    found = contrast_runs(fact["treatment"], fact["control"])
    peer = stats.permutation_test(
        (fact["treatment"], fact["control"]), lambda a, b: fmean(a) - fmean(b), n_resamples=20_000
    )
    assert found.is_exact
    assert found.difference.value == pytest.approx(fact["difference"], abs=5e-3)
    assert found.difference.p_value == pytest.approx(peer.pvalue, abs=1e-12)
    share = fact["one_sided"]
    assert found.difference.p_value / 2 == pytest.approx(share, abs=3 * sqrt(share * (1 - share) / 1000))


def test_the_published_g_of_two_means_is_found_again() -> None:
    fact = FACTS["borenstein"]
    runs = []
    for mean, deviation in zip(fact["means"], fact["deviations"], strict=True):
        steps = [(place - (fact["runs"] - 1) / 2) for place in range(fact["runs"])]
        scale = deviation / sqrt(sum(step**2 for step in steps) / (fact["runs"] - 1))
        runs.append([mean + step * scale for step in steps])
    assert compute_hedges_g(*runs).value == pytest.approx(fact["hedges_g"], abs=2e-4)


def test_holm_corrects_as_others_do() -> None:
    for fact in FACTS["holm"]:
        corrected = correct_holm(fact["p_values"])
        if "corrected" in fact:
            assert corrected == pytest.approx(fact["corrected"], abs=1e-12)
        else:
            assert [p is not None and p < 0.05 for p in corrected] == fact["rejected"]


@pytest.mark.parametrize("seed", range(4))
def test_an_exact_interval_holds_just_the_shifts_that_its_test_does_not_reject(seed: int) -> None:
    one, other = draw_runs(seed, 5, 12), draw_runs(seed + 50, 6, 10.5)
    found = contrast_runs(one, other)
    for estimate, undo in (
        (found.difference, lambda value, by: value - by),
        (found.ratio, lambda value, by: value / by),
    ):
        assert estimate.low is not None
        assert estimate.high is not None
        for end, sign in ((estimate.low, -1), (estimate.high, 1)):
            inside, outside = (
                count_p_value([undo(v, end - sign * step) for v in one], other) for step in (1e-6, -1e-6)
            )
            assert outside <= 0.05 < inside


def count_p_value(one: list[float], other: list[float]) -> float:
    """Twice the smaller share of deals on either side of the seen one, counted without any trick."""
    values, size = [*one, *other], len(one)
    seen = fmean(one) - fmean(other)
    dealt = []
    for chosen in combinations(range(len(values)), size):
        rest = [values[place] for place in range(len(values)) if place not in chosen]
        dealt.append(fmean(values[place] for place in chosen) - fmean(rest))
    sides = sum(d >= seen - 1e-12 for d in dealt), sum(d <= seen + 1e-12 for d in dealt)
    return min(1.0, 2 * min(sides) / comb(len(values), size))


@pytest.mark.parametrize("count", [6, 25])
def test_every_interval_leaves_out_no_difference_just_where_the_test_does(count: int) -> None:
    for seed in range(20):
        found = contrast_runs(draw_runs(seed, count, 10.6), draw_runs(seed + 99, count, 10))
        for estimate, nothing in ((found.difference, 0.0), (found.ratio, 1.0)):
            assert estimate.low is not None
            assert estimate.high is not None
            assert estimate.p_value is not None
            assert (estimate.p_value > 0.05) == (estimate.low <= nothing <= estimate.high)


def test_fiellers_ends_are_the_ratios_that_welchs_test_just_rejects() -> None:
    one, other = draw_runs(1, 30, 20, 3), draw_runs(2, 25, 16, 4)
    found = contrast_runs(one, other)
    assert found.ratio.low is not None
    reach = stats.t.ppf(0.975, stats.ttest_ind(one, other, equal_var=False).df)
    spreads = [stats.sem(runs) for runs in (one, other)]
    for end in (found.ratio.low, found.ratio.high):
        assert end is not None
        seen = (fmean(one) - end * fmean(other)) / sqrt(spreads[0] ** 2 + end**2 * spreads[1] ** 2)
        assert abs(seen) == pytest.approx(reach, rel=1e-9)


def test_what_cannot_be_known_says_why() -> None:
    good = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert contrast_runs([1.0], good).difference.missing == ONE_RUN
    assert contrast_runs([2.0] * 5, good).difference.missing == NO_SPREAD
    assert contrast_runs([0.0, 1.0, 2.0, 3.0], good).ratio.missing == NOT_POSITIVE
    assert contrast_runs(good, [2.0, 4.0, 6.0, 8.0], is_signed=True).ratio.missing == SIGNED
    few = contrast_runs([1.0, 2.0, 3.0], [7.0, 8.0, 9.0])
    assert (few.difference.low, few.difference.high, few.difference.notes) == (None, None, (UNBOUNDED,))
    assert few.difference.p_value == few.least_p == pytest.approx(0.1)
    wide = contrast_runs(
        draw_runs(1, 12, 5), [abs(value) for value in (1e-9, *[1e-9 * n for n in range(2, 12)], 900.0)]
    )
    assert wide.ratio.missing == WEAK_BASE
    apart = contrast_runs(good, [value + 1e9 for value in good])
    assert (apart.g.low, apart.g.notes) == (None, (BEYOND,))
    assert estimate_mean([3.0]).notes == (ONE_RUN,)


def test_large_readings_with_little_scatter_lose_no_digit() -> None:
    one, other = draw_runs(1, 12, 0), draw_runs(2, 12, 1)
    far = contrast_runs([1e9 + value for value in one], [1e9 + value for value in other])
    near = contrast_runs([10 + value for value in one], [10 + value for value in other])
    assert far.difference.p_value == pytest.approx(near.difference.p_value, rel=1e-5)


@pytest.mark.parametrize("count", [4, 6, 12])
def test_chance_alone_is_called_a_difference_as_seldom_as_the_level_says(count: int) -> None:
    found = [contrast_runs(draw_runs(n, count, 5), draw_runs(n + 5000, count, 5)) for n in range(400)]
    share = sum((each.difference.p_value or 0) < 0.05 for each in found) / len(found)
    assert share <= 0.05 + 2 * sqrt(0.05 * 0.95 / len(found))
