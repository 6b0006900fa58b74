"""People as units, read from a lake: the sums of SQL are those of the raw values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import canyu
from canyu.kit.errors import BadInput
from canyu.measure.experiments import Asking, Experiment, Outcome, Sums, Target, analyse, compare
from canyu.measure.experiments import readout as say
from canyu.measure.experiments.comparing import TOO_FEW

from .conftest import BUYERS, ORDERS, PER_VISIT, SPENT, START, Teller

PEOPLE = 60
Make = Callable[..., Experiment]


@pytest.fixture
def raw(teller: Teller) -> dict[str, dict[str, list[int]]]:
    """Tell what sixty people did, and return by arm what counts of it, added up here."""
    random = np.random.default_rng(11)
    found: dict[str, dict[str, list[int]]] = {}
    for person in range(PEOPLE):
        name, arm = f"p{person:02d}", ("control", "big-button")[person % 2]
        seen = float(random.integers(0, 100))
        teller.expose(name, seen, arm)
        teller.expose(name, seen + 20, arm)
        before, after = random.integers(0, 3), random.integers(0, 4)
        values = [int(value) for value in random.integers(1, 3_000_000, before + after)]
        for place, value in enumerate(values):
            hour = seen + 10 * (place - before) if place >= before else -200.0 - place
            teller.order(name, hour, value)
        teller.order(name, seen + 1, 999, "USD")
        teller.order(name, -31 * 24, 5)  # too long before
        teller.order(name, 14 * 24, 5)  # after the end
        if after == 0 and seen > 0:
            teller.order(name, seen - 0.5, 7)  # before it was seen, after the start: counts nowhere
        for visit in range(person % 3 + 1):
            teller.tell("visit", name, seen + visit)
        row = {"spent": sum(values[before:]), "before": sum(values[:before]), "orders": int(after) + 1}
        row |= {"visits": person % 3 + 1, "buyers": 1}
        for key, value in row.items():
            found.setdefault(arm, {}).setdefault(key, []).append(value)
    return found


@pytest.fixture
def lake(teller: Teller, raw: object, tmp_path: Path) -> canyu.Lake:
    teller.expose("twice", 5, "control")
    teller.expose("twice", 6, "big-button")
    teller.expose("stranger", 5, "green-button")
    teller.expose("other", 5, "control", name="button-2")
    teller.expose("early", -5, "control")
    teller.order("nobody", 5)
    return teller.write(tmp_path / "my.lake")


def test_the_lake_adds_up_what_the_raw_values_are(lake: canyu.Lake, raw: dict[str, Any], make: Make) -> None:
    """Means, money with its time before, shares and ratios, in one reading of the lake."""
    outcomes = (ORDERS, SPENT, replace(BUYERS, days=0), PER_VISIT)
    readout = analyse(lake, make(*outcomes))
    columns = {
        "orders": {"y": "orders"},
        "spent": {"y": "spent", "x": "before"},
        "buyers": {"y": "buyers"},
        "per-visit": {"y": "orders", "d": "visits"},
    }
    for outcome in outcomes:
        sides = [
            Sums.of_columns({k: raw[arm][v] for k, v in columns[outcome.name].items()}, is_share=outcome is outcomes[2])
            for arm in ("control", "big-button")
        ]
        effect = readout.find(outcome.name)
        assert effect is not None
        expected = compare(*sides, Asking(has_covariate=outcome is SPENT))
        assert (effect.difference.value, effect.difference.low) == (expected.value, expected.low)
        assert effect.difference.missing == expected.missing
        assert effect.lift == compare(*sides, Asking(is_relative=True, has_covariate=outcome is SPENT))
    assert readout.split.counts == {"control": 30, "big-button": 30}
    assert readout.left_out == {"mixed": 1, "unknown_arm": 1}
    assert readout.proofs[1].rows == PEOPLE + 2
    assert "USD" not in str(readout.proofs[1].caveats)
    assert readout.proofs[1].caveats[0].en == "60 more are not in CNY and are left out."
    assert readout.proofs[0].versions == {"events": lake.version("events")}


def test_amounts_above_the_percentile_count_as_it(lake: canyu.Lake, raw: dict[str, Any], make: Make) -> None:
    outcome = replace(SPENT, winsorise=0.9, days_before=0)
    effect = analyse(lake, make(outcome)).find("spent")
    every = sorted(raw["control"]["spent"] + raw["big-button"]["spent"])
    cap = every[int(np.ceil(0.9 * len(every))) - 1]
    sides = [Sums.of_columns({"y": np.minimum(raw[arm]["spent"], cap).tolist()}) for arm in ("control", "big-button")]
    assert effect is not None
    assert effect.difference == compare(*sides, Asking())


def test_people_whose_days_are_not_over_wait(lake: canyu.Lake, make: Make) -> None:
    readout = analyse(lake, make(BUYERS), until=START + timedelta(days=9))
    assert 0 < readout.left_out["recent"] < PEOPLE
    assert sum(readout.split.counts.values()) + readout.left_out["recent"] == PEOPLE


def test_a_window_that_the_lake_does_not_reach_is_not_over(teller: Teller, tmp_path: Path, make: Make) -> None:
    for person in range(20):
        teller.expose(f"p{person}", 10 * person, ("control", "big-button")[person % 2])
    teller.tell("visit", "stranger", 8 * 24)
    readout = analyse(teller.write(tmp_path / "my.lake"), make(BUYERS))
    assert readout.until == START + timedelta(days=8, microseconds=1)
    assert readout.left_out == {"recent": 17}
    assert sum(readout.split.counts.values()) == 3


def test_an_empty_lake_knows_nothing(tmp_path: Path, make: Make) -> None:
    readout = analyse(canyu.open(tmp_path / "empty.lake", create=True), make(ORDERS, replace(SPENT, winsorise=0.9)))
    assert {effect.difference.missing for effect in readout.effects} == {TOO_FEW}
    assert {effect.rate for effect in readout.effects} == {None}


def test_referrals_from_assigned_people_are_refused(teller: Teller, tmp_path: Path, make: Make) -> None:
    for person in range(40):
        teller.expose(f"p{person}", 1, ("control", "big-button")[person % 2])
        teller.tell("share", f"p{person}", 2)
    lake = teller.write(tmp_path / "my.lake")
    shares = Outcome("shares", ORDERS.label, "share")
    joined = Outcome("joined", ORDERS.label, "join", is_referral=True)
    readout = analyse(lake, make(shares, joined))
    assert [(e.difference.value, e.difference.missing, e.lift.missing) for e in readout.effects] == [
        (None, say.NO_REFERRALS, say.NO_REFERRALS)
    ] * 2


def test_of_what_can_be_shared_people_tell_the_direct_effect_only(
    teller: Teller, tmp_path: Path, make: Make, raw: object
) -> None:
    lake = teller.write(tmp_path / "my.lake")
    readout = analyse(lake, make(is_shareable=True))
    direct, spillover, total = (readout.find("orders", t) for t in (Target.DIRECT, Target.SPILLOVER, Target.TOTAL))
    assert direct is not None
    assert direct.difference.value is not None
    assert [effect and effect.difference.missing for effect in (spillover, total)] == [say.NOT_BY_PERSON] * 2
    assert say.DIRECT_ONLY in readout.notes
    alone = analyse(lake, make())
    assert say.ALONE in alone.notes
    assert alone.find("orders").difference.value == direct.difference.value


def test_an_uneven_split_is_said_first(teller: Teller, tmp_path: Path, make: Make) -> None:
    for person in range(400):
        teller.expose(f"p{person}", 1, "control" if person % 4 else "big-button")
        teller.order(f"p{person}", 2 + person % 3)
    readout = analyse(teller.write(tmp_path / "my.lake"), make())
    assert readout.split.is_broken
    assert readout.notes[0] == say.BROKEN_SPLIT


def test_daily_looks_give_the_wider_interval(teller: Teller, tmp_path: Path, make: Make, raw: object) -> None:
    lake = teller.write(tmp_path / "my.lake")
    once, daily = analyse(lake, make()), analyse(lake, make(looks=14, expected_units=60))
    widths = [one.find("orders").difference.high - one.find("orders").difference.low for one in (once, daily)]
    assert widths[1] > 1.3 * widths[0]


def test_what_is_declared_wrongly_is_not_read(teller: Teller, tmp_path: Path, make: Make) -> None:
    lake = teller.write(tmp_path / "my.lake")
    with pytest.raises(BadInput, match=r"expected_units"):
        analyse(lake, make(looks=14))
    with pytest.raises(BadInput, match="has not begun"):
        analyse(lake, make(), until=START)
