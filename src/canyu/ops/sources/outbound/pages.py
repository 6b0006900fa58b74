"""The pages of outbound webhooks: who is told of what, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_SOURCES
from canyu.ops.sources.errors import AddressRefused, SourceNameTaken
from canyu.ops.sources.forms import SubscriptionForm, fill_subscription
from canyu.ops.sources.models import Sending
from canyu.ops.sources.outbound import actions, queries
from canyu.ops.sources.outbound.rules import MOST_ATTEMPTS


@requires(MANAGE_SOURCES)
@require_safe
def show_subscriptions(request: HttpRequest) -> HttpResponse:
    """Show every webhook and how its deliveries stand."""
    context = {"lines": queries.list_subscriptions(get_viewer(request))}
    return render(request, "sources/webhooks.html", context)


@requires(MANAGE_SOURCES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit_subscription(request: HttpRequest, subscription_id: int | None = None) -> HttpResponseBase:
    """Show a webhook's form, or keep what was sent; a new one's secret is shown, this once."""
    viewer = get_viewer(request)
    row = None if subscription_id is None else queries.get_subscription(viewer, subscription_id)
    form = SubscriptionForm(initial=fill_subscription(row))
    if request.method == "POST":
        form = SubscriptionForm(request.POST)
        if form.is_valid():
            try:
                kept = actions.save_subscription(viewer, subscription_id, form.make_draft(), get_now())
            except SourceNameTaken as error:
                form.add_error("name", str(error))
            except AddressRefused as error:
                form.add_error("url", str(error))
            else:
                secret = actions.get_secret(kept) if row is None else ""
                return _render_one(request, kept.pk, secret) if secret else redirect("webhook", kept.pk)
    return render(request, "sources/webhook_form.html", {"form": form, "row": row}, status=400 if form.errors else 200)


@requires(MANAGE_SOURCES)
@require_safe
def show_subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Show one webhook with its newest deliveries."""
    return _render_one(request, subscription_id)


@requires(MANAGE_SOURCES)
@require_POST
def switch_subscription(request: HttpRequest, subscription_id: int) -> HttpResponseBase:
    """Switch a webhook on or off."""
    actions.switch_subscription(get_viewer(request), subscription_id, request.POST.get("on") == "1", get_now())
    return redirect("webhook", subscription_id)


@requires(MANAGE_SOURCES)
@never_cache
@require_POST
def rotate_secret(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Give a webhook a new secret and show it, this once."""
    secret = actions.rotate_secret(get_viewer(request), subscription_id, get_now())
    return _render_one(request, subscription_id, secret)


@requires(MANAGE_SOURCES)
@require_POST
def replay(request: HttpRequest, subscription_id: int) -> HttpResponseBase:
    """Send deliveries of the chosen state again."""
    states = [request.POST.get("state", "")]
    count = actions.replay(get_viewer(request), subscription_id, states, get_now())
    messages.success(
        request, ngettext("%(n)d delivery is due again.", "%(n)d deliveries are due again.", count) % {"n": count}
    )
    return redirect("webhook", subscription_id)


def _render_one(request: HttpRequest, subscription_id: int, secret: str = "") -> HttpResponse:
    viewer, state = get_viewer(request), request.GET.get("state", "")
    row = queries.get_subscription(viewer, subscription_id)
    context = {
        "row": row,
        "secret": secret,
        "state": state,
        "states": [(each.value, _name_state(each)) for each in Sending],
        "deliveries": [(each, _name_state(each.state)) for each in queries.list_deliveries(viewer, row.pk, state)],
        "most_attempts": MOST_ATTEMPTS,
    }
    return render(request, "sources/webhook.html", context)


def _name_state(state: str) -> str:
    names = {Sending.WAITING: _("waiting"), Sending.SENT: _("sent"), Sending.DEAD: _("given up")}
    return names[Sending(state)]
