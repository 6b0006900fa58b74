"""The pages of cases: the queue by what burns next, a new case, one case with its clocks, and why a time is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu import care
from canyu.care import Audience, CaseKind, ClockName, Harm, PauseReason
from canyu.care.timeline import CLOCKS, HARMS, KINDS, REASONS
from canyu.kit.clock import get_now
from canyu.kit.errors import BadInput, CanyuError, NotFound
from canyu.kit.words import Words
from canyu.ops.care import actions, queries
from canyu.ops.care.actions import Message, SplitWish
from canyu.ops.care.forms import CaseForm, choose, read_enum, read_local, read_words
from canyu.ops.care.models import Case, Channel
from canyu.ops.care.policies.queries import list_answers, list_desks
from canyu.ops.care.queries import STANDS, CaseFilter
from canyu.ops.care.rules import AUDIENCE_WORDS, CaseDraft, MentionDraft, write_cases_csv
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.queries import read_post
from canyu.ops.people.models import Person
from canyu.ops.people.rules import MANAGE_CASES, VIEW_CASES
from canyu.ops.wechat.queries import find_talk_of_case

STAND_WORDS = {
    "open": Words("未结", "open"),
    "missed": Words("已超时", "missed"),
    "solved": Words("已结", "solved"),
    "all": Words("全部", "all"),
}
ORDER_WORDS = {
    "burns": Words("最先到期", "burns next"),
    "severity": Words("最严重", "worst"),
    "newest": Words("最新", "newest"),
}
SOURCES = {Channel.POST.value, Channel.ALERT.value, Channel.RUMOUR.value}


@requires(VIEW_CASES)
@require_safe
def show_cases(request: HttpRequest) -> HttpResponse:
    """Show the queue, first what is due next; it is fetched anew every half a minute."""
    viewer, asked = get_viewer(request), read_filter(request)
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1
    context = {
        "found": queries.list_cases(viewer, asked, max(number, 1), load_config().page_rows),
        "asked": asked,
        "stands": STAND_WORDS.items(),
        "orders": ORDER_WORDS.items(),
        "kinds": KINDS.items(),
        "desks": list_desks(viewer),
        "stream_at": queries.find_last_record(),
        "now": get_now(),
        "address": request.GET.urlencode(),
    }
    return render(request, "care/cases.html", context)


@requires(VIEW_CASES)
@require_safe
def send_cases(request: HttpRequest) -> HttpResponseBase:
    """Send every case of the list as CSV, in its order, without contacts."""
    rows = queries.list_all_cases(get_viewer(request), read_filter(request))
    answer = StreamingHttpResponse(write_cases_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="cases.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@requires(MANAGE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def open_case(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a new case, filled from a post where one is named, or open the case."""
    viewer, error = get_viewer(request), None
    form = CaseForm(request.POST) if request.method == "POST" else CaseForm(initial=_fill_from_post(request))
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_case(viewer.username, _make_draft(viewer, form), get_now())
        except CanyuError as fault:
            error = fault
        else:
            told = _("The case is open.") if opened.is_new else _("It joined a case that says the same.")
            messages.success(request, told)
            return redirect("case", opened.case.pk)
    status = error.status if error else 400 if form.errors else 200
    return render(request, "care/new.html", {"form": form, "error": error}, status=status)


@requires(VIEW_CASES)
@require_safe
def show_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show one case: clocks, messages, timeline, mentions, and what may be done."""
    return _render_case(request, case_id)


@requires(VIEW_CASES)
@require_safe
def show_clock(request: HttpRequest, case_id: int, clock: str) -> HttpResponse:
    """Show why a clock is due when it is: every interval that its target uses."""
    found = queries.read_case(get_viewer(request), case_id, get_now())
    name = next((each for each in ClockName if each.value.replace(" ", "-") == clock), None)
    state = found.state.find_clock(name) if name else None
    if name is None or state is None or found.state.policy is None:
        raise Http404(clock)
    context = {
        "row": found.row,
        "clock": state,
        "name": CLOCKS[name],
        "why": care.explain_clock(state, found.state.policy),
        "policy": found.state.policy,
    }
    template = "care/clock.html" if request.headers.get("HX-Request") else "care/clock_page.html"
    return render(request, template, context)


@requires(MANAGE_CASES)
@require_POST
def say_in_case(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """Add a message: inside, to the customer, or in public."""

    def change(viewer: Person, now: datetime) -> None:
        audience = read_enum(Audience, request.POST.get("audience", ""))
        actions.say(case_id, Message(viewer.username, request.POST.get("text", ""), audience), now)

    return _act(request, case_id, change)


@requires(MANAGE_CASES)
@require_POST
def act_on_case(request: HttpRequest, case_id: int, what: str) -> HttpResponseBase:
    """Do one thing to a case."""
    step = STEPS.get(what)
    if step is None:
        raise Http404(what)
    return _act(request, case_id, lambda viewer, now: step(request, viewer, case_id, now))


def read_filter(request: HttpRequest) -> CaseFilter:
    """Return what the address asks for; what it cannot mean is left out."""
    given = request.GET
    return CaseFilter(
        stand=given["stand"] if given.get("stand") in STANDS else "open",
        kind=given["kind"] if given.get("kind") in set(CaseKind) else "",
        assignee=given.get("assignee", "").replace("\0", "")[:150],
        product=given.get("product", "").replace("\0", "")[:200],
        q=given.get("q", "").replace("\0", "").strip()[:100],
        order=given["order"] if given.get("order") in ORDER_WORDS else "burns",
    )


def _pause(request: HttpRequest, viewer: Person, case_id: int, now: datetime) -> object:
    until = read_local(request.POST.get("until", ""))
    if until is None:
        raise BadInput(
            Words("没有写暂停到什么时候。", "The end of the pause is missing."),
            mend=Words("请选一个以后的时间。", "Choose a later time."),
        )
    reason = read_enum(PauseReason, request.POST.get("reason", ""))
    return actions.pause(viewer, case_id, reason, until, now)


def _judge(request: HttpRequest, viewer: Person, case_id: int, now: datetime) -> object:
    given = request.POST
    reach = given.get("reach", "")
    if not (reach.isascii() and reach.isdigit() and len(reach) < 11):
        raise BadInput(
            Words("触达人数不是整数。", "The reach is no whole number."),
            mend=Words("请写 0 或更多。", "Write 0 or more."),
        )
    kind, harm = read_enum(CaseKind, given.get("kind", "")), read_enum(Harm, given.get("harm", ""))
    return actions.judge(viewer, case_id, (kind, harm, int(reach)), now)


def _split(request: HttpRequest, viewer: Person, case_id: int, now: datetime) -> object:
    kind = read_enum(CaseKind, request.POST.get("kind", ""))
    keys = tuple(request.POST.getlist("mention"))[:1000]
    return actions.split(viewer, case_id, SplitWish(keys, kind, Harm.NONE), now)


def _reset(request: HttpRequest, viewer: Person, case_id: int, now: datetime) -> object:
    clock = read_enum(ClockName, request.POST.get("clock", ""))
    return actions.reset_clock(viewer, case_id, clock, request.POST.get("reason", ""), now)


def _other(request: HttpRequest) -> int:
    found = queries.read_number(request.POST.get("other", ""))
    if not found:
        raise NotFound(
            Words("没有写另一张工单的编号。", "The number of the other case is missing."),
            mend=Words("请写 C000012 这样的编号。", "Write a number such as C000012."),
        )
    return found


def _assign(request: HttpRequest, viewer: Person, case_id: int, now: datetime) -> object:
    username = request.POST.get("agent", "")
    if username and username not in {desk.agent.username for desk in list_desks(viewer)}:
        raise NotFound(
            Words("没有这位客服。", "There is no such agent."), mend=Words("请从列表里选。", "Choose from the list.")
        )
    return actions.assign(viewer, case_id, username, now)


STEPS: dict[str, Callable[[HttpRequest, Person, int, datetime], object]] = {
    "pause": _pause,
    "resume": lambda _request, viewer, case, now: actions.resume(viewer, case, now),
    "solve": lambda _request, viewer, case, now: actions.solve(viewer, case, now),
    "reopen": lambda request, viewer, case, now: actions.reopen(
        viewer.username, case, request.POST.get("reason", ""), now
    ),
    "acknowledge": lambda _request, viewer, case, now: actions.acknowledge(viewer, case, now),
    "assign": _assign,
    "judge": _judge,
    "merge": lambda request, viewer, case, now: actions.merge(viewer, case, _other(request), now),
    "link": lambda request, viewer, case, now: actions.link(viewer, case, _other(request), now),
    "split": _split,
    "reset": _reset,
}


def _act(request: HttpRequest, case_id: int, change: Callable[[Person, datetime], object]) -> HttpResponseBase:
    queries.get_case(get_viewer(request), case_id)
    try:
        change(get_viewer(request), get_now())
    except CanyuError as error:
        return _render_case(request, case_id, error)
    messages.success(request, _("Kept."))
    return redirect("case", case_id)


def _render_case(request: HttpRequest, case_id: int, error: CanyuError | None = None) -> HttpResponse:
    viewer, now = get_viewer(request), get_now()
    found = queries.read_case(viewer, case_id, now)
    is_chinese = (get_language() or "").startswith("zh")
    talk = find_talk_of_case(found.row, now) if found.row.channel == Channel.WECHAT else None
    answers = [(row.name, row.text_zh if is_chinese else row.text_en) for row in list_answers(viewer)]
    context: dict[str, Any] = {
        "found": found,
        "row": found.row,
        "state": found.state,
        "clocks": [(clock, CLOCKS[clock.name], clock.name.value.replace(" ", "-")) for clock in found.state.clocks],
        "linked": [Case(pk=int(key)) for key in dict.fromkeys(found.state.links) if key.isdigit()],
        "merged_into": Case(pk=int(found.state.merged_into)) if found.state.merged_into else None,
        "desks": list_desks(viewer),
        "answers": answers,
        "audiences": choose(AUDIENCE_WORDS),
        "reasons": choose(REASONS),
        "kinds": choose(KINDS),
        "harms": choose(HARMS),
        "text": request.POST.get("text", "") or dict(answers).get(request.GET.get("answer", ""), ""),
        "stream_at": found.stream_at,
        "now": now,
        "error": error,
        "talk": talk,
        "posted": {row.message_id: row for row in talk.outgoing} if talk else {},
    }
    return render(request, "care/case.html", context, status=error.status if error else 200)


def _fill_from_post(request: HttpRequest) -> dict[str, Any]:
    name, source = request.GET.get("post", ""), request.GET.get("from", "")
    first: dict[str, Any] = {"kind": CaseKind.COMPLAINT.value, "harm": Harm.NONE.value, "reach": 0}
    if not name:
        return first
    post = read_post(get_viewer(request), name).post
    product = next((link for link in post.links if "/" in link), "")
    first |= {"text": post.text, "product": product, "market": post.market or "", "post": post.id}
    first |= {"source": source if source in SOURCES else Channel.POST.value}
    return first | ({"kind": CaseKind.RUMOUR.value} if source == Channel.RUMOUR else {})


def _make_draft(viewer: Person, form: CaseForm) -> CaseDraft:
    given = form.cleaned_data
    reach, mention, channel = given["reach"] or 0, None, Channel.STAFF
    if given["post"]:
        post = read_post(viewer, given["post"]).post
        actor = str(post.event.get("actor") or "")
        mention = MentionDraft(post.id, post.text or given["text"], post.time, actor, reach, is_post=True)
        channel = Channel(given["source"]) if given["source"] in SOURCES else Channel.POST
    return CaseDraft(
        CaseKind(given["kind"]),
        given["text"],
        channel,
        Harm(given["harm"]),
        given["product"],
        given["market"],
        reach,
        read_words(given["skills"]),
        mention=mention,
    )
