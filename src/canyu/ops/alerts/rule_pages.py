"""The pages of what people set: rules, routes, sensitivity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.alerts import actions, queries
from canyu.ops.alerts.alarms.actions import save_alarm_rule
from canyu.ops.alerts.alarms.queries import get_alarm_rule, list_alarm_rules
from canyu.ops.alerts.delivery import PREFIX, list_address_names
from canyu.ops.alerts.errors import RuleNameTaken
from canyu.ops.alerts.forms import (
    AlarmRuleForm,
    RouteForm,
    RuleForm,
    SettingsForm,
    fill_alarm_rule,
    fill_route,
    fill_rule,
    fill_settings,
    tell_counts,
)
from canyu.ops.alerts.models import Addressed, Selected
from canyu.ops.alerts.pages import describe_messages
from canyu.ops.alerts.rules import SEVERITIES, Names
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_ALERTS, VIEW_ALERTS

SHOWN_MESSAGES = 10


@requires(VIEW_ALERTS)
@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    """Show rules, routes, sensitivity and the messages on their way."""
    viewer, names = get_viewer(request), queries.get_names()
    known = set(list_address_names())
    context = {
        "rules": [(row, tell_counts(row), _tell_products(row, names)) for row in queries.list_rules(viewer)],
        "alarm_rules": [(row, _tell_products(row, names)) for row in list_alarm_rules(viewer)],
        "routes": [
            (row, tell_counts(row), _tell_products(row, names), [(name, name in known) for name in row.addresses])
            for row in queries.list_routes(viewer)
        ],
        "watch": queries.get_watch(),
        "severities": SEVERITIES,
        "sent": describe_messages(queries.list_messages(viewer)[:SHOWN_MESSAGES]),
        "unsent": queries.count_unsent(),
    }
    return render(request, "alerts/rules.html", context)


@requires(MANAGE_ALERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponseBase:
    """Show a rule's form, or keep what was sent."""
    viewer = get_viewer(request)
    row = None if rule_id is None else queries.get_rule(viewer, rule_id)

    def keep(form: RuleForm) -> None:
        try:
            actions.save_rule(viewer, rule_id, form.make_draft(), get_now())
        except RuleNameTaken as error:
            form.add_error("name", error.message)

    form = RuleForm(request.POST) if request.method == "POST" else RuleForm(initial=fill_rule(row))
    return _answer_form(request, form, keep, _("When should somebody be told?"))


@requires(MANAGE_ALERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_alarm_rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponseBase:
    """Show the form of a rule on forecasts, or keep what was sent."""
    viewer = get_viewer(request)
    row = None if rule_id is None else get_alarm_rule(viewer, rule_id)

    def keep(form: AlarmRuleForm) -> None:
        try:
            save_alarm_rule(viewer, rule_id, form.make_draft(), get_now())
        except RuleNameTaken as error:
            form.add_error("name", error.message)

    form = AlarmRuleForm(request.POST) if request.method == "POST" else AlarmRuleForm(initial=fill_alarm_rule(row))
    return _answer_form(request, form, keep, _("Which posts will go far?"))


@requires(MANAGE_ALERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_route(request: HttpRequest, route_id: int | None = None) -> HttpResponseBase:
    """Show a route's form, or keep what was sent."""
    viewer = get_viewer(request)
    row = None if route_id is None else queries.get_route(viewer, route_id)

    def keep(form: RouteForm) -> None:
        actions.save_route(viewer, route_id, form.make_draft(), get_now())

    form = RouteForm(request.POST) if request.method == "POST" else RouteForm(initial=fill_route(row))
    return _answer_form(request, form, keep, _("Who is told, and where?"))


@requires(MANAGE_ALERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_settings(request: HttpRequest) -> HttpResponseBase:
    """Show the form of the sensitivity, or keep what was sent."""
    viewer, watch = get_viewer(request), queries.get_watch()

    def keep(form: SettingsForm) -> None:
        actions.save_settings(viewer, form.cleaned_data["preset"], form.list_custom())

    first = fill_settings(watch.preset, watch.custom)
    form = SettingsForm(request.POST) if request.method == "POST" else SettingsForm(initial=first)
    return _answer_form(request, form, keep, _("How sure must an alert be?"))


@requires(MANAGE_ALERTS)
@require_POST
def switch_rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    """Switch a rule on or off."""
    actions.switch_rule(get_viewer(request), rule_id, request.POST.get("on") == "1", get_now())
    return redirect("alert_rules")


@requires(MANAGE_ALERTS)
@require_POST
def switch_alarm_rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    """Switch a rule on forecasts on or off."""
    actions.switch_alarm_rule(get_viewer(request), rule_id, request.POST.get("on") == "1", get_now())
    return redirect("alert_rules")


@requires(MANAGE_ALERTS)
@require_POST
def switch_route(request: HttpRequest, route_id: int) -> HttpResponseBase:
    """Switch a route on or off."""
    actions.switch_route(get_viewer(request), route_id, request.POST.get("on") == "1", get_now())
    return redirect("alert_rules")


def _answer_form(request: HttpRequest, form: Any, keep: Callable[[Any], None], title: str) -> HttpResponseBase:
    if request.method == "POST" and form.is_valid():
        keep(form)
        if form.is_valid():
            messages.success(request, _("Kept. It holds from the next check on."))
            return redirect("alert_rules")
    context = {
        "form": form,
        "title": title,
        "is_multiple": [name for name, field in form.fields.items() if isinstance(field, forms.MultipleChoiceField)],
        "address_names": list_address_names(),
        "prefix": PREFIX,
        "back": reverse("alert_rules"),
    }
    return render(request, "alerts/form.html", context, status=400 if form.errors else 200)


def _tell_products(row: Addressed, names: Names) -> list[str]:
    aspects = filter(None, row.aspects) if isinstance(row, Selected) else ()
    return [names.say(name, get_language() or "") for name in (*row.products, *aspects)]
