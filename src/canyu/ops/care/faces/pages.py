"""The public pages of care: a form to complain, and a secret link to follow the case, answer and rate it once.

No account, no script, no cookie: who has the link has the case, and nobody else.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.care import CaseKind
from canyu.care.timeline import KINDS
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.rules import make_pass, name_text, read_pass
from canyu.ops.care import actions, queries
from canyu.ops.care.actions import CUSTOMER, Message
from canyu.ops.care.errors import NothingSaid, TooManyComplaints
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.rules import CaseDraft
from canyu.ops.fans.identity.actions import keep_identifier
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.actions import open_request
from canyu.ops.fans.subject.rules import PUBLIC, Wish
from canyu.ops.insight.queries import get_catalogue

MOST_AN_HOUR, MOST_WORDS_AN_HOUR = 20, 60
"""From one network: a shop's wifi still fits."""
ASKED = (CaseKind.COMPLAINT, CaseKind.QUESTION)
MOST_SHORT = 200


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or open a case and go to its secret link."""
    if request.method != "POST":
        return _render_form(request)
    try:
        token = _open(request)
    except CanyuError as error:
        return _render_form(request, error)
    answer = redirect("follow_case", token)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@never_cache
@require_safe
def follow_case(request: HttpRequest, token: str) -> HttpResponse:
    """Show a customer their case: what they wrote, what they were answered, and whether it is solved."""
    return _render_case(request, token)


@login_not_required
@never_cache
@require_POST
def answer_case(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take in what a customer adds, their rating, or their wish to be erased."""
    case, now, what = _get_case(token), get_now(), request.POST.get("what", "")
    try:
        _brake(request, "case-words", MOST_WORDS_AN_HOUR)
        if what == "rate":
            score = request.POST.get("score", "")
            actions.rate(case.pk, int(score) if score in set("12345") else 0, request.POST.get("text", ""), now)
        elif what == "erase":
            fan = keep_identifier(Named(IdKind.ACTOR, case.person), now).fan
            open_request(fan, Wish.ERASE, "visitor", PUBLIC, now)
        elif what == "reopen":
            actions.reopen(CUSTOMER, case.pk, "", now)
        else:
            actions.say(case.pk, Message(CUSTOMER, request.POST.get("text", ""), is_customer=True), now)
    except CanyuError as error:
        return _render_case(request, token, error)
    return redirect("follow_case", token)


def tell_privacy() -> str:
    """Return what a visitor agrees to, in the page's language."""
    return _(
        "We keep what you write and, if you give it, your contact, to answer you, until you ask us to erase it. Only"
        " our care team reads it. Whoever has the link to your case can read it: keep it to yourself."
    )


def _open(request: HttpRequest) -> str:
    now, given, language = get_now(), request.POST, get_language() or ""
    nonce, is_too_soon = read_pass(given.get("pass", ""), now)
    if not nonce or is_too_soon or given.get("website"):
        raise TooManyComplaints(_("That was too quick."), mend=_("Wait a moment, then press the button again."))
    if given.get("agree") != "1":
        raise NothingSaid(_("Your consent is missing."), mend=_("Tick the box: without it we may keep nothing."))
    kind = next((each for each in ASKED if each.value == given.get("kind")), CaseKind.COMPLAINT)
    text = given.get("text", "").strip()
    if not text:
        raise NothingSaid(_("There is no text."), mend=_("Write in a few words what it is about."))
    _brake(request, "cases", MOST_AN_HOUR)
    notice = tell_privacy()
    consent = {"text": name_text(notice, language), "language": language, "at": now.isoformat()}
    told = given.get("product", "").replace("\0", "").strip()[:MOST_SHORT]
    product = find_product(told)
    draft = CaseDraft(
        kind,
        # what is no product of ours are a person's words: they go with them, while a product stays on the records
        text if product or not told else f"{text}\n\n{told}",
        Channel.WEB,
        product=product,
        customer=f"care:{secrets.token_hex(16)}",
        contact=given.get("contact", "").replace("\0", "").strip()[:MOST_SHORT],
        consent=consent,
        has_link=True,
    )
    return actions.open_case(CUSTOMER, draft, now).token


def find_product(told: str) -> str:
    """Return the id of the catalogue's entry that somebody named, by id or by name; empty for none."""
    wanted, catalogue = told.casefold(), get_catalogue()
    for brand in catalogue.list_brands() if wanted else ():
        for entry in catalogue.list_entries(brand.id):
            if wanted in {entry.id.casefold(), entry.name.zh.casefold(), entry.name.en.casefold()}:
                return entry.id
    return ""


def _brake(request: HttpRequest, what: str, most: int) -> None:
    if not brakes.is_within(what, brakes.find_network(request), most, get_now()):
        raise TooManyComplaints(_("Too much comes from your network at once."), mend=_("Try again in an hour."))


def _get_case(token: str) -> Case:
    case = queries.find_by_token(token)
    if case is None:
        raise Http404("case")
    return case


def _render_form(request: HttpRequest, error: CanyuError | None = None) -> HttpResponse:
    now, given = get_now(), request.POST
    is_known = error is not None and read_pass(given.get("pass", ""), now)[0]
    context = {
        "error": error,
        "kinds": [(kind.value, KINDS[kind]) for kind in ASKED],
        "given": {name: given.get(name, "") for name in ("kind", "text", "product", "contact")},
        "privacy": tell_privacy(),
        "pass": given["pass"] if is_known else make_pass(secrets.token_urlsafe(12), now),
    }
    return render(request, "care/public.html", context, status=error.status if error else 200)


def _render_case(request: HttpRequest, token: str, error: CanyuError | None = None) -> HttpResponse:
    case = _get_case(token)
    state = queries.derive(case.pk, get_now())
    context: dict[str, Any] = {
        "case": case,
        "state": state,
        "token": token,
        "address": request.build_absolute_uri(request.path.removesuffix("answer/")),
        "said": queries.list_seen_outside(case),
        "may_rate": state.rating_asked_at is not None and state.rating is None and state.solved_at is not None,
        "scores": SCORES.items(),
        "error": error,
    }
    answer = render(request, "care/follow.html", context, status=error.status if error else 200)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


SCORES = {
    5: Words("5 很满意", "5 very good"),
    4: Words("4 满意", "4 good"),
    3: Words("3 一般", "3 so-so"),
    2: Words("2 不满意", "2 bad"),
    1: Words("1 很不满意", "1 very bad"),
}
