"""The staff's pages of referral: the share tree with K by generation, the queue of held edges, the reward rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.events.importers.expressions import MINOR_DIGITS
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.ops.alerts.rules import parse_choice
from canyu.ops.campaigns import actions as campaign_actions
from canyu.ops.campaigns import queries as campaigns
from canyu.ops.campaigns.forms import PERCENT, ReferralForm
from canyu.ops.campaigns.models import Campaign, ReferralRule
from canyu.ops.campaigns.referral import actions, pictures, queries
from canyu.ops.campaigns.referral.rules import EDGE_WORDS, REASON_WORDS, REWARD_WORDS, EdgeState
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, VIEW_CAMPAIGNS

MOST_PAGES = 10_000
MOST_GENERATIONS = 40


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_referral(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show who brought whom, K by generation, and edges by state."""
    return _render(request, campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def decide_edge(request: HttpRequest, campaign_id: int, edge_id: int) -> HttpResponseBase:
    """Release or refuse a held edge, with a reason."""
    viewer = get_viewer(request)
    edge = queries.get_edge(viewer, campaigns.get_campaign(viewer, campaign_id), edge_id)
    try:
        actions.decide_edge(
            viewer, edge, request.POST.get("decision") == "release", request.POST.get("reason", ""), get_now()
        )
    except CanyuError as error:
        return _render(request, campaign_id, error)
    messages.success(request, _("Kept."))
    return redirect("referral", campaign_id)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rule(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the reward rule of a draft, or keep it."""
    viewer, error = get_viewer(request), None
    campaign = campaigns.get_campaign(viewer, campaign_id)
    data = request.POST if request.method == "POST" else None
    form = ReferralForm(data, currency=campaign.currency, initial=_fill(campaign))
    if data is not None and form.is_valid():
        statement = form.cleaned_data["statement"]
        try:
            campaign_actions.save_referral(viewer, campaign_id, form.make_rule(), statement, get_now())
        except NotFound:
            raise
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("campaign", campaign_id)
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "campaign": campaign, "error": error}
    return render(request, "campaigns/rule.html", context, status=status)


def _render(request: HttpRequest, campaign_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer = get_viewer(request)
    campaign = campaigns.get_campaign(viewer, campaign_id)
    asked = request.GET.dict()
    state = parse_choice(asked, "edges", tuple(EdgeState), EdgeState.HELD)
    page = parse_choice(asked, "page", tuple(map(str, range(1, MOST_PAGES))), "1")
    tree = queries.measure_tree(viewer, campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "tree": tree,
        "totals": queries.measure_totals(viewer, campaign),
        "generations": tree.generations[:MOST_GENERATIONS],
        "more_generations": len(tree.generations) - MOST_GENERATIONS,
        "reward_words": REWARD_WORDS,
        "edges": queries.list_edges(viewer, campaign, state, int(page), load_config().page_rows),
        "edge_state": state,
        "edge_words": EDGE_WORDS,
        "reason_words": REASON_WORDS,
        "error": error,
    }
    if tree.members:
        drawn = pictures.draw(tree, asked.get("at", ""), get_language() or "", request.path)
        context |= {"drawn": drawn}
    return render(request, "campaigns/referral.html", context, status=error.status if error else 200)


def _fill(campaign: Campaign) -> dict[str, Any]:
    """Return what the form shows first: the rule that is kept."""
    kept = ReferralRule.objects.filter(campaign=campaign).first()
    if kept is None:
        return {}
    digits = MINOR_DIGITS.get(PERCENT if kept.is_percent else campaign.currency, 2)

    def show(minor: int) -> str:
        return f"{Decimal(minor).scaleb(-digits).normalize():f}"

    return {
        "touch": kept.touch,
        "cause": kept.cause,
        "is_percent": kept.is_percent,
        "levels": "; ".join(show(minor) for minor in kept.levels),
        "invitee": show(kept.invitee_amount),
        "tiers": "; ".join(f"{start}:{show(minor)}" for start, minor in kept.tiers),
        "is_every_order": kept.is_every_order,
        "pending_days": kept.pending_days,
        "most_joins_an_hour": kept.most_joins_an_hour,
        "statement": kept.statement,
    }
