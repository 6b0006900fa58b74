"""The staff's pages of live sessions: the list, one session with its monitor, its set-up, files and proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import vl_convert
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canyu.kit.clock import get_now
from canyu.kit.errors import CanyuError
from canyu.measure import Picture, render_chart
from canyu.ops.alerts.rules import parse_choice, parse_number
from canyu.ops.campaigns.lives import actions, queries
from canyu.ops.campaigns.lives.figures import DEFINITIONS, draw_minutes, list_figures, list_minute_rows
from canyu.ops.campaigns.lives.forms import ClipForm, MarkForm, MinuteForm, MomentForm, SessionForm, get_zone
from canyu.ops.campaigns.lives.models import Mark, Session
from canyu.ops.campaigns.lives.rules import (
    HOST_WORDS,
    MARK_WORDS,
    METRIC_WORDS,
    MOST_PAGES,
    SOURCE_WORDS,
    STATE_WORDS,
    LiveState,
)
from canyu.ops.config import load_config
from canyu.ops.gate import get_viewer, requires
from canyu.ops.insight.pages import make_own_ids, send_file
from canyu.ops.insight.queries import get_labels
from canyu.ops.insight.tables import write_csv
from canyu.ops.people.rules import MANAGE_CAMPAIGNS, VIEW_CAMPAIGNS

WIDE_PX, SLIM_PX, FILE_PX = 1104, 296, 960
PNG_SCALE = 2.0
FORMS = {"svg": "image/svg+xml", "png": "image/png"}


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_sessions(request: HttpRequest) -> HttpResponse:
    """Show live sessions by state, the newest first."""
    state = parse_choice(request.GET.dict(), "state", ("", *LiveState), "")
    page = parse_choice(request.GET.dict(), "page", tuple(map(str, range(1, MOST_PAGES + 1))), "1")
    found = queries.list_sessions(get_viewer(request), state, int(page), load_config().page_rows)
    context = {"found": found, "state": state, "states": STATE_WORDS, "hosts": HOST_WORDS}
    return render(request, "lives/lives.html", context)


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show one session: its figures, its minutes, its marks and clips, and what to do next."""
    return render_session(request, session_id)


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_board(request: HttpRequest, session_id: int) -> HttpResponse:
    """Show the figures and the picture alone, as a running session asks for them again and again."""
    session = queries.get_session(get_viewer(request), session_id)
    return render(request, "lives/board.html", _describe_board(request, session))


@requires(VIEW_CAMPAIGNS)
@require_safe
def show_proof(request: HttpRequest, session_id: int, name: str) -> HttpResponse:
    """Show how a figure of a session came to be; with ``again`` compute it again and compare."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    if name not in DEFINITIONS:
        raise Http404(name)
    now, version = get_now(), _read_version(request)
    found = queries.measure_session(viewer, session, now, version)
    figure = list_figures(found)[name]
    is_equal = None
    if "again" in request.GET:
        queries.forget_counted()
        is_equal = list_figures(queries.measure_session(viewer, session, now, version))[name] == figure
    context = {"session": session, "found": found, "figure": figure, "proof": figure.proof, "is_equal": is_equal}
    is_fragment = bool(request.headers.get("HX-Request"))
    return render(request, "lives/proof.html" if is_fragment else "lives/proof_page.html", context)


@requires(VIEW_CAMPAIGNS)
@require_safe
def send_file_of_session(request: HttpRequest, session_id: int, form: str) -> HttpResponse:
    """Send the minutes as CSV, or the picture as SVG or PNG."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    found = queries.measure_session(viewer, session, get_now(), _read_version(request))
    figures, marks = list_figures(found), queries.list_marks(session)
    stem = f"canyu-live-{session.pk}"
    if form == "csv":
        rows = list_minute_rows(found, marks, figures)
        return send_file(("\ufeff" + write_csv(rows)).encode(), "text/csv; charset=utf-8", f"{stem}.csv")
    if form not in FORMS:
        raise Http404(form)
    drawn = render_chart(draw_minutes(found, marks, figures), get_language() or "", "light", width=FILE_PX)
    body = drawn.encode() if form == "svg" else vl_convert.svg_to_png(drawn, scale=PNG_SCALE)
    return send_file(body, FORMS[form], f"{stem}.{form}")


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_session(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a session, or keep a new one."""
    return _edit(request, None)


@requires(MANAGE_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_session(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Show the form of a planned session, or keep what was changed."""
    return _edit(request, queries.get_session(get_viewer(request), session_id))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def start_session(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Say that a session began."""
    return _step(request, session_id, actions.start_session)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Say that a session ended."""
    return _step(request, session_id, actions.end_session)


@requires(MANAGE_CAMPAIGNS)
@require_POST
def set_mark(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Keep what happened at an instant."""
    viewer, now = get_viewer(request), get_now()
    session = queries.get_session(viewer, session_id)
    form = MarkForm(request.POST, zone=session.zone)
    if not form.is_valid():
        return render_session(request, session_id, forms={"mark_form": form})
    return act(request, session_id, lambda: actions.set_mark(viewer, session, form.make_draft(now), now))


@requires(MANAGE_CAMPAIGNS)
@require_POST
def drop_mark(request: HttpRequest, session_id: int, mark_id: int) -> HttpResponseBase:
    """Take a mark off."""
    viewer = get_viewer(request)
    session = queries.get_session(viewer, session_id)
    mark = Mark.objects.filter(session=session, pk=mark_id).select_related("session__campaign").first()
    if mark is None:
        raise Http404(str(mark_id))
    found = mark
    return act(request, session_id, lambda: actions.drop_mark(viewer, found, get_now()))


def act(request: HttpRequest, session_id: int, change: Callable[[], object]) -> HttpResponseBase:
    """Do something to a session and show it; what is refused is told on its page."""
    try:
        change()
    except CanyuError as error:
        return render_session(request, session_id, error)
    messages.success(request, _("Kept."))
    return redirect("live", session_id)


def render_session(
    request: HttpRequest,
    session_id: int,
    error: CanyuError | None = None,
    forms: dict[str, Any] | None = None,
    intake: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show one session, with an error, forms that were refused, or what a file brought."""
    session = queries.get_session(get_viewer(request), session_id)
    platforms = list(session.platforms)
    context = {
        **_describe_board(request, session),
        "marks": queries.list_marks(session),
        "mark_words": MARK_WORDS,
        "clips": queries.measure_clips(session, _read_version(request)),
        "metric_words": METRIC_WORDS,
        "host_words": HOST_WORDS,
        "labels": get_labels(),
        "moment_form": MomentForm(zone=session.zone),
        "mark_form": MarkForm(zone=session.zone),
        "minute_form": MinuteForm(platforms=platforms),
        "clip_form": ClipForm(zone=session.zone, platforms=platforms),
        "error": error,
        **(forms or {}),
        **(intake or {}),
    }
    status = error.status if error else 400 if forms else 200
    return render(request, "lives/live.html", context, status=status)


def _describe_board(request: HttpRequest, session: Session) -> dict[str, Any]:
    found = queries.measure_session(get_viewer(request), session, get_now(), _read_version(request))
    figures, marks = list_figures(found), queries.list_marks(session)
    picture = draw_minutes(found, marks, figures)
    told = sum(row.minute.viewers is not None for row in found.rows)
    return {
        "session": session,
        "state": STATE_WORDS[session.state],
        "found": found,
        "figures": list(figures.values()),
        "main": picture,
        "told": told,
        "coverage": told / len(found.rows) if found.rows else None,
        "preorders": sum(one.is_preorder for one in found.in_window),
        "refunded": sum(one.is_refunded for one in found.in_window),
        "source_words": SOURCE_WORDS,
        "metric_words": METRIC_WORDS,
        "version": found.counted.version if found.counted else None,
        **_draw_twice(picture),
    }


def _draw_twice(picture: Picture) -> dict[str, str]:
    language = get_language() or ""
    slim = make_own_ids(render_chart(picture, language, "auto", width=SLIM_PX), picture)
    return {"chart_wide": render_chart(picture, language, "auto", width=WIDE_PX), "chart_slim": slim}


def _step(request: HttpRequest, session_id: int, step: Callable[..., Session]) -> HttpResponseBase:
    viewer, now = get_viewer(request), get_now()
    session = queries.get_session(viewer, session_id)
    form = MomentForm(request.POST, zone=session.zone)
    if not form.is_valid():
        return render_session(request, session_id, forms={"moment_form": form})
    return act(request, session_id, lambda: step(viewer, session, form.find_moment(now), now))


def _edit(request: HttpRequest, session: Session | None) -> HttpResponseBase:
    viewer, error = get_viewer(request), None
    is_sent = request.method == "POST"
    initial = _fill(session) if session else {"zone": get_zone(), "campaign": request.GET.get("campaign", "")}
    form = SessionForm(request.POST if is_sent else None, initial=initial)
    if is_sent and form.is_valid():
        campaign, draft, now = form.cleaned_data["campaign"], form.make_draft(), get_now()
        try:
            kept = (
                actions.change_session(viewer, session, campaign, draft, now)
                if session
                else actions.plan_session(viewer, campaign, draft, now)
            )
        except CanyuError as fault:
            error = fault
        else:
            messages.success(request, _("Kept."))
            return redirect("live", kept.pk)
    status = error.status if error else 400 if form.errors else 200
    context = {"form": form, "session": session, "error": error}
    return render(request, "lives/form.html", context, status=status)


def _fill(session: Session) -> dict[str, Any]:
    """Return what the form of a planned session shows first."""
    zone = ZoneInfo(session.zone)
    values = {name: getattr(session, name) for name in SessionForm.base_fields}
    times = {name: values[name].astimezone(zone).replace(tzinfo=None) for name in ("planned_start", "planned_end")}
    return values | times | {"links": "\n".join(session.links)}


def _read_version(request: HttpRequest) -> int | None:
    """Return the version of the lake that a shared link names."""
    return parse_number(request.GET.get("v", ""))
