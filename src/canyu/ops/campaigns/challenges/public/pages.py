"""The public pages of a challenge: to look needs nothing; to enter or vote needs a tick, once."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError, NotFound
from canyu.kit.images import ACCEPTED
from canyu.ops.alerts.rules import parse_number
from canyu.ops.campaigns.challenges import actions, queries
from canyu.ops.campaigns.challenges.board import find_rank
from canyu.ops.campaigns.challenges.media import actions as media
from canyu.ops.campaigns.challenges.models import Challenge, Entry, Vote
from canyu.ops.campaigns.challenges.public.rules import write_span
from canyu.ops.campaigns.challenges.rules import PART_WORDS, REASON_WORDS, STATE_WORDS, EntryState, Way, clean_text
from canyu.ops.campaigns.challenges.schemas import Asked, EntryDraft
from canyu.ops.campaigns.challenges.voting.actions import cast_vote
from canyu.ops.campaigns.errors import TooMany
from canyu.ops.campaigns.models import Campaign, Consent
from canyu.ops.campaigns.public import brakes, visitors
from canyu.ops.campaigns.public.pages import tell_privacy
from canyu.ops.campaigns.public.rules import make_pass, name_text
from canyu.ops.campaigns.referral.queries import find_person
from canyu.ops.pictures import answer_picture

WALL, SHORT = 24, 10
MOST_ENTRIES_AN_HOUR, MOST_VOTES_AN_HOUR = 120, 600
"""From one network: a school or an office behind one address still fits."""
SAME = 204
SIZES = {"small": media.SMALL_END, "large": ""}
KEPT_S = 300


@login_not_required
@require_safe
def show_challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the rules, the way in, the first places and the shown entries, newest first."""
    challenge = get_challenge(slug)
    answer = _render_challenge(request, challenge)
    visitors.note_arrival(request, answer, challenge.campaign)
    return answer


@login_not_required
@require_safe
def show_board(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the first hundred places and one's own; a page that is open already asks for what changed alone."""
    challenge = get_challenge(slug)
    is_part = request.headers.get("HX-Request") == "true"
    if is_part and request.GET.get("seq") == str(challenge.score_seq):
        return HttpResponse(status=SAME)
    context = _describe(request, challenge) | {"leaders": queries.list_board(challenge)}
    return render(request, f"challenges/{'board' if is_part else 'public_board'}.html", context)


@login_not_required
@require_safe
def show_entry(request: HttpRequest, slug: str, entry_id: int) -> HttpResponse:
    """Show one entry with the way to vote for it."""
    challenge = get_challenge(slug)
    answer = _render_entry(request, challenge, entry_id)
    visitors.note_arrival(request, answer, challenge.campaign)
    return answer


@login_not_required
@require_POST
def enter(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take an entry in; who is no member yet becomes one, with the share code that they came through."""
    challenge, now = get_challenge(slug), get_now()
    came: visitors.Came | None = None
    try:
        came = _come(request, challenge.campaign, "entries", now)
        actions.enter(challenge, _ask(request, came), _read_draft(request, now), now)
    except CanyuError as error:
        return _keep(came, _render_challenge(request, challenge, error))
    return _keep(came, redirect(f"{reverse('challenge_page', args=[slug])}#mine"))


@login_not_required
@require_POST
def vote(request: HttpRequest, slug: str, entry_id: int) -> HttpResponseBase:
    """Keep a vote; the same again is the same vote."""
    challenge, now = get_challenge(slug), get_now()
    _get_shown(challenge, entry_id)
    came: visitors.Came | None = None
    try:
        came = _come(request, challenge.campaign, "votes", now)
        cast_vote(challenge, entry_id, _ask(request, came), now)
    except NotFound:
        raise Http404(slug) from None
    except CanyuError as error:
        return _keep(came, _render_entry(request, challenge, entry_id, error))
    return _keep(came, redirect("challenge_entry", slug, entry_id))


@login_not_required
@require_POST
def withdraw(request: HttpRequest, slug: str, entry_id: int) -> HttpResponseBase:
    """Take one's own entry back."""
    try:
        actions.withdraw(get_challenge(slug), entry_id, visitors.read_person(request), get_now())
    except NotFound:
        raise Http404(slug) from None
    return redirect(f"{reverse('challenge_page', args=[slug])}#mine")


@login_not_required
@require_safe
def send_picture(request: HttpRequest, slug: str, entry_id: int, size: str) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Send the image of a shown entry."""
    return answer_image(_get_shown(get_challenge(slug), entry_id), size)


def answer_image(entry: Entry, size: str) -> HttpResponse:
    """Return the image of an entry; raises Http404 where it has none."""
    if size not in SIZES or not entry.media:
        raise Http404(size)
    answer = answer_picture(media.IMAGES.find_path(entry.media, SIZES[size]))
    answer["Cache-Control"] = f"private, max-age={KEPT_S}"
    return answer


def get_challenge(slug: str) -> Challenge:
    """Return the challenge that the public may see; raises Http404."""
    found = queries.find_challenge(visitors.get_campaign(slug))
    if found is None:
        raise Http404(slug)
    return found


def tell_notice() -> str:
    """Return what somebody who enters or votes agrees to, in the page's language."""
    return _(
        "With your entry we keep the name you choose, your words, link or image (made anew, without what a camera"
        " writes into it), and the day. Once shown, anybody can read it here. With a vote we keep your random number"
        " and a keyed fingerprint of your network. You can withdraw an entry at any time; leaving erases all of it."
    )


def _come(request: HttpRequest, campaign: Campaign, what: str, now: datetime) -> visitors.Came:
    """Return who sent a form: a member who is known, or one taken in now."""
    most = MOST_VOTES_AN_HOUR if what == "votes" else MOST_ENTRIES_AN_HOUR
    if not brakes.is_within(what, brakes.find_network(request), most, now):
        raise TooMany(_("Too much comes from your network at once."), mend=_("Try again in an hour."))
    person = visitors.read_person(request)
    if find_person(campaign, person) is None:
        return visitors.take_in(request, campaign, tell_privacy(), now)
    visitors.read_form(request, now)
    return visitors.Came(person, request.COOKIES.get(visitors.DEVICE, "")[:64])


def _keep(came: visitors.Came | None, answer: HttpResponseBase) -> HttpResponseBase:
    """Let the browser remember who was taken in, refused or not: sent again, it is no second person."""
    if came is not None:
        came.keep(answer)
    return answer


def _get_shown(challenge: Challenge, entry_id: int) -> Entry:
    try:
        return queries.get_shown(challenge, entry_id)
    except NotFound:
        raise Http404(challenge.campaign.slug) from None


def _ask(request: HttpRequest, came: visitors.Came) -> Asked:
    language = get_language() or ""
    consent = name_text(tell_notice(), language) if request.POST.get("agree") == "1" else ""
    return Asked(came.person, consent, language, brakes.mark_network(request))


def _read_draft(request: HttpRequest, now: datetime) -> EntryDraft:
    return EntryDraft(
        key=f"form-{visitors.read_form(request, now)}",
        way=Way.LINK if request.POST.get("link", "").strip() else Way.UPLOAD,
        name=clean_text(request.POST.get("name", ""), actions.MOST_NAME + 1).replace("\n", " "),
        text=clean_text(request.POST.get("text", ""), actions.MOST_LETTERS + 1),
        link=request.POST.get("link", "").strip()[: actions.MOST_LINK + 1],
        picture=_read_picture(request),
    )


def _read_picture(request: HttpRequest) -> media.Picture | None:
    given = request.FILES.get("image")
    if given is None:
        return None
    return media.clean_image(given.read(media.LIMITS.most_bytes + 1))


def _describe(request: HttpRequest, challenge: Challenge) -> dict[str, Any]:
    campaign, now, language = challenge.campaign, get_now(), get_language() or ""
    is_chinese = language.startswith("zh")
    person = visitors.read_person(request)
    member, entrant = find_person(campaign, person), queries.find_entrant(challenge, person)
    rank, total = find_rank(challenge, entrant.pk if entrant else 0)
    agreed = Consent.objects.filter(member=member, purpose=actions.PURPOSE, withdrawn_at=None) if member else None
    address = request.build_absolute_uri(reverse("challenge_page", args=[campaign.slug]))
    return {
        "campaign": campaign,
        "challenge": challenge,
        "title": campaign.title_zh if is_chinese else campaign.title_en,
        "rules": challenge.rules_zh if is_chinese else challenge.rules_en,
        "prizes": challenge.prizes_zh if is_chinese else challenge.prizes_en,
        "weights": [(PART_WORDS[part], weight) for part, weight in queries.load_rule(challenge).weigh().items()],
        "span": write_span(challenge.opens_at, challenge.closes_at, challenge.zone),
        "is_open": queries.is_open(challenge, now),
        "is_over": challenge.closes_at <= now or campaign.state != "live",
        "address": address,
        "member": member,
        "entrant": entrant,
        "rank": rank,
        "total": total,
        "has_agreed": agreed is not None and agreed.exists(),
        "privacy": tell_privacy(),
        "notice": tell_notice(),
        "pass": make_pass(secrets.token_urlsafe(12), now),
    }


def _render_challenge(request: HttpRequest, challenge: Challenge, error: CanyuError | None = None) -> HttpResponse:
    last = parse_number(request.GET.get("before", ""))
    context = _describe(request, challenge)
    context |= {
        "ways": challenge.ways,
        "accepted": ACCEPTED,
        "may_enter": bool({Way.LINK, Way.UPLOAD} & set(challenge.ways)),
        "leaders": queries.list_board(challenge, SHORT),
        "wall": queries.list_entries(challenge, EntryState.SHOWN, last, WALL),
        "own": queries.list_own(context["entrant"]) if context["entrant"] else [],
        "states": STATE_WORDS,
        "reasons": REASON_WORDS,
        "given": request.POST,
        "error": error,
    }
    return render(request, "challenges/public.html", context, status=error.status if error else 200)


def _render_entry(
    request: HttpRequest, challenge: Challenge, entry_id: int, error: CanyuError | None = None
) -> HttpResponse:
    entry = _get_shown(challenge, entry_id)
    context = _describe(request, challenge)
    person = context["member"].person if context["member"] else ""
    page = request.build_absolute_uri(reverse("challenge_entry", args=[challenge.campaign.slug, entry.pk]))
    context |= {
        "entry": entry,
        "page": page,
        "picture": request.build_absolute_uri(
            reverse("challenge_picture", args=[challenge.campaign.slug, entry.pk, "large"])
        )
        if entry.media
        else "",
        "link": f"{page}?from={context['member'].code}" if context["member"] else "",
        "cast": Vote.objects.filter(entry=entry, person=person).first() if person else None,
        "is_own": bool(person) and entry.entrant.person == person,
        "error": error,
    }
    return render(request, "challenges/public_entry.html", context, status=error.status if error else 200)
