"""The pages of crises: the list of runs by what is due next, one run, and what is done in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.care import Audience
from canyu.care.clock import parse_target
from canyu.care.crisis import Duty
from canyu.care.crisis.run_timeline import AUDIENCES, DUTIES
from canyu.care.crisis.statement import VERDICTS
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.care.forms import choose, read_enum
from canyu.ops.care.queries import get_case
from canyu.ops.crisis import actions, queries
from canyu.ops.crisis.live import look_at_run
from canyu.ops.crisis.rules import STAND_WORDS, STANDS, ItemDraft, RunDraft, StakeholderDraft
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.models import Person
from canyu.ops.people.rules import MANAGE_CRISIS, VIEW_CRISIS


@requires(VIEW_CRISIS)
@require_safe
def show_crises(request: HttpRequest) -> HttpResponse:
    """Show the runs, first what is due next."""
    asked = request.GET.get("stand", "")
    stand = asked if asked in STANDS else "open"
    rows = queries.list_runs(get_viewer(request), stand)
    context = {"rows": rows, "stand": stand, "stands": STAND_WORDS.items(), "now": get_now()}
    return render(request, "crisis/runs.html", context)


@requires(MANAGE_CRISIS)
@require_POST
def start_crisis(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """Start a run against a case, or go to the one that goes on."""
    viewer = get_viewer(request)
    case = get_case(viewer, case_id)
    try:
        run = actions.start_run(viewer, case, RunDraft(request.POST.get("title", "")), get_now())
    except CanyuError as error:
        messages.error(request, str(error))
        return redirect("case", case_id)
    return redirect("crisis", run.pk)


@requires(VIEW_CRISIS)
@require_safe
def show_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one run: checklist, updates, stakeholders, statements, the live picture and the timeline."""
    return _render_run(request, run_id)


@requires(VIEW_CRISIS)
@require_safe
def show_live(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what the lake says of the claim, on its own: the page of the run asks for it anew every minute."""
    viewer, now = get_viewer(request), get_now()
    row = queries.get_run(viewer, run_id)
    template = "crisis/live.html" if request.headers.get("HX-Request") else "crisis/live_page.html"
    return render(request, template, {"row": row, "live": look_at_run(viewer, row, now), "now": now})


@requires(MANAGE_CRISIS)
@require_POST
def act_on_run(request: HttpRequest, run_id: int, what: str) -> HttpResponseBase:
    """Do one thing in a run."""
    step = STEPS.get(what)
    if step is None:
        raise Http404(what)
    queries.get_run(get_viewer(request), run_id)
    try:
        step(request, get_viewer(request), run_id, get_now())
    except CanyuError as error:
        return _render_run(request, run_id, error)
    messages.success(request, _("Kept."))
    return redirect("crisis", run_id)


def _update(request: HttpRequest, viewer: Person, run_id: int, now: datetime) -> object:
    audience = read_enum(Audience, request.POST.get("audience", ""))
    return actions.give_update(viewer, run_id, request.POST.get("text", ""), audience, now)


def _add_item(request: HttpRequest, viewer: Person, run_id: int, now: datetime) -> object:
    given = request.POST
    in_s = int(parse_target(given.get("within", "")).total_seconds())
    duty = read_enum(Duty, given.get("duty", ""))
    return actions.add_item(viewer, run_id, ItemDraft(given.get("title", ""), in_s, duty), now)


def _add_stakeholder(request: HttpRequest, viewer: Person, run_id: int, now: datetime) -> object:
    given = request.POST
    draft = StakeholderDraft(
        given.get("name", ""),
        read_enum(Audience, given.get("audience", "")),
        given.get("organisation", ""),
        given.get("contact", ""),
    )
    return actions.add_stakeholder(viewer, run_id, draft, now)


def _name(request: HttpRequest, _viewer: Person, run_id: int, _now: datetime) -> None:
    actions.name_run(run_id, RunDraft(request.POST.get("title", ""), request.POST.get("topic", "")))


def _number(request: HttpRequest, name: str) -> int:
    told = request.POST.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0


Step = Callable[[HttpRequest, Person, int, datetime], object]
STEPS: dict[str, Step] = {
    "tick": lambda request, viewer, run, now: actions.tick(viewer, run, request.POST.get("key", ""), now),
    "untick": lambda request, viewer, run, now: actions.untick(viewer, run, request.POST.get("key", ""), now),
    "assign": lambda request, viewer, run, now: actions.assign(
        viewer, run, request.POST.get("key", ""), request.POST.get("who", ""), now
    ),
    "drop": lambda request, viewer, run, now: actions.drop_item(
        viewer, run, request.POST.get("key", ""), request.POST.get("text", ""), now
    ),
    "add": _add_item,
    "update": _update,
    "note": lambda request, viewer, run, now: actions.note(viewer, run, request.POST.get("text", ""), now),
    "stakeholder": _add_stakeholder,
    "told": lambda request, viewer, run, now: actions.tell_stakeholder(viewer, run, _number(request, "who"), now),
    "remove": lambda request, viewer, run, now: actions.remove_stakeholder(viewer, run, _number(request, "who"), now),
    "name": _name,
    "erase": lambda request, viewer, run, _now: actions.erase_text(viewer, run, _number(request, "text")),
    "close": lambda request, viewer, run, now: actions.close_run(viewer, run, request.POST.get("text", ""), now),
    "reopen": lambda request, viewer, run, now: actions.reopen_run(viewer, run, request.POST.get("text", ""), now),
}


def _render_run(request: HttpRequest, run_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    found = queries.read_run(viewer, run_id, now)
    context: dict[str, Any] = {
        "found": found,
        "row": found.row,
        "state": found.state,
        "workers": queries.list_workers(),
        "duties": DUTIES,
        "duty_choices": choose(DUTIES),
        "audiences": AUDIENCES,
        "audience_choices": choose(AUDIENCES),
        "verdicts": VERDICTS,
        "text": request.POST.get("text", ""),
        "now": now,
        "error": error,
    }
    return render(request, "crisis/run.html", context, status=error.status if error else 200)
