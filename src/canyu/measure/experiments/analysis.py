"""Reads an experiment from the lake: the split first, then each effect, told apart by whom it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from canyu.events import Lake
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.estimate import Estimate, tell_missing
from canyu.measure.experiments import readout as say
from canyu.measure.experiments.assignment import TREATED, UNTREATED
from canyu.measure.experiments.clusters import BY_CLUSTER, FEWEST, REFUSED, Clusters, compare_clusters
from canyu.measure.experiments.comparing import WITHIN, Asking, compare, compare_within, correct_holm, find_fault
from canyu.measure.experiments.experiment import Arm, Experiment, Outcome, Unit, check_experiment
from canyu.measure.experiments.expressions import find_newest_of_experiment
from canyu.measure.experiments.gathering import EVERYBODY, Gathered, gather
from canyu.measure.experiments.planning import check_split
from canyu.measure.experiments.readout import Effect, Readout, Target
from canyu.measure.experiments.sums import Sums
from canyu.measure.facts import Reader
from canyu.measure.period import EPOCH

NOT_ASKED = Words("没有计算相对提升。", "No relative lift is computed.")


def analyse(lake: Lake, experiment: Experiment, *, until: datetime | None = None) -> Readout:
    """Return what the lake says of an experiment up to ``until`` (not included; by default to its end and last window).

    Where the lake's newest event is earlier, up to that: a window that it does not reach is not over.

    Raises BadInput where the experiment is declared wrongly or has not begun by then.
    """
    check_experiment(experiment)
    reader = Reader(lake)
    planned = until or experiment.end + timedelta(days=max(outcome.days for outcome in experiment.outcomes))
    moment = min(planned, _find_reach(reader, experiment) or planned)
    if moment <= experiment.start:
        raise BadInput(
            Words("所问的时间早于实验开始。", "The experiment has not begun by then."),
            mend=Words("请给出更晚的时间。", "Ask for a later moment."),
        )
    gathered = [gather(reader, experiment, outcome, moment) for outcome in experiment.outcomes]
    first = gathered[0]
    split = check_split(first.counts, {arm.name: arm.weight for arm in experiment.arms})
    effects = [effect for one in gathered for effect in _list_effects(experiment, one)]
    corrected = correct_holm([effect.difference.p_value for effect in effects])
    return Readout(
        experiment=experiment,
        until=moment,
        split=split,
        left_out=first.left_out,
        effects=tuple(replace(each, p_holm=p) for each, p in zip(effects, corrected, strict=True)),
        icc={one.outcome.name: one.icc for one in gathered if experiment.unit.is_cluster},
        proofs=tuple(one.proof for one in gathered),
        notes=tuple(_list_notes(experiment, is_broken=split.is_broken)),
        is_simulated=reader.is_simulated(),
    )


def _find_reach(reader: Reader, experiment: Experiment) -> datetime | None:
    """Return the moment just after the lake's newest event; None where there is none since the start."""
    asked = (experiment.start, reader.lake.engine.count_micros)
    newest = reader.ask(find_newest_of_experiment, "events", *asked).table["newest"].to_pylist()[0]
    return None if newest is None else EPOCH + timedelta(microseconds=newest + 1)


def _list_notes(experiment: Experiment, *, is_broken: bool) -> Iterator[Words]:
    if is_broken:
        yield say.BROKEN_SPLIT
    if experiment.unit is Unit.PERSON:
        yield say.DIRECT_ONLY if experiment.is_shareable else say.ALONE
    if any(outcome.currency for outcome in experiment.outcomes):
        yield say.GROSS


def _list_effects(experiment: Experiment, found: Gathered) -> Iterator[Effect]:
    for arm in experiment.arms[1:]:
        if experiment.unit is Unit.PERSON:
            yield from _list_by_person(experiment, arm, found)
        else:
            yield from _list_by_cluster(experiment, arm, found)


def _list_by_person(experiment: Experiment, arm: Arm, found: Gathered) -> Iterator[Effect]:
    """Refuse referrals; of what can be shared tell the direct effect alone."""
    outcome = found.outcome
    if outcome.counts_referrals:
        yield _refuse(outcome, arm, Target.TOTAL, say.NO_REFERRALS)
        return
    nobody = Sums.of_mean(0, 0, 0)
    control, treated = found.people.get(experiment.control.name, nobody), found.people.get(arm.name, nobody)
    difference, lift = (compare(control, treated, asking) for asking in _ask_both(experiment, outcome))
    target = Target.DIRECT if experiment.is_shareable else Target.TOTAL
    yield Effect(outcome.name, arm.name, target, _rate(control), _rate(treated), difference, lift)
    if experiment.is_shareable:
        for other in (Target.SPILLOVER, Target.TOTAL):
            yield _refuse(outcome, arm, other, say.NOT_BY_PERSON)


def _list_by_cluster(experiment: Experiment, arm: Arm, found: Gathered) -> Iterator[Effect]:
    """Tell the total effect; with a second stage also the direct and the spillover, and the overall one."""
    stages = {Target.TOTAL: EVERYBODY}
    if experiment.is_two_stage:
        stages = {Target.TOTAL: TREATED, Target.SPILLOVER: UNTREATED, Target.OVERALL: EVERYBODY}
    control = found.clusters[experiment.control.name, EVERYBODY]
    for target, stage in stages.items():
        yield _compare_arms(experiment, found.outcome, (arm, target), (control, found.clusters[arm.name, stage]))
    if experiment.is_two_stage:
        yield _tell_direct(experiment, found.outcome, arm, found.pairs[arm.name])
    elif experiment.is_shareable and experiment.unit.is_cluster:
        for target in (Target.DIRECT, Target.SPILLOVER):
            yield _refuse(found.outcome, arm, target, say.ONE_STAGE)


def _compare_arms(
    experiment: Experiment, outcome: Outcome, told: tuple[Arm, Target], sides: tuple[Clusters, Clusters]
) -> Effect:
    arm, target = told
    control, treated = sides
    difference, lift = (compare_clusters(control, treated, asking) for asking in _ask_both(experiment, outcome))
    before, after = (_rate(side.add_up()) for side in sides)
    return Effect(outcome.name, arm.name, target, before, after, difference, lift)


def _tell_direct(experiment: Experiment, outcome: Outcome, arm: Arm, pairs: Sums) -> Effect:
    if pairs.units < FEWEST:
        return _refuse(outcome, arm, Target.DIRECT, REFUSED)
    if experiment.looks > 1:
        return _refuse(outcome, arm, Target.DIRECT, say.WITHIN_ONCE)
    difference = compare_within(pairs)
    if difference.value is None:
        return Effect(outcome.name, arm.name, Target.DIRECT, None, None, difference, tell_missing(NOT_ASKED, WITHIN))
    rate = pairs.compute_rate()
    lift = tell_missing(NOT_ASKED, WITHIN)
    return Effect(outcome.name, arm.name, Target.DIRECT, rate.before, rate.value, difference, lift)


def _ask_both(experiment: Experiment, outcome: Outcome) -> tuple[Asking, Asking]:
    """Return how the difference and the lift are asked for."""
    expected = experiment.expected_units if experiment.looks > 1 else 0
    plain = Asking(expected_units=expected, has_covariate=outcome.days_before > 0)
    return plain, replace(plain, is_relative=True)


def _refuse(outcome: Outcome, arm: Arm, target: Target, reason: Words) -> Effect:
    missing: Estimate = tell_missing(reason, BY_CLUSTER)
    return Effect(outcome.name, arm.name, target, None, None, missing, missing)


def _rate(sums: Sums) -> float | None:
    return None if find_fault(sums) else sums.compute_rate().value
