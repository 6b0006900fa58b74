"""The public page of a pledge: how much, as of when, how it is counted, what it did; no login and no script."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from canyu.kit.clock import get_now
from canyu.ops import pictures
from canyu.ops.campaigns.charity import queries
from canyu.ops.campaigns.charity.gifts.actions import find_accounts
from canyu.ops.campaigns.charity.models import StoryPicture
from canyu.ops.campaigns.charity.pictures.files import PICTURES
from canyu.ops.campaigns.charity.rules import BASIS_WORDS, Basis
from canyu.ops.campaigns.queries import find_live

SHOWN_STORIES = 20


@login_not_required
@require_safe
def show_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show anybody what a campaign gave, with the ledger's sums and rows behind it."""
    campaign = find_live(slug, get_now())
    pledge = queries.find_pledge(campaign) if campaign else None
    if campaign is None or pledge is None:
        raise Http404(slug)
    is_chinese = (get_language() or "").startswith("zh")
    stories = queries.list_stories(pledge, is_public=True)[:SHOWN_STORIES]
    told = [_tell(one, is_chinese) for one in stories]
    first = next((picture["name"] for one in told for picture in one["pictures"]), None)
    context: dict[str, Any] = {
        "campaign": campaign,
        "title": campaign.title_zh if is_chinese else campaign.title_en,
        "note": pledge.note_zh if is_chinese else pledge.note_en,
        "pledge": pledge,
        "basis": BASIS_WORDS[pledge.basis],
        "is_by_order": pledge.basis == Basis.ORDER,
        "sums": queries.measure_pledge(pledge),
        "counts": queries.count_gifts(pledge),
        "accounts": find_accounts(pledge),
        "payouts": pledge.payouts.order_by("paid_on", "pk"),
        "stories": told,
        "address": request.build_absolute_uri(reverse("charity_page", args=[slug])),
        "card": request.build_absolute_uri(reverse("charity_picture", args=[slug, first])) if first else "",
    }
    return render(request, "charity/public.html", context)


@login_not_required
@require_safe
def send_picture(request: HttpRequest, slug: str, name: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Send a picture of a public story; what was withdrawn is not there."""
    return answer_picture(queries.find_picture(slug, name) if find_live(slug, get_now()) else None)


def answer_picture(picture: StoryPicture | None) -> HttpResponse:
    """Return a picture as a file that a browser takes for nothing else; raises Http404."""
    if picture is None:
        raise Http404("picture")
    return pictures.answer_picture(PICTURES.find_path(picture.name))


def _tell(one: queries.ToldStory, is_chinese: bool) -> dict[str, Any]:
    story = one.story
    pictures = [
        {"name": each.name, "alt": each.alt_zh if is_chinese else each.alt_en, "of": each} for each in one.pictures
    ]
    return {
        "title": story.title_zh if is_chinese else story.title_en,
        "text": story.text_zh if is_chinese else story.text_en,
        "amount_minor": one.amount_minor,
        "payouts": one.payouts,
        "pictures": pictures,
    }
