"""Clusters as units: many by their variance, few by assigning anew, fewer than eight not at all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.measure.experiments import (
    Asking,
    Clusters,
    Trial,
    check_split,
    compare_clusters,
    compute_design_effect,
    compute_power,
    estimate_icc,
    find_minimum_effect,
    find_units,
)
from canyu.measure.experiments.clusters import BY_CLUSTER, LOOK_ONCE, OVER_CLUSTERS, REFUSED, TOO_COARSE, Reassigning


def draw(count: int, rate: float, seed: int) -> Clusters:
    random = np.random.default_rng(seed)
    people = random.integers(20, 60, count)
    y = random.poisson(people * rate * random.gamma(20, 1 / 20, count))
    return Clusters(tuple(y.tolist()), tuple(people.tolist()))


def test_few_clusters_are_judged_by_every_way_to_assign_them() -> None:
    control, treated = Clusters((10, 12, 9, 11), (10, 10, 10, 10)), Clusters((15, 16, 14, 18), (10, 10, 10, 10))
    found = compare_clusters(control, treated, Asking())
    rates = np.array([1.5, 1.6, 1.4, 1.8, 1.0, 1.2, 0.9, 1.1])
    ways = [rates[list(way)].mean() - np.delete(rates, list(way)).mean() for way in combinations(range(8), 4)]
    assert found.method == BY_CLUSTER
    assert found.value == pytest.approx(0.525)
    assert found.p_value == pytest.approx(np.mean(np.abs(ways) >= 0.525 - 1e-9)) == pytest.approx(2 / 70)
    assert 0 < found.low < 0.525 < found.high


def test_few_clusters_hold_their_level_where_nothing_happened() -> None:
    arms = [(draw(4, 1.0, seed), draw(5, 1.0, 1000 + seed)) for seed in range(400)]
    hits = [Reassigning(*pair, is_relative=False).find_p_value(0.0) <= 0.05 for pair in arms]
    assert 0.02 < np.mean(hits) < 0.08


def test_the_lift_of_few_clusters_agrees_with_its_p_value() -> None:
    for seed in range(6):
        control, treated = draw(5, 1.0, seed), draw(6, 1.5, 100 + seed)
        for is_relative in (False, True):
            found = compare_clusters(control, treated, Asking(is_relative=is_relative))
            assert (found.p_value <= 0.05) == (found.low > 0 or found.high < 0)
            assert found.low <= found.value <= found.high


def test_the_same_clusters_give_the_same_digits() -> None:
    control, treated = draw(15, 1.0, 1), draw(14, 1.4, 2)
    assert compare_clusters(control, treated, Asking()) == compare_clusters(control, treated, Asking())


def test_many_clusters_are_judged_by_their_variance() -> None:
    found = compare_clusters(draw(30, 1.0, 1), draw(30, 1.2, 2), Asking())
    assert found.method == OVER_CLUSTERS
    assert found.low < 0.2 < found.high


def test_clusters_of_very_different_sizes_hold_their_level() -> None:
    random = np.random.default_rng(12)

    def draw_uneven(rate: float) -> Clusters:
        people = np.maximum(3, random.lognormal(3, 0.9, 20)).astype(int)
        return Clusters(
            tuple(random.poisson(people * rate * random.gamma(10, 0.1, 20)).tolist()), tuple(people.tolist())
        )

    hits = []
    for _ in range(400):
        found = compare_clusters(draw_uneven(1.0), draw_uneven(1.2), Asking())
        hits.append(found.low < 0.2 < found.high)
    assert 0.92 < np.mean(hits) < 0.98


def test_equal_clusters_have_the_variance_of_their_means() -> None:
    y = (3, 5, 9, 4, 6, 2)
    rate = Clusters(y, (10,) * 6).compute_rate()
    assert rate.variance == pytest.approx(np.var(np.array(y) / 10, ddof=1) / 6)
    assert Clusters(y, (10,) * 6).add_up().compute_rate().variance == pytest.approx(rate.variance)


def test_too_few_clusters_are_refused() -> None:
    assert compare_clusters(draw(3, 1.0, 1), draw(4, 9.0, 2), Asking()).missing == REFUSED
    assert compare_clusters(draw(1, 1.0, 1), draw(7, 9.0, 2), Asking()).missing is not None
    assert compare_clusters(draw(2, 1.0, 1), draw(6, 9.0, 2), Asking(level=0.01)).missing == TOO_COARSE
    assert compare_clusters(draw(9, 1.0, 1), draw(9, 9.0, 2), Asking(expected_units=40)).missing == LOOK_ONCE


def test_people_of_one_cluster_are_alike() -> None:
    """Clusters of 50 with an intra-class correlation of .02 need 1.98 times the people; it is found again."""
    assert compute_design_effect(50, 0.02) == pytest.approx(1.98)
    random = np.random.default_rng(3)
    people = random.normal(0, np.sqrt(0.02), (4000, 1)) + random.normal(0, np.sqrt(0.98), (4000, 50))
    found = estimate_icc(people.sum(axis=1).tolist(), (people**2).sum(axis=1).tolist(), [50] * 4000)
    assert found == pytest.approx(0.02, abs=0.003)
    assert estimate_icc([3.0], [9.0], [1]) is None


def test_power_and_the_smallest_effect_answer_one_another() -> None:
    trial = Trial(deviation=2.0, units=1000, design_effect=1.5)
    assert compute_power(trial, find_minimum_effect(trial)) == pytest.approx(0.8, abs=1e-6)
    assert find_units(trial, find_minimum_effect(trial)) == pytest.approx(1000, abs=1)
    assert find_minimum_effect(Trial(2.0, 1000, is_daily=True)) > find_minimum_effect(Trial(2.0, 1000))
    for bad in (Trial(0.0, 10), Trial(1.0, 0), Trial(1.0, 10, share=1.0), Trial(1.0, 10, design_effect=0.5)):
        with pytest.raises(BadInput):
            find_minimum_effect(bad)
    with pytest.raises(BadInput):
        find_units(trial, 0.0)


def test_power_is_what_a_simulation_finds() -> None:
    trial = Trial(deviation=1.0, units=200)
    random = np.random.default_rng(4)
    means = random.normal(0.4, 0.1, 20000) - random.normal(0, 0.1, 20000)
    assert np.mean(np.abs(means) > trial.threshold * trial.error) == pytest.approx(compute_power(trial, 0.4), abs=0.01)


def test_an_uneven_split_is_told() -> None:
    assert not check_split({"a": 5100, "b": 4900}, {"a": 0.5, "b": 0.5}).is_broken
    broken = check_split({"a": 5300, "b": 4700}, {"a": 0.5, "b": 0.5})
    assert broken.is_broken
    assert broken.p_value == pytest.approx(1.9732e-9, rel=1e-3)
    assert check_split({"a": 3, "b": 1}, {"a": 0.5, "b": 0.5}).p_value is None
    assert check_split({}, {"a": 0.5, "b": 0.5}).p_value is None
