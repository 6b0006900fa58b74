"""The assistant's console: try a question, gaps, talks and what became of them, weeks with what each figure counts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from canyu.care import Audience
from canyu.care.assistant import DEFAULT_CONFIDENCE, Answer, AskBack, Asked, HandOver
from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.knowledge import assistants
from canyu.ops.knowledge.asking import actions, queries
from canyu.ops.knowledge.asking.queries import TalkFilter
from canyu.ops.knowledge.models import Outcome
from canyu.ops.knowledge.pages import read_page
from canyu.ops.knowledge.rules import (
    FIGURES,
    GAP_DAYS,
    MOST_CLUSTERED,
    MOST_QUESTION,
    OUTCOME_WORDS,
    READER_WORDS,
    REASONS,
)
from canyu.ops.people.rules import MANAGE_CASES, VIEW_KNOWLEDGE


@requires(VIEW_KNOWLEDGE)
@require_safe
def try_question(request: HttpRequest) -> HttpResponse:
    """Show what the assistant would answer, from which articles, with which scores; nothing is kept."""
    given, error, outcome, hits = request.GET, None, None, []
    question = given.get("q", "").replace("\0", "").strip()[:MOST_QUESTION]
    audience = given["audience"] if given.get("audience") in READER_WORDS else Audience.CUSTOMER.value
    is_unsure = given.get("unsure") == "1"
    product = given.get("product", "").replace("\0", "").strip()[:200]
    if question:
        asked = Asked(question, get_now(), Audience(audience), product, int(is_unsure))
        try:
            outcome, hits = assistants.answer(asked), assistants.rank_articles(asked)
        except CanyuError as fault:
            error = fault
    is_answer, is_back = isinstance(outcome, Answer), isinstance(outcome, AskBack)
    kind = Outcome.ANSWER if is_answer else Outcome.ASK_BACK if is_back else Outcome.HAND_OVER
    context = {
        "question": question,
        "audience": audience,
        "audiences": READER_WORDS.items(),
        "product": product,
        "is_unsure": is_unsure,
        "outcome": outcome,
        "kind": kind.value,
        "kind_words": OUTCOME_WORDS[kind.value],
        "reason": REASONS[outcome.reason.value] if isinstance(outcome, HandOver) else None,
        "hits": [(hit, score, hit.article.title) for hit, score in hits],
        "confidence": DEFAULT_CONFIDENCE,
        "error": error,
    }
    return render(request, "knowledge/try.html", context, status=error.status if error else 200)


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_gaps(request: HttpRequest) -> HttpResponse:
    """Show the articles that are missing: what was asked most and not answered comes first."""
    drafts = queries.list_gaps(get_viewer(request), get_now())
    ways = [urlencode([("title", each.title), *(("asked", one) for one in each.questions)]) for each in drafts]
    context = {"drafts": list(zip(drafts, ways, strict=True)), "days": GAP_DAYS, "most": MOST_CLUSTERED}
    return render(request, "knowledge/gaps.html", context)


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_talks(request: HttpRequest) -> HttpResponse:
    """Show the talks, the newest first, by words and by why they were handed over."""
    given = request.GET
    reason = given["reason"] if given.get("reason") in {"any", *REASONS} else ""
    asked = TalkFilter(given.get("q", "").replace("\0", "").strip()[:100], reason)
    found = queries.list_talks(get_viewer(request), asked, read_page(request), load_config().page_rows)
    context = {"found": found, "asked": asked, "reasons": REASONS.items(), "names": REASONS}
    return render(request, "knowledge/talks.html", context)


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_talk(request: HttpRequest, talk_id: int) -> HttpResponse:
    """Show one talk: what was asked, what went out, from which articles."""
    return _render_talk(request, talk_id)


@requires(MANAGE_CASES)
@require_POST
def make_case(request: HttpRequest, talk_id: int) -> HttpResponseBase:
    """Make a case of a talk, once."""
    viewer = get_viewer(request)
    queries.get_talk(viewer, talk_id)
    try:
        case = actions.make_case(viewer, talk_id, get_now())
    except CanyuError as error:
        return _render_talk(request, talk_id, error)
    messages.success(request, _("The case is open."))
    return redirect("case", case.pk)


@requires(VIEW_KNOWLEDGE)
@require_safe
def show_weeks(request: HttpRequest) -> HttpResponse:
    """Show, week by week, what was answered and what was handed over for which reason."""
    now = get_now()
    weeks = queries.list_weeks(get_viewer(request), now)
    rows = [(week.monday, [week.counts[each.key] for each in FIGURES]) for week in weeks]
    context = {
        "rows": rows,
        "figures": FIGURES,
        "has_any": any(week.counts["questions"] for week in weeks),
        "zone": load_config().zone,
        "now": now,
    }
    return render(request, "knowledge/weeks.html", context)


def _render_talk(request: HttpRequest, talk_id: int, error: CanyuError | None = None) -> HttpResponse:
    talk = queries.get_talk(get_viewer(request), talk_id)
    context = {
        "talk": talk,
        "turns": queries.list_turns(talk, get_now()),
        "outcomes": OUTCOME_WORDS,
        "names": REASONS,
        "days": load_config().talk_days,
        "error": error,
    }
    return render(request, "knowledge/talk.html", context, status=error.status if error else 200)
