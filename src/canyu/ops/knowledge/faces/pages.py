"""The public's pages: ask without a login, read the talk by a secret link, send it to a person, read articles.

No script, no cookie, no account: who has the link has the talk. Only what may be said to customers goes out.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.kit.words import Words, say
from canyu.ops.campaigns.public import brakes
from canyu.ops.campaigns.public.rules import make_pass, name_text, read_pass
from canyu.ops.campaigns.public.wishes import describe_wishes
from canyu.ops.care.faces.pages import MOST_AN_HOUR as MOST_CASES_AN_HOUR
from canyu.ops.care.faces.pages import MOST_SHORT, tell_privacy
from canyu.ops.config import load_config
from canyu.ops.fans.identity.actions import keep_identifier
from canyu.ops.fans.rules import IdKind, Named
from canyu.ops.fans.subject.actions import open_request
from canyu.ops.fans.subject.rules import PUBLIC, Wish
from canyu.ops.knowledge import queries as articles
from canyu.ops.knowledge.asking import actions, queries
from canyu.ops.knowledge.asking.actions import Question
from canyu.ops.knowledge.errors import TooManyQuestions
from canyu.ops.knowledge.models import Outcome, Talk
from canyu.ops.knowledge.rules import MOST_QUESTION

MOST_QUESTIONS_AN_HOUR, MOST_WISHES_AN_HOUR = 120, 20
"""From one network: a shop's wifi still fits."""


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or answer the first question of a talk and go to its secret link."""
    return _ask(request, None)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_talk(request: HttpRequest, link: str) -> HttpResponseBase:
    """Show a talk to whoever has its link, or answer one more question of it."""
    return _ask(request, _get_talk(link))


@login_not_required
@never_cache
@require_POST
def send_on(request: HttpRequest, link: str) -> HttpResponseBase:
    """Send a talk to the care team, for whoever agreed, and go to the link of its case."""
    talk, now, language = _get_talk(link), get_now(), get_language() or ""
    given = request.POST
    consent: dict[str, str] = {}
    if given.get("agree") == "1":
        consent = {"text": name_text(tell_privacy(), language), "language": language, "at": now.isoformat()}
    contact = given.get("contact", "").replace("\0", "").strip()[:MOST_SHORT]
    try:
        _check_form(request, now)
        _brake(request, "cases", MOST_CASES_AN_HOUR)
        actions.send_on(talk, actions.Wish(given.get("words", "")[:2000], contact, consent), now)
    except CanyuError as error:
        return _render(request, talk, error)
    answer = redirect("follow_case", queries.make_case_token(talk))
    answer["Referrer-Policy"] = "same-origin"
    return answer


@login_not_required
@never_cache
@require_POST
def ask_erasure(request: HttpRequest, link: str) -> HttpResponseBase:
    """Take in the wish that a talk and its case are erased; asked again it is the same request."""
    talk, now = _get_talk(link), get_now()
    try:
        _brake(request, "talk-wishes", MOST_WISHES_AN_HOUR)
    except CanyuError as error:
        return _render(request, talk, error)
    fan = keep_identifier(Named(IdKind.ACTOR, talk.person), now).fan
    open_request(fan, Wish.ERASE, "visitor", PUBLIC, now)
    return redirect("talk_of_one", link)


@login_not_required
@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    """Show the titles of the articles that anybody may read."""
    rows = [
        (row, say(row.title_zh or row.title_en, row.title_en or row.title_zh))
        for row in articles.list_public(get_now())
    ]
    return render(request, "knowledge/help.html", {"rows": rows})


@login_not_required
@require_safe
def show_help_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one article that anybody may read, while it may be quoted."""
    row = articles.find_public(slug, get_now())
    if row is None:
        raise Http404(slug)
    has_chinese = bool(row.title_zh) and (say("zh", "en") == "zh" or not row.title_en)
    context = {
        "row": row,
        "title": row.title_zh if has_chinese else row.title_en,
        "body": row.body_zh if has_chinese else row.body_en,
        "code": "zh-Hans" if has_chinese else "en",
    }
    return render(request, "knowledge/help_article.html", context)


def tell_notice() -> Words:
    """Return what a visitor is told before they ask."""
    days = load_config().talk_days
    zh = f"您的提问会保存 {days} 天，用来改进答案；不问姓名，长串数字和邮箱地址不保存。有链接的人都能看到这次对话。"
    en = (
        f"What you ask is kept for {days} days to improve the answers; nobody's name is asked, and long numbers and"
        " mail addresses are not kept. Whoever has the link to your talk can read it."
    )
    if load_config().assistant_opens_cases:
        zh += "没有答案的问题会交给我们的客服。"
        en += " A question without an answer goes to our care team."
    return Words(zh, en)


def _ask(request: HttpRequest, talk: Talk | None) -> HttpResponseBase:
    if request.method != "POST":
        return _render(request, talk)
    now = get_now()
    try:
        form = _check_form(request, now)
        _brake(request, "questions", MOST_QUESTIONS_AN_HOUR)
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        kept = actions.ask(Question(form, request.POST.get("text", ""), language), talk, now)
    except CanyuError as error:
        return _render(request, talk, error)
    answer = redirect("talk_of_one", queries.make_link(kept))
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _check_form(request: HttpRequest, now: datetime) -> str:
    """Return the name of the form that was sent; raises TooManyQuestions where a program seems to have sent it."""
    nonce, is_too_soon = read_pass(request.POST.get("pass", ""), now)
    if not nonce or is_too_soon or request.POST.get("website"):
        raise TooManyQuestions(
            Words("太快了。", "That was too quick."),
            mend=Words("请稍等一下，再按一次。", "Wait a moment, then press the button again."),
        )
    return nonce[:64]


def _brake(request: HttpRequest, what: str, most: int) -> None:
    if not brakes.is_within(what, brakes.find_network(request), most, get_now()):
        raise TooManyQuestions(
            Words("您的网络短时间内提交太多。", "Too much comes from your network at once."),
            mend=Words("请一小时后再试。", "Try again in an hour."),
        )


def _get_talk(link: str) -> Talk:
    talk = queries.find_by_link(link)
    if talk is None:
        raise Http404("talk")
    return talk


def _render(request: HttpRequest, talk: Talk | None, error: CanyuError | None = None) -> HttpResponse:
    now, passed = get_now(), request.POST.get("pass", "")
    is_known = error is not None and read_pass(passed, now)[0]
    context: dict[str, Any] = {
        "error": error,
        "text": request.POST.get("text", "")[:MOST_QUESTION] if error else "",
        "words": request.POST.get("words", "")[:2000] if error else "",
        "contact": request.POST.get("contact", "")[:MOST_SHORT] if error else "",
        "most": MOST_QUESTION,
        "notice": tell_notice(),
        "pass": passed if is_known else make_pass(secrets.token_urlsafe(12), now),
    }
    if talk is not None:
        turns = queries.list_turns(talk, now)
        context |= {
            "turns": turns,
            "last": turns[-1] if turns else None,
            "is_open": talk.case is None and any(each.row.outcome == Outcome.HAND_OVER for each in turns),
            "case": talk.case,
            "case_token": queries.make_case_token(talk),
            "link": queries.make_link(talk),
            "address": request.build_absolute_uri(f"/ask/t/{queries.make_link(talk)}/"),
            "privacy": tell_privacy(),
            **describe_wishes(talk.person),
        }
    answer = render(request, "knowledge/ask.html", context, status=error.status if error else 200)
    # The address of a talk is a secret. Not no-referrer: browsers then send "Origin: null", and no form is believed.
    answer["Referrer-Policy"] = "same-origin"
    if talk is not None:
        answer["X-Robots-Tag"] = "noindex"
    return answer
