"""The pages of what is promised: calendars with a preview, policies with recalculation, agents, written answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu import care
from canyu.care.timeline import CLOCKS, KINDS, ROLES
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.care.forms import (
    EXAMPLE,
    AgentForm,
    AnswerForm,
    CalendarForm,
    PolicyForm,
    fill_agent,
    fill_answer,
    fill_policy,
    tell_target,
)
from canyu.ops.care.policies import actions, queries
from canyu.ops.care.policies.recalculating import preview_policy
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CARE, VIEW_CASES

MOST_MOVES = 50
USUAL_TARGET = timedelta(hours=1)
WITHDRAWN = {"policy", "calendar", "answer"}


@requires(VIEW_CASES)
@require_safe
def show_settings(request: HttpRequest) -> HttpResponse:
    """Show what is promised, who answers, and the texts written beforehand."""
    viewer = get_viewer(request)
    policies = [
        (row, [KINDS[care.CaseKind(kind)] for kind in row.kinds], tell_target(row.first_response_s),
         tell_target(row.solution_s), tell_target(row.update_s))
        for row in queries.list_policies(viewer)
    ]  # fmt: skip
    desks = [(desk, [ROLES[care.Role(role)] for role in desk.agent.roles]) for desk in queries.list_desks(viewer)]
    today = get_now().astimezone(ZoneInfo(load_config().zone)).date()
    context = {
        "missing_year": queries.find_missing_year(viewer, today),
        "policies": policies,
        "calendars": queries.list_calendars(viewer),
        "desks": desks,
        "answers": queries.list_answers(viewer),
    }
    return render(request, "care/settings.html", context)


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_calendar(request: HttpRequest) -> HttpResponseBase:
    """Show the editor of a calendar, try it, or keep it."""
    viewer, name = get_viewer(request), request.GET.get("name", "")
    first = {"text": EXAMPLE, "target": "1h"}
    if name:
        first |= {"name": name, "text": queries.get_calendar_row(viewer, name).text}
    form = CalendarForm(request.POST) if request.method == "POST" else CalendarForm(initial=first)
    error: CanyuError | None = None
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("what") == "keep":
                actions.save_calendar(viewer, form.cleaned_data["name"], form.cleaned_data["text"], get_now())
                messages.success(request, _("Kept. Running cases keep their copy until somebody recalculates."))
                return redirect("care_settings")
            preview = _try_calendar(form)
        except CanyuError as fault:
            error = fault
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "error": error, "preview": preview}
    return render(request, "care/calendar.html", context, status=status)


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_policy(request: HttpRequest) -> HttpResponseBase:
    """Show a policy's form, or keep what was sent."""
    viewer, name = get_viewer(request), request.GET.get("name", "")
    row = queries.get_policy_row(viewer, name) if name else None
    calendars = [each.name for each in queries.list_calendars(viewer)]
    is_sent = request.method == "POST"
    form = PolicyForm(request.POST if is_sent else None, calendars=calendars, initial=fill_policy(row))
    return _answer(
        request, form, lambda: actions.save_policy(viewer, form.make_draft(), get_now()), _("What do we promise?")
    )


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def recalculate_policy(request: HttpRequest) -> HttpResponseBase:
    """Show how many due times a policy's newest version would move, or move them."""
    viewer, name, now = get_viewer(request), request.GET.get("name", ""), get_now()
    row = queries.get_policy_row(viewer, name)
    error: CanyuError | None = None
    if request.method == "POST":
        told = request.POST.get("moves", "")
        try:
            given = actions.recalculate_policy(viewer, name, int(told) if told.isdecimal() else -1, now)
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("%d cases were given the newest version.") % given)
            return redirect("care_settings")
    cases, found = preview_policy(queries.load_named_policy(row), now)
    context = {
        "row": row,
        "cases": len(cases),
        "found": found,
        "moves": [(move, CLOCKS[move.clock]) for move in found.moves[:MOST_MOVES]],
        "error": error,
    }
    return render(request, "care/recalculate.html", context, status=error.status if error else 200)


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_agent(request: HttpRequest) -> HttpResponseBase:
    """Show an agent's form, or keep what was sent."""
    viewer, name = get_viewer(request), request.GET.get("name", "")
    row = queries.get_agent(viewer, name) if name else None
    calendars = [each.name for each in queries.list_calendars(viewer)]
    form = AgentForm(request.POST if request.method == "POST" else None, calendars=calendars, initial=fill_agent(row))
    return _answer(request, form, lambda: actions.save_agent(viewer, form.make_draft(), get_now()), _("Who answers?"))


@requires(MANAGE_CARE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_answer(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a text written beforehand, or keep what was sent."""
    viewer, told = get_viewer(request), request.GET.get("id", "")
    row = queries.get_answer(viewer, int(told)) if told.isdecimal() and len(told) < 18 else None
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=fill_answer(row))

    def keep() -> object:
        found = form.cleaned_data
        return actions.save_answer(viewer, found["name"], (found["text_zh"], found["text_en"]), get_now())

    return _answer(request, form, keep, _("What do we say often?"))


@requires(MANAGE_CARE)
@require_POST
def withdraw(request: HttpRequest, what: str) -> HttpResponseBase:
    """Take a policy, a calendar or a written answer out of use; running cases keep their copies."""
    viewer, name = get_viewer(request), request.POST.get("name", "")
    if what not in WITHDRAWN:
        raise Http404(what)
    if what == "policy":
        actions.withdraw_policy(viewer, name)
    elif what == "calendar":
        actions.withdraw_calendar(viewer, name)
    elif name.isdecimal() and len(name) < 18:
        actions.withdraw_answer(viewer, int(name), get_now())
    messages.success(request, _("Withdrawn."))
    return redirect("care_settings")


def _try_calendar(form: CalendarForm) -> care.DueTime:
    """Return when a target is due by the calendar in the form. Raises BadInput."""
    start, target = form.cleaned_data["start"] or get_now(), form.cleaned_data["target"] or USUAL_TARGET
    return care.due_time(care.parse_calendar(form.cleaned_data["text"]), start, target)


def _answer(request: HttpRequest, form: Any, keep: Callable[[], object], title: str) -> HttpResponseBase:
    error: CanyuError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            keep()
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("care_settings")
    status = error.status if error else 400 if form.errors else 200
    return render(request, "care/form.html", {"form": form, "title": title, "error": error}, status=status)
