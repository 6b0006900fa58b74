from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from canyu.kit.errors import BadInput
from canyu.spread.reach import Range, compute_impressions, compute_unique, estimate_impressions, estimate_unique

STATED = yaml.safe_load((Path(__file__).parents[2] / "data" / "spread" / "reach.yaml").read_text("utf-8"))
AUDIENCE = Range(600, 300, 1000)


@pytest.mark.parametrize("case", STATED["cases"], ids=lambda case: str(case["audience"]))
def test_200_million_unique_need_the_stated_impressions(case: dict[str, float]) -> None:
    assert round(compute_impressions(STATED["unique"], case["audience"]), 1) == case["impressions"]
    assert compute_unique(case["impressions"], case["audience"]) == pytest.approx(STATED["unique"], abs=0.06)


def test_random_impressions_reach_as_many_people_as_the_formula_says() -> None:
    people = 50_000
    shown = np.random.default_rng(3).integers(0, people, 80_000)
    spread = people * np.sqrt(np.exp(-1.6) * (1 - 2.6 * np.exp(-1.6))) / np.sqrt(people)
    assert len(np.unique(shown)) == pytest.approx(compute_unique(80_000, people), abs=4 * spread)


@given(st.floats(1e-3, 1e12), st.floats(0, 0.999))
def test_the_inverse_gives_the_impressions_back(audience: float, share: float) -> None:
    needed = compute_impressions(share * audience, audience)
    assert compute_unique(needed, audience) == pytest.approx(share * audience, rel=1e-9)


def test_few_impressions_are_all_unique_and_none_reach_nobody() -> None:
    assert compute_unique(0, 600) == 0
    assert compute_impressions(0, 600) == 0
    assert compute_unique(1e-9, 600) == pytest.approx(1e-9, rel=1e-12)


def test_the_ends_of_one_uncertain_number_are_those_of_the_formula() -> None:
    reach = estimate_unique(Range.certain(243.3), AUDIENCE)
    assert [round(end, 1) for end in (reach.low, reach.value, reach.high)] == [166.7, 200.0, 216.0]
    reach = estimate_unique(Range(243.3, 200, 300), Range.certain(600))
    assert [round(end, 1) for end in (reach.low, reach.value, reach.high)] == [170.1, 200.0, 236.1]


def test_two_uncertain_numbers_are_drawn_from_the_seed() -> None:
    both = estimate_unique(Range(243.3, 200, 300), AUDIENCE, seed=7)
    assert both == estimate_unique(Range(243.3, 200, 300), AUDIENCE, seed=7)
    assert both != estimate_unique(Range(243.3, 200, 300), AUDIENCE, seed=8)
    widest = (compute_unique(200, 300), compute_unique(300, 1000))
    assert widest[0] < both.low < 170.1 < 236.1 < both.high < widest[1]


def test_draws_leave_a_fortieth_beyond_each_end() -> None:
    drawn = AUDIENCE.draw(40_000, np.random.default_rng(1))
    assert (drawn < 300).mean() == pytest.approx(0.025, abs=0.003)
    assert (drawn > 1000).mean() == pytest.approx(0.025, abs=0.003)
    assert np.median(drawn) == pytest.approx(600, rel=0.01)


def test_a_smaller_audience_needs_more_impressions() -> None:
    needed = estimate_impressions(200, AUDIENCE)
    assert [round(end, 1) for end in (needed.low, needed.value, needed.high)] == [223.1, 243.3, 329.6]


@pytest.mark.parametrize(("unique", "audience"), [(600, 600), (601, 600), (1, 0), (-1, 600), (1, float("nan"))])
def test_what_cannot_be_reached_is_refused(unique: float, audience: float) -> None:
    with pytest.raises(BadInput):
        compute_impressions(unique, audience)


@pytest.mark.parametrize("ends", [(10, 11, 12), (10, 5, 9), (0, 0, 1), (1, 1, float("inf"))])
def test_an_interval_contains_its_value(ends: tuple[float, float, float]) -> None:
    with pytest.raises(BadInput, match="interval"):
        Range(*ends)
