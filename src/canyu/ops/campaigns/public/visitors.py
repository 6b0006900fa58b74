"""Who comes to a public page: through which share code, as which random number, and how they are taken in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from canyu.kit.clock import get_now
from canyu.ops.campaigns.errors import TooMany
from canyu.ops.campaigns.models import Campaign
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.rules import CODE, name_text, read_pass, read_touches
from canyu.ops.campaigns.queries import find_live
from canyu.ops.campaigns.referral import actions, queries
from canyu.ops.campaigns.referral.fingerprints import fingerprint, is_throw_away
from canyu.ops.campaigns.referral.rules import SignalKind
from canyu.ops.campaigns.referral.schemas import Click, Joining
from canyu.ops.config import load_config

CAME, PERSON, DEVICE = "canyu_came", "canyu_me", "canyu_device"
MONTH_S, YEAR_S = 30 * 86_400, 365 * 86_400
PATH = "/c/"
MOST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class Came:
    """A visitor who was taken in: the random number that they are, and the mark of their browser."""

    person: str
    device: str

    def keep(self, answer: HttpResponseBase) -> None:
        """Let the browser remember who it is."""
        _keep(answer, PERSON, signing.dumps(self.person, salt=PERSON), YEAR_S, PATH)
        _keep(answer, DEVICE, self.device, YEAR_S, PATH)


def get_campaign(slug: str) -> Campaign:
    """Return the campaign that the public may see; raises Http404."""
    found = find_live(slug, get_now())
    if found is None:
        raise Http404(slug)
    return found


def read_person(request: HttpRequest) -> str:
    """Return who the browser says it is, by our own signature; empty where it says nothing."""
    try:
        return str(signing.loads(request.COOKIES.get(PERSON, ""), salt=PERSON))
    except signing.BadSignature:
        return ""


def take_in(request: HttpRequest, campaign: Campaign, notice: str, now: datetime) -> Came:
    """Take the sender of a form in as a member; the same form sent twice is one person.

    Raises TooMany where a program seems to have sent it, or what joining raises: NotOpen, ConsentMissing.
    """
    nonce = read_form(request, now)
    person = read_person(request)
    if not queries.is_member_anywhere(person):  # of the same browser: one who was erased does not come back
        person = _name_person(nonce)
    device = request.COOKIES.get(DEVICE, "")[:64] or secrets.token_urlsafe(16)
    if not brakes.is_within("joins", brakes.find_network(request), brakes.MOST_JOINS_AN_HOUR, now):
        raise TooMany(_("Too many people join from your network at once."), mend=_("Try again in an hour."))
    actions.join(_make_joining(request, campaign, Came(person, device), notice), now)
    return Came(person, device)


def read_form(request: HttpRequest, now: datetime) -> str:
    """Return the name that no other form has; raises TooMany where a program seems to have sent it."""
    nonce, is_too_soon = read_pass(request.POST.get("pass", ""), now)
    if not nonce or is_too_soon or request.POST.get("website"):
        raise TooMany(_("That was too quick."), mend=_("Wait a moment, then press the button again."))
    return nonce


def note_arrival(request: HttpRequest, answer: HttpResponseBase, campaign: Campaign) -> None:
    """Count who came through a share code, without naming them, and let the browser remember the code."""
    code = request.GET.get("from", "")
    if CODE.fullmatch(code) and not brakes.is_program(request) and _count(request, campaign, code):
        first, _last = read_touches(request.COOKIES.get(CAME, ""))
        _keep(answer, CAME, f"{first or code}.{code}", MONTH_S, reverse("campaign_page", args=[campaign.slug]))


def drop_cookies(answer: HttpResponseBase, slug: str) -> None:
    """Let the browser forget who it is and from where it came."""
    answer.delete_cookie(PERSON, path=PATH)
    answer.delete_cookie(DEVICE, path=PATH)
    answer.delete_cookie(CAME, path=reverse("campaign_page", args=[slug]))


def _make_joining(request: HttpRequest, campaign: Campaign, came: Came, notice: str) -> Joining:
    key, contact = brakes.get_key(), request.POST.get("contact", "").strip()[:MOST_CONTACT]
    first, last = read_touches(request.COOKIES.get(CAME, ""))
    given = {SignalKind.DEVICE: came.device, SignalKind.CONTACT: contact}
    language = get_language() or ""
    return Joining(
        slug=campaign.slug,
        person=came.person,
        consent=name_text(notice, language) if request.POST.get("agree") == "1" else "",
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


def _name_person(nonce: str) -> str:
    return "p-" + salted_hmac("canyu.campaigns.person", nonce, algorithm="sha256").hexdigest()[:32]


def _keep(answer: HttpResponseBase, name: str, value: str, seconds: int, path: str) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=load_config().https
    )
