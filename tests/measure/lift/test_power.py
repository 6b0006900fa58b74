"""Market choice: the power that is told is the power that is had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.measure.lift import (
    LiftDesign,
    LiftKind,
    MarketQuestion,
    Panel,
    PanelColumns,
    choose_markets,
    read_panel_file,
)
from canyu.measure.lift.study import METHODS


def test_the_markets_of_the_walkthrough_are_among_the_choices(measure_data: Path) -> None:
    whole = read_panel_file(measure_data / "geolift_test.csv", PanelColumns("location", "date", "Y"))
    past = Panel(whole.units, whole.times[:90], whole.values[:, :90])
    found = choose_markets(past, MarketQuestion(15, (2,)))
    assert [choice.detectable for choice in found] == sorted(choice.detectable for choice in found)
    chosen = next(choice for choice in found if choice.markets == ("chicago", "portland"))
    assert 0.03 < chosen.detectable < 0.06
    assert chosen.volume == pytest.approx(0.033, abs=0.001)
    assert all(earlier <= later for (_, earlier), (_, later) in zip(chosen.power[:-1], chosen.power[1:], strict=True))


def test_an_effect_that_is_told_as_seen_four_times_in_five_is(make_world: Callable[..., Panel]) -> None:
    seen, told = [], []
    for seed in range(24):
        world = make_world(seed, 12, 60, 50)
        past = Panel(world.units, world.times[:50], world.values[:, :50])
        choice = choose_markets(past, MarketQuestion(10, (1,), include=("u0",)))[0]
        assert choice.markets == ("u0",)
        values = world.values.copy()
        values[0, 50:] *= 1 + choice.detectable
        design = LiftDesign(LiftKind.GEO_LIFT, {"u0": 50.0}, untouched="a simulation")
        effect = METHODS[design.kind](Panel(world.units, world.times, values), design).effect
        told.append(choice.detectable)
        seen.append(effect.p_value is not None and effect.p_value < 0.05)
    assert 0.6 <= np.mean(seen) <= 0.98
    assert 0.02 < np.median(told) < 0.3


def test_wishes_are_kept_and_a_short_past_is_refused(make_world: Callable[..., Panel]) -> None:
    world = make_world(1, 8, 60, 60)
    found = choose_markets(world, MarketQuestion(10, (2, 3), include=("u3",), exclude=("u1", "u2")))
    assert found
    assert all("u3" in choice.markets and not {"u1", "u2"} & set(choice.markets) for choice in found)
    assert len({choice.markets for choice in found}) == len(found)
    with pytest.raises(BadInput, match="less than 5 times the plan"):
        choose_markets(world, MarketQuestion(13))
    with pytest.raises(BadInput, match="no unit 'x'"):
        choose_markets(world, MarketQuestion(10, include=("x",)))
