"""The staff's pages of campaigns: the list, one plan, its form, and each step."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.ops.alerts.rules import parse_choice
from canyu.ops.campaigns import actions, queries
from canyu.ops.campaigns.challenges.queries import find_challenge
from canyu.ops.campaigns.forms import PlanForm, make_markets
from canyu.ops.campaigns.models import Campaign, ReferralRule
from canyu.ops.campaigns.posters.queries import find_shown
from canyu.ops.campaigns.referral.queries import find_rule
from canyu.ops.campaigns.rules import (
    COPY_FIELDS,
    GOAL_WORDS,
    PLAN_HINTS,
    STATE_WORDS,
    STRATEGY,
    TACTIC,
    CampaignState,
    is_second_person,
)
from canyu.ops.config import load_config
from canyu.ops.evidence.words import SEVERITY_WORDS
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, RELEASE_CAMPAIGNS, VIEW_CAMPAIGNS

MOST_PAGES = 1000
ABOUT = ("k", "clicks", "rewards", "held", "scans")
State = CampaignState


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_campaigns(request: HttpRequest) -> HttpResponse:
    """Show campaigns by state."""
    state = parse_choice(request.GET.dict(), "state", ("", *State), "")
    page = parse_choice(request.GET.dict(), "page", tuple(map(str, range(1, MOST_PAGES))), "1")
    found = queries.list_campaigns(get_viewer(request), state, int(page), load_config().page_rows)
    return render(request, "campaigns/campaigns.html", {"found": found, "state": state, "states": STATE_WORDS})


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_about(request: HttpRequest, kind: str) -> HttpResponse:
    """Show how a figure of referral comes to be."""
    if kind not in ABOUT:
        raise Http404(kind)
    name = "campaigns/about.html" if request.headers.get("HX-Request") else "campaigns/about_page.html"
    return render(request, name, {"kind": kind})


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show one plan: its goals, the 3-3 rule, its copy with what law says of it, its steps and the next one."""
    return _render_campaign(request, campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def create_campaign(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a plan, or keep a new one."""
    return _edit(request, None)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the form of a draft, or keep what was changed."""
    return _edit(request, queries.get_campaign(get_viewer(request), campaign_id))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def answer_finding(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Keep the answer to a finding in the copy."""
    key, reason = request.POST.get("key", ""), request.POST.get("reason", "")
    return _act(
        request, campaign_id, lambda: actions.answer_finding(get_viewer(request), campaign_id, key, reason, get_now())
    )


@requires(MANAGE_CAMPAIGNS)
@require_POST
def send_to_review(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Ask a second person for the release."""
    return _act(request, campaign_id, lambda: actions.send_to_review(get_viewer(request), campaign_id, get_now()))


@requires(RELEASE_CAMPAIGNS)
@require_POST
def return_to_draft(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Send a plan back to its writer."""
    note = request.POST.get("note", "")
    return _act(
        request, campaign_id, lambda: actions.return_to_draft(get_viewer(request), campaign_id, note, get_now())
    )


@requires(RELEASE_CAMPAIGNS)
@require_POST
def release_campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Let a campaign go live; a second person does, and types its address."""
    campaign = queries.get_campaign(get_viewer(request), campaign_id)
    if request.POST.get("typed", "").strip().lower() != campaign.slug:
        messages.error(request, _("Type the campaign's address to release it; nothing was changed."))
        return redirect("campaign", campaign_id)
    return _act(request, campaign_id, lambda: actions.release(get_viewer(request), campaign_id, get_now()))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def close_campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """End a campaign, or drop a draft."""
    note = request.POST.get("note", "")
    return _act(request, campaign_id, lambda: actions.close_campaign(get_viewer(request), campaign_id, note, get_now()))


def _edit(request: HttpRequest, campaign: Campaign | None) -> HttpResponseBase:
    viewer, error = get_viewer(request), None
    draft = queries.make_draft(campaign) if campaign else None
    is_sent = request.method == "POST"
    form = PlanForm(request.POST) if is_sent else PlanForm(initial=_fill(campaign) or {"owner": viewer.username})
    markets = make_markets(request.POST if is_sent else None, list(draft.markets) if draft else None)
    if is_sent and form.is_valid() & markets.is_valid():
        given = form.make_draft([one for row in markets.forms if (one := row.find_market())])
        try:
            kept = (
                actions.save_campaign(viewer, campaign.pk, given, get_now())
                if campaign
                else actions.create_campaign(viewer, given, get_now())
            )
        except NotFound:
            raise
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept as a draft."))
            return redirect("campaign", kept.pk)
    has_faults = bool(form.errors) or any(markets.errors)
    context = {
        "form": form,
        "markets": markets,
        "campaign": campaign,
        "error": error,
        "has_faults": has_faults,
        "strategy": [form[name] for name in STRATEGY],
        "tactic": [form[name] for name in TACTIC],
        "copy": [form[name] for name in COPY_FIELDS],
        "goals": [form[f"goal_{goal}"] for goal in GOAL_WORDS],
        "basics": [form[name] for name in ("name", "slug", "owner", "starts_at", "ends_at", "budget", "currency")],
        "zone": load_config().zone,
    }
    status = error.status if error else 400 if has_faults else 200
    return render(request, "campaigns/form.html", context, status=status)


def _act(request: HttpRequest, campaign_id: int, change: Callable[[], object]) -> HttpResponseBase:
    try:
        change()
    except NotFound:
        raise
    except CanyuError as error:
        return _render_campaign(request, campaign_id, error)
    messages.success(request, _("Kept."))
    return redirect("campaign", campaign_id)


def _render_campaign(request: HttpRequest, campaign_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    campaign = queries.get_campaign(viewer, campaign_id)
    context: dict[str, Any] = {
        "campaign": campaign,
        "state": STATE_WORDS[campaign.state],
        "progress": [(GOAL_WORDS[one.goal], one) for one in queries.measure_goals(viewer, campaign)],
        "strategy": _list_parts(campaign, STRATEGY),
        "tactic": _list_parts(campaign, TACTIC),
        "copy": [(words, getattr(campaign, name)) for name, words in COPY_FIELDS.items()],
        "check": queries.check_campaign(viewer, campaign),
        "severities": SEVERITY_WORDS,
        "copy_fields": COPY_FIELDS,
        "rule": find_rule(campaign),
        "challenge": find_challenge(campaign),
        "kept_rule": ReferralRule.objects.filter(campaign=campaign).first(),
        "budget": queries.find_budget(viewer, campaign),
        "poster": find_shown(campaign),
        "steps": queries.list_steps(viewer, campaign),
        "states": STATE_WORDS,
        "is_second": is_second_person(viewer.username, queries.list_authors(campaign)),
        "error": error,
        "given": request.POST,
    }
    return render(request, "campaigns/campaign.html", context, status=error.status if error else 200)


def _list_parts(campaign: Campaign, names: dict[str, Any]) -> list[tuple[Any, str, Any]]:
    return [(words, getattr(campaign, name), PLAN_HINTS[name]) for name, words in names.items()]


def _fill(campaign: Campaign | None) -> dict[str, Any]:
    """Return what the form of a kept plan shows first."""
    if campaign is None:
        return {}
    zone = ZoneInfo(load_config().zone)
    times = {name: getattr(campaign, name) for name in ("starts_at", "ends_at")}
    return {
        **queries.list_texts(campaign),
        **{f"goal_{goal}": target for goal, target in campaign.goals.items()},
        **{name: moment.astimezone(zone).replace(tzinfo=None) for name, moment in times.items() if moment},
        "name": campaign.name,
        "slug": campaign.slug,
        "owner": campaign.owner,
        "channels": campaign.channels,
        "currency": campaign.currency,
        "budget": f"{Decimal(campaign.budget_minor).scaleb(-MINOR_DIGITS.get(campaign.currency, 2))}",
    }
