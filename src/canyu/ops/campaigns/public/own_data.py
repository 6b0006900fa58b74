"""A member's own data from the public page: asked for with their cookie, answered by staff, fetched with it again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.ops.campaigns.errors import TooMany
from canyu.ops.campaigns.models import Member
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.pages import render_page
from canyu.ops.campaigns.public.visitors import get_campaign, read_person
from canyu.ops.fans.identity.actions import keep_identifier
from canyu.ops.fans.queries import find_known, find_ready
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.actions import open_request
from canyu.ops.fans.subject.pages import make_download
from canyu.ops.fans.subject.rules import PUBLIC, Wish

MOST_WISHES_AN_HOUR = 20
WISHES = {"copy": Wish.EXPORT, "erase": Wish.ERASE}


@login_not_required
@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take in a member's wish for a copy or an erasure; asked again it is the same request, whose clock runs on."""
    person, wish = read_person(request), WISHES.get(request.POST.get("wish", ""))
    if wish is None or not Member.objects.filter(campaign__slug=slug, person=person).exists():
        raise Http404(slug)
    now = get_now()
    if not brakes.is_within("wishes", brakes.find_network(request), MOST_WISHES_AN_HOUR, now):
        error = TooMany(_("Too much comes from your network at once."), mend=_("Try again in an hour."))
        return render_page(request, get_campaign(slug), error)
    fan = keep_identifier(Named(IdKind.ACTOR, person), now).fan
    open_request(fan, wish, "visitor", PUBLIC, now)
    return redirect("campaign_page", slug)


@login_not_required
@require_safe
def fetch(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send a member the copy that staff made ready, while it may be fetched."""
    fan = find_known(read_person(request))
    if fan is None or find_ready(fan) is None:
        raise Http404(slug)
    return make_download(fan)
