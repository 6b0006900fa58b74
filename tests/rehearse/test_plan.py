from __future__ import annotations

import math

import pytest

from canyu.kit.errors import BadInput
from canyu.kit.words import speak
from canyu.rehearse import MarketPlan


@pytest.mark.parametrize("scale", [0, -0.001, 2, math.nan, math.inf, 1e-9])
def test_a_scale_that_cannot_be_used_is_refused_with_its_mend(scale: float) -> None:
    with pytest.raises(BadInput) as refused:
        MarketPlan(scale=scale)
    assert "1e-05" in refused.value.mend


@pytest.mark.parametrize("year", [1999, 2031, 0])
def test_a_year_without_known_festivals_is_refused(year: int) -> None:
    with pytest.raises(BadInput, match="festivals") as refused:
        MarketPlan(year=year)
    assert refused.value.mend == "Choose a year from 2020 to 2030."


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(BadInput, match="seed -1"):
        MarketPlan(seed=-1)


def test_campaigns_are_planted_at_most_whole() -> None:
    assert MarketPlan(scale=0.001).count_of_campaign(3_680) == 368
    assert MarketPlan(scale=0.01).count_of_campaign(3_680) == 3_680
    assert MarketPlan(scale=1).count_of_campaign(3_680) == 3_680
    assert MarketPlan(scale=1e-5).count_of_campaign(400, least=12) == 12


def test_large_months_are_cut_so_that_memory_stays_bounded() -> None:
    assert [MarketPlan(scale=scale).parts_per_month for scale in (0.001, 0.01, 0.1, 1)] == [1, 1, 6, 28]


def test_plans_that_differ_never_share_an_id() -> None:
    plans = [MarketPlan(), MarketPlan(seed=8), MarketPlan(year=2024), MarketPlan(scale=0.002)]
    assert len({plan.fingerprint for plan in plans}) == 4


def test_a_plan_is_refused_in_chinese() -> None:
    with pytest.raises(BadInput) as refused:
        MarketPlan(year=1999)
    with speak("zh-hans"):
        assert str(refused.value) == "不知道 1999 年的节日。 请选择 2020 至 2030 年之间的一年。"
