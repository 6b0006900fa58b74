"""The agent's sidebar in WeCom: a customer's cases and a suggested answer, for a person to read, change and send.

WeCom's bots cannot speak in groups with customers. So a person does, with this page beside the chat: it sends nothing.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from canyu.care import Audience
from canyu.care.assistant import Answer, AskBack, Asked, HandOver
from canyu.kit.clock import get_now
from canyu.ops.gate import get_viewer, requires
from canyu.ops.knowledge import assistants
from canyu.ops.people.rules import VIEW_WECHAT
from canyu.ops.wechat import queries
from canyu.ops.wechat.rules import REASON_WORDS, write_policy

MOST_LETTERS = 500
NEWEST = 10


@requires(VIEW_WECHAT)
@xframe_options_exempt  # the policy below says who may embed it; without a list nobody may
@require_safe
def show_sidebar(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show a customer's cases and what the articles say to their question; embedded by listed origins only."""
    viewer, now = get_viewer(request), get_now()
    account = queries.get_account(viewer, account_id)
    user = request.GET.get("user", "").replace("\0", "").strip()[:128]
    talk = queries.find_talk(account, user, now) if user else None
    case = talk.cases[0] if talk and talk.cases else None
    said = list(queries.list_said(case)) if case else []
    question = request.GET.get("q", "").replace("\0", "").strip()[:MOST_LETTERS] or (said[0] if said else "")
    outcome = None
    if question:
        asked = Asked(question, now, Audience.CUSTOMER, case.product if case else "")
        outcome = assistants.answer(asked)
    context = {
        "account": account,
        "user": user,
        "talk": talk,
        "case": case,
        "said": said[:NEWEST],
        "question": question,
        "answer": outcome if isinstance(outcome, Answer) else None,
        "near": outcome.choices
        if isinstance(outcome, AskBack)
        else outcome.near
        if isinstance(outcome, HandOver)
        else (),
        "reason": REASON_WORDS[outcome.reason.value] if isinstance(outcome, HandOver) else None,
        "newest": queries.list_talks(viewer, now, account.pk)[:NEWEST] if not user else [],
    }
    answer = render(request, "wechat/sidebar.html", context)
    answer["Content-Security-Policy"] = write_policy(account.frames)
    return answer
