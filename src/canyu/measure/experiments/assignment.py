"""Who gets what: the arm of a person, of the cluster around them or of the period, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.experiments.bucketing import compute_bucket, find_range
from canyu.measure.experiments.experiment import Experiment, Unit

PREFIX = "experiment:"
TREATED, UNTREATED = "treated", "untreated"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The arm that holds for somebody now; ``is_treated`` says whether they themselves get what the arm tests."""

    experiment: str
    arm: str
    is_treated: bool
    is_two_stage: bool = False

    @property
    def object(self) -> str:
        """The object of the exposure's event: ``experiment:NAME/ARM``, and the second stage where there is one."""
        stage = f"/{TREATED if self.is_treated else UNTREATED}" if self.is_two_stage else ""
        return f"{PREFIX}{self.experiment}/{self.arm}{stage}"


def assign(experiment: Experiment, person: str, *, cluster: str = "", at: datetime | None = None) -> Assignment | None:
    """Return what a person gets; None where they take no part. The same for ever, on every machine.

    ``cluster``: their community, city or invite tree, where that is the unit; ``at``: the moment, where it is the
    period. In a two-stage design the arm is the cluster's, and within it each person is drawn by their own hash.
    Raises BadInput where what the unit needs is missing.
    """
    if experiment.unit is Unit.PERIOD:
        number = _find_period(experiment, at)
        arm_name = None if number is None else assign_period(experiment, number)
        return Assignment(experiment.name, arm_name, arm_name != experiment.control.name) if arm_name else None
    key = _find_key(experiment, person, cluster)
    bucket = compute_bucket(experiment.name, key)
    place = find_range(bucket, [arm.weight for arm in experiment.arms], experiment.coverage)
    if place is None:
        return None
    arm = experiment.arms[place]
    if not experiment.is_two_stage:
        return Assignment(experiment.name, arm.name, place > 0)
    is_treated = compute_bucket(f"{experiment.name}/{TREATED}", person) < (arm.saturation or 0.0)
    return Assignment(experiment.name, arm.name, is_treated, is_two_stage=True)


def assign_period(experiment: Experiment, number: int) -> str:
    """Return the arm of the period with this number; 0 is the one that begins with the experiment."""
    place = find_range(compute_bucket(experiment.name, str(number)), [arm.weight for arm in experiment.arms])
    return experiment.arms[place or 0].name


def _find_key(experiment: Experiment, person: str, cluster: str) -> str:
    if experiment.unit is Unit.PERSON or experiment.is_two_stage:
        _need(person, Words("没有给出人的标识。", "There is no id of the person."))
    return (
        _need(cluster, Words("没有给出所属的群。", "There is no id of the cluster."))
        if experiment.unit.is_cluster
        else person
    )


def _find_period(experiment: Experiment, at: datetime | None) -> int | None:
    if at is None or at.tzinfo is None:
        raise BadInput(
            Words("没有给出带时区的时间。", "There is no time with its zone."),
            mend=Words("请写明时间。", "State the time."),
        )
    if not experiment.start <= at < experiment.end:
        return None
    return (at - experiment.start) // timedelta(hours=experiment.period_hours)


def _need(text: str, reason: Words) -> str:
    if not text:
        raise BadInput(reason, mend=Words("请给出标识。", "Give the id."))
    return text
