"""The pages of questions: an address is a question, and the question's answer, proof and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.events import Verb
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.measure.figure import Proof
from canyu.measure.journeys.funnels import RULES
from canyu.measure.journeys.steps import FIELDS
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.queries import get_bounds
from canyu.ops.lakes import describe_place, find_facts
from canyu.ops.people.rules import MANAGE_STUDIES, VIEW_POSTS, VIEW_STUDIES
from canyu.ops.studies import actions, queries
from canyu.ops.studies.answers import QUESTIONS
from canyu.ops.studies.asking import Asked
from canyu.ops.studies.rules import DESIGNED, NAMES, TITLES, Kind, StudyDraft
from canyu.ops.travel.pages import draw_twice, need_facts, send_picture
from canyu.ops.waiting import Wait

REFRESH_S = 3
DROPPED = {"csrfmiddlewaretoken", "name", "kind", "again", "study"}
FORMS = {"csv", "svg", "png"}
Show = Callable[..., HttpResponseBase]


def needs_lake(show: Show) -> Show:
    """Show a page that asks the lake; while there is none, say how to fill it."""

    @wraps(show)
    def show_or_explain(request: HttpRequest, **given: Any) -> HttpResponseBase:
        if find_facts() is None:
            return render(request, "studies/empty.html", {"place": describe_place(), "tabs": list_tabs(None)})
        return show(request, **given)

    return show_or_explain


@requires(VIEW_STUDIES)
@require_safe
def show_studies(request: HttpRequest) -> HttpResponse:
    """Show what can be asked, and what is kept."""
    viewer = get_viewer(request)
    rows = [(row, NAMES[Kind(row.kind)]) for row in queries.list_studies(viewer)]
    context = {
        "tabs": list_tabs(None),
        "ways": [(f"study_{kind}", NAMES[kind], TITLES[kind]) for kind in Kind],
        "rows": [pair for pair in rows if not pair[0].is_away],
        "away": [pair for pair in rows if pair[0].is_away],
        "may_manage": viewer.has_perm(MANAGE_STUDIES),
    }
    return render(request, "studies/studies.html", context)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_question(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    """Show a question's form and, where the address asks something, its answer."""
    viewer, question = get_viewer(request), QUESTIONS[kind]
    asked, facts = read_question(request, kind), need_facts()
    context: dict[str, Any] = {
        **describe_page(kind),
        "facts": facts,
        "typed": asked.typed,
        "faults": asked.faults,
        "rules": RULES.items(),
        "fields": FIELDS,
        "verbs": list(Verb),
        "kept": [row for row in queries.list_studies(viewer, kind) if not row.is_away],
        "may_manage": viewer.has_perm(MANAGE_STUDIES),
        "may_see_posts": viewer.has_perm(VIEW_POSTS),
        "question": write_question(request.GET),
        "query": asked.query,
    }
    if asked.query is None:
        return render(request, f"studies/{kind}.html", context, status=400 if asked.faults else 200)
    try:
        found = queries.find_answer(viewer, queries.ask_question(kind, asked.query))
    except BadInput as error:  # what no field alone could tell
        return render(request, f"studies/{kind}.html", {**context, "fault": error}, status=400)
    if found.wait is not None:
        return answer_waiting(request, kind, found.wait)
    shown = question.show(found.answer)
    context |= {"shown": shown, **shown.more, **(draw_twice(shown.main) if shown.main else {})}
    return render(request, f"studies/{kind}.html", context)


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def show_question_proof(request: HttpRequest, kind: Kind, name: str) -> HttpResponseBase:
    """Show how an answer came to be; with ``again`` compute it again and compare every digit."""
    viewer, query = get_viewer(request), _need_query(request, kind)
    problem = queries.ask_question(kind, query)
    rerun = queries.rerun_answer(viewer, problem) if "again" in request.GET else None
    proofs = QUESTIONS[kind].show(queries.get_answer(viewer, problem)).proofs
    if name not in proofs:
        raise Http404(name)
    period = getattr(query, "journeys", query)
    back = f"{request.path.partition('proof/')[0]}?{write_question(request.GET)}"
    return render_proof(request, proofs[name], {"query": period, "rerun": rerun, "back": back})


@requires(VIEW_STUDIES)
@require_safe
@needs_lake
def send_question_file(request: HttpRequest, kind: Kind, name: str, form: str) -> HttpResponseBase:
    """Send a picture or table of an answer as CSV, or a picture as SVG or PNG."""
    viewer, query = get_viewer(request), _need_query(request, kind)
    shown = QUESTIONS[kind].show(queries.get_answer(viewer, queries.ask_question(kind, query)))
    return send_shown(shown.files, name, form, shown.main.name if shown.main else "")


@requires(MANAGE_STUDIES)
@require_POST
def save_question(request: HttpRequest, kind: Kind) -> HttpResponseBase:
    """Keep the question of an address under a name; a name that there is gets a newer text."""
    text = write_question(QueryDict(request.POST.get("question", "")))
    row = actions.save_study(get_viewer(request), StudyDraft(kind, request.POST.get("name", ""), text), get_now())
    messages.success(request, _("Kept as %s.") % row.name)
    return redirect("study", study_id=row.pk)


@requires(VIEW_STUDIES)
@require_safe
def open_study(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Go to what a study asks: the address of a question, or the page of a design."""
    viewer = get_viewer(request)
    row = queries.get_study(viewer, study_id)
    kind = Kind(row.kind)
    if kind in DESIGNED:
        return redirect(f"one_{kind}", study_id=row.pk)
    text = queries.get_text(viewer, row).text
    answer = redirect(f"study_{kind}")
    answer["Location"] = f"{answer['Location']}?{text}"
    return answer


@requires(MANAGE_STUDIES)
@require_POST
def put_study_away(request: HttpRequest, study_id: int) -> HttpResponseBase:
    """Put a study away, or bring it back."""
    actions.put_away(get_viewer(request), study_id, request.POST.get("away") == "1")
    return redirect("studies")


def list_tabs(kind: Kind | None) -> list[tuple[str, Words, bool]]:
    """Return the tabs of the room: address, name, whether it is the one shown."""
    return [(f"study_{one}", NAMES[one], one is kind) for one in Kind]


def describe_page(kind: Kind) -> dict[str, Any]:
    """Return what every page of a kind shows."""
    return {"kind": kind, "title": TITLES[kind], "tabs": list_tabs(kind), "zone": load_config().zone}


def read_question(request: HttpRequest, kind: Kind) -> Asked:
    """Return what an address asks."""
    return QUESTIONS[kind].read(request.GET, get_bounds(get_viewer(request), need_facts()))


def write_question(params: QueryDict) -> str:
    """Return an address's query without what is empty or belongs to no question."""
    kept = params.copy()
    for name in list(kept):
        texts = [text for text in kept.getlist(name) if text]
        if name in DROPPED or not texts:
            del kept[name]
        else:
            kept.setlist(name, texts)
    return kept.urlencode()


def answer_waiting(request: HttpRequest, kind: Kind, wait: Wait) -> HttpResponse:
    """Say how long it will take; the page asks again by itself, with and without script."""
    answer = render(request, "studies/waiting.html", {**describe_page(kind), "wait": wait})
    answer["Refresh"] = str(REFRESH_S)
    return answer


def render_proof(request: HttpRequest, told: tuple[Words, Proof], context: dict[str, Any]) -> HttpResponse:
    """Show a proof in the drawer, or as a page where no script asked for it."""
    label, proof = told
    is_fragment = bool(request.headers.get("HX-Request"))
    template = "studies/proof.html" if is_fragment else "studies/proof_page.html"
    return render(request, template, {**context, "label": label, "proof": proof})


def send_shown(files: dict[str, Any], name: str, form: str, drawn: str) -> HttpResponse:
    """Send one of the files of an answer; only what is drawn on the page is sent as a drawing."""
    if name not in files or form not in FORMS or (form != "csv" and name not in drawn.split()):
        raise Http404(name)
    return send_picture(files[name], form, f"canyu-{name}")


def _need_query(request: HttpRequest, kind: Kind) -> Any:
    asked = read_question(request, kind)
    for fault in asked.faults.values():
        raise fault
    if asked.query is None:
        raise Http404("nothing is asked")
    return asked.query
