"""The page of a run's rebuttal plans: ask, keep, brief, and plan against actual."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.crisis.models import Run
from canyu.ops.crisis.queries import get_run
from canyu.ops.crisis.response.rebuttal import actions, queries
from canyu.ops.crisis.response.rebuttal.queries import find_released
from canyu.ops.crisis.response.rebuttal.rules import AD_MARK, read_asked
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CRISIS, MANAGE_KOLS, VIEW_CRISIS, VIEW_KOLS


@requires(VIEW_CRISIS)
@require_safe
def show_rebuttal(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show whom to ask for a rebuttal, and the plans that were kept with what came of them."""
    return _render(request, get_run(get_viewer(request), run_id), request.GET.dict())


@requires(MANAGE_CRISIS)
@require_POST
def keep_rebuttal(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Keep the plan with the run."""
    viewer = get_viewer(request)
    row = get_run(viewer, run_id)
    asked = read_asked(request.POST.dict(), queries.list_posts(row))
    if asked.faults:
        return _render(request, row, request.POST.dict())
    try:
        actions.keep_plan(viewer, run_id, asked, get_now())
    except CanyuError as error:
        return _render(request, row, request.POST.dict(), error)
    messages.success(request, _("Kept as a draft of the KOL room: it is approved and booked there."))
    return redirect("crisis_rebuttal", run_id=run_id)


@requires(MANAGE_KOLS)
@require_POST
def brief_rebuttal(request: HttpRequest, run_id: int, rebuttal_id: int) -> HttpResponseBase:
    """Write the brief of every booking of a plan that was not sent yet."""
    viewer = get_viewer(request)
    row = get_run(viewer, run_id)
    try:
        written = actions.write_briefs(viewer, run_id, rebuttal_id, request.POST.get("brief", ""), get_now())
    except CanyuError as error:
        return _render(request, row, {}, error)
    messages.success(request, _("%d briefs written; each is read and sent on its own page.") % written)
    return redirect("crisis_rebuttal", run_id=run_id)


def make_brief(run: Run, address: str) -> str:
    """Return the first words of a brief, to be changed by whoever sends it."""
    told = _("Our statement and its evidence: %(address)s") % {"address": address} if address else ""
    lines = [
        _("Start the post with %(mark)s: it is paid for.") % {"mark": AD_MARK},
        _("What is claimed: %(claim)s") % {"claim": run.title},
        told,
        _("Say only what the evidence shows, in your own words. Do not name or attack anybody."),
    ]
    return "\n".join(line for line in lines if line)


def _render(request: HttpRequest, row: Run, params: dict[str, str], error: CanyuError | None = None) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    asked = read_asked(params, queries.list_posts(row))
    context: dict[str, Any] = {"row": row, "asked": asked, "typed": asked.typed, "error": error, "part": "rebuttal"}
    if not asked.faults and error is None and viewer.has_perm(VIEW_KOLS):
        try:
            worked = queries.work_out(viewer, asked, now)
            context |= {"worked": worked, "error": worked.error, "answer": worked.row}
            if worked.found is not None:
                context["percent"] = 100.0 * worked.found.ratio
        except CanyuError as refusal:
            context["error"] = error = refusal
    context |= {
        "kept": queries.list_kept(viewer, row.pk),
        "brief": make_brief(row, _find_address(request, row)),
        "may_manage": viewer.has_perm(MANAGE_CRISIS),
        "may_brief": viewer.has_perm(MANAGE_KOLS),
        "may_plan": viewer.has_perm(VIEW_KOLS),
    }
    status = error.status if error else 400 if asked.faults else 200
    return render(request, "crisis_response/rebuttal.html", context, status=status)


def _find_address(request: HttpRequest, row: Run) -> str:
    """Return where the public reads the run's newest released statement, empty before there is one."""
    found = find_released(row.pk)
    return "" if found is None else request.build_absolute_uri(reverse("public_statement", args=[found]))
