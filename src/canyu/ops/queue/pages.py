"""The page of what is done beside the pages: jobs by where they stand, those given up, and what comes round."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_QUEUE, VIEW_QUEUE
from canyu.ops.queue import actions, queries
from canyu.ops.queue.rules import KEPT_DEAD, KEPT_DONE


@requires(VIEW_QUEUE)
@require_safe
def show_jobs(request: HttpRequest) -> HttpResponse:
    """Show jobs and rounds."""
    return _render(request)


@requires(MANAGE_QUEUE)
@require_POST
def try_again(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Have a job tried again that was given up."""
    try:
        actions.try_again(get_viewer(request), job_id)
    except CanyuError as error:
        return _render(request, error)
    messages.success(request, _("It is being tried again."))
    return redirect("jobs")


def _render(request: HttpRequest, error: CanyuError | None = None) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    rounds = queries.list_rounds(viewer, now)
    context = {
        "kinds": queries.list_kinds(viewer),
        "dead": queries.list_dead(viewer),
        "rounds": rounds,
        "late": sum(line.is_late for line in rounds),
        "done_days": KEPT_DONE.days,
        "dead_days": KEPT_DEAD.days,
        "most": queries.MOST_SHOWN,
        "error": error,
    }
    return render(request, "queue/jobs.html", context, status=error.status if error else 200)
