"""All reads of studies: what is kept, and the answers of the lake; the viewer comes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from math import isclose
from typing import Any

from canyu.events import Lake
from canyu.kit.errors import NotFound
from canyu.kit.words import Words
from canyu.measure.experiments import Experiment, analyse
from canyu.measure.experiments.by_day import read_by_day
from canyu.measure.experiments.experiment_file import parse_experiments
from canyu.measure.facts import identify_lake
from canyu.measure.kept import Kept
from canyu.measure.lift import (
    LiftDesign,
    Panel,
    choose_for_design,
    compute_lift,
    read_panel_table,
    read_study,
)
from canyu.measure.lift.design_file import parse_design
from canyu.measure.lift.panel_table import parse_csv
from canyu.ops.config import load_config
from canyu.ops.insight.queries import Rerun
from canyu.ops.lakes import find_facts, get_lake
from canyu.ops.people.models import Person
from canyu.ops.studies.answers import QUESTIONS
from canyu.ops.studies.models import Study, StudyText
from canyu.ops.studies.rules import COLUMNS, Kind
from canyu.ops.waiting import Wait, Workshop

PATIENCE_S = 1.5
"""A page waits so long before it says that it is still computing."""
SAME = 1e-9
"""Sums of floats differ in their last digits from run to run; anything more is a change."""
_KEPT = Kept(64)
_WORKSHOPS = {kind: Workshop(f"canyu-{kind}", question.rows_per_s) for kind, question in QUESTIONS.items()}
_WORKSHOPS |= {kind: Workshop(f"canyu-{kind}", 3_000_000.0) for kind in (Kind.EXPERIMENT, Kind.LIFT)}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to compute: its kind, what tells it from others, and how it is computed from a lake."""

    kind: Kind
    asked: Any
    compute: Callable[[Lake], Any]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, or how long it will take yet."""

    answer: Any = None
    wait: Wait | None = None


def find_answer(viewer: Person, problem: Problem) -> Found:  # noqa: ARG001
    """Return the answer for the lake as it stands now, kept by its version; while it is computed, how long yet."""
    lake = get_lake()
    key = _make_key(lake, problem)
    answer = _KEPT.find(key)
    if answer is None:
        facts = find_facts()
        rows = facts.rows if facts else 0
        workshop = _WORKSHOPS[problem.kind]
        wait = workshop.wait_for(key, rows, lambda: _KEPT.keep(key, problem.compute(lake)), PATIENCE_S)
        if wait is not None:
            return Found(wait=wait)
        answer = _KEPT.find(key)
    if answer is None:  # it failed beside the page: here the error is told
        answer = problem.compute(lake)
        _KEPT.keep(key, answer)
    return Found(answer)


def get_answer(viewer: Person, problem: Problem) -> Any:  # noqa: ARG001 - reads take the viewer first
    """Return the answer for the lake as it stands now, however long it takes."""
    lake = get_lake()
    key = _make_key(lake, problem)
    answer = _KEPT.find(key)
    if answer is None:
        answer = problem.compute(lake)
        _KEPT.keep(key, answer)
    return answer


def rerun_answer(viewer: Person, problem: Problem) -> Rerun:
    """Compute an answer again from the files, and say whether every digit is the same."""
    before = get_answer(viewer, problem)
    started = time.perf_counter()
    after = problem.compute(get_lake())
    seconds = time.perf_counter() - started
    is_equal = are_same(before, after)
    if not is_equal:
        _KEPT.keep(_make_key(get_lake(), problem), after)
    return Rerun(seconds, is_equal)


def ask_question(kind: Kind, query: Any) -> Problem:
    """Return the problem of a question."""
    return Problem(kind, query, lambda lake: QUESTIONS[kind].compute(lake, query))


def ask_experiment(experiment: Experiment) -> Problem:
    """Return the problem of an experiment's reading."""
    return Problem(Kind.EXPERIMENT, experiment, lambda lake: analyse(lake, experiment))


def ask_days(experiment: Experiment, outcome: str) -> Problem:
    """Return the problem of an experiment's readings by day; the outcome is one of its own."""
    chosen = next(one for one in experiment.outcomes if one.name == outcome)
    zone = load_config().zone
    return Problem(Kind.EXPERIMENT, (experiment, outcome), lambda lake: read_by_day(lake, experiment, chosen, zone))


def ask_lift(design: LiftDesign, row: StudyText) -> Problem:
    """Return the problem of a lift study."""
    return Problem(Kind.LIFT, (row.text, row.table), lambda lake: compute_lift(read_panel(lake, design, row), design))


def ask_markets(design: LiftDesign, row: StudyText, length: int) -> Problem:
    """Return the problem of choosing markets for a study of so many periods."""
    asked = (row.text, row.table, length)
    return Problem(Kind.LIFT, asked, lambda lake: choose_for_design(read_panel(lake, design, row), design, length))


def read_panel(lake: Lake, design: LiftDesign, row: StudyText) -> Panel:
    """Return what a design counts: in the table that was given with it, else in the lake."""
    return read_panel_table(parse_csv(row.table.encode()), COLUMNS) if row.table else read_study(lake, design)


def list_studies(viewer: Person, kind: Kind | None = None) -> list[Study]:  # noqa: ARG001 - reads take the viewer first
    """Return what is kept, the newest first; those put away at the end."""
    rows = Study.objects.filter(kind=kind) if kind else Study.objects.all()
    return list(rows.order_by("is_away", "-made_at", "-pk"))


def get_study(viewer: Person, study_id: int) -> Study:  # noqa: ARG001 - reads take the viewer first
    """Return one study; raises NotFound."""
    found = Study.objects.filter(pk=study_id).first()
    if found is None:
        raise NotFound(
            Words("没有这个研究。", "There is no such study."),
            mend=Words("请从列表里打开。", "Open one from the list."),
        )
    return found


def get_text(viewer: Person, study: Study, number: int = 0) -> StudyText:  # noqa: ARG001 - reads take the viewer first
    """Return a text of a study, the newest unless a number is given; raises NotFound."""
    rows = StudyText.objects.filter(study=study).order_by("-number")
    found = rows.filter(number=number).first() if number else rows.first()
    if found is None:
        raise NotFound(
            Words("没有这一版。", "There is no such text."), mend=Words("请打开最新的一版。", "Open the newest one.")
        )
    return found


def list_texts(viewer: Person, study: Study) -> list[StudyText]:  # noqa: ARG001 - reads take the viewer first
    """Return every text of a study, the newest first."""
    return list(StudyText.objects.filter(study=study).order_by("-number"))


def get_experiment(row: StudyText, name: str) -> tuple[Experiment, list[str]]:
    """Return one experiment of a text, the first unless it is named, and the names of all. Raises NotFound."""
    found = parse_experiments(row.text)
    if name and name not in found:
        raise NotFound(
            Words(f"没有实验 {name!r}。", f"There is no experiment {name!r}."),
            mend=Words(f"可用的有：{', '.join(found)}。", f"There are: {', '.join(found)}."),
        )
    return found[name or next(iter(found))], list(found)


def get_design(row: StudyText) -> LiftDesign:
    """Return the lift design of a text."""
    return parse_design(row.text)


def are_same(one: Any, other: Any) -> bool:
    """Tell whether two answers say the same; sums of floats may differ in their last digits.

    >>> are_same({"a": 1.0}, {"a": 1.0 + 1e-12}), are_same((1, 2), (1, 3))
    (True, False)
    """
    if is_dataclass(one) and not isinstance(one, type):
        return type(one) is type(other) and are_same(asdict(one), asdict(other))
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=SAME, abs_tol=1e-12) or (one != one and other != other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(are_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(are_same, one, other))
    return bool(one == other)


def _make_key(lake: Lake, problem: Problem) -> tuple[Any, ...]:
    return (identify_lake(lake), tuple(sorted(lake.versions().items())), problem.kind, problem.asked)
