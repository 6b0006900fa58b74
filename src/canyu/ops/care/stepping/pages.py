"""The page of the steps: which one costs the time, by the goal that somebody chooses."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from canyu.care.timeline import KINDS
from canyu.kit.clock import get_now
from canyu.ops.care.stepping.queries import CaseSteps, read_steps
from canyu.ops.care.stepping.rules import (
    DAYS,
    GOAL_WORDS,
    KIND_WORDS,
    STEP_WORDS,
    StepsAsked,
    parse_steps,
    write_steps_csv,
)
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import send_file
from canyu.ops.people.rules import VIEW_CASES


@requires(VIEW_CASES)
@require_safe
def show_steps(request: HttpRequest) -> HttpResponse:
    """Show what each step of the cases costs, the one first that matters most to the goal."""
    asked, found = _read(request)
    rows = [] if found.report is None else [
        (step, STEP_WORDS[step.step], KIND_WORDS[step.kind]) for step in found.report.steps if step.visits
    ]  # fmt: skip
    context = {
        "asked": asked,
        "found": found,
        "report": found.report,
        "rows": rows,
        "days": DAYS,
        "kinds": KINDS.items(),
        "goals": GOAL_WORDS.items(),
        "now": get_now(),
        "address": request.GET.urlencode(),
    }
    return render(request, "care/steps.html", context)


@requires(VIEW_CASES)
@require_safe
def send_steps(request: HttpRequest) -> HttpResponse:
    """Send the figures of every step as CSV."""
    _asked, found = _read(request)
    if found.report is None:
        raise Http404("no solved case")
    return send_file("".join(write_steps_csv(found.report)), "text/csv; charset=utf-8", "case-steps.csv")


def _read(request: HttpRequest) -> tuple[StepsAsked, CaseSteps]:
    asked = parse_steps(request.GET.dict())
    return asked, read_steps(get_viewer(request), asked, get_now())
