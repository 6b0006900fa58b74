"""The pages of designs: lists, the form, one experiment and one lift study, each with its proofs and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, Conflict
from canyu.kit.words import Words
from canyu.measure import Picture
from canyu.measure.experiments import Readout
from canyu.measure.experiments.pictures import draw_days_picture, draw_effects_picture
from canyu.measure.experiments.readout import TARGETS
from canyu.measure.figure import Proof
from canyu.measure.lift import Lift, LiftDesign, draw_lift_pictures
from canyu.measure.lift.design import KINDS
from canyu.measure.lift.pictures import tell_effect
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import get_lake, name_lake
from canyu.ops.people.rules import MANAGE_STUDIES, VIEW_STUDIES
from canyu.ops.studies import actions, queries
from canyu.ops.studies.forms import HINTS, TEMPLATES, DesignForm
from canyu.ops.studies.models import Study, StudyText
from canyu.ops.studies.pages import answer_waiting, describe_page, needs_lake, render_proof, send_shown
from canyu.ops.studies.planning import read_market_plan, read_plan
from canyu.ops.studies.rules import Kind
from canyu.ops.travel.pages import draw_twice

MOST_CHOICES = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A study as an address opens it: its row and one of its texts."""

    row: Study
    text: StudyText
    is_newest: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a study, for the words of a proof."""

    start: Any
    end: Any
    zone: str


@requires(VIEW_STUDIES)
@require_safe
def show_designs(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Show the designs of a kind."""
    viewer = get_viewer(request)
    rows = queries.list_studies(viewer, kind)
    context = {
        **describe_page(kind),
        "rows": [row for row in rows if not row.is_away],
        "may_manage": viewer.has_perm(MANAGE_STUDIES),
        "plan": read_plan(request.GET) if kind is Kind.EXPERIMENT else None,
    }
    return render(request, f"studies/{kind}s.html", context)


@requires(MANAGE_STUDIES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_design(request: HttpRequest, kind: Kind, study_id: int = 0) -> HttpResponseBase:
    """Show the form of a design and keep what it says; a fault names line, field and mend, and nothing is kept."""
    viewer = get_viewer(request)
    opened = _open(request, kind, study_id) if study_id else None
    table = opened.text.table if opened else ""
    if request.method == "POST":
        form = DesignForm(request.POST, request.FILES, kind=kind, has_table=bool(table))
        if form.is_valid():
            try:
                row = actions.save_study(viewer, form.make_draft(study_id, table), get_now())
            except CanyuError as error:
                form.add_error("name" if isinstance(error, Conflict) else "text", str(error))
            else:
                messages.success(request, _("Kept as %s.") % row.name)
                return redirect(f"one_{kind}", study_id=row.pk)
    else:
        given: dict[str, Any] = {"text": TEMPLATES[kind]}
        if opened:
            given = {"name": opened.row.name, "text": opened.text.text, "number": opened.text.number}
        form = DesignForm(kind=kind, has_table=bool(table), initial=given)
    context = {**describe_page(kind), "form": form, "opened": opened, "hint": HINTS[kind]}
    return render(request, "studies/edit.html", context, status=400 if form.errors else 200)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_experiment(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Show an experiment: the split first; where it is broken no effect is shown."""
    opened = _open(request, Kind.EXPERIMENT, study_id)
    experiment, names = queries.get_experiment(opened.text, request.GET.get("experiment", ""))
    found = queries.find_answer(get_viewer(request), queries.ask_experiment(experiment))
    if found.wait is not None:
        return answer_waiting(request, Kind.EXPERIMENT, found.wait)
    readout: Readout = found.answer
    split = readout.split
    picture = None if split.is_broken else draw_effects_picture(readout)
    labels = {outcome.name: outcome.label for outcome in experiment.outcomes}
    context = {
        **_describe(request, opened),
        "experiment": experiment,
        "names": names,
        "readout": readout,
        "arms": [
            (arm, readout.split.counts.get(arm.name, 0), readout.split.expected.get(arm.name))
            for arm in experiment.arms
        ],
        "left_out": [(REASONS[name], count) for name, count in readout.left_out.items() if count],
        "effects": [
            (effect, labels[effect.outcome], TARGETS[effect.target])
            for effect in ([] if split.is_broken else readout.effects)
        ],
        "icc": [(labels[name], value) for name, value in readout.icc.items()],
        "main": picture,
        **(draw_twice(picture) if picture else {}),
    }
    return render(request, "studies/experiment.html", context)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_experiment_days(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Show an effect at the end of each day, with intervals that hold at every look."""
    opened = _open(request, Kind.EXPERIMENT, study_id)
    experiment, _names = queries.get_experiment(opened.text, request.GET.get("experiment", ""))
    chosen = request.GET.get("outcome", "") or experiment.outcomes[0].name
    if chosen not in {outcome.name for outcome in experiment.outcomes}:
        raise Http404(chosen)
    reading = queries.find_answer(get_viewer(request), queries.ask_experiment(experiment))
    found = queries.find_answer(get_viewer(request), queries.ask_days(experiment, chosen))
    wait = reading.wait or found.wait
    if wait is not None:
        return answer_waiting(request, Kind.EXPERIMENT, wait)
    is_broken, days = reading.answer.split.is_broken, found.answer
    told = [
        (effect.arm, effect.target)
        for effect in (days[-1].effects if days else ())
        if effect.difference.value is not None
    ]
    pictures = []
    for arm, target in told:
        proof = next(iter(reading.answer.proofs))
        picture = draw_days_picture(days, arm, target, proof)
        if picture is not None:
            pictures.append((arm, TARGETS[target], picture, draw_twice(picture)))
    context = {
        **_describe(request, opened),
        "experiment": experiment,
        "chosen": chosen,
        "is_broken": is_broken,
        "pictures": pictures,
    }
    return render(request, "studies/days.html", context)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_lift(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Show a lift study: the answer, what would have been, and the placebos beside it."""
    opened = _open(request, Kind.LIFT, study_id)
    design = queries.get_design(opened.text)
    found = queries.find_answer(get_viewer(request), queries.ask_lift(design, opened.text))
    if found.wait is not None:
        return answer_waiting(request, Kind.LIFT, found.wait)
    lift: Lift = found.answer
    pictures = {picture.name: picture for picture in draw_lift_pictures(lift)}
    main, placebos = pictures.get("lift"), pictures.get("placebos")
    context = {
        **_describe(request, opened),
        "design": design,
        "design_kind": KINDS[design.kind],
        "lift": lift,
        "effect": tell_effect(lift),
        "main": main,
        **(draw_twice(main) if main else {}),
        "placebos": placebos,
        "placebo_charts": draw_twice(placebos) if placebos else None,
        "notes": [*lift.effect.notes, *lift.notes],
        "path": main.table.to_pylist() if main else [],
    }
    return render(request, "studies/lift.html", context)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_markets(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Show which markets a planned study would do best to choose, and which effect it would see."""
    opened = _open(request, Kind.LIFT, study_id)
    design = queries.get_design(opened.text)
    plan = read_market_plan(request.GET)
    choices: tuple[Any, ...] = ()
    fault = plan.fault
    if plan.length:
        try:
            found = queries.find_answer(get_viewer(request), queries.ask_markets(design, opened.text, plan.length))
        except CanyuError as error:
            fault = error
        else:
            if found.wait is not None:
                return answer_waiting(request, Kind.LIFT, found.wait)
            choices = found.answer[:MOST_CHOICES]
    context = {**_describe(request, opened), "design": design, "plan": plan, "fault": fault, "choices": choices}
    return render(request, "studies/markets.html", context, status=400 if fault else 200)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_design_proof(
    request: HttpRequest,
    kind: Kind,
    study_id: int,
    name: str,
) -> HttpResponseBase:
    """Show how a study's answer came to be; with ``again`` compute it again and compare every digit."""
    opened, viewer = _open(request, kind, study_id), get_viewer(request)
    proofs, problem, span = _list_proofs(request, opened, kind)
    if name not in proofs:
        raise Http404(name)
    rerun = queries.rerun_answer(viewer, problem) if "again" in request.GET else None
    back = request.path.partition("proof/")[0]
    return render_proof(request, proofs[name], {"query": span, "rerun": rerun, "back": back})


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def send_design_file(
    request: HttpRequest,
    kind: Kind,
    study_id: int,
    file: str,
) -> HttpResponseBase:
    """Send a picture of a study as CSV, SVG or PNG."""
    opened, viewer = _open(request, kind, study_id), get_viewer(request)
    name, _dot, form = file.rpartition(".")
    pictures: list[Picture | None]
    if kind is Kind.EXPERIMENT:
        experiment, _names = queries.get_experiment(opened.text, request.GET.get("experiment", ""))
        readout: Readout = queries.get_answer(viewer, queries.ask_experiment(experiment))
        pictures = [] if readout.split.is_broken else [draw_effects_picture(readout)]
    else:
        design = queries.get_design(opened.text)
        pictures = list(draw_lift_pictures(queries.get_answer(viewer, queries.ask_lift(design, opened.text))))
    files = {picture.name: picture for picture in pictures if picture}
    return send_shown(files, name, form, " ".join(files))


def _list_proofs(
    request: HttpRequest, opened: Opened, kind: Kind
) -> tuple[dict[str, tuple[Words, Proof]], queries.Problem, Span]:
    viewer, zone = get_viewer(request), load_config().zone
    if kind is Kind.EXPERIMENT:
        experiment, _names = queries.get_experiment(opened.text, request.GET.get("experiment", ""))
        problem = queries.ask_experiment(experiment)
        readout: Readout = queries.get_answer(viewer, problem)
        told = zip(experiment.outcomes, readout.proofs, strict=True)
        proofs = {outcome.name: (outcome.label, proof) for outcome, proof in told}
        return proofs, problem, Span(experiment.start, experiment.end, zone)
    design = queries.get_design(opened.text)
    problem = queries.ask_lift(design, opened.text)
    lift: Lift = queries.get_answer(viewer, problem)
    found = {"answer": (KINDS[design.kind], lift.proof)} if lift.proof else {}
    return found, problem, _make_span(design, zone)


def _make_span(design: LiftDesign, zone: str) -> Span:
    ends = (design.first or design.start, design.end)
    start, end = (end if isinstance(end, date | datetime) else None for end in ends)
    return Span(start, end, design.outcome.zone if design.outcome else zone)


def _open(request: HttpRequest, kind: Kind, study_id: int) -> Opened:
    viewer = get_viewer(request)
    row = queries.get_study(viewer, study_id)
    if row.kind != kind:
        raise Http404(kind)
    number = request.GET.get("version", "")
    newest = queries.get_text(viewer, row)
    text = queries.get_text(viewer, row, int(number)) if number.isdecimal() and len(number) < 9 else newest
    return Opened(row, text, text.pk == newest.pk)


def _describe(request: HttpRequest, opened: Opened) -> dict[str, Any]:
    viewer = get_viewer(request)
    return {
        **describe_page(Kind(opened.row.kind)),
        "opened": opened,
        "row": opened.row,
        "texts": queries.list_texts(viewer, opened.row),
        "is_other_lake": opened.text.lake != name_lake(get_lake()) and not opened.text.table,
        "may_manage": viewer.has_perm(MANAGE_STUDIES),
    }


REASONS: dict[str, Words] = {
    "mixed": Words("接触了两个组或两个群", "exposed to two arms or clusters"),
    "recent": Words("观察期还没结束", "their days are not over"),
    "without_cluster": Words("没有写明所属的群", "without a cluster"),
    "unknown_arm": Words("组名不在实验里", "of an arm that there is not"),
    "gap": Words("没有任何事件的时段", "periods without any event"),
}
