"""Holds claims against the lake: the figure, its bounds, the verdict, and what was read for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from typing import Any

from canyu.events import Lake, Verb
from canyu.kit.errors import BadInput, NotFound
from canyu.kit.jsonio import dump_json
from canyu.kit.words import Words
from canyu.measure.catalogue.compute import compute_metric
from canyu.measure.catalogue.metric import Method, Metric
from canyu.measure.catalogue.query import MetricQuery
from canyu.measure.catalogue.result import Cell, MetricResult
from canyu.measure.claims.claim import Claim, Part
from canyu.measure.claims.records import Checked
from canyu.measure.claims.verdicts import FLOORS, Ground, Judged, Reason, Verdict, judge
from canyu.measure.estimate import Estimate
from canyu.measure.lift.answer import Lift, Treated, derive
from canyu.measure.lift.design import LiftDesign
from canyu.measure.lift.study import compute_lift, read_study

GAPS = Words(
    "{days} 天中只有 {observed} 天有数据，缺的日子不当作 0。",
    "{observed} of {days} days hold data; the others are not taken as 0.",
)
COMPLETE = Words("说明数据完整：", "Said to be complete: ")
BOUND = Words("采集到的是下限。", "What was collected is a lower bound.")


def check_claims(
    lake: Lake, claims: Iterable[Claim], now: datetime, versions: Mapping[str, int] | None = None
) -> list[Checked]:
    """Return the verdict on each claim, in order, at the lake's present versions or at those that are given."""
    pinned = dict(lake.versions() if versions is None else versions)
    return [check_claim(lake, claim, now, pinned) for claim in claims]


def check_claim(lake: Lake, claim: Claim, now: datetime, versions: Mapping[str, int]) -> Checked:
    """Return the verdict on one claim; what cannot be known is not supported, with the reason, never an error."""
    if claim.design is not None:
        return _check_design(lake, claim, claim.design, now, versions)
    if claim.is_causal:
        return _refuse(claim, Reason.NO_DESIGN, now, versions)
    if claim.query is None:
        return _refuse(claim, Reason.NO_DEFINITION, now, versions)
    try:
        result = compute_metric(lake, claim.query, versions)
    except BadInput as error:
        return _refuse(claim, Reason.NO_DEFINITION, now, versions, (error.words,))
    return _check_metric(claim, claim.query, result, now)


def pin_claims(lake: Lake, checks: Iterable[Checked], name: str) -> int:
    """Keep every version that the checks read from vacuum, under ``claims: name``; returns how many are pinned."""
    wanted: dict[str, set[int]] = {}
    for check in checks:
        for table, version in check.versions.items():
            wanted.setdefault(table, set()).add(version)
    for table, numbers in wanted.items():
        for number in sorted(numbers):
            lake.pin({table: number}, f"claims: {name}")
    return sum(len(numbers) for numbers in wanted.values())


def hash_query(question: Mapping[str, Any]) -> str:
    """Return the name of a question: the same on every machine and engine, another when a definition changes."""
    return blake2b(dump_json(question).encode(), digest_size=12).hexdigest()


def _check_metric(claim: Claim, query: MetricQuery, result: MetricResult, now: datetime) -> Checked:
    metric, cell = result.metric, next((cell for cell in result.cells if cell.keys == claim.cell), None)
    question = {
        "definition": result.proof.definition.en,
        "query": {name: value for name, value in asdict(query).items() if value not in (None, "", (), False)},
        "cell": claim.cell,
    }
    notes = _tell_notes(claim, metric, cell) if cell and cell.estimate.value is not None else ()
    rest = (hash_query(question), result.proof.versions, now, result.proof, result.is_simulated, notes)
    estimate = cell.estimate if cell else None
    if cell is None or estimate is None or estimate.value is None:
        return Checked(claim, Judged(Verdict.NOT_SUPPORTED, Reason.NO_DATA), estimate, (None, None), *rest)
    ground = _find_ground(claim, metric, cell, estimate.value)
    return Checked(claim, judge(claim, ground), estimate, (ground.low, ground.high), *rest)


def _find_ground(claim: Claim, metric: Metric, cell: Cell, value: float) -> Ground:
    """Return the bounds of the truth: an interval, a whole count, or no more than a lower bound."""
    if metric.method is not Method.NONE:
        return Ground(value, cell.estimate.low, cell.estimate.high)
    if claim.complete is not None and cell.observed_days == cell.days:
        return Ground(value, value, value)
    return Ground(value, value, None) if metric.name in FLOORS else Ground(value, None, None, is_known=False)


def _tell_notes(claim: Claim, metric: Metric, cell: Cell) -> tuple[Words, ...]:
    notes = []
    if cell.observed_days < cell.days and metric.basis != (Verb.OBSERVE,):  # facts are of weeks and months, too
        notes.append(GAPS.fill(days=cell.days, observed=cell.observed_days))
    if claim.complete is not None:
        notes.append(Words(COMPLETE.zh + claim.complete.zh, COMPLETE.en + claim.complete.en))
    elif metric.name in FLOORS:
        notes.append(BOUND)
    return (*notes, *cell.estimate.notes)


def _check_design(lake: Lake, claim: Claim, design: LiftDesign, now: datetime, versions: Mapping[str, int]) -> Checked:
    try:
        lift = compute_lift(read_study(lake, design, versions), design)
    except (BadInput, NotFound) as error:
        return _refuse(claim, Reason.NO_DATA, now, versions, (error.words,))
    estimate = _choose(lift, claim.part)
    read = lift.proof.versions if lift.proof else versions
    name = hash_query({"design": repr(design), "part": claim.part.value})
    rest = (name, read, now, lift.proof, False, lift.notes)
    if estimate.value is None:
        return Checked(claim, Judged(Verdict.NOT_SUPPORTED, Reason.NO_DATA), estimate, (None, None), *rest)
    bounds = _find_wary(lift, claim.part, estimate)
    if _finds_nothing_done(lift):
        return Checked(claim, Judged(Verdict.NOT_SUPPORTED, Reason.UNSOUND_DESIGN), estimate, bounds, *rest)
    return Checked(claim, judge(claim, Ground(estimate.value, *bounds)), estimate, bounds, *rest)


def _finds_nothing_done(lift: Lift) -> bool:
    """Say whether the method finds an effect in a time in which nothing was done."""
    placebo = lift.in_time
    if placebo is None or placebo.low is None or placebo.high is None:
        return False
    return not placebo.low <= 0 <= placebo.high


def _find_wary(lift: Lift, part: Part, estimate: Estimate) -> tuple[float | None, float | None]:
    """Return the bounds that a verdict goes by: those of the weaker assumption, where the method has one."""
    if lift.wary is None:
        return estimate.low, estimate.high
    actual = sum(point.actual or 0.0 for point in lift.path if point.low is not None) / max(1, lift.periods)
    total, relative = derive(lift.wary, Treated(actual, lift.periods * len(lift.design.treated)))
    chosen = {Part.EFFECT: lift.wary, Part.TOTAL: total, Part.RELATIVE: relative}[part]
    return chosen.low, chosen.high


def _choose(lift: Lift, part: Part) -> Estimate:
    return {Part.EFFECT: lift.effect, Part.TOTAL: lift.total, Part.RELATIVE: lift.relative}[part]


def _refuse(
    claim: Claim, reason: Reason, now: datetime, versions: Mapping[str, int], notes: tuple[Words, ...] = ()
) -> Checked:
    name = hash_query({"metric": claim.metric, "statement": claim.statement.en})
    judged = Judged(Verdict.NOT_SUPPORTED, reason)
    return Checked(claim, judged, None, (None, None), name, versions, now, notes=notes)
