"""The page of the scorecard by mail: the schedules, what became of their mails, and a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_PROOF
from canyu.ops.proof.card.rules import RHYTHMS
from canyu.ops.proof.mailing import actions, queries
from canyu.ops.proof.mailing.forms import ScheduleForm
from canyu.ops.proof.mailing.rules import LANGUAGES, LETTERS, WEEKDAYS
from canyu.ops.proof.models import Rhythm


@requires(MANAGE_PROOF)
@require_safe
def show_mail(request: HttpRequest) -> HttpResponse:
    """Show who gets the scorecard and when, and what became of the mails."""
    return _render(request, ScheduleForm(initial={"zone": load_config().zone}))


@requires(MANAGE_PROOF)
@require_POST
def create_schedule(request: HttpRequest) -> HttpResponseBase:
    """Keep a schedule."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _render(request, form)
    actions.create_schedule(get_viewer(request), form.make_draft(), get_now())
    messages.success(request, _("Kept."))
    return redirect("scorecard_mail")


@requires(MANAGE_PROOF)
@require_POST
def switch_schedule(request: HttpRequest, schedule_id: int) -> HttpResponseBase:
    """Switch a schedule on or off."""
    viewer = get_viewer(request)
    schedule = queries.get_schedule(viewer, schedule_id)
    actions.switch_schedule(viewer, schedule, request.POST.get("on") == "1", get_now())
    return redirect("scorecard_mail")


@requires(MANAGE_PROOF)
@require_POST
def drop_schedule(request: HttpRequest, schedule_id: int) -> HttpResponseBase:
    """Forget a schedule with its recipients."""
    viewer = get_viewer(request)
    actions.drop_schedule(viewer, queries.get_schedule(viewer, schedule_id))
    messages.success(request, _("Dropped."))
    return redirect("scorecard_mail")


@requires(MANAGE_PROOF)
@require_POST
def send_again(request: HttpRequest, schedule_id: int) -> HttpResponseBase:
    """Try the mails again that were not sent, or may not have been."""
    viewer = get_viewer(request)
    actions.send_again(viewer, queries.get_schedule(viewer, schedule_id), get_now())
    return redirect("scorecard_mail")


def _render(request: HttpRequest, form: ScheduleForm) -> HttpResponse:
    lines = [
        (line, WEEKDAYS[line.schedule.day] if line.schedule.rhythm == Rhythm.WEEK else None)
        for line in queries.list_schedules(get_viewer(request))
    ]
    context = {
        "lines": lines,
        "form": form,
        "rhythms": RHYTHMS,
        "states": LETTERS,
        "languages": LANGUAGES,
        "has_server": bool(load_config().mail_host),
        "sender": load_config().mail_from,
        "room": "mail",
    }
    return render(request, "proof/mail.html", context, status=400 if form.errors else 200)
