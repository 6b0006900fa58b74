"""The public page of a campaign: to look needs nothing; to join needs a tick, and gives a share code."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.images import ACCEPTED
from canyu.ops.campaigns.challenges.actions import forget_person as forget_in_challenges
from canyu.ops.campaigns.challenges.queries import find_challenge
from canyu.ops.campaigns.charity.models import Pledge
from canyu.ops.campaigns.models import Campaign, Member
from canyu.ops.campaigns.posters import queries as posters
from canyu.ops.campaigns.public import visitors
from canyu.ops.campaigns.public.rules import make_pass, read_pass
from canyu.ops.campaigns.public.wishes import describe_wishes
from canyu.ops.campaigns.referral import actions, queries
from canyu.ops.campaigns.referral.rules import RewardState
from canyu.ops.fans.identity.actions import forget_left


@login_not_required
@require_safe
def show_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a campaign to anybody; who came through a share code is counted, without being named."""
    campaign = visitors.get_campaign(slug)
    answer = render_page(request, campaign)
    visitors.note_arrival(request, answer, campaign)
    return answer


@login_not_required
@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take the visitor in and give them a share code of their own; the same form sent twice is one person."""
    campaign = visitors.get_campaign(slug)
    try:
        came = visitors.take_in(request, campaign, tell_privacy(), get_now())
    except CanyuError as error:
        return render_page(request, campaign, error)
    answer = redirect("campaign_page", slug)
    came.keep(answer)
    return answer


@login_not_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Forget the visitor in every campaign, their number among the fans and the cookies with them."""
    campaign, person = visitors.get_campaign(slug), visitors.read_person(request)
    if person:
        actions.forget_person(person, get_now())
        forget_in_challenges(person)
        forget_left(person, get_now())
    answer = redirect("campaign_page", campaign.slug)
    visitors.drop_cookies(answer, slug)
    return answer


def tell_privacy() -> str:
    """Return what a visitor agrees to, in the page's language."""
    return _(
        "We keep a random number for you, your share code, who invited you, and keyed fingerprints of this browser and"
        " of the contact you may give, so that nobody takes part twice. We do not keep the contact itself, and sell"
        " nothing. You can leave at any time: then all this is erased."
    )


def tell_photo() -> str:
    """Return what a member agrees to who gives a photo for their poster, in the page's language."""
    return _(
        "I agree that this photo, on which nobody is but me or who agreed as well, is drawn into this poster. It is not"
        " kept."
    )


def render_page(request: HttpRequest, campaign: Campaign, error: CanyuError | None = None) -> HttpResponse:
    """Show the public page as the visitor stands to it, with what went wrong, if anything did."""
    now, language = get_now(), get_language() or ""
    is_chinese = language.startswith("zh")
    member = queries.find_person(campaign, visitors.read_person(request))
    address = request.build_absolute_uri(reverse("campaign_page", args=[campaign.slug]))
    has_begun = campaign.starts_at is None or campaign.starts_at <= now
    is_over = campaign.state != "live" or (campaign.ends_at is not None and campaign.ends_at < now)
    given = request.POST.get("pass", "")
    context: dict[str, Any] = {
        "campaign": campaign,
        "title": campaign.title_zh if is_chinese else campaign.title_en,
        "copy": campaign.copy_zh if is_chinese else campaign.copy_en,
        "has_begun": has_begun,
        "is_over": is_over,
        "is_open": has_begun and not is_over,
        "address": address,
        "member": member,
        "challenge": find_challenge(campaign),
        "gives": Pledge.objects.filter(campaign=campaign).exists(),
        "poster": posters.find_shown(campaign) if member and has_begun and not is_over else None,
        "photo_consent": tell_photo(),
        "accepted": ACCEPTED,
        "is_chinese": is_chinese,
        "link": f"{address}?from={member.code}" if member else "",
        "privacy": tell_privacy(),
        "pass": given if error and read_pass(given, now)[0] else make_pass(secrets.token_urlsafe(12), now),
        "error": error,
        **(_describe(member) if member else {}),
        **(describe_wishes(member.person) if member else {}),
    }
    return render(request, "campaigns/public.html", context, status=error.status if error else 200)


def _describe(member: Member) -> dict[str, Any]:
    sums = queries.sum_rewards(member)
    return {
        "invited": queries.count_invited(member),
        "pending": sums.get(RewardState.PENDING, 0),
        "paid": sums.get(RewardState.PAID, 0),
        "held": sums.get(RewardState.HELD, 0),
    }
