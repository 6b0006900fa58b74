"""Clusters and periods as units, read from a lake; two stages tell apart whom it reaches; both engines agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import canyu
from canyu.engine import Engine
from canyu.events import Lake
from canyu.measure.experiments import Arm, Asking, Clusters, Experiment, Target, Unit, analyse, assign, compare_clusters
from canyu.measure.experiments import expressions as ask
from canyu.measure.experiments import readout as say
from canyu.measure.experiments.assignment import assign_period
from canyu.measure.experiments.clusters import REFUSED
from canyu.measure.facts import Reader

from .conftest import ARMS, BUYERS, END, ORDERS, PER_VISIT, SPENT, START, Teller

Make = Callable[..., Experiment]
TWO_STAGES = (Arm("control", 0.5, 0.0), Arm("big-button", 0.5, 0.5))
DIRECT, SPILLOVER = 2, 1


def tell_two_stages(teller: Teller, experiment: Experiment, communities: int) -> dict[tuple[str, str], list[int]]:
    """Thirty people per community: one order each, one more for those told of it, two more for the treated."""
    random = np.random.default_rng(5)
    rates: dict[tuple[str, str], list[int]] = {}
    for community in range(communities):
        usual = int(random.integers(1, 4))
        for person in range(30):
            name = f"c{community}-{person}"
            found = assign(experiment, name, cluster=f"c{community}")
            assert found is not None
            is_reached = found.arm != "control"
            count = usual + SPILLOVER * is_reached + DIRECT * found.is_treated + int(random.integers(0, 2))
            _, _, path = found.object.partition("/")
            teller.expose(name, 1, path, cluster=f"c{community}")
            for order in range(count):
                teller.order(name, 2 + order)
            rates.setdefault((found.arm, "treated" if found.is_treated else "untreated"), []).append(count)
    return rates


def test_two_stages_tell_direct_spillover_and_total_apart(teller: Teller, tmp_path: Path, make: Make) -> None:
    experiment = make(unit=Unit.COMMUNITY, arms=TWO_STAGES, is_shareable=True)
    rates = tell_two_stages(teller, experiment, 60)
    readout = analyse(teller.write(tmp_path / "my.lake"), experiment)
    found = {target: readout.find("orders", target) for target in Target}
    truth = {Target.DIRECT: DIRECT, Target.SPILLOVER: SPILLOVER, Target.TOTAL: DIRECT + SPILLOVER}
    for target, expected in truth.items():
        effect = found[target]
        assert effect is not None
        assert effect.difference.low < expected < effect.difference.high
    means = {key: float(np.mean(counts)) for key, counts in rates.items()}
    total, direct = found[Target.TOTAL], found[Target.DIRECT]
    assert total.control_rate == pytest.approx(means["control", "untreated"])
    assert total.rate == direct.rate == pytest.approx(means["big-button", "treated"])
    assert direct.difference.value == pytest.approx(means["big-button", "treated"] - means["big-button", "untreated"])
    assert total.difference.value == pytest.approx(direct.difference.value + found[Target.SPILLOVER].difference.value)
    assert sum(readout.split.counts.values()) == 60
    assert 0 < readout.icc["orders"] < 1


def test_one_stage_tells_the_total_effect_and_says_why_no_more(teller: Teller, tmp_path: Path, make: Make) -> None:
    experiment = make(ORDERS, BUYERS, unit=Unit.INVITE_TREE, is_shareable=True)
    random = np.random.default_rng(6)
    sides: dict[str, list[tuple[int, int]]] = {"control": [], "big-button": []}
    for tree in range(20):
        found = assign(experiment, "", cluster=f"t{tree:02d}")
        assert found is not None
        people, orders = int(random.integers(5, 15)), 0
        for person in range(people):
            teller.expose(f"t{tree}-{person}", 1, found.arm, cluster=f"t{tree:02d}")
            count = int(random.integers(0, 3)) + 2 * found.is_treated
            orders += count
            for order in range(count):
                teller.order(f"t{tree}-{person}", 2 + order)
        sides[found.arm].append((orders, people))
    teller.expose("wanderer", 1, "control", cluster="t00")
    teller.expose("wanderer", 2, "control", cluster="t01")
    teller.expose("hermit", 1, "control")
    teller.tell("visit", "stranger", 24 * 20)  # the lake reaches beyond everybody's seven days
    readout = analyse(teller.write(tmp_path / "my.lake"), experiment)
    control, treated = (
        Clusters(*(tuple(column) for column in zip(*sides[arm], strict=True))) for arm in ("control", "big-button")
    )
    total = readout.find("orders")
    assert total is not None
    assert total.difference == compare_clusters(control, treated, Asking())
    assert readout.left_out == {"mixed": 1, "without_cluster": 1}
    reasons = {e.difference.missing for e in readout.effects if e.target in {Target.DIRECT, Target.SPILLOVER}}
    assert reasons == {say.ONE_STAGE}
    p_values = sorted(e.difference.p_value for e in readout.effects if e.difference.p_value is not None)
    assert sorted(e.p_holm for e in readout.effects if e.p_holm is not None)[0] == pytest.approx(2 * p_values[0])


def test_fewer_than_eight_clusters_are_refused(teller: Teller, tmp_path: Path, make: Make) -> None:
    experiment = make(unit=Unit.COMMUNITY, arms=TWO_STAGES)
    tell_two_stages(teller, experiment, 7)
    readout = analyse(teller.write(tmp_path / "my.lake"), experiment)
    assert {effect.difference.missing for effect in readout.effects} == {REFUSED}


def test_periods_leave_out_their_first_hours_and_gaps(teller: Teller, tmp_path: Path, make: Make) -> None:
    """Twelve hours each, three of wash-out: what is sold right after a switch belongs to neither arm."""
    experiment = make(ORDERS, PER_VISIT, unit=Unit.PERIOD, period_hours=12, washout_hours=3)
    random = np.random.default_rng(7)
    sides: dict[str, list[tuple[int, int]]] = {"control": [], "big-button": []}
    for number in range(28):
        if number == 9:
            continue  # nothing at all was seen: a gap
        arm = assign_period(experiment, number)
        assert assign(experiment, "", at=START + timedelta(hours=12 * number + 5)).arm == arm
        visits, orders = int(random.integers(20, 40)), int(random.integers(3, 9)) + 6 * (arm != "control")
        for n in range(visits):
            teller.tell("visit", f"v{number}-{n}", 12 * number + 3 + 8.9 * n / visits)
        for n in range(orders):
            teller.order(f"v{number}-{n}", 12 * number + 3 + 8.9 * n / orders)
        teller.order("carried", 12 * number + 2.99)
        sides[arm].append((orders, visits))
    teller.tell("visit", "v", 12 * 28)  # the last period is over
    readout = analyse(teller.write(tmp_path / "my.lake"), experiment)
    assert readout.left_out == {"gap": 1}
    for outcome, divisor in (("orders", 0), ("per-visit", 1)):
        built = [
            Clusters(tuple(y for y, _ in sides[arm]), tuple(d if divisor else 1 for _, d in sides[arm]))
            for arm in ("control", "big-button")
        ]
        effect = readout.find(outcome)
        assert effect is not None
        assert effect.difference == compare_clusters(*built, Asking())
        assert effect.difference.low > 0


@pytest.mark.spark
def test_both_engines_add_up_the_same(teller: Teller, tmp_path: Path, make: Make, spark_engine: Engine) -> None:
    random = np.random.default_rng(8)
    for person in range(24):
        name, arm = f"p{person}", ("control", "big-button")[person % 2]
        teller.expose(name, 1 + person, arm, cluster=f"c{person % 5}")
        for order in range(person % 4):
            teller.order(name, 40 * order - 20, int(random.integers(1, 3_000_000_000)), ("CNY", "USD")[order % 3 // 2])
        teller.tell("visit", name, 2 * person)
    teller.expose("p0", 5, "big-button", cluster="c0")
    path = teller.write(tmp_path / "my.lake").path
    people, groups = make(SPENT), make(PER_VISIT, unit=Unit.COMMUNITY)
    periods = make(unit=Unit.PERIOD, period_hours=24, washout_hours=2)
    asked: tuple[tuple[Any, Experiment, Any], ...] = (
        (ask.find_cap_of_experiment, people, replace(SPENT, winsorise=0.9)),
        (ask.sum_clusters_of_experiment, groups, PER_VISIT),
        (ask.sum_periods_of_experiment, periods, ORDERS),
    )
    readers = [Reader(canyu.open(path)), Reader(Lake(path, engine=spark_engine))]
    duck, spark = (analyse(reader.lake, people) for reader in readers)
    assert duck.effects == spark.effects
    assert (duck.until, duck.left_out) == (spark.until, {"mixed": 1})
    for build, experiment, outcome in asked:
        answers = []
        for reader in readers:
            sought = ask.Sought(experiment, outcome, END, reader.lake.engine.count_micros)
            rows = reader.ask(build, "events", sought).table.to_pylist()
            answers.append(sorted(rows, key=lambda row: str(row.get("state"))))
        assert answers[0] == answers[1]
        assert answers[0]


def test_arms_are_those_of_the_hash(make: Make) -> None:
    experiment = make(arms=(Arm("control", 0.5), Arm("big-button", 0.3), Arm("no-button", 0.2)))
    counts = {arm.name: 0 for arm in experiment.arms}
    for person in range(4000):
        found = assign(experiment, f"p{person}")
        assert found is not None
        counts[found.arm] += 1
    assert [counts[arm.name] / 4000 for arm in experiment.arms] == pytest.approx([0.5, 0.3, 0.2], abs=0.025)
    assert assign(experiment, "p1") == assign(experiment, "p1")
    kept = {n for n in range(1000) if assign(replace(experiment, coverage=0.3), f"p{n}")}
    wider = {n for n in range(1000) if assign(replace(experiment, coverage=0.6), f"p{n}")}
    assert kept < wider
    assert ARMS[0].name == experiment.control.name
