"""A member's own poster: one form on the campaign's page, answered with the picture; nothing of it is kept."""

from __future__ import annotations

import base64
import logging
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.images import open_image
from canyu.ops.alerts.rules import parse_choice
from canyu.ops.campaigns.errors import NotOpen, TooMany
from canyu.ops.campaigns.models import Campaign, Member
from canyu.ops.campaigns.posters import actions
from canyu.ops.campaigns.posters.errors import FontsMissing
from canyu.ops.campaigns.posters.fonts import keep_written, list_unwritten
from canyu.ops.campaigns.posters.rules import PHOTO_LIMITS, clean_name
from canyu.ops.campaigns.public import brakes, visitors
from canyu.ops.campaigns.public.pages import render_page, tell_photo
from canyu.ops.campaigns.public.rules import name_text
from canyu.ops.campaigns.referral.queries import find_person
from canyu.ops.links.door import PREFIX

MOST_AN_HOUR, MOST_OF_ONE_AN_HOUR = 240, 20
"""Posters from one network, and of one member: drawing takes a hundred times a page's work."""
LANGUAGES, MOST_TOLD = ("zh", "en"), 12
logger = logging.getLogger("canyu.campaigns")


@login_not_required
@require_POST
def make_poster(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer with a member's poster: in a page from which it can be saved by hand, or as a file."""
    campaign, now = visitors.get_campaign(slug), get_now()
    member = find_person(campaign, visitors.read_person(request))
    if member is None:
        return redirect("campaign_page", slug)
    try:
        _brake(request, member, now)
        poster = _make(member, _read_wish(request, campaign), now)
    except CanyuError as error:
        return render_page(request, campaign, error)
    if request.POST.get("as") == "file":
        answer = HttpResponse(poster, content_type="image/png")
        answer["Content-Disposition"] = f'attachment; filename="poster-{campaign.slug}.png"'
        return answer
    name = clean_name(request.POST.get("name", ""))
    context = {
        "campaign": campaign,
        "poster": "data:image/png;base64," + base64.b64encode(poster).decode(),
        "unwritten": list_unwritten(name)[:MOST_TOLD],
        "is_nameless": bool(name) and not keep_written(name),
    }
    return render(request, "posters/made.html", context)


def _make(member: Member, wish: actions.Wish, now: datetime) -> bytes:
    try:
        return actions.make_poster(member, wish, now)
    except FontsMissing as error:
        logger.error("no poster could be drawn: %s %s", error.message, error.mend)
        raise NotOpen(
            _("There are no posters of this campaign at present."), mend=_("Share your link instead.")
        ) from error


def _brake(request: HttpRequest, member: Member, now: datetime) -> None:
    of_one = brakes.is_within("posters-of-one", member.code, MOST_OF_ONE_AN_HOUR, now)
    if not of_one or not brakes.is_within("posters", brakes.find_network(request), MOST_AN_HOUR, now):
        raise TooMany(_("Too many posters are made at once."), mend=_("Try again in an hour."))


def _read_wish(request: HttpRequest, campaign: Campaign) -> actions.Wish:
    given, photo, read_in = request.POST, request.FILES.get("photo"), get_language() or ""
    return actions.Wish(
        language=parse_choice(given.dict(), "language", LANGUAGES, LANGUAGES[0]),
        page=request.build_absolute_uri(reverse("campaign_page", args=[campaign.slug])),
        links=request.build_absolute_uri(PREFIX),
        name=given.get("name", ""),
        photo=open_image(photo.read(PHOTO_LIMITS.most_bytes + 1), PHOTO_LIMITS) if photo else None,
        consent=(name_text(tell_photo(), read_in) if given.get("photo_agreed") == "1" else "", read_in),
    )
