"""The public page of a campaign: to look needs nothing; to join needs a tick, and gives a share code."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.campaigns.errors import TooMany
from canyu.ops.campaigns.models import Campaign, Member
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.rules import CODE, make_pass, name_text, read_pass, read_touches
from canyu.ops.campaigns.public.wishes import describe_wishes
from canyu.ops.campaigns.queries import find_live
from canyu.ops.campaigns.referral import actions, queries
from canyu.ops.campaigns.referral.fingerprints import fingerprint, is_throw_away
from canyu.ops.campaigns.referral.rules import RewardState, SignalKind
from canyu.ops.campaigns.referral.schemas import Click, Joining
from canyu.ops.config import load_config

CAME, PERSON, DEVICE = "canyu_came", "canyu_me", "canyu_device"
MONTH_S, YEAR_S = 30 * 86_400, 365 * 86_400
PATH = "/c/"
MOST_CONTACT = 120


@login_not_required
@require_safe
def show_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a campaign to anybody; who came through a share code is counted, without being named."""
    campaign = _get(slug)
    code = request.GET.get("from", "")
    is_counted = bool(CODE.fullmatch(code)) and not brakes.is_program(request) and _count(request, campaign, code)
    answer = _render(request, campaign)
    if is_counted:
        first, _last = read_touches(request.COOKIES.get(CAME, ""))
        _keep(answer, CAME, f"{first or code}.{code}", MONTH_S, reverse("campaign_page", args=[slug]))
    return answer


@login_not_required
@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take the visitor in and give them a share code of their own; the same form sent twice is one person."""
    campaign, now = _get(slug), get_now()
    nonce, is_too_soon = read_pass(request.POST.get("pass", ""), now)
    person = read_person(request) or (_name_person(nonce) if nonce else "")
    device = request.COOKIES.get(DEVICE, "")[:64] or secrets.token_urlsafe(16)
    try:
        if not person or is_too_soon or request.POST.get("website"):
            raise TooMany(_("That was too quick."), mend=_("Wait a moment, then press the button again."))
        if not brakes.is_within("joins", brakes.find_network(request), brakes.MOST_JOINS_AN_HOUR, now):
            raise TooMany(_("Too many people join from your network at once."), mend=_("Try again in an hour."))
        actions.join(_make_joining(request, campaign, person, device), now)
    except CanyuError as error:
        return _render(request, campaign, error)
    answer = redirect("campaign_page", slug)
    _keep(answer, PERSON, signing.dumps(person, salt=PERSON), YEAR_S, PATH)
    _keep(answer, DEVICE, device, YEAR_S, PATH)
    return answer


@login_not_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Forget the visitor in every campaign, and the cookies with them."""
    campaign, person = _get(slug), read_person(request)
    if person:
        actions.forget_person(person, get_now())
    answer = redirect("campaign_page", campaign.slug)
    answer.delete_cookie(PERSON, path=PATH)
    answer.delete_cookie(DEVICE, path=PATH)
    answer.delete_cookie(CAME, path=reverse("campaign_page", args=[slug]))
    return answer


def read_person(request: HttpRequest) -> str:
    """Return who the browser's signed cookie says it is; empty where there is none."""
    try:
        return str(signing.loads(request.COOKIES.get(PERSON, ""), salt=PERSON))
    except signing.BadSignature:
        return ""


def tell_privacy() -> str:
    """Return what a visitor agrees to, in the page's language."""
    return _(
        "We keep a random number for you, your share code, who invited you, and keyed fingerprints of this browser and"
        " of the contact you may give, so that nobody takes part twice. We do not keep the contact itself, and sell"
        " nothing. You can leave at any time: then all this is erased."
    )


def _render(request: HttpRequest, campaign: Campaign, error: CanyuError | None = None) -> HttpResponse:
    now, language = get_now(), get_language() or ""
    is_chinese = language.startswith("zh")
    member = queries.find_person(campaign, read_person(request))
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


def _make_joining(request: HttpRequest, campaign: Campaign, person: str, device: str) -> Joining:
    key, contact = brakes.get_key(), request.POST.get("contact", "").strip()[:MOST_CONTACT]
    first, last = read_touches(request.COOKIES.get(CAME, ""))
    given = {SignalKind.DEVICE: device, SignalKind.CONTACT: contact}
    language = get_language() or ""
    return Joining(
        slug=campaign.slug,
        person=person,
        consent=name_text(tell_privacy(), language) if request.POST.get("agree") == "1" else "",
        language=language,
        first_code=first,
        last_code=last,
        signals={kind: fingerprint(key, kind, value) for kind, value in given.items() if value},
        is_disposable=is_throw_away(contact),
    )


def _count(request: HttpRequest, campaign: Campaign, code: str) -> bool:
    now = get_now()
    member = queries.find_member(campaign, code)
    if member is None or campaign.state != "live":
        return False
    if brakes.is_within("clicks", brakes.find_network(request), brakes.MOST_CLICKS_AN_HOUR, now):
        visitor = brakes.name_visitor(request, campaign.slug, now)
        actions.count_click(Click(campaign.slug, code, visitor, brakes.is_first_today(visitor, code)), now)
    return True


def _get(slug: str) -> Campaign:
    found = find_live(slug, get_now())
    if found is None:
        raise Http404(slug)
    return found


def _name_person(nonce: str) -> str:
    return "p-" + salted_hmac("canyu.campaigns.person", nonce, algorithm="sha256").hexdigest()[:32]


def _keep(answer: HttpResponseBase, name: str, value: str, seconds: int, path: str) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=load_config().https
    )
