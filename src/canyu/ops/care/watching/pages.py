"""The page of the watch list, and the button that makes a case of what it found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.care.models import Case
from canyu.ops.care.watching import queries
from canyu.ops.care.watching.actions import open_watch_case
from canyu.ops.gate import get_viewer, requires
from canyu.ops.lakes import find_facts
from canyu.ops.people.rules import MANAGE_CASES, VIEW_KOLS


@requires(VIEW_KOLS)
@require_safe
def show_watch(request: HttpRequest) -> HttpResponse:
    """Show who is watched for smearing, and which claims of the queue their accounts wrote or passed on."""
    return _render(request)


@requires(MANAGE_CASES)
@require_POST
def open_case_of_watched(request: HttpRequest, kol_id: int) -> HttpResponseBase:
    """Open a case with the evidence attached."""
    try:
        case = open_watch_case(get_viewer(request), kol_id, find_facts(), request.POST.dict(), get_now())
    except CanyuError as error:
        return _render(request, error)
    messages.success(request, _("The case is open, with the evidence attached."))
    return redirect("case", case.pk)


def _render(request: HttpRequest, error: CanyuError | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    found = queries.list_watched(get_viewer(request), find_facts(), given.dict())
    rows = [(one, [Case(pk=key) for key in one.cases]) for one in found.watched]
    context = {"found": found, "rows": rows, "error": error, "query": found.asked.view if found.asked else None}
    return render(request, "care/watch.html", context, status=error.status if error else 200)
