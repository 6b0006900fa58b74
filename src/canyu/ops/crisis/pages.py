"""The pages of crises: the list of runs by what is due next, and one run."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.ops.crisis import queries
from canyu.ops.crisis.rules import STAND_WORDS, STANDS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import VIEW_CRISIS


@requires(VIEW_CRISIS)
@require_safe
def show_crises(request: HttpRequest) -> HttpResponse:
    """Show the runs, first what is due next."""
    asked = request.GET.get("stand", "")
    stand = asked if asked in STANDS else "open"
    rows = queries.list_runs(get_viewer(request), stand)
    context = {"rows": rows, "stand": stand, "stands": STAND_WORDS.items(), "now": get_now()}
    return render(request, "crisis/runs.html", context)


@requires(VIEW_CRISIS)
@require_safe
def show_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one run."""
    now = get_now()
    found = queries.read_run(get_viewer(request), run_id, now)
    return render(request, "crisis/run.html", {"found": found, "row": found.row, "state": found.state, "now": now})
