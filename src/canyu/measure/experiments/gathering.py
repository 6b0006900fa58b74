"""What one outcome of an experiment adds up to, read from the lake: sums of people, or rows of clusters or periods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from canyu.kit.words import Words
from canyu.measure.experiments import expressions as ask
from canyu.measure.experiments.assignment import TREATED, UNTREATED, assign_period
from canyu.measure.experiments.clusters import Clusters
from canyu.measure.experiments.experiment import Experiment, Kind, Outcome, Unit
from canyu.measure.experiments.planning import estimate_icc
from canyu.measure.experiments.sums import MEASURES, PAIRS, Sums
from canyu.measure.facts import Answer, Reader
from canyu.measure.figure import Proof

LEFT_OUT = {ask.MIXED: "mixed", ask.RECENT: "recent", ask.HOMELESS: "without_cluster"}
EVERYBODY = ""


@dataclass(slots=True)
class Gathered:
    """One outcome by arm: ``people`` where people are assigned, else ``clusters`` by (arm, stage).

    The stage is ``treated`` or ``untreated`` in two-stage designs, and everybody's is empty.
    """

    outcome: Outcome
    proof: Proof
    people: dict[str, Sums] = field(default_factory=dict)
    clusters: dict[tuple[str, str], Clusters] = field(default_factory=dict)
    pairs: dict[str, Sums] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    icc: float | None = None


def gather(reader: Reader, experiment: Experiment, outcome: Outcome, until: datetime) -> Gathered:
    """Ask the lake for one outcome."""
    sought = ask.Sought(experiment, outcome, until, reader.lake.engine.count_micros)
    if experiment.unit is Unit.PERIOD:
        return _gather_periods(reader, sought)
    notes: list[Words] = []
    if outcome.winsorise:
        cap = reader.ask(ask.find_cap_of_experiment, "events", sought).table["cap"].to_pylist()[0]
        sought = replace(sought, cap=cap or 0)
        notes.append(_tell_cap(outcome, sought.cap))
    if experiment.unit is Unit.PERSON:
        return _gather_people(reader, sought, notes)
    return _gather_clusters(reader, sought, notes)


def _gather_people(reader: Reader, sought: ask.Sought, notes: list[Words]) -> Gathered:
    answer = reader.ask(ask.sum_people_of_experiment, "events", sought)
    rows = answer.table.to_pylist()
    found = Gathered(sought.outcome, _prove(reader, sought, answer, notes))
    for row in rows:
        arm = sought.experiment.get_arm(row["state"])
        if arm is None:
            _leave_out(found, row)
            continue
        known = {name: int(row[name]) for name in (*MEASURES, *PAIRS)}
        is_share = sought.outcome.kind is Kind.PROPORTION
        found.people[arm.name] = Sums.of_named(row["people"], known, is_share=is_share)
        found.counts[arm.name] = row["people"]
    return found


def _gather_clusters(reader: Reader, sought: ask.Sought, notes: list[Words]) -> Gathered:
    answer = reader.ask(ask.sum_clusters_of_experiment, "events", sought)
    found = Gathered(sought.outcome, _prove(reader, sought, answer, notes))
    kept: list[dict[str, Any]] = []
    for row in answer.table.to_pylist():
        name, _, stage = row["state"].partition("/")
        arm = sought.experiment.get_arm(name)
        if arm is None or (stage not in {TREATED, UNTREATED} if sought.experiment.is_two_stage else stage):
            _leave_out(found, row)
        else:
            kept.append({**row, "arm": name, "stage": stage, "d": _divisor(sought.outcome, row), "e": row["e"]})
    for arm in sought.experiment.arms:
        own = [row for row in kept if row["arm"] == arm.name]
        found.counts[arm.name] = len({row["cluster"] for row in own})
        for stage in (EVERYBODY, TREATED, UNTREATED):
            staged = [row for row in own if stage in {EVERYBODY, row["stage"]}]
            found.clusters[arm.name, stage] = _collect(staged)
        found.pairs[arm.name] = _pair(own)
    if sought.outcome.kind is not Kind.RATIO:
        columns = [[int(row[name]) for row in kept if row["arm"] == sought.experiment.control.name] for name in _ICC]
        found.icc = estimate_icc(*columns)
    return found


_ICC = ("y", "yy", "people")


def _gather_periods(reader: Reader, sought: ask.Sought) -> Gathered:
    """Assign each whole period by its number; one without any event of any kind is a gap, and no zero."""
    experiment, outcome = sought.experiment, sought.outcome
    answer = reader.ask(ask.sum_periods_of_experiment, "events", sought)
    rows = {row["period"]: row for row in answer.table.to_pylist()}
    whole = (min(sought.until, experiment.end) - experiment.start) // timedelta(hours=experiment.period_hours)
    found = Gathered(outcome, _prove(reader, sought, answer, []))
    found.left_out["gap"] = sum(number not in rows for number in range(whole))
    for arm in experiment.arms:
        own = [rows[n] for n in range(whole) if n in rows and assign_period(experiment, n) == arm.name]
        d = tuple(row["d"] if outcome.kind is Kind.RATIO else 1 for row in own)
        found.clusters[arm.name, EVERYBODY] = Clusters(tuple(row["y"] for row in own), d)
        found.counts[arm.name] = len(own)
    return found


def _collect(rows: list[dict[str, Any]]) -> Clusters:
    """Return one row per cluster, its stages together, by the cluster's name."""
    merged: dict[str, list[int]] = {}
    for row in rows:
        sums = merged.setdefault(row["cluster"], [0, 0, 0, 0])
        for place, name in enumerate(MEASURES):
            sums[place] += int(row[name])
    columns = list(zip(*(merged[name] for name in sorted(merged)), strict=True)) or [(), (), (), ()]
    return Clusters(*columns)


def _pair(rows: list[dict[str, Any]]) -> Sums:
    """Return the sums of clusters that hold both: treated people as y and d, untreated ones as x and e."""
    sides = {stage: {row["cluster"]: row for row in rows if row["stage"] == stage} for stage in (TREATED, UNTREATED)}
    both = sorted(set(sides[TREATED]) & set(sides[UNTREATED]))
    columns = {
        "y": [sides[TREATED][name]["y"] for name in both],
        "d": [sides[TREATED][name]["d"] for name in both],
        "x": [sides[UNTREATED][name]["y"] for name in both],
        "e": [sides[UNTREATED][name]["d"] for name in both],
    }
    return Sums.of_columns(columns)


def _divisor(outcome: Outcome, row: dict[str, Any]) -> int:
    return int(row["d"] if outcome.kind is Kind.RATIO else row["people"])


def _leave_out(found: Gathered, row: dict[str, Any]) -> None:
    reason = LEFT_OUT.get(row["state"], "unknown_arm")
    found.left_out[reason] = found.left_out.get(reason, 0) + row["people"]


def _prove(reader: Reader, sought: ask.Sought, answer: Answer, notes: list[Words]) -> Proof:
    rows = answer.table
    foreign = sum(rows["foreign"].to_pylist())
    if foreign:
        notes.append(
            Words(
                f"另有 {foreign} 笔不是 {sought.outcome.currency}，未计入。",
                f"{foreign} more are not in {sought.outcome.currency} and are left out.",
            )
        )
    return Proof(
        definition=_define(sought),
        sql=answer.sql,
        versions=answer.versions,
        rows=sum(rows["people" if "people" in rows.column_names else "events"].to_pylist()),
        engine=reader.lake.engine.name,
        caveats=tuple(notes),
    )


UNITS = {
    Unit.PERSON: Words("人", "person"),
    Unit.COMMUNITY: Words("社群", "community"),
    Unit.CITY: Words("城市", "city"),
    Unit.INVITE_TREE: Words("邀请树", "invite tree"),
    Unit.PERIOD: Words("时段", "period"),
}


def _define(sought: ask.Sought) -> Words:
    outcome, unit = sought.outcome, sought.experiment.unit
    per = UNITS[Unit.PERIOD if unit is Unit.PERIOD else Unit.PERSON]
    counted = Words(f"{outcome.event} 次数", f"number of {outcome.event} events")
    if outcome.currency:
        counted = Words(
            f"{outcome.event} 金额（{outcome.currency} 最小单位）",
            f"amount of {outcome.event} events (minor units of {outcome.currency})",
        )
    what = {
        Kind.MEAN: Words(f"每{per.zh} {counted.zh}", f"{counted.en} per {per.en}"),
        Kind.PROPORTION: Words(f"有 {outcome.event} 的人所占比例", f"share of people with {outcome.event} events"),
        Kind.RATIO: Words(f"每次 {outcome.per} 的 {counted.zh}", f"{counted.en} per {outcome.per}"),
    }[outcome.kind]
    days = Words("", "")
    if outcome.days:
        days = Words(f"，首次接触后 {outcome.days} 天", f", {outcome.days} days from the first exposure")
    return Words(
        f"{outcome.label.zh}：{what.zh}{days.zh}；按{UNITS[unit].zh}分配。",
        f"{outcome.label.en}: {what.en}{days.en}; assigned by {UNITS[unit].en}.",
    )


def _tell_cap(outcome: Outcome, cap: int) -> Words:
    return Words(
        f"超过 {outcome.winsorise:.1%} 分位（{cap}）的金额按该值计。",
        f"Amounts above the percentile {outcome.winsorise:.1%} ({cap}) count as it.",
    )
