"""The page of a run's goodwill offers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.crisis.queries import get_run
from canyu.ops.crisis.response.goodwill import actions, queries
from canyu.ops.crisis.response.goodwill.forms import KINDS, GoodwillForm
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CRISIS, VIEW_CRISIS, VIEW_OFFERS


@requires(VIEW_CRISIS)
@require_safe
def show_goodwill(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what people get, how much of it is left, and the form of another offer."""
    return _render(request, run_id, None)


@requires(MANAGE_CRISIS)
@require_POST
def create_goodwill(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Keep a goodwill offer as a draft."""
    form, error = GoodwillForm(request.POST), None
    get_run(get_viewer(request), run_id)
    if form.is_valid():
        try:
            actions.create_goodwill(get_viewer(request), run_id, form.make_draft(), get_now())
        except CanyuError as refusal:
            error = refusal
        else:
            messages.success(request, _("Kept as a draft: somebody else releases it in the room of offers."))
            return redirect("crisis_goodwill", run_id=run_id)
    return _render(request, run_id, form, error)


def _render(
    request: HttpRequest, run_id: int, form: GoodwillForm | None, error: CanyuError | None = None
) -> HttpResponse:
    viewer = get_viewer(request)
    row = get_run(viewer, run_id)
    context = {
        "row": row,
        "views": queries.list_goodwill(viewer, run_id),
        "kinds": KINDS,
        "form": form or GoodwillForm(initial={"product": row.product}),
        "error": error,
        "may_manage": viewer.has_perm(MANAGE_CRISIS),
        "may_open": viewer.has_perm(VIEW_OFFERS),
        "part": "goodwill",
    }
    status = error.status if error else 400 if form is not None and form.errors else 200
    return render(request, "crisis_response/goodwill.html", context, status=status)
