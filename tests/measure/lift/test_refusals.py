"""What could not be known is said, and never a number from nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from canyu.kit.errors import BadInput
from canyu.measure.lift import LiftDesign, LiftKind, Panel, compute_lift

WHY = "told to nobody"
NEEDING = [LiftKind.DID, LiftKind.SYNTHETIC_CONTROL, LiftKind.SYNTHETIC_DID, LiftKind.GEO_LIFT]


def refused(panel: Panel, design: LiftDesign) -> str:
    found = compute_lift(panel, design)
    for estimate in (found.effect, found.total, found.relative):
        assert (estimate.value, estimate.low, estimate.high, estimate.p_value) == (None, None, None, None)
    assert found.path == ()
    assert found.effect.missing is not None
    return found.effect.missing.en


@pytest.fixture
def world(make_world: Callable[..., Panel]) -> Panel:
    return make_world(31, 12, 60, 50, 3.0)


def design(kind: LiftKind, **rest: object) -> LiftDesign:
    return LiftDesign(kind, {"u0": 50.0}, **{"untouched": WHY, **rest})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", NEEDING)
def test_donors_must_be_said_to_be_untouched(world: Panel, kind: LiftKind) -> None:
    assert "does not say why the donors are untouched" in refused(world, design(kind, untouched=""))


@pytest.mark.parametrize("kind", NEEDING)
def test_without_controls_nothing_is_told(world: Panel, kind: LiftKind) -> None:
    alone = Panel(("u0",), world.times, world.values[:1])
    assert "no controls" in refused(alone, design(kind))


@pytest.mark.parametrize("kind", [LiftKind.DID, LiftKind.SYNTHETIC_DID])
def test_fewer_than_eight_units_have_no_error(world: Panel, kind: LiftKind) -> None:
    few = Panel(world.units[:7], world.times, world.values[:7])
    assert "ewer than 8 units" in refused(few, design(kind))


@pytest.mark.parametrize("kind", [*NEEDING[1:], LiftKind.BEFORE_AFTER, LiftKind.EVENT_STUDY])
def test_a_short_past_is_refused(world: Panel, kind: LiftKind) -> None:
    early = LiftDesign(kind, {"u0": 6.0}, untouched=WHY)
    assert "ewer than" in refused(world, early)


@pytest.mark.parametrize("kind", [*LiftKind])
def test_nothing_after_the_start_or_nothing_of_the_treated_is_told(world: Panel, kind: LiftKind) -> None:
    values = world.values.copy()
    values[0, 50:] = np.nan
    assert "no data after the start" in refused(replace(world, values=values), design(kind))
    late = LiftDesign(kind, {"u0": 99.0}, untouched=WHY)
    assert "no data after the start" in refused(world, late)
    values[0] = np.nan
    assert refused(replace(world, values=values), design(kind))


def test_a_past_too_short_for_stretches_and_too_few_donors_for_ranks(world: Panel) -> None:
    assert "error cannot be measured" in refused(world, LiftDesign(LiftKind.GEO_LIFT, {"u0": 40.0}, untouched=WHY))


def test_one_period_or_all_alike_is_no_number(world: Panel) -> None:
    one = Panel(world.units, world.times[:1], world.values[:, :1])
    assert refused(one, LiftDesign(LiftKind.DID, {"u0": 0.0}, untouched=WHY))
    flat = replace(world, values=np.ones_like(world.values))
    found = compute_lift(flat, design(LiftKind.GEO_LIFT)).effect
    assert (found.value, found.p_value) == (0.0, 1.0)
    assert "never changed before the start" in refused(flat, design(LiftKind.BEFORE_AFTER))
    clones = replace(world, values=np.tile(world.values[:1], (12, 1)) + (5 + 7 * np.arange(12)[:, None]) % 12)
    for kind in NEEDING:
        assert compute_lift(clones, design(kind)).effect.value == 0.0


@pytest.mark.parametrize("kind", [*NEEDING, LiftKind.BEFORE_AFTER])
def test_a_crawl_gap_is_left_out_and_told(world: Panel, kind: LiftKind) -> None:
    """A gap is not the same as nothing: zeros in its place would change the answer."""
    donors = ("u1", "u2") if kind is LiftKind.BEFORE_AFTER else ()
    whole = compute_lift(world, design(kind, donors=donors, cycle=7))
    holes = compute_lift(world, design(kind, donors=donors, cycle=7, gaps=((20.0, 22.0),)))
    assert holes.effect.value == pytest.approx(whole.effect.value, abs=0.8)
    assert "3 of 60 periods are not known" in " ".join(note.en for note in holes.notes)
    zeros = world.values.copy()
    zeros[:1, 20:23] = 0.0
    wrong = compute_lift(replace(world, values=zeros), design(kind, donors=donors, cycle=7)).effect
    assert wrong.high is not None
    assert wrong.low is not None
    assert holes.effect.high is not None
    assert holes.effect.low is not None
    assert wrong.high - wrong.low != pytest.approx(holes.effect.high - holes.effect.low, rel=0.01)


def test_a_donor_that_lacks_much_is_left_out_by_name(world: Panel) -> None:
    values = world.values.copy()
    values[5, ::3] = np.nan
    found = compute_lift(replace(world, values=values), design(LiftKind.GEO_LIFT))
    assert "u5" in " ".join(note.en for note in found.notes)
    assert "u5" not in dict(found.weights)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"treated": {}}, "names no treated unit"),
        ({"treated": {"nowhere": 50.0}}, "no unit 'nowhere'"),
        ({"donors": ("u0", "u1")}, "'u0' is treated and a donor at once"),
        ({"treated": {"u0": 50.0, "u1": 52.0}}, "start at different times"),
        ({"end": 40.0}, "ends before it starts"),
        ({"cycle": -1}, "cannot be negative"),
    ],
)
def test_a_design_that_contradicts_itself_is_an_error(world: Panel, change: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        compute_lift(world, replace(design(LiftKind.GEO_LIFT), **change))  # type: ignore[arg-type]


def test_a_baseline_of_nothing_has_no_per_cent(world: Panel) -> None:
    sunk = replace(world, values=world.values - world.values[0, :50].mean() - 1)
    found = compute_lift(sunk, design(LiftKind.GEO_LIFT))
    assert found.effect.value is not None
    assert found.relative.value is None
    assert found.relative.missing is not None
    assert "no per cent" in found.relative.missing.en


def test_a_donor_that_was_reached_too_is_named(world: Panel) -> None:
    values = world.values.copy()
    heavy = compute_lift(world, design(LiftKind.GEO_LIFT)).weights[0][0]
    values[0, 50:] += 12
    values[world.find_unit(heavy), 50:] += 30
    found = compute_lift(replace(world, values=values), design(LiftKind.GEO_LIFT))
    told = " ".join(note.en for note in found.notes)
    assert "make sure that they were not reached" in told
    assert heavy in told
